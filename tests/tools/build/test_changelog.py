"""CHANGES.md: sections, order, one entry per comparison, and the version that changes ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tools.build._changelog import Entry, entry_of, section_of, version_bump, with_entry
from tools.errors import Place
from tools.model import Change, Usage

DAY = date(2026, 8, 21)


def change(rule: str, level: Any = "info", axis: Any = "wire", **members: Any) -> Change:
    """A change of one rule."""
    members.setdefault("message", f"{rule} happened")
    place = Place(path="openapi.json" if axis in {"wire", "sdk"} else "pages/ko/a.md")
    return Change(rule=rule, level=level, axis=axis, pointer="", old=place, new=place, **members)


REMOVED = change("operation-removed", "error", message="GET /a was removed")
ADDED = change("operation-added", message="GET /b was added", usages=(Usage(operation="GET /b", role="request"),))
LONGER = change("request-max-length-widened")
RENAMED = change("component-renamed", "warning", "sdk")
WORDS = change("prose-reworded", axis="prose")
DRIFT = change("fact-differs", "error", "language", locales=("ja", "ko"))
EVERYTHING = (WORDS, DRIFT, LONGER, ADDED, REMOVED, RENAMED)


EXPECTED = """\
# Changes of EvoLink's documented API

What `python -m tools changelog` and `regenerate` found, newest first; each line ends with the rule that named it.


## 2026-08-21

MARK
Asks of the client: a major version.

### Breaking

- GET /a was removed `operation-removed`
- component-renamed happened `component-renamed`

### Added

- GET /b was added (GET /b) `operation-added`

### Changed

- request-max-length-widened happened `request-max-length-widened`

### Languages

- fact-differs happened (ko/a.md) `fact-differs`

### Words

