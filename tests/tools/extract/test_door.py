"""The door: what becomes of a page's bytes before anything looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.errors import HostilePage
from tools.extract._door import MAX_BYTES, MAX_LINES, admit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Extracted, Page

    MakePage = Callable[[str | bytes], Page]


def test_line_ends_and_mark_are_tolerated(make_page: MakePage) -> None:
    """A byte order mark and CRLF change neither text nor line numbers."""
    assert list(admit(make_page("\ufeff# a\r\n\r\nb".encode())).rows) == ["# a", "", "b"]


def test_decomposed_text_is_composed_and_reported(make_page: MakePage) -> None:
    """The evidence stays as it is; what is read is in NFC, and says where it was not."""
    text = admit(make_page("a\n\u1112\u1161\u11ab\nb"))
    assert list(text.rows) == ["a", "한", "b"]
    assert [(repair.rule, repair.place.line, repair.found, repair.made) for repair in text.repairs] == [
        ("normal-form", 2, "'\\u1112\\u1161\\u11ab'", "'\\ud55c'")
    ]


def test_composing_happens_before_anything_is_read(read: Callable[[str], Extracted]) -> None:
    """U+1FEF becomes a back-tick: composed late, three of them would hide a fence from the scanner."""
    found = read("# T\n\n\u1fef\u1fef\u1fefjson\n<A>\n\u1fef\u1fef\u1fef\n")
    assert [prose.role for prose in found.prose] == ["title", "code"]


REFUSED = [
    pytest.param(b"a\nb\xff", 2, "not UTF-8", id="a byte that is none"),
    pytest.param(b"a\n\nb\xed\xa0\x80", 3, "not UTF-8", id="a lone surrogate"),
    pytest.param(b"\xef\xbb\xbfa\nb\xc0\x80", 2, "not UTF-8", id="an over-long form"),
    pytest.param("a\nb\u202ec", 2, "U+202E", id="a bidirectional override"),
    pytest.param("a\n\n\u2066b", 3, "U+2066", id="an isolate"),
    pytest.param("a\x1b[31m", 1, "U+001B", id="an escape character"),
    pytest.param("a\n\x00", 2, "U+0000", id="a null"),
    pytest.param("a\nb\rc", 2, "U+000D", id="a carriage return alone"),
    pytest.param("a\nb\ufeff", 2, "U+FEFF", id="a second byte order mark"),
    pytest.param("a\nx\u200by", 2, "U+200B", id="a zero-width space"),
    pytest.param(b"x" * (MAX_BYTES + 1), None, "bytes", id="too many bytes"),
    pytest.param(b"\n" * (MAX_LINES + 1), None, "lines", id="too many lines"),
]


@pytest.mark.parametrize(("content", "line", "words"), REFUSED)
def test_refusals_name_the_place(make_page: MakePage, content: str | bytes, line: int | None, words: str) -> None:
    """Page, line and the character by its number; the character itself is never printed."""
    with pytest.raises(HostilePage) as caught:
        admit(make_page(content))
    (place,) = caught.value.places
    assert (place.path, place.line) == ("pages/en/a/b.md", line)
    assert words in caught.value.problem
    assert str(caught.value).replace("\n", "").isprintable()
