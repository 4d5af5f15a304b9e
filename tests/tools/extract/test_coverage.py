"""The books of a page: every line has one owner, and a line without one is a leftover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.extract._coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Extracted, Page

ROWS = ("a", "b", "", "c", "", "d")


def test_a_line_nobody_claims_is_a_leftover(make_page: Callable[[str], Page]) -> None:
    """No reader has to remember to report it."""
    coverage = Coverage(make_page(""), ROWS)
    coverage.claim(1, 2, "x")
    spans, leftovers = coverage.settle()
    assert [(span.first, span.last, span.what) for span in spans] == [(1, 2, "x")]
    assert [(left.place.line, left.text, left.reason) for left in leftovers] == [
        (4, "c\n\nd", "no reader took this line")
    ]


def test_a_later_claim_replaces_an_earlier(make_page: Callable[[str], Page]) -> None:
    """The particular beats the general, and blank lines join what is alike."""
    coverage = Coverage(make_page(""), ROWS)
    coverage.claim(1, 6, "x")
    coverage.leave(2, 2, "why")
    spans, leftovers = coverage.settle()
    assert [(span.first, span.last) for span in spans] == [(1, 1), (4, 6)]
    assert [(left.place.line, left.text, left.reason) for left in leftovers] == [(2, "b", "why")]


def test_a_claim_on_a_blank_line_parts_nothing(make_page: Callable[[str], Page]) -> None:
    """Nor is it one of its own."""
    coverage = Coverage(make_page(""), ROWS)
    coverage.claim(1, 6, "x")
    coverage.claim(3, 3, "y")
    spans, leftovers = coverage.settle()
    assert [(span.first, span.last, span.what) for span in spans] == [(1, 6, "x")]
    assert not leftovers


def test_a_field_where_no_field_is_expected_is_left(read_parameters: Callable[[str], Extracted]) -> None:
    """A field inside tabs inside a field belongs to nothing that is known."""
    found = read_parameters(
        '<ParamField body="a" type="object">\n<Tabs>\n<ParamField body="b">\n</ParamField>\n</Tabs>\n</ParamField>\n'
    )
    assert [(left.place.line, left.reason) for left in found.leftovers] == [(12, "no reader took this line")]


def test_fields_inside_what_is_no_object_are_left(read_parameters: Callable[[str], Extracted]) -> None:
    """Neither text nor a list of texts has fields."""
    for kind in ("string", "array<url>"):
        found = read_parameters(
            f'<ParamField body="a" type="{kind}">\n<ParamField body="b">\n</ParamField>\n</ParamField>\n'
        )
        assert [(left.place.line, left.reason) for left in found.leftovers] == [(11, "a field inside string")]