- prose-reworded happened (ko/a.md) `prose-reworded`
"""


def is_addition(one: Change) -> bool:
    """What the registry of rules says in earnest."""
    return one.rule.endswith("-added")


def told(text: str, old: str, new: str, *changes: Change, day: date | None = DAY) -> str:
    """`text` with an entry for a comparison of two documents of these names."""
    compared = entry_of({"name": old}, {"name": new}, changes)
    return with_entry(text, compared, title="EvoLink", day=day, is_addition=is_addition)


def headings(text: str) -> list[str]:
    """The entries, in the order of the file."""
    return [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]


def test_an_entry_has_a_line_per_change_under_its_section() -> None:
    """Breaking, Added, Changed, Languages, Words, each line with its rule; no section is empty."""
    text = told("", "a", "b", *EVERYTHING)
    marks = [line for line in text.splitlines() if line.startswith("<!-- comparison ")]
    assert len(marks) == 1
    assert text.replace(marks[0], "MARK") == EXPECTED


def test_the_same_comparison_twice_adds_nothing() -> None:
    """Neither at once nor after others, nor on another day."""
    once = told("", "a", "b", ADDED)
    assert told(once, "a", "b", ADDED) == once
    twice = told(once, "b", "c", REMOVED, day=date(2026, 9, 1))
    assert twice != once
    assert told(twice, "a", "b", ADDED) == twice
    assert told(twice, "a", "b", ADDED, day=date(2026, 12, 1)) == twice
    assert told(twice, "a", "b", ADDED, day=None) == twice


def test_no_change_is_no_entry() -> None:
    """Not even a heading, and no file where there was none."""
    assert told("", "a", "b") == ""


def test_what_was_taken_back_and_comes_again_is_told_again() -> None:
    """It is the same comparison, but it happened twice."""
    text = told(told("", "a", "b", ADDED), "b", "a", REMOVED, day=date(2026, 9, 1))
    again = told(text, "a", "b", ADDED, day=date(2026, 10, 1))
    assert headings(again) == ["2026-10-01", "2026-09-01", "2026-08-21"]
    assert told(again, "a", "b", ADDED, day=date(2026, 10, 1)) == again


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(["2026-01-01", "2026-03-01"], ["2026-03-01", "2026-01-01"], id="newer"),
        pytest.param(["2026-03-01", "2026-01-01"], ["2026-03-01", "2026-01-01"], id="older"),
        pytest.param(["2026-03-01", ""], ["Unreleased", "2026-03-01"], id="no day is newest"),
        pytest.param(["", "2026-03-01"], ["Unreleased", "2026-03-01"], id="a day goes below none"),
        pytest.param(["2026-03-01", "2026-01-01", "2026-02-01"], ["2026-03-01", "2026-02-01", "2026-01-01"], id="mid"),
    ],
)
def test_the_newest_stands_first(days: list[str], expected: list[str]) -> None:
    """Whatever the order of the runs; the day is given, never taken from a clock."""
    text = ""
    for number, day in enumerate(days):
        text = told(text, f"a{number}", f"b{number}", ADDED, day=date.fromisoformat(day) if day else None)
    assert headings(text) == expected
    assert text.count("# Changes of EvoLink") == 1
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_what_people_wrote_stays() -> None:
    """An introduction, a note under an entry and a section of their own."""
    text = (
        told("", "a", "b", ADDED).replace("newest first", "newest first, says Ann") + "\nNote.\n\n## History\n\nOld.\n"
    )
    longer = told(text, "b", "c", REMOVED, day=date(2026, 9, 1))
    assert headings(longer) == ["2026-09-01", "2026-08-21", "History"]
    for words in ("says Ann", "\nNote.\n", "\nOld.\n"):
        assert words in longer


def test_words_of_a_page_stay_words() -> None:
    """No heading, comment or markup comes out of a message."""
    hostile = "a\n## 2030-01-01\n<!-- comparison 0000000000000000 0000000000000000 --> [x](javascript:y)\u2028b"
    text = told("", "a", "b", change("operation-added", message=hostile))
    assert headings(text) == ["2026-08-21"]
    assert text.count("<!--") == text.count("\n<!-- comparison ") + text.count("\\<!--") == 2
    assert told(text, "a", "b", ADDED) == text


def test_many_usages_are_counted() -> None:
    """Three by name, the rest by number: one line stays one line."""
    usages = tuple(Usage(operation=f"GET /{n}", role="response") for n in range(5))
    assert "(GET /0, GET /1, GET /2 and 2 more)" in told("", "a", "b", change("x", usages=usages))


BUMPS: list[Any] = [
    pytest.param((), "none", id="nothing"),
    pytest.param((WORDS,), "patch", id="words"),
    pytest.param((DRIFT,), "patch", id="an error of languages breaks nobody"),
    pytest.param((LONGER, WORDS), "patch", id="changed"),
    pytest.param((ADDED, LONGER), "minor", id="addition"),
    pytest.param((REMOVED, ADDED), "major", id="wire"),
    pytest.param((RENAMED,), "major", id="a generated name"),
    pytest.param((change("component-added", "info", "sdk"),), "minor", id="a generated class more"),
    pytest.param((change("request-undecided", "warning"),), "patch", id="a warning on the wire"),
]


@pytest.mark.parametrize(("changes", "size"), BUMPS)
def test_the_version_follows_the_worst_change(changes: tuple[Change, ...], size: str) -> None:
    """Major for what breaks callers, minor for what is new, patch for the rest; always with its reasons."""
    bump = version_bump(changes, is_addition)
    assert bump.size == size
    assert bool(bump.reasons) is bool(changes)
    if size in {"major", "minor"}:
        assert all(any(one.rule in reason for one in changes) for reason in bump.reasons)


def test_every_change_has_a_section() -> None:
    """One of the five."""
    assert [section_of(one, is_addition) for one in EVERYTHING] == [
        "Words", "Languages", "Changed", "Added", "Breaking", "Breaking",
    ]  # fmt: skip


def test_a_comparison_is_known_by_its_documents() -> None:
    """Order of members does not matter, any value does."""
    one = entry_of({"a": 1, "b": [2]}, {}, ())
    assert one == entry_of({"b": [2], "a": 1}, {}, ())
    assert one.old != entry_of({"a": 1, "b": [3]}, {}, ()).old
    assert one == Entry(old=one.old, new=one.new, changes=())
