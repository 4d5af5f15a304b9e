"""The client of a whole site: its package in front of the checkout's own, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.site import INDEX, SOURCES, site
from benchmarks.words import LOCALES
from tools.build.derive import derive
from tools.build.options import Options
from tools.generate import render
from tools.store import Workspace
from vidgate.simulator import DEFAULT_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Document

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PAGES = 40 * len(LOCALES)
"""Pages of a synthetic site that has each operation."""

HEADS = {"image": ("png", "89504e47"), "audio": ("mp3", "494433"), "video": ("mp4", "0000002066747970")}
SOURCES_OF_PACKAGES = ["synthetic", pytest.param("corpus", marks=pytest.mark.corpus)]


def quiet(_: str, /) -> None:
    """Progress nobody wants to hear of."""


def document(workspace: Workspace, options: Options) -> Document:
    derived = derive(workspace, "evolink", options, quiet)
    assert derived.document is not None
    assert not derived.findings
    return derived.document


@pytest.fixture(scope="session", params=SOURCES_OF_PACKAGES)
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an `evolink_api` that was made from all pages of a site: of a synthetic one, or of real ones."""
    root = tmp_path_factory.mktemp("whole")
    if request.param == "synthetic":
        specs = root / "specs" / "evolink"
        for path, content in site(1, PAGES).items():
            target = specs / "pages" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        (specs / "pages" / INDEX).unlink()
        (specs / "sources.toml").write_text(SOURCES, encoding="utf-8")
        whole = document(Workspace(root=root), Options(accept_precedence=True))
    else:
        pages = Path(os.environ["VIDGATE_CORPUS"]).resolve() / "evolink@2026-08-21"
        whole = document(Workspace(root=ROOT), Options(pages=pages, accept_precedence=True))
    for path, content in render(whole, type_check=False).items():
        target = root / "generated" / "evolink_api" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root / "generated"


def run(generated: Path, arguments: Sequence[str | Path], **environment: str) -> subprocess.CompletedProcess[str]:
    """Start Python with the package in front of everything, without a journal."""
    path = os.pathsep.join(map(str, (generated, ROOT, ROOT / "generated")))
    surroundings = {**os.environ, "PYTHONPATH": path, "VIDGATE_JOURNAL": "none", "NO_COLOR": "1", **environment}
    command = [sys.executable, "-W", "error", *map(str, arguments)]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session", params=["sync", "async"])
def facts(request: pytest.FixtureRequest, generated: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program of a user tells."""
    done = run(generated, [HERE / "whole_site_program.py", request.param, tmp_path_factory.mktemp("files")])
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_kind_is_submitted_awaited_and_saved(facts: dict[str, Any]) -> None:
    """Images, audios and videos go the same way, each through its own operation to a file of its own type."""
    assert facts["kinds"] == ["audio", "image", "video"]
    for kind, (suffix, head) in HEADS.items():
        made = facts["made"][kind]
        assert made["head"].startswith(head)
        assert {name: made[name] for name in ("verdict", "submitted", "queried", "kinds", "name")} == {
            "verdict": "completed",
            "submitted": f"{kind.capitalize()}GenerationResponse",
            "queried": "TaskDetailResponse",
            "kinds": [kind],
            "name": suffix,
        }


def test_several_results_have_several_names(facts: dict[str, Any]) -> None:
    """Three images of one task, under a template with kind, model and number."""
    first, *_, last = facts["several"]
    assert len(facts["several"]) == 3
    assert first.startswith("image/")
    assert (first[-6:], last[-6:]) == ("-1.png", "-3.png")


def test_a_batch_may_hold_every_kind(facts: dict[str, Any]) -> None:
    """Each item goes where its model says, and its file has the ending of what it is."""
    assert facts["batch"] == ["audio.mp3", "image.png", "video.mp4"]


def test_a_model_of_another_kind_is_refused_whatever_is_checked(facts: dict[str, Any]) -> None:
    """A video's model never goes to the operation for images, and the message says where it goes."""
    for refusal in facts["refused"].values():
        assert "makes videos, not images. Use client.videos." in refusal
    assert len(facts["refused"]) == 2
    assert facts["posts"]["submit"] == 3 + 1 + 3 + 1  # kinds, several images, a batch, neutral words; no refused one


def test_other_operations_are_reached_by_their_endpoints(facts: dict[str, Any]) -> None:
    """Credits have no façade, but a typed answer."""
    assert facts["low"] == {"type": "CreditsResponse", "success": True}


def test_the_client_over_several_providers_makes_images(facts: dict[str, Any]) -> None:
    """In neutral words; a provider without images says so instead of trying."""
    assert facts["neutral"]["model"]
    assert "APIMart makes no images" in facts["neutral"]["other"]


def test_the_command_line_knows_every_kind(generated: Path, tmp_path: Path) -> None:
    """`models` says what each makes, and `run` makes it."""
    listed = json.loads(run(generated, ["-m", "vidgate.cli", "models", "--provider", "evolink", "--json"]).stdout)
    cards = {card["kind"]: card for card in listed}
    assert set(cards) == set(HEADS)
    shown = run(generated, ["-m", "vidgate.cli", "models", "--provider", "evolink"]).stdout
    assert [line.split("  ")[0] for line in shown.splitlines() if line.startswith("EvoLink")] == [
        "EvoLink images",
        "EvoLink audios",
        "EvoLink videos",
    ]
    program = (
        "import sys; from vidgate.cli import main; from vidgate.simulator import Simulator\n"
        "with Simulator('evolink', seconds=0).running() as url:\n"
        "    sys.exit(main([*sys.argv[1:], '--base-url', url]))\n"
    )
    for kind, (suffix, head) in HEADS.items():
        words = [cards[kind]["model"], "--json-file", tmp_path / "request.json", "--output", tmp_path / f"it.{suffix}"]
        (tmp_path / "request.json").write_text(json.dumps(cards[kind]["example"]["request"]), encoding="utf-8")
        done = run(generated, ["-c", program, "run", *words], EVOLINK_API_KEY=DEFAULT_KEY)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"it.{suffix}").read_bytes()[:16].hex().startswith(head)


