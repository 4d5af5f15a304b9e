"""regenerate: new pages in; contract, client, CHANGES.md and version out, or nothing at all."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tools import generate
from tools.__main__ import main
from tools.build import regenerate as regeneration
from tools.build import run as building
from tools.store import Workspace, json_bytes, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Document, Json

ROOT = Path(__file__).parents[3]
FOLDER = "api-manual/video-series/gemini-omni-flash"
PAGE = f"{FOLDER}/gemini-omni-flash-video-edit.md"
DAY = "2026-08-21"

ADDITION = (b"        callback_url:\n", b"        seed:\n          type: integer\n        callback_url:\n")
NARROWER = (
    b"        prompt:\n          type: string\n",
    b"        prompt:\n          type: string\n          maxLength: 9\n",
)
WIDER = (b"          maxItems: 1\n", b"          maxItems: 2\n")
MOVED = (b"    GeminiOmniFlashVideoEditRequest:\n", b"\n    GeminiOmniFlashVideoEditRequest:\n")
REQUIRED = (b"        - prompt\n      type: object\n", b"        - prompt\n        - video_urls\n      type: object\n")


@pytest.fixture(scope="module", autouse=True)
def _one_render_per_contract() -> Iterator[None]:
    """The generator is pure, and slow: each contract is generated once."""
    known: dict[tuple[bytes, str | None], dict[str, bytes]] = {}

    def render(document: Document, *, locale: str | None = None) -> dict[str, bytes]:
        key = json_bytes([document.provider, document.openapi, document.locales]), locale
        if key not in known:
            known[key] = generate.render(document, locale=locale, type_check=False)
        return dict(known[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "render", render)
        yield


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of specs/ and generated/."""
    for name in ("specs", "generated"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "checkout"


def arrive(root: Path, *edits: tuple[bytes, bytes], locales: tuple[str, ...] = ("ko", "ja")) -> Path:
    """A folder with the video-edit pages, edited in some languages."""
    for locale in ("ko", "ja"):
        content = (ROOT / "specs/evolink/pages" / locale / PAGE).read_bytes()
        for old, new in edits if locale in locales else ():
            assert content.count(old) == 1, old
            content = content.replace(old, new)
        target = root / "arrived" / locale / PAGE
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root / "arrived"


def tree(checkout: Path) -> dict[str, bytes]:
    """Every file of a checkout but those of its cache, which no result depends on."""
    return {path: content for path, content in read_tree(checkout).items() if not path.startswith("build/cache/")}


def run(root: Path, *argv: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    return main(list(argv), out=out, err=err, root=root), out.getvalue(), err.getvalue()


def regenerate(root: Path, folder: Path, *more: str) -> tuple[int, dict[str, Json]]:
    """Exit code and the report."""
    code, out, err = run(root, "regenerate", "evolink", "--from", str(folder), "--retrieved", DAY, *more, "--json")
    assert out, err
    (report,) = json.loads(out)["reports"]
    return code, report


CASES: list[Any] = [
    pytest.param([ADDITION], "minor", "request-property-added", "### Added", id="addition"),
    pytest.param([NARROWER], "major", "request-max-length-narrowed", "### Breaking", id="breaking"),
    pytest.param([NARROWER, ADDITION], "major", "request-max-length-narrowed", "### Breaking", id="both"),
    pytest.param([WIDER], "patch", "request-max-items-widened", "### Changed", id="neither"),
]


@pytest.mark.parametrize(("edits", "version", "rule", "section"), CASES)
def test_a_changed_page_becomes_client_entry_and_version(
    *, edits: list[tuple[bytes, bytes]], version: str, rule: str, section: str, checkout: Path, tmp_path: Path
) -> None:
    """Pages, lock, contract, client and CHANGES.md are new, nothing else is, and the check is clean afterwards."""
    before = tree(checkout)
    code, report = regenerate(checkout, arrive(tmp_path, *edits))
    assert code == 0, report
    assert (report["version"], report["written"]) == (version, True)
    assert any(rule in reason for reason in report["reasons"]) or version == "patch"
    after = tree(checkout)
    touched = {path for path in after if before.get(path) != after[path]}
    assert not before.keys() - after.keys()
    assert {
        "generated/evolink_api/contract.json",
        "specs/evolink/CHANGES.md",
        "specs/evolink/lock.json",
        "specs/evolink/openapi.json",
        *(f"specs/evolink/pages/{locale}/{PAGE}" for locale in ("ko", "ja")),
    } <= touched
    assert all("evolink" in path for path in touched)
    if edits[-1] is ADDITION:
        request = after["generated/evolink_api/models/gemini_omni_flash_video_edit_request.py"]
        assert b"seed: " in request
    told = after["specs/evolink/CHANGES.md"].decode()
    assert f"\n## {DAY}\n" in told
    assert f"Asks of the client: a {version} version." in told
    assert f"`{rule}`" in told.partition(section)[2].partition("###")[0]
    lock = Workspace(root=checkout).lock("evolink")["pages"]
    assert {path for path, row in lock.items() if row["retrieved"] == DAY} == {f"{one}/{PAGE}" for one in ("ko", "ja")}
    code, out, err = run(checkout, "build", "--check")
    assert code == 0, out + err


def test_it_prints_the_version_and_why(checkout: Path, tmp_path: Path) -> None:
    """For people: a line with the step, and the changes that ask for it."""
    code, out, _ = run(checkout, "regenerate", "evolink", "--from", str(arrive(tmp_path, NARROWER)))
    assert code == 0
    assert "asks of the client: a major version\n  request-max-length-narrowed: " in out
    assert "\n## Unreleased\n" in (checkout / "specs/evolink/CHANGES.md").read_text("utf-8")


def test_the_same_pages_again_change_nothing(checkout: Path, tmp_path: Path) -> None:
    """Neither a new entry nor another byte, and no new version."""
    folder = arrive(tmp_path, ADDITION)
    assert regenerate(checkout, folder)[0] == 0
    before = tree(checkout)
    code, report = regenerate(checkout, folder)
    assert (code, report["version"], report["changed"]) == (0, "none", [])
    assert tree(checkout) == before


def test_words_and_agreement_of_languages_are_told(checkout: Path, tmp_path: Path) -> None:
    """A number that changes in one language only: the fact, and the language that says otherwise."""
    number = ("길이: `10`초를".encode(), "길이: `20`초를".encode())
    code, report = regenerate(checkout, arrive(tmp_path, number, locales=("ko",)))
    assert (code, report["version"]) == (0, "patch"), report
    told = (checkout / "specs/evolink/CHANGES.md").read_text("utf-8")
    assert "`prose-fact-changed`" in told.partition("### Words")[2]
    assert "### Languages" in told
    assert run(checkout, "build", "--check")[0] == 0


def test_a_disagreement_that_only_moved_is_not_told_again(checkout: Path, tmp_path: Path) -> None:
    """Its message names lines, and those move when a page grows."""
    number = ("길이: `10`초를".encode(), "길이: `20`초를".encode())
    assert regenerate(checkout, arrive(tmp_path / "first", number, locales=("ko",)))[0] == 0
    path = checkout / "specs/evolink/CHANGES.md"
    assert path.read_text("utf-8").count("### Languages") == 1
    folder = arrive(tmp_path / "second", ADDITION)
    page = folder / "ko" / PAGE
    page.write_bytes(page.read_bytes().replace(*number).replace(*MOVED))
    assert regenerate(checkout, folder)[0] == 0
    assert path.read_text("utf-8").count("### Languages") == 1


def test_an_open_decision_leaves_the_checkout_as_it_was(checkout: Path, tmp_path: Path) -> None:
    """Exit code 1, the decision is named with an action; with that action it goes through, and stays settled."""
    folder, before = arrive(tmp_path, WIDER, locales=("ja",)), tree(checkout)
    code, report = regenerate(checkout, folder)
    assert (code, report["written"]) == (1, False)
    assert tree(checkout) == before
    [finding] = report["findings"]
    assert finding["kind"] == "conflict"
    decided = tmp_path / "decisions.yaml"
    decided.write_text(finding["action"], encoding="utf-8")
    code, report = regenerate(checkout, folder, "--overlay", str(decided))
    assert (code, report["written"]) == (0, True), report
    overlay = (checkout / "specs/evolink/overlay.yaml").read_bytes()
    assert overlay.startswith(before["specs/evolink/overlay.yaml"].rstrip())
    code, out, err = run(checkout, "build", "--check")
    assert code == 0, out + err
    written = tree(checkout)
    assert regenerate(checkout, folder, "--overlay", str(decided))[0] == 0
    assert tree(checkout) == written


def test_what_upstream_has_fixed_is_an_open_decision(checkout: Path, tmp_path: Path) -> None:
    """The action that corrected it says nothing any more: nothing is written until it is deleted."""
    before = tree(checkout)
    code, report = regenerate(checkout, arrive(tmp_path, REQUIRED))
    assert (code, tree(checkout)) == (1, before)
    [finding] = report["findings"]
    assert finding["fix"] == "Upstream says it itself: delete the action."
    assert finding["places"][0]["path"] == "overlay.yaml"
    assert finding["places"][0]["line"]


BROKEN: list[Any] = [
    pytest.param((b"openapi: 3.1.0\n", b"openapi: [\n"), id="syntax"),
    pytest.param((b"openapi: 3.1.0\n", b"openapi: \xe2\x80\xae3.1.0\n"), id="hostile"),
    pytest.param((b"gemini-omni-flash-video-edit.json POST", b"../../x.json POST"), id="path"),
]


@pytest.mark.parametrize("edit", BROKEN)
def test_a_page_that_cannot_be_read_leaves_the_checkout_as_it_was(
    edit: tuple[bytes, bytes], checkout: Path, tmp_path: Path
) -> None:
    """A finding, exit code 1, and not one page has moved."""
    before = tree(checkout)
    code, report = regenerate(checkout, arrive(tmp_path, edit, locales=("ko",)))
    assert (code, tree(checkout)) == (1, before)
    assert report["findings"]


def test_a_folder_without_pages_is_refused(checkout: Path, tmp_path: Path) -> None:
    """Exit code 2, and the way out."""
    (tmp_path / "empty").mkdir()
    code, _, err = run(checkout, "regenerate", "evolink", "--from", str(tmp_path / "empty"))
    assert (code, "holds no page of evolink" in err) == (2, True)


def test_specs_that_change_meanwhile_are_not_overwritten(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody edits the overlay while the client is generated."""
    overlay = checkout / "specs/evolink/overlay.yaml"

    def meanwhile(*_: object) -> tuple[()]:
        overlay.write_bytes(overlay.read_bytes() + b"# mine\n")
        return ()

    monkeypatch.setattr(regeneration, "compare_specs", meanwhile)
    before = tree(checkout)
    code, _, err = run(checkout, "regenerate", "evolink", "--from", str(arrive(tmp_path, WIDER)))
    assert (code, "changed while this ran" in err) == (2, True)
    after = tree(checkout)
    assert {path for path in after if after[path] != before[path]} == {"specs/evolink/overlay.yaml"}


def test_a_failure_while_writing_takes_everything_back(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption between two moves: exit code 130, and every byte is the old one."""
    folder, before, moves = arrive(tmp_path, ADDITION), tree(checkout), 0
    plain = Path.rename

    def rename(self: Path, target: Path) -> Path:
        nonlocal moves
        if self.is_relative_to(checkout):
            moves += 1
            if moves == 5:
                raise KeyboardInterrupt
        return plain(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    assert run(checkout, "regenerate", "evolink", "--from", str(folder))[0] == 130
    assert moves > 5
    assert tree(checkout) == before


KILLED = """
import os, sys
from pathlib import Path
from tools.__main__ import main
from tools.build import run as building
from tools import generate
checkout, folder = Path(sys.argv[1]), sys.argv[2]
building.render = lambda document, *, locale=None: generate.render(document, locale=locale, type_check=False)
plain, moves = Path.rename, 0
def rename(self, target):
    global moves
    if self.is_relative_to(checkout):
        moves += 1
        if moves == 5:
            os._exit(9)
    return plain(self, target)
Path.rename = rename
main(["regenerate", "evolink", "--from", folder], root=checkout)
"""


def test_a_run_that_is_killed_is_undone_by_the_next(checkout: Path, tmp_path: Path) -> None:
    """Killed between two moves it leaves its plan; the next run takes it back before it reads anything."""
    folder, before = arrive(tmp_path, ADDITION), tree(checkout)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, str(checkout), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 9, done.stderr
    assert (checkout / ".vidgate-staging/plan.json").is_file()
    assert tree(checkout) != before
    (tmp_path / "broken/ko").mkdir(parents=True)
    (tmp_path / "broken/ko/x.md").write_bytes(b"\xff")
    assert regenerate(checkout, tmp_path / "broken")[0] == 1
    assert tree(checkout) == before
    assert regenerate(checkout, folder)[0] == 0
    assert run(checkout, "build", "--check")[0] == 0


def test_another_checkout_can_be_named(checkout: Path, tmp_path: Path) -> None:
    """--root: this checkout stays as it is."""
    code, _, err = run(ROOT, "regenerate", "evolink", "--from", str(arrive(tmp_path, WIDER)), "--root", str(checkout))
    assert code == 0, err
    assert (checkout / "specs/evolink/CHANGES.md").is_file()
    assert b"maxItems: 2" not in (ROOT / "specs/evolink/pages/ko" / PAGE).read_bytes()


def test_changelog_tells_of_two_sides_once(checkout: Path, tmp_path: Path) -> None:
    """Of files or folders of pages; the second time nothing is added, and the exit code is good both times."""
    contract = checkout / "specs/evolink/openapi.json"
    later = json.loads(contract.read_bytes())
    later["paths"].pop("/v1/tasks/{task_id}")
    (tmp_path / "later.json").write_bytes(json_bytes(later))
    command = ("changelog", "evolink", str(contract), str(tmp_path / "later.json"), "--date", DAY)
    code, out, err = run(checkout, *command)
    assert code == 0, err
    assert "an entry was added" in out
    assert "asks of the client: a major version" in out
    path = checkout / "specs/evolink/CHANGES.md"
    told = path.read_bytes()
    assert b"operation-removed" in told
    code, out, _ = run(checkout, *command)
    assert (code, "told already" in out, path.read_bytes()) == (0, True, told)
    folders = ("changelog", "evolink", "evolink", str(arrive(tmp_path, ADDITION)))
    assert run(checkout, *folders)[0] == 0
    assert path.read_text("utf-8").index("## Unreleased") < path.read_text("utf-8").index(f"## {DAY}")
    same = ("changelog", "evolink", "evolink", str(contract))
    assert "nothing to tell" in run(checkout, *same)[1]
    assert run(checkout, "changelog", "evolink", "nowhere", "evolink")[0] == 2


def _tests(*words: str) -> str:
    return shlex.join([sys.executable, *words])


@pytest.mark.parametrize("page", ["edited", "left"])
def test_the_tests_run_on_what_was_written(
    page: str, checkout: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In the checkout, after everything is in place; their exit code decides, and the result says so."""
    program = tmp_path / "tests.py"
    program.write_text(
        "import sys, pathlib\n"
        "found = pathlib.Path('specs/evolink/openapi.json').read_text(encoding='utf-8')\n"
        "print('tested')\n"
        "sys.exit(0 if '\"seed\"' in found else 3)\n",
        encoding="utf-8",
    )
    folder = arrive(tmp_path, ADDITION if page == "edited" else WIDER)
    code, out, err = run(checkout, "regenerate", "evolink", "--from", str(folder), "--run-tests", _tests(str(program)))
    assert err == ""
    assert code == (0 if page == "edited" else 1)
    assert out.splitlines()[-1] == ("the tests passed" if page == "edited" else "the tests failed with exit code 3")
    assert (checkout / "specs/evolink/CHANGES.md").is_file()
    assert capfd.readouterr().err == "tested\n"


def test_tests_do_not_spoil_the_json(checkout: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The report is all there is on standard output."""
    code, report = regenerate(checkout, arrive(tmp_path, ADDITION), "--run-tests", _tests("-c", "print('tested')"))
    assert (code, report["written"]) == (0, True)
    assert capfd.readouterr().err == "tested\n"


@pytest.mark.parametrize(("command", "part"), [("'a b", "Quote it"), ("no-such-program x", "no program")])
def test_tests_that_cannot_run_are_refused_first(command: str, part: str, checkout: Path, tmp_path: Path) -> None:
    """Nothing is written before somebody learns that nothing can be tested."""
    before = tree(checkout)
    folder = str(arrive(tmp_path, ADDITION))
    code, out, err = run(checkout, "regenerate", "evolink", "--from", folder, "--run-tests", command)
    assert (code, out, part in err) == (2, "", True)
    assert tree(checkout) == before


def test_without_a_command_it_is_pytest(checkout: Path, tmp_path: Path) -> None:
    """The checkout's own folder of tests, with the checkout's own client."""
    (checkout / "tests").mkdir()
    (checkout / "tests/test_client.py").write_text(
        "import pathlib, sys\n"
        "sys.path.insert(0, 'generated')\n"
        "import evolink_api\n"
        "def test_the_client_is_the_one_of_the_checkout():\n"
        "    assert pathlib.Path(evolink_api.__file__).is_relative_to(pathlib.Path.cwd())\n",
        encoding="utf-8",
    )
    code, out, _ = run(checkout, "regenerate", "evolink", "--from", str(arrive(tmp_path, ADDITION)), "--run-tests")
    assert (code, out.splitlines()[-1]) == (0, "the tests passed")
