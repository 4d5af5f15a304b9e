"""Tables of the guides name what the code has: no more, and no less."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args

from vidgate import AsyncEvoLink, EvoLink, pytest_plugin
from vidgate._neutral import Wishes
from vidgate.journal import State
from vidgate.simulator._faults import NAMES, TARGETS

DOCS = Path(__file__).parents[2] / "docs"


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next of its rank."""
    text = (DOCS / page).read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1]
    return text.split("\n## ", 1)[0]


def first_cells(text: str) -> list[str]:
    """What stands in code marks in the first column of the tables."""
    cells = re.findall(r"^\| ([^|]*) \|", text, flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_settings_are_the_arguments_of_a_client() -> None:
    """Every argument has its row, with its default."""
    text = section("client.md", "Settings")
    for client in (EvoLink, AsyncEvoLink):
        known = inspect.signature(client.__init__).parameters
        assert sorted(first_cells(text)) == sorted(name for name in known if name != "self")
    known = inspect.signature(EvoLink.__init__).parameters
    assert f"| {known['attempts'].default}, {known['patience'].default:g} |" in text


def test_words_of_both_providers_are_named() -> None:
    """A new word of the neutral request is told."""
    (sentence,) = re.findall(r"^The words are (.*)\.$", section("client.md", "Two providers"), flags=re.MULTILINE)
    assert re.findall(r"`(\w+)`", sentence) == list(Wishes.__annotations__)


def test_states_of_the_journal_are_explained() -> None:
    """Each has a row that says what is left to do."""
    assert sorted(first_cells(section("journal.md", "What is in it"))) == sorted(get_args(State))


def test_fixtures_are_those_of_the_plugin() -> None:
    """Whoever looks for one finds it."""
    head = (DOCS / "testing.md").read_text(encoding="utf-8").split("\n## ", 1)[0]
    assert sorted(first_cells(head)) == sorted(pytest_plugin.__all__)


def test_faults_are_those_of_the_simulator() -> None:
    """With the operations that they can meet."""
    text = section("testing.md", "Faults")
    assert sorted(first_cells(text)) == sorted(NAMES)
    (sentence,) = re.findall(r"^Operations are (.*)\.$", text, flags=re.MULTILINE)
    assert re.findall(r"`(\w+)`", sentence) == list(TARGETS)
