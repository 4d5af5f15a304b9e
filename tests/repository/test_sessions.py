"""The nox sessions, and that CI and the documents call them by their right names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOXFILE = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
SESSIONS = {
    node.name: node
    for node in NOXFILE.body
    if isinstance(node, ast.FunctionDef) and any("nox.session" in ast.unparse(item) for item in node.decorator_list)
}
COMMANDS = (
    "python3 -m pip install nox && python3 -m nox -s contract",
    "python3 -m pip install nox && python3 -m nox -s tests",
)


def called(text: str) -> set[str]:
    """Sessions that a text calls through `nox -s`."""
    calls = re.findall(r"nox (?:-R )?-s((?: [a-z]+\b)+)", text)
    return {name for call in calls for name in call.split()}


def test_sessions_are_the_agreed_ones() -> None:
    """Adding a session is a decision: README, CI and this list change with it."""
    assert set(SESSIONS) == {
        "contract",
        "tests",
        "lint",
        "types",
        "generate",
        "drift",
        "package",
        "fuzz",
        "cluster",
        "external",
        "mutants",
    }


@pytest.mark.parametrize("name", sorted(SESSIONS))
def test_session_says_what_it_does(name: str) -> None:
    """`nox --list` prints the docstring."""
    assert ast.get_docstring(SESSIONS[name])


def test_ci_runs_every_session() -> None:
    """A session that CI leaves out can break unseen."""
    assert called((ROOT / ".ci" / "run").read_text(encoding="utf-8")) == set(SESSIONS)


@pytest.mark.parametrize("path", ["README.md", ".ci/run"])
@pytest.mark.parametrize("command", COMMANDS, ids=["contract", "tests"])
def test_the_two_commands_stand_word_for_word(command: str, path: str) -> None:
    """CI runs what the README tells people to run."""
    assert command in (ROOT / path).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md"])
def test_documents_name_sessions_that_exist(path: str) -> None:
    """A renamed session takes its mentions along."""
    assert called((ROOT / path).read_text(encoding="utf-8")) <= set(SESSIONS)
