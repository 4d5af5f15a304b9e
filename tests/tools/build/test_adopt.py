"""Decisions are appended to the provider's overlay as text: what stood there stays, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tools.build._adopt import adopt
from tools.errors import UsageError
from tools.store import Workspace

ROOT = Path(__file__).parents[3]
ACTION = "target: $.info\n  update: {x-a: 1}\n  x-reason: r\n  x-evidence: e\n"
MORE = "actions:\n- target: $.tags\n  remove: true\n  x-reason: |\n    two\n\n    lines\n  x-evidence: e\n"

OWN: list[Any] = [
    pytest.param(f"actions:\n- {ACTION}", id="not indented"),
    pytest.param("# why\nactions:\n\n    # one\n    - " + ACTION.replace("\n  ", "\n      "), id="indented by four"),
    pytest.param(f"actions:\n- {ACTION}\n# leftovers\nx-leftovers: []\nx-more: 1\n", id="in the middle"),
    pytest.param("", id="none yet"),
    pytest.param("# nothing but a comment\n", id="blank"),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A checkout with one provider."""
    folder = tmp_path / "checkout/specs/evolink"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "specs/evolink/sources.toml", folder / "sources.toml")
    return Workspace(root=tmp_path / "checkout")


def write(path: Path, text: str) -> Path:
    """A file of this text."""
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("own", OWN)
def test_actions_are_appended_and_what_stood_there_stays(own: str, workspace: Workspace, tmp_path: Path) -> None:
    """In the indentation of the list, before what follows it; once, however often they are given."""
    path = write(workspace.specs("evolink") / "overlay.yaml", own)
    more = write(tmp_path / "more.yaml", MORE)
    before = workspace.judgements("evolink")[0].overlay["actions"]
    adopt(workspace, "evolink", [more])
    after = workspace.judgements("evolink")[0].overlay["actions"]
    assert after[:-1] == before
    assert after[-1] == {"target": "$.tags", "remove": True, "x-reason": "two\n\nlines\n", "x-evidence": "e"}
    text = path.read_text("utf-8")
    if before:
        rest = iter(text.splitlines())
        assert all(line in rest for line in own.splitlines() if line)
    adopt(workspace, "evolink", [more])
    assert path.read_text("utf-8") == text


def test_a_list_in_flow_style_is_left_to_people(workspace: Workspace, tmp_path: Path) -> None:
    """Nothing can be appended to it without rewriting it."""
    own = "actions: [{target: $.info, update: {x-a: 1}, x-reason: r, x-evidence: e}]\n"
    write(workspace.specs("evolink") / "overlay.yaml", own)
    with pytest.raises(UsageError, match="cannot be appended"):
        adopt(workspace, "evolink", [write(tmp_path / "more.yaml", MORE)])


def test_without_decisions_nothing_is_written(workspace: Workspace) -> None:
    """No overlay appears."""
    adopt(workspace, "evolink", [])
    assert not (workspace.specs("evolink") / "overlay.yaml").exists()
