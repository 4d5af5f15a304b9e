"""Markdown text in pieces, and whole pages that are nothing but text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.extract._prose import dedent, pieces, table
from tools.extract._scan import TextRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Extracted

ROLES = [
    pytest.param("a\nb", [("paragraph", "a\nb")], id="paragraph"),
    pytest.param("a\n\nb", [("paragraph", "a"), ("paragraph", "b")], id="two paragraphs"),
    pytest.param("## a ##\nb", [("heading", "a"), ("paragraph", "b")], id="heading"),
    pytest.param("# a\n# b", [("heading", "a"), ("heading", "b")], id="two headings"),
    pytest.param("* a\n  b\n* c", [("list", "* a\n  b\n* c")], id="list"),
    pytest.param("1. a\n2. b", [("list", "1. a\n2. b")], id="numbered list"),
    pytest.param("a\n- b", [("paragraph", "a"), ("list", "- b")], id="a list right behind a paragraph"),
    pytest.param("> a\n> b", [("quote", "> a\n> b")], id="quote"),
    pytest.param("a\n***\nb", [("paragraph", "a"), ("rule", "***"), ("paragraph", "b")], id="rule"),
    pytest.param("|a|\n|-|\n|b|", [("table", "|a|\n|-|\n|b|")], id="table"),
    pytest.param("<div>\n  ## a\n</div>", [("html", "<div>"), ("heading", "a"), ("html", "</div>")], id="html"),
    pytest.param("#a", [("paragraph", "#a")], id="no heading without a blank"),
]


@pytest.mark.parametrize(("text", "roles"), ROLES)
def test_pieces_have_roles(text: str, roles: list[tuple[str, str]]) -> None:
    """Each stretch of text is one piece with one role."""
    found = list(pieces(TextRun(first=5, rows=tuple(text.split("\n")))))
    assert [(piece.role, piece.text) for piece in found] == roles
    assert [line for piece in found for line in range(piece.first, piece.last + 1)] == [
        line for line, row in enumerate(text.split("\n"), 5) if row
    ]


def test_cells_of_a_table() -> None:
    """The divider goes, an escaped bar stays inside its cell, and each row knows its line."""
    (piece,) = pieces(TextRun(first=3, rows=("| a | b |", "|:--|---|", r"| `x\|y` | |", "c | d |"[:0] + "|c|d|")))
    assert [(row.line, row.cells) for row in table(piece)] == [(3, ("a", "b")), (5, ("`x|y`", "")), (6, ("c", "d"))]


def test_bars_without_divider_are_no_table() -> None:
    """Nothing is guessed from bars alone."""
    (piece,) = pieces(TextRun(first=1, rows=("|a|", "|b|")))
    assert table(piece) == ()


def test_common_indentation_goes() -> None:
    """What rows have in common is the page's layout, the rest is the text's."""
    assert dedent(["    a", "", "      b  ", "   "]) == ["a", "", "  b", ""]


def test_a_page_of_text_is_prose(read: Callable[[str], Extracted]) -> None:
    """Every text is kept with role, line and the headings above it; there is no fragment."""
    found = read(
        "# T\n\n> D\n\nintro\n\n## One\n\n<Note>\n  note\n</Note>\n\n### Two\n\n```json theme={null}\n{}\n```\n\n"
        '<AccordionGroup>\n  <Accordion title="Ask">\n    | a |\n    | - |\n  </Accordion>\n</AccordionGroup>\n\n'
        "## Three\n\n* item\n\n---\n\n> To find navigation, see the index\n"
    )
    assert (found.kind, found.document, found.leftovers) == ("prose", None, ())
    assert [(prose.line, prose.role, prose.text, prose.heading) for prose in found.prose] == [
        (1, "title", "T", ()),
        (3, "description", "D", ()),
        (5, "paragraph", "intro", ()),
        (7, "heading", "One", ()),
        (10, "note", "note", ("One",)),
        (13, "heading", "Two", ("One",)),
        (15, "code", "```json\n{}\n```", ("One", "Two")),
        (20, "accordion title", "Ask", ("One", "Two")),
        (21, "table", "| a |\n| - |", ("One", "Two")),
        (26, "heading", "Three", ()),
        (28, "list", "* item", ("Three",)),
    ]


HEADS = [
    pytest.param(
        "# Source: https://x\n# Source: https://y\n\n# T\n\n> D\n",
        [(1, "preamble", "2 lines above the page")],
        id="preamble",
    ),
    pytest.param(
        "> Source: https://x\n\n> ## Documentation Index\n>\n> Fetch\n> Use\n\n# T\n\n> D\n",
        [(1, "preamble", "1 line above the page"), (4, "reformatted", "a blank row inside the index note")],
        id="index note",
    ),
    pytest.param("> ## Documentation Index\n> Fetch\n\n# T\n\n> D\n", [], id="as exported"),
    pytest.param("> D\n\n# T\n", [], id="description before the title"),
    pytest.param("\ufeff# T\r\n\r\n> D\r\n", [], id="byte order mark and CRLF"),
]


@pytest.mark.parametrize(("text", "repairs"), HEADS)
def test_heads_met_in_the_wild(
    read: Callable[[str], Extracted], text: str, repairs: list[tuple[int, str, str]]
) -> None:
    """Title and description are found whatever stands around them; what others did to the page is told."""
    found = read(text)
    assert {prose.role: prose.text for prose in found.prose} == {"title": "T", "description": "D"}
    assert found.leftovers == ()
    assert [(one.place.line, one.rule, one.found) for one in found.repairs] == repairs
