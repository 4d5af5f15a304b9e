"""tools.report: changes as workflow commands; no text can issue one of its own."""

from __future__ import annotations

import re

from tools.report import Comparison, render_comparisons

COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^:,]*,?)*)::(.*)")


def commands(*comparisons: Comparison) -> list[tuple[str, dict[str, str], str]]:
    """Each line as GitHub's runner reads it: command, properties, message."""
    found = []
    for row in render_comparisons(comparisons, "github").splitlines():
        match = COMMAND.fullmatch(row)
        assert match, row
        pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
        values = {name: unescape(value.replace("%3A", ":").replace("%2C", ",")) for name, value in pairs.items()}
        found.append((match[1], values, unescape(match[3])))
    return found


def unescape(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_levels_files_and_lines(comparison: Comparison) -> None:
    """Worst first; files as seen from the checkout."""
    found = commands(comparison)
    assert [name for name, _, _ in found] == [
        *["error"] * 3,
        *["warning"] * 3,
        "notice",
        "notice",
        "warning",
        *["notice"] * 2,
    ]
    level, properties, message = found[1]
    assert level == "error"
    assert properties == {
        "file": "specs/example/pages/en/create.md",
        "line": "14",
        "title": "maximum-decreased",
    }
    assert message.startswith("the maximum of duration went from 10 to 6\nbefore: ")


def test_hostile_text_stays_in_its_command(comparison: Comparison) -> None:
    """Commas, colons, percent signs and line feeds come back as text, in file names too."""
    _, properties, message = commands(comparison)[0]
    assert set(properties) == {"file", "line", "title"}
    assert "::error::no # head ``` %0A" in properties["file"]
    assert "::error::no # head ``` %0A" in message


def test_no_change_says_so(nothing: Comparison) -> None:
    """One notice with the two sides."""
    assert commands(nothing) == [("notice", {"title": "vidgate diff"}, "example: a.json → b.json: no change")]
