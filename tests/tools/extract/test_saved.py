"""What a page gave goes into bytes and comes back as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tools.extract import dump, extract, load
from tools.model import Extracted, Page

if TYPE_CHECKING:
    from pathlib import Path

Read: TypeAlias = Callable[[str], Extracted]


def test_a_page_comes_back_as_it_was(seed: Page) -> None:
    """Every member, in its order and its types."""
    found = extract(seed)
    saved = dump(found)
    assert saved is not None
    again = load(seed, saved)
    assert again == found
    assert again is not None
    assert repr(again.document) == repr(found.document)
    assert list(again.lines.items()) == list(found.lines.items())


def test_places_are_those_of_the_page_at_hand(read_operation: Read) -> None:
    """Equal bytes under another path: leftovers and repairs speak of the other path."""
    found = read_operation("paths:\n  # why\n  /x: {get: {responses: {}}}\ncomponents: {schemas: {A: {example: 1.0}}}")
    saved = dump(found)
    assert saved is not None
    moved = load(replace(found.page, path="en/other.md"), saved)
    assert moved is not None
    assert [str(one.place) for one in moved.leftovers] == ["pages/en/other.md:10"]
    assert [one.place.path for one in moved.repairs] == ["pages/en/other.md"]


def test_numbers_keep_their_kind(read_schema: Read) -> None:
    """Whole, broken and negative zero; one beyond 64 bits is not saved, rather than changed."""
    found = read_schema("{enum: [1, 1.0, -0.0, 1e22, 18446744073709551615, -9223372036854775808]}")
    saved = dump(found)
    assert saved is not None
    again = load(found.page, saved)
    assert again is not None
    assert repr(again.document) == repr(found.document)
    assert dump(read_schema("{enum: [18446744073709551616]}")) is None


@pytest.mark.parametrize(
    "saved",
    [
        b"", b"{", b"[]", b"{}", b"null", b"\xff",
        b'{"kind":"prose","document":null,"lines":{},"prose":{},"spans":[],"leftovers":[],"repairs":[]}',
        b'{"kind":"prose","document":null,"lines":{},"prose":[[1]],"spans":[],"leftovers":[],"repairs":[]}',
        b'{"kind":"prose","document":null,"lines":{},"prose":[],"spans":[1],"leftovers":[],"repairs":[]}',
    ],
)  # fmt: skip
def test_other_bytes_are_no_page(seed: Page, saved: bytes) -> None:
    """Whatever was kept there, it is not taken for one."""
    assert load(seed, saved) is None


@pytest.mark.corpus
def test_every_page_of_the_corpus_comes_back(corpus: Path) -> None:
    """Of all kinds and languages."""
    for path in sorted(path for path in corpus.glob("*@*/**/*.md")):
        page = Page(provider="p", locale="en", path=f"en/{path.name}", content=path.read_bytes())
        found = extract(page)
        saved = dump(found)
        assert saved is not None
        assert load(page, saved) == found
