"""`python -m tools overlay`: every action with its nodes and its state, wherever it stands."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.__main__ import main

if TYPE_CHECKING:
    from tools.model import Json

ROOT = Path(__file__).parents[3]
REASONS = "    x-reason: r\n    x-evidence: e\n"
PROMPT = "$.components.schemas.GeminiOmniFlashVideoEditRequest.properties.prompt"
OBSOLETE = f"  - target: {PROMPT}\n    update: {{type: string}}\n{REASONS}"
STALE = f"  - target: $.components.schemas.Nobody\n    remove: true\n{REASONS}"
PINNED = f"  - target: $.components.schemas.*.properties.prompt\n    update: {{x-p: 1}}\n    x-matches: 9\n{REASONS}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of EvoLink's specs."""
    shutil.copytree(ROOT / "specs/evolink", tmp_path / "checkout/specs/evolink")
    return tmp_path / "checkout"


def overlay(root: Path, *argv: str) -> tuple[int, dict[str, Json]]:
    """Exit code and report of `overlay evolink`."""
    out = io.StringIO()
    code = main(["overlay", "evolink", *argv, "--json"], out=out, err=io.StringIO(), root=root)
    (report,) = json.loads(out.getvalue())["reports"]
    return code, report


def append(root: Path, text: str) -> int:
    """Add actions to the provider's own overlay; returns the line of the first."""
    path = root / "specs/evolink/overlay.yaml"
    before = path.read_text("utf-8").rstrip() + "\n"
    path.write_text(before + text, "utf-8")
    return before.count("\n") + 1


@pytest.mark.parametrize("provider", ["apimart", "evolink"])
def test_every_action_of_ours_is_needed(provider: str) -> None:
    """As many rows as actions, each with at least one node and a line of its own."""
    out = io.StringIO()
    assert main(["overlay", provider, "--json"], out=out, root=ROOT) == 0
    (report,) = json.loads(out.getvalue())["reports"]
    rows = report["actions"]
    text = (ROOT / "specs" / provider / "overlay.yaml").read_text("utf-8")
    assert len(rows) == text.count("\n  - target: ")
    assert {row["state"] for row in rows} == {"applied"}
    assert all(row["matches"] == len(row["nodes"]) > 0 for row in rows)
    lines = text.splitlines()
    assert all("target: " in lines[row["line"] - 1] for row in rows)


@pytest.mark.parametrize(
    ("action", "state", "kind", "below"),
    [
        pytest.param(OBSOLETE, "obsolete", "judgement", 0, id="obsolete"),
        pytest.param(STALE, "stale", "stale-action", 0, id="stale"),
        pytest.param(PINNED, "applied", "judgement", 2, id="pinned"),
    ],
)
def test_an_unhealthy_action_is_a_finding_with_its_line(
    action: str, state: str, kind: str, below: int, checkout: Path
) -> None:
    """Of vendored pages; the build refuses the same."""
    line = append(checkout, action)
    code, report = overlay(checkout)
    assert (code, report["actions"][-1]["state"], report["actions"][-1]["line"]) == (1, state, line)
    [finding] = report["findings"]
    assert (finding["kind"], finding["places"][0]["line"]) == (kind, line + below)
    out = io.StringIO()
    assert main(["normalize", "--provider", "evolink", "--json"], out=out, root=checkout) == 1
    assert json.loads(out.getvalue())["reports"][0]["findings"] == [finding]


def test_for_other_pages_it_is_a_note(checkout: Path) -> None:
    """What holds of the vendored pages need not hold of others."""
    append(checkout, OBSOLETE + STALE + PINNED)
    code, report = overlay(checkout, "--pages", str(checkout / "specs/evolink/pages"))
    assert (code, report["findings"], len(report["notes"])) == (0, [], 3)
    assert report["summary"] == "59 actions: 57 applied, 1 obsolete, 1 stale"


def test_actions_of_another_file_are_placed_there(checkout: Path, tmp_path: Path) -> None:
    """File, line and pointer are those of the file they came from."""
    more = tmp_path / "more.yaml"
    more.write_text(f"actions:\n{STALE}{OBSOLETE}", "utf-8")
    code, report = overlay(checkout, "--overlay", str(more))
    assert code == 1
    rows = [(row["path"], row["line"], row["pointer"]) for row in report["actions"][-2:]]
    assert rows == [(str(more), 2, "/actions/0"), (str(more), 6, "/actions/1")]
    places = [(place["path"], place["line"]) for finding in report["findings"] for place in finding["places"]]
    assert places == [(str(more), 2), (str(more), 6)]


def test_people_get_a_line_per_action(checkout: Path) -> None:
    """State, number of nodes, the number that was pinned, place and target; what was said in vain below it."""
    line = append(checkout, PINNED + OBSOLETE)
    out = io.StringIO()
    assert main(["overlay", "evolink"], out=out, root=checkout) == 1
    shown = out.getvalue()
    assert f"  applied     4 of 9  overlay.yaml:{line}: $.components.schemas.*.properties.prompt\n" in shown
    assert f"  obsolete    1  overlay.yaml:{line + 5}: {PROMPT}\n" in shown


def test_a_broken_overlay_is_a_finding(checkout: Path) -> None:
    """No traceback, and the line that is wrong."""
    append(checkout, f"  - target: $.info\n    update: {{x-a: 1}}\n    x-matches: many\n{REASONS}")
    code, report = overlay(checkout)
    assert (code, report["actions"]) == (1, [])
    assert "no number of nodes" in report["findings"][0]["problem"]
