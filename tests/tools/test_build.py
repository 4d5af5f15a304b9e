"""tools.build: everything is built in memory, then all of it is written or nothing; --check names what differs."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools import generate
from tools.__main__ import main
from tools.build import run as building
from tools.store import Workspace, json_bytes, read_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.model import Document, Json

ROOT = Path(__file__).parents[2]

PAGE = "pages/ko/api-manual/video-series/gemini-omni-flash/gemini-omni-flash-video-edit.md"


@pytest.fixture(scope="module", autouse=True)
def _one_render_per_contract() -> Iterator[None]:
    """The generator is pure, and slow: each contract is generated once."""
    known: dict[tuple[bytes, str | None], dict[str, bytes]] = {}

    def render(document: Document, *, locale: str | None = None) -> dict[str, bytes]:
        key = json_bytes([document.provider, document.openapi, document.locales]), locale
        if key not in known:
            known[key] = generate.render(document, locale=locale)
        return dict(known[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "render", render)
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout's specs, built once."""
    root = tmp_path_factory.mktemp("built")
    shutil.copytree(ROOT / "specs", root / "specs")
    assert main(["build"], out=io.StringIO(), err=io.StringIO(), root=root) == 0
    return root


@pytest.fixture
def checkout(built: Path, tmp_path: Path) -> Path:
    """A built checkout to spoil."""
    shutil.copytree(built, tmp_path / "checkout")
    return tmp_path / "checkout"


def run(root: Path, *argv: str) -> tuple[int, str]:
    """Exit code and standard output of one command."""
    out = io.StringIO()
    return main(list(argv), out=out, err=io.StringIO(), root=root), out.getvalue()


def tree(root: Path) -> dict[str, bytes]:
    """Every file of a checkout but its cache, which decides nothing."""
    return {path: content for path, content in read_tree(root).items() if not path.startswith("build/cache/")}


def findings(root: Path, *argv: str) -> tuple[int, list[dict[str, Json]]]:
    """Exit code and findings of one command."""
    code, text = run(root, *argv, "--json")
    return code, [finding for report in json.loads(text)["reports"] for finding in report["findings"]]


def test_a_build_writes_contract_locales_lock_and_package(checkout: Path) -> None:
    """Everything derived is there, and a second build changes nothing."""
    before = tree(checkout)
    for name in ("specs/evolink/openapi.json", "specs/evolink/locales/ja.yaml", "generated/apimart_api/contract.json"):
        assert name in before
    assert "0 files changed" in run(checkout, "build")[1]
    assert tree(checkout) == before


def test_the_lock_says_what_the_build_stood_on(checkout: Path) -> None:
    """Pages with digest, size and day; judgements; templates; versions. No path of the machine, no clock."""
    lock = Workspace(root=checkout).lock("evolink")
    assert list(lock) == ["version", "pages", "judgements", "templates", "tools"]
    assert all(dt.date.fromisoformat(row["retrieved"]) for row in lock["pages"].values())
    assert set(lock["judgements"]) == {"overlay.yaml", "sources.toml", "supplement.yaml"}
    assert set(lock["tools"]) == {"jinja2", "openapi-python-client", "ruff"}
    assert "model.py.jinja" in lock["templates"]
    assert {row["retrieved"] for row in Workspace(root=checkout).lock("apimart")["pages"].values()} == {None}


def test_a_built_checkout_passes_the_check(checkout: Path) -> None:
    """--check writes nothing, not even when all is good."""
    before = tree(checkout)
    code, text = run(checkout, "build", "--check")
    assert (code, tree(checkout)) == (0, before), text


def append(text: bytes) -> Callable[[Path], object]:
    """Spoil a file by adding to its end."""
    return lambda path: path.write_bytes(path.read_bytes() + text)


def empty(path: Path) -> None:
    """Spoil a folder by a file of no bytes."""
    path.write_bytes(b"")


