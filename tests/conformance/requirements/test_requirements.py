"""The frozen requirements: they follow from the contract, rest on the pages, and each has a check."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance._command import main
from conformance._judge import client_checks, server_checks
from conformance._subject import ROWS
from conformance.observe._watch import WATCHERS
from conformance.requirements import PREFIXES, Requirement, load
from conformance.requirements import _freeze as freezing
from conformance.requirements._freeze import drift, freeze, trace_of
from conformance.requirements._store import read, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._settings import ProviderName

SPECS = Path(__file__).parents[3] / "specs"
IDENTITY = re.compile(r"(EVO|API)(-[A-Z0-9]+)+")


@pytest.fixture(params=ROWS)
def provider(request: pytest.FixtureRequest) -> ProviderName:
    """Each provider."""
    name: ProviderName = request.param
    return name


def test_nothing_has_drifted() -> None:
    """The files say what the contract says, every page is the one that was read, and every clause is answered."""
    assert list(drift(SPECS)) == []


def test_the_command_tells_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """Clauses, requirements by level, waivers, ambiguous ones, and checks; nothing is left open."""
    assert main(["requirements", "--check", "--specs", str(SPECS)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["evolink", "apimart", "checks"]
    assert all(", 0 open; " in line and " MUST, " in line and " ambiguous)" in line for line in lines[:2])


def test_drift_is_1(copies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command fails, and says what to run."""
    (copies / "frozen" / "evolink" / "2026-07-02.yaml").unlink()
    assert main(["requirements", "--check", "--specs", str(copies / "specs")]) == 1
    told = capsys.readouterr().out
    assert "requirements/evolink/2026-07-02.yaml does not exist: run python -m conformance requirements" in told
    assert main(["requirements", "--specs", str(copies / "specs")]) == 0
    assert (copies / "frozen" / "evolink" / "2026-07-02.yaml").is_file()


def test_every_requirement_is_whole(provider: ProviderName) -> None:
    """An id of its form, a sentence, a source with a hash; nothing derived is without cases."""
    wrong = [
        entry.id
        for entry in load(provider).values()
        if not IDENTITY.fullmatch(entry.id)
        or not entry.text.endswith(".")
        or not entry.sources
        or not all(source.sha256 for source in entry.sources)
        or (entry.derived is not None and not entry.derived.cases)
    ]
    assert wrong == []


def test_every_requirement_has_a_check(provider: ProviderName) -> None:
    """A demand that nobody checks is not met by silence; what the documents leave open, nobody can check."""
    entries = {name: entry for name, entry in load(provider).items() if entry.ambiguous is None}
    bound = {entry.id for check in (*server_checks(), *client_checks()) for entry in check.bound(entries)}
    assert sorted(entry.id for entry in entries.values() if entry.id not in bound and entry.name not in WATCHERS) == []


def test_every_check_has_a_requirement() -> None:
    """A check or a watcher that demands what no file says would judge by no page."""
    names = {entry.name for provider in PREFIXES for entry in load(provider).values()}
    checks = [check for check in (*server_checks(), *client_checks()) if check.each is None]
    assert sorted({name for check in checks for name in check.names} - names) == []
    assert sorted(WATCHERS.keys() - names) == []
    unused = [check.name for check in server_checks() if not any(check.bound(load(provider)) for provider in PREFIXES)]
    assert unused == []


def test_derived_ids_are_stable(provider: ProviderName) -> None:
    """A sample of ids that subject files and mutants name: they are never renamed or reused."""
    known = {
        "evolink": {
            "EVO-REQ-DURATION-MAX",
            "EVO-REQ-IMAGE-URLS-MAX-ITEMS",
            "EVO-REQ-TASK-ID-PATTERN",
            "EVO-RES-GET-TASK-STATUS-ENUM",
            "EVO-RES-CREATE-VIDEO-USAGE-CREDITS-RESERVED-MIN",
            "EVO-ERR-402",
            "EVO-ERR-402-BODY",
            "EVO-ERR-402-TYPE",
        },
        "apimart": {
            "API-REQ-DURATION-ENUM",
            "API-REQ-DURATION-VIDEO-URLS-CONDITION",
            "API-REQ-GENERATION-TYPE-FRAME-CONDITION",
            "API-RES-CREATE-VIDEO-DATA-ITEM-TASK-ID-REQUIRED",
            "API-ERR-400-INVALID-DURATION-TYPE",
        },
    }
    assert known[provider] <= {entry.id for entry in load(provider).values() if entry.derived is not None}


