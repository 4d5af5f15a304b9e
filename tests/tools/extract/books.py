"""What holds of every page, however strange: it is refused with a place, or accounted for to the last line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tools.merge.pages import NO_JUDGEMENTS, SOURCE
from tools.errors import PageError, ToolError
from tools.extract import dump, extract, load
from tools.merge import normalize
from tools.schema.pointers import walk

if TYPE_CHECKING:
    from tools.model import Document, Extracted, Page


_READABLE = 5_000
"""Characters of a message: a page must not be able to fill a terminal."""


def check_books(found: Extracted) -> None:
    """Every line that is not blank is in exactly one span or leftover, and no other line is at their ends."""
    rows = found.page.content.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    owners = [0] * (len(rows) + 1)
    for span in found.spans:
        assert 1 <= span.first <= span.last <= len(rows)
        assert rows[span.first - 1].strip()
        assert rows[span.last - 1].strip()
        for line in range(span.first, span.last + 1):
            owners[line] += 1
    for leftover in found.leftovers:
        first = leftover.place.line
        assert first is not None
        for line in range(first, first + leftover.text.count("\n") + 1):
            owners[line] += 1
    assert max(owners) <= 1
    assert [line for line, row in enumerate(rows, 1) if row.strip() and not owners[line]] == []


def attempt(page: Page) -> Extracted | PageError:
    """What a page gives, or why it is refused."""
    try:
        return extract(page)
    except PageError as error:
        return error


def judge(page: Page) -> Extracted | PageError:
    """What the page gives, or why it is refused; raises whatever else the readers raise, and AssertionError."""
    found = attempt(page)
    if isinstance(found, PageError):
        assert found.places
        assert found.places[0].path == page.place().path
        assert str(found).replace("\n", "").isprintable()
        assert len(str(found)) < _READABLE
        return found
    check_books(found)
    rows = found.page.content.count(b"\n") + 1
    assert all(1 <= line <= rows for line in found.lines.values())
    assert all(repair.place.path == page.place().path for repair in found.repairs)
    if found.document is not None:
        assert all(isinstance(pointer, str) for pointer, _ in walk(found.document))
    assert load([page], dump([found])) == [found]
    merge(found)
    return found


def merge(found: Extracted) -> Document | ToolError:
    """What a contract of nothing but this page is, or why there is none; raises whatever else the merge raises."""
    try:
        return normalize([found], NO_JUDGEMENTS, SOURCE)
    except ToolError as error:
        return error