SPOILED = [
    pytest.param(f"specs/evolink/{PAGE}", append(b"\n"), "is not what was vendored", id="page"),
    pytest.param(f"specs/evolink/{PAGE}", Path.unlink, "is gone", id="page-gone"),
    pytest.param("specs/evolink/pages/ko/new.md", empty, "was not vendored", id="page-new"),
    pytest.param("specs/evolink/pages/x.txt", empty, "is no page", id="no-page"),
    pytest.param("specs/evolink/overlay.yaml", append(b"# a comment\n"), "has changed", id="overlay-comment"),
    pytest.param("specs/apimart/supplement.yaml", append(b"\n"), "has changed", id="supplement"),
    pytest.param("specs/apimart/sources.toml", append(b"# x\n"), "has changed", id="sources"),
    pytest.param("specs/apimart/openapi.json", append(b"\n"), "not what its inputs say", id="contract"),
    pytest.param("specs/evolink/locales/ko.yaml", Path.unlink, "is missing", id="locale-gone"),
    pytest.param("specs/evolink/locales/xx.yaml", empty, "no build writes", id="locale-new"),
    pytest.param("generated/evolink_api/client.py", append(b"\n"), "not what its inputs say", id="generated"),
    pytest.param("generated/evolink_api/types.py", Path.unlink, "is missing", id="generated-gone"),
    pytest.param("generated/evolink_api/extra.py", empty, "no build writes", id="generated-new"),
    pytest.param("generated/stranger.py", empty, "no build writes", id="stranger"),
    pytest.param("specs/evolink/lock.json", append(b"\n"), "is not as a build writes it", id="lock"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spoil", "problem"), SPOILED)
def test_one_changed_byte_is_named(checkout: Path, name: str, spoil: Callable[[Path], object], problem: str) -> None:
    """Exit code 1, the file's path, what is wrong and what to do; nothing is repaired by looking."""
    spoil(checkout / name)
    before = tree(checkout)
    code, found = findings(checkout, "build", "--check")
    named = [finding for finding in found if finding["places"][0]["path"] == name]
    assert code == 1
    assert [problem in finding["problem"] for finding in named] == [True], found
    assert named[0]["fix"]
    assert tree(checkout) == before


@pytest.mark.parametrize("member", ["templates", "tools"])
def test_other_templates_or_tools_than_the_locks_are_named(checkout: Path, member: str) -> None:
    """A template that changed, or another version of the generator, fails the check."""
    path = checkout / "specs/evolink/lock.json"
    lock = json.loads(path.read_bytes())
    name = min(lock[member])
    lock[member][name] = "other"
    path.write_bytes(json_bytes(lock))
    code, found = findings(checkout, "build", "--check")
    assert code == 1
    assert [name in f"{finding['problem']} {finding['places'][0]['path']}" for finding in found] == [True]


def test_other_tools_than_the_locks_are_refused(checkout: Path) -> None:
    """A build with another generator writes nothing, until it is told to lock that one."""
    path = checkout / "specs/evolink/lock.json"
    path.write_bytes(path.read_bytes().replace(b'"ruff": "', b'"ruff": "9.'))
    before = tree(checkout)
    code, found = findings(checkout, "build")
    assert (code, tree(checkout)) == (1, before)
    assert "--update-tools" in found[0]["fix"]
    assert run(checkout, "build", "--update-tools")[0] == 0
    assert run(checkout, "build", "--check")[0] == 0


def test_pages_that_were_edited_are_not_built(checkout: Path) -> None:
    """Pages are evidence: a build over other bytes than the vendored ones writes nothing."""
    path = checkout / "specs/evolink" / PAGE
    path.write_bytes(path.read_bytes().replace(b"maxItems: 1", b"maxItems: 2"))
    before = tree(checkout)
    code, found = findings(checkout, "build")
    assert (code, tree(checkout)) == (1, before)
    assert found[0]["places"][0]["path"] == f"specs/evolink/{PAGE}"


def test_one_open_decision_stops_every_provider(checkout: Path) -> None:
    """All or nothing over the whole build: the good provider is not written either."""
    overlay = checkout / "specs/evolink/overlay.yaml"
    overlay.write_bytes(
        overlay.read_bytes()
        + b'  - target: $.paths["/nowhere"]\n    remove: true\n    x-reason: r\n    x-evidence: e\n'
    )
    (checkout / "specs/apimart/openapi.json").unlink()
    before = tree(checkout)
    code, found = findings(checkout, "build")
    assert (code, [finding["kind"] for finding in found]) == (1, ["stale-action"])
    assert tree(checkout) == before


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(b"actions: [\n", "judgement", id="syntax"),
        pytest.param(b"actions: {}\n", "judgement", id="shape"),
        pytest.param(b"\xff\n", "judgement", id="encoding"),
        pytest.param(b"actions: &a [*a]\n", "judgement", id="alias"),
    ],
)
def test_a_broken_judgement_is_a_finding(checkout: Path, content: bytes, kind: str) -> None:
    """No traceback, and nothing written."""
    (checkout / "specs/evolink/overlay.yaml").write_bytes(content)
    code, found = findings(checkout, "build", "--provider", "evolink")
    assert (code, [finding["kind"] for finding in found]) == (1, [kind])
    assert found[0]["places"][0]["path"] == "overlay.yaml"