def test_reading_and_writing_agree(provider: ProviderName) -> None:
    """Writing what was read gives the same requirements."""
    entries = load(provider)
    assert read(write(entries.values(), provider), provider, "x") == entries


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Specs and frozen files that a test may change; returns the folder that holds both."""
    shutil.copytree(SPECS, tmp_path / "specs")
    shutil.copytree(freezing.HOME, tmp_path / "frozen", ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    monkeypatch.setattr(freezing, "HOME", tmp_path / "frozen")
    return tmp_path


def change_json(path: Path, change: Callable[[Any], object]) -> None:
    """Change a JSON file."""
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_a_changed_bound_is_drift(copies: Path) -> None:
    """The contract allows 12 seconds; the frozen file still says 10."""

    def change(document: Any) -> None:
        schemas = document["components"]["schemas"]
        schemas["GeminiOmniFlashTextToVideoRequest"]["properties"]["duration"]["oneOf"][0]["maximum"] = 12

    change_json(copies / "specs" / "evolink" / "openapi.json", change)
    assert any("evolink/2026-07-02.yaml is not what the contract says" in line for line in drift(copies / "specs"))


def test_a_moved_page_is_told_for_each_requirement(copies: Path) -> None:
    """A page with another hash: everything that rests on it must be read again, by hand or not."""

    def change(document: Any) -> None:
        for page in document["pages"].values():
            page["sha256"] = "0" * 64

    change_json(copies / "specs" / "evolink" / "lock.json", change)
    told = {line.split(": ")[1].split(" ")[0] for line in drift(copies / "specs") if "has changed or is gone" in line}
    resting = {entry.id for entry in load("evolink").values() if any(source.locale for source in entry.sources)}
    assert told == resting


def test_deriving_again_keeps_what_people_wrote(copies: Path) -> None:
    """Entries without `derived`, and what was judged about derived ones, survive; a lost derived entry comes back."""
    file = copies / "frozen" / "evolink" / "2026-07-02.yaml"
    entries = {**load("evolink")}
    by_hand = [entry for entry in entries.values() if entry.derived is None]
    judged = [entry for entry in entries.values() if entry.judged]
    assert by_hand
    del entries["EVO-REQ-DURATION-MAX"]
    file.write_text(write(entries.values(), "EvoLink"), encoding="utf-8")
    target, text = freeze(copies / "specs", "evolink")
    again = read(text, "evolink", "x")
    assert target == file
    assert again == load("evolink")
    assert [again[entry.id] for entry in (*by_hand, *judged)] == [*by_hand, *judged]


def test_a_judgement_overrides(copies: Path) -> None:
    """`judged` changes the level of a derived entry, and stays."""
    file = copies / "frozen" / "evolink" / "2026-07-02.yaml"
    old = "  - id: EVO-REQ-DURATION-MAX\n"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, f"{old}    judged: {{level: SHOULD, ambiguous: why}}\n"), encoding="utf-8")
    entry: Requirement = read(freeze(copies / "specs", "evolink")[1], "evolink", "x")["EVO-REQ-DURATION-MAX"]
    assert (entry.level, entry.ambiguous, dict(entry.judged)) == (
        "SHOULD",
        "why",
        {"level": "SHOULD", "ambiguous": "why"},
    )


def test_a_new_clause_is_open(copies: Path) -> None:
    """A bullet that a page gains has neither requirement nor waiver, and the line tells where it stands."""
    page = next((copies / "specs" / "evolink" / "pages" / "cn").rglob("*.md"))
    text = page.read_text(encoding="utf-8")
    old = "            - URL长度不超过`2048`字符\n"
    assert text.count(old) == 1
    page.write_text(text.replace(old, f"{old}            - 端口必须是443\n"), encoding="utf-8")
    (line,) = trace_of(copies / "specs", "evolink").problems()
    assert line.startswith("cn/api-manual/video-series/gemini-omni-flash/gemini-omni-flash-reference-to-video.md:")
    assert "Request/properties/callback_url/description#10: " in line  # one more than the other pages have
    assert line.endswith("neither requirement nor waiver: write one")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        pytest.param("{clause: nowhere, waived: x}", "nowhere is no clause of any page", id="no clause"),
        pytest.param("{clause: servers}", "needs either `by` or the reason", id="neither"),
        pytest.param("{clause: servers, by: [EVO-NO], waived: x}", "needs either `by` or the reason", id="both"),
        pytest.param("{clause: servers, by: [EVO-NO]}", "there is no requirement EVO-NO", id="unknown requirement"),
        pytest.param(
            "{clause: Request/properties/duration/default, waived: x}", "take its waiver out", id="needless waiver"
        ),
    ],
)
def test_a_wrong_answer_is_told(copies: Path, row: str, told: str) -> None:
    """Answers to clauses rot like anything else."""
    file = copies / "frozen" / "evolink" / "clauses.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}- {row}\n", encoding="utf-8")
    assert any(told in line for line in trace_of(copies / "specs", "evolink").problems())


NO_MUTANT = {"API-ERR-502": "No key and no request makes a gateway answer 502; one that never does breaks nothing."}


def test_every_requirement_has_a_mutant(provider: ProviderName) -> None:
    """It is shown that each check of a server can fail; that they do, `nox -s mutants` tells."""
    from conformance.mutants import load as load_mutants

    named = {mutant.breaks for mutant in load_mutants()}
    scored = [entry for entry in load(provider).values() if entry.ambiguous is None and entry.area != "CLIENT"]
    assert [entry.id for entry in scored if entry.id not in named and entry.id not in NO_MUTANT] == []
    assert [name for name in NO_MUTANT if name in named] == []