USES = """\
from vidgate import AsyncEvoLink, EvoLink
from vidgate import evolink
from evolink_api.variants import MODELS

client = EvoLink("key")
reveal_type(client.images.create({image}))
reveal_type(client.audios.create({audio}))
reveal_type(client.videos.create({video}))
client.images.create({video})
client.music.create({audio})

async def play(client: AsyncEvoLink) -> None:
    reveal_type(await client.images.create({image}))
"""


def test_a_type_checker_knows_every_kind(generated: Path, tmp_path: Path) -> None:
    """Right calls are tasks; a model of another kind, or a kind that nobody makes, is an error."""
    listed = json.loads(run(generated, ["-m", "vidgate.cli", "models", "--provider", "evolink", "--json"]).stdout)
    calls = {card["kind"]: card["example"]["request"] for card in listed}
    words = {kind: ", ".join(f"{name}={value!r}" for name, value in call.items()) for kind, call in calls.items()}
    program = tmp_path / "uses.py"
    program.write_text(USES.format(**words), encoding="utf-8")
    arguments: list[str | Path] = [
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={tmp_path / 'cache'}",
        program,
    ]
    path = os.pathsep.join(map(str, (generated, ROOT, ROOT / "generated")))
    done = run(generated, arguments, MYPYPATH=path)
    told = [line.partition(":")[2] for line in done.stdout.splitlines()]
    assert [line for line in told if "Revealed" in line] == [
        '6: note: Revealed type is "vidgate._tasks.Task"',
        '7: note: Revealed type is "vidgate._tasks.Task"',
        '8: note: Revealed type is "vidgate._tasks.Task"',
        '13: note: Revealed type is "vidgate._tasks.AsyncTask"',
    ]
    wrong = [line for line in told if " error: " in line]
    assert list(dict.fromkeys(line.partition(":")[0] for line in wrong)) == ["9", "10"], done.stdout
    assert wrong[-1].endswith('"EvoLink" has no attribute "music"  [attr-defined]')


MAKES_ALL = """\
import sys
from pathlib import Path
from vidgate import APIMart
from vidgate._providers import APIMART
from vidgate.cli._card import card_of
from vidgate.simulator import DEFAULT_KEY, ManualClock, Simulator

sim = Simulator("apimart", clock=ManualClock(), seconds=30.0)
client = APIMart(DEFAULT_KEY, transport=sim.transport(), clock=sim.clock)
for model in client.models:
    task = client.media(model.kind).create_from(card_of(APIMART, model).example).wait()
    path = task.download(Path(sys.argv[1]) / model.id)
    print(model.kind, [result.kind for result in task.results], path.read_bytes()[:4].hex(), type(task.raw).__name__)
"""


@pytest.mark.corpus
def test_another_provider_makes_what_its_pages_have(tmp_path: Path) -> None:
    """APIMart's answers do not say what a task makes; its paths do, and there are no audios."""
    pages = Path(os.environ["VIDGATE_CORPUS"]).resolve() / "apimart@2026-03-04"
    derived = derive(Workspace(root=ROOT), "apimart", Options(pages=pages, accept_precedence=True), quiet)
    assert derived.document is not None
    for path, content in render(derived.document, type_check=False).items():
        target = tmp_path / "apimart_api" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    done = run(tmp_path, ["-c", MAKES_ALL, tmp_path])
    assert done.returncode == 0, done.stderr
    told = set(done.stdout.splitlines())
    assert told == {
        "image ['image'] 89504e47 GetTaskResponse",
        "video ['video'] 00000020 GetTaskResponse",
    }
    missing = run(tmp_path, ["-c", "from vidgate import APIMart; APIMart('k').audios"])
    assert missing.stderr.splitlines()[-2].endswith("APIMart's contract has no operation that makes audios.")