def pages_elsewhere(checkout: Path, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """The Korean and Japanese video-edit pages in another folder, the Japanese one changed."""
    for locale in ("ko", "ja"):
        source = checkout / "specs/evolink" / PAGE.replace("/ko/", f"/{locale}/")
        target = folder / PAGE.removeprefix("pages/").replace("ko/", f"{locale}/", 1)
        target.parent.mkdir(parents=True)
        target.write_bytes(source.read_bytes() if locale == "ko" else change(source.read_bytes()))
    return folder


def test_other_pages_go_elsewhere_and_a_conflict_can_be_settled(checkout: Path, tmp_path: Path) -> None:
    """A planted disagreement is one finding with an action to paste; with the action the build is good."""
    folder = pages_elsewhere(checkout, tmp_path / "pages", lambda text: text.replace(b"maxItems: 1", b"maxItems: 2"))
    out, before = tmp_path / "out", tree(checkout)
    command = ("build", "--provider", "evolink", "--pages", str(folder), "--out", str(out))
    code, found = findings(checkout, *command)
    assert (code, [finding["kind"] for finding in found]) == (1, ["conflict"])
    assert {place["path"] for place in found[0]["places"]} == {PAGE, PAGE.replace("/ko/", "/ja/")}
    assert not out.exists()
    (tmp_path / "decisions.yaml").write_text(found[0]["action"], encoding="utf-8")
    code, text = run(checkout, *command, "--overlay", str(tmp_path / "decisions.yaml"))
    assert code == 0, text
    assert sorted(path.name for path in out.iterdir()) == ["evolink", "generated"]
    assert sorted(path.name for path in (out / "evolink").iterdir()) == ["locales", "lock.json", "openapi.json"]
    lock = json.loads((out / "evolink/lock.json").read_bytes())
    assert "added/1/decisions.yaml" in lock["judgements"]
    assert tree(checkout) == before
    assert run(checkout, *command, "--overlay", str(tmp_path / "decisions.yaml"), "--check")[0] == 0


def test_a_page_that_cannot_be_read_leaves_nothing_half_written(checkout: Path, tmp_path: Path) -> None:
    """Every unreadable page is a finding of the same run."""
    folder = pages_elsewhere(checkout, tmp_path / "pages", lambda text: text.replace("動画".encode(), b"\xe2\x80\xae"))
    out = tmp_path / "out"
    code, found = findings(checkout, "build", "--provider", "evolink", "--pages", str(folder), "--out", str(out))
    assert (code, [finding["kind"] for finding in found]) == (1, ["hostile-page"])
    assert not out.exists()


def test_every_stage_of_a_build_can_run_alone(checkout: Path, tmp_path: Path) -> None:
    """Normalize and generate leave what a build leaves; the contract can go to standard output."""
    before = tree(checkout)
    shutil.rmtree(checkout / "generated/evolink_api")
    (checkout / "specs/evolink/openapi.json").unlink()
    assert run(checkout, "normalize", "--provider", "evolink")[0] == 0
    assert run(checkout, "generate", "--provider", "evolink")[0] == 0
    assert tree(checkout) == before
    code, text = run(checkout, "normalize", "--provider", "apimart", "--out", "-")
    assert (code, text.encode()) == (0, before["specs/apimart/openapi.json"])
    assert run(checkout, "generate", "--provider", "evolink", "--locale", "ko", "--out", str(tmp_path / "ko"))[0] == 0
    assert "영상" in (tmp_path / "ko/evolink_api/models/gemini_omni_flash_video_edit_request.py").read_text("utf-8")


def surroundings(**variables: str) -> dict[str, str]:
    """This process's environment with other surroundings."""
    return {**os.environ, **variables}


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_the_surroundings_do_not_matter(provider: str, tmp_path: Path) -> None:
    """Hash seed, locale, time zone, umask, checkout path and order of creation change no byte and no mode."""
    builds: list[tuple[dict[str, bytes], set[str]]] = []
    for name, umask, variables in (
        ("a", 0o022, {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"}),
        ("other place/한글", 0o077, {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.ISO-8859-9", "TZ": "Asia/Kolkata"}),
    ):
        root = tmp_path / name
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "tools", root / "tools", ignore=ignore)
        for path, content in sorted(read_tree(ROOT / "specs").items(), reverse=umask == 0o077):
            (root / "specs" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "specs" / path).write_bytes(content)
        command = [sys.executable, "-m", "tools", "build", "--provider", provider, "--out", "out"]
        environment = surroundings(**variables, PYTHONPATH=str(root), PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run(command, cwd=root, env=environment, umask=umask, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        found = {
            f"{path.relative_to(root / 'out')} {stat.S_IMODE(path.stat().st_mode):o}" for path in root.glob("out/**/*")
        }
        builds.append((read_tree(root / "out"), found))
    assert builds[0] == builds[1]
    assert not any(str(tmp_path).encode() in content for content in builds[0][0].values())


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("provider", "folder"),
    [
        ("evolink", "evolink@2026-07-02"),
        ("evolink", "evolink@2026-08-21"),
        ("apimart", "apimart@2026-03-04"),
        ("apimart", "apimart@2026-09"),
    ],
)
def test_real_pages_build_once_their_decisions_are_pasted(
    provider: str, folder: str, corpus: Path, tmp_path: Path
) -> None:
    """Good at once, or good after pasting the proposed actions: up to a client that type-checks."""
    out = tmp_path / "out"
    command = ("build", "--provider", provider, "--pages", str(corpus / folder), "--out", str(out))
    code, found = findings(ROOT, *command)
    assert code == (1 if found else 0)
    assert out.exists() is not bool(found)
    if found:
        (tmp_path / "decisions.yaml").write_text("".join(one["action"] for one in found), encoding="utf-8")
        code, text = run(ROOT, *command, "--overlay", str(tmp_path / "decisions.yaml"))
        assert code == 0, text
    assert (out / "generated" / f"{provider}_api" / "contract.json").is_file()


def test_precedence_can_settle_what_is_open(checkout: Path, tmp_path: Path) -> None:
    """On demand, and told; into another folder, or nowhere: nobody has decided it."""
    page = checkout / "specs/evolink" / PAGE
    page.write_bytes(page.read_bytes().replace(b"maxItems: 1", b"maxItems: 2", 1))
    given = ("build", "--provider", "evolink", "--pages", str(checkout / "specs/evolink/pages"))
    before = tree(checkout)
    code, text = run(checkout, *given, "--accept-precedence")
    assert (code, "  settled: #/components/schemas/" in text, "nothing was written" in text) == (0, True, True)
    assert tree(checkout) == before
    code, text = run(checkout, *given, "--accept-precedence", "--out", str(tmp_path / "out"), "--json")
    [report] = json.loads(text)["reports"]
    settled = [one for one in report["decisions"] if one["rule"] == "settled-by-precedence"]
    assert (code, bool(settled), report["written"]) == (0, True, True)
    assert all(place["line"] for one in settled for place in one["places"])
    assert all({"rule", "place", "found", "made"} == set(one) for one in report["repairs"])
    assert not (tmp_path / "out/evolink/openapi.json").read_text(encoding="utf-8").count("x-vidgate-conflict")
    assert run(checkout, *given, "--out", str(tmp_path / "strict"))[0] == 1
