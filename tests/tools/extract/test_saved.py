"""What a page gave goes into bytes and comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tools.extract import dump, extract, load
from tools.model import Extracted, Page

if TYPE_CHECKING:
    from pathlib import Path

Read: TypeAlias = Callable[[str], Extracted]


def once(found: Extracted) -> Extracted:
    """What comes back of one page."""
    (again,) = load([found.page], dump([found])) or [None]
    assert again is not None
    return again


def test_a_page_comes_back_as_it_was(seed: Page) -> None:
    """Every member, in its order and its types."""
    found = extract(seed)
    again = once(found)
    assert again == found
    assert repr(again.document) == repr(found.document)
    assert list(again.lines.items()) == list(found.lines.items())


def test_pages_come_back_in_their_order(seed: Page, read_operation: Read) -> None:
    """Those that are asked for; pointers that pages share stand once."""
    other = read_operation("paths: {/x: {get: {responses: {}}}}")
    found = [extract(seed), other, extract(seed)]
    saved = dump(found)
    assert load([seed, other.page, seed], saved) == found
    assert load([None, other.page, None], saved) == [None, other, None]
    assert len(json.loads(saved)["pointers"]) == 2


def test_places_are_those_of_the_page_at_hand(read_operation: Read) -> None:
    """Equal bytes under another path: leftovers and repairs speak of the other path."""
    found = read_operation("paths:\n  # why\n  /x: {get: {responses: {}}}\ncomponents: {schemas: {A: {example: 1.0}}}")
    (moved,) = load([replace(found.page, path="en/other.md")], dump([found])) or [None]
    assert moved is not None
    assert [str(one.place) for one in moved.leftovers] == ["pages/en/other.md:10"]
    assert [one.place.path for one in moved.repairs] == ["pages/en/other.md"]


@pytest.mark.parametrize("number", ["9223372036854775807", "18446744073709551616", "-1e300", "9" * 40])
def test_numbers_keep_their_kind(read_schema: Read, number: str) -> None:
    """Whole, broken, negative zero, and beyond 64 bits."""
    found = read_schema(f"{{enum: [1, 1.0, -0.0, 1e22, {number}], description: 한국어}}")
    assert repr(once(found)) == repr(found)


@pytest.mark.parametrize(
    "saved",
    [
        b"", b"{", b"[]", b"{}", b"null", b"\xff", b" ", b" {}",
        b'{"pages":[],"pointers":[]}',
        b'{"pages":[1],"pointers":[]}',
        b'{"pages":{"0":1},"pointers":[]}',
        b'{"pages":[{"kind":"prose","document":null,"lines":[0,[]],"prose":{},"spans":[],"leftovers":[],"repairs":[]}],"pointers":[[]]}',
        b'{"pages":[{"kind":"prose","document":null,"lines":[0,[]],"prose":[[1]],"spans":[],"leftovers":[],"repairs":[]}],"pointers":[[]]}',
        b'{"pages":[{"kind":"prose","document":null,"lines":[0,[]],"prose":[],"spans":[1],"leftovers":[],"repairs":[]}],"pointers":[[]]}',
        b'{"pages":[{"kind":"prose","document":null,"lines":[0,[]],"prose":[],"spans":[],"leftovers":[],"repairs":[]}],"pointers":[]}',
        b'{"pages":[{"kind":"prose","document":null,"lines":[0,[1]],"prose":[],"spans":[],"leftovers":[],"repairs":[]}],"pointers":[[]]}',
        b'{"pages":[{"kind":"prose","document":null,"lines":[0,[]],"prose":[],"spans":[],"leftovers":[]}],"pointers":[[]]}',
    ],
)  # fmt: skip
def test_other_bytes_are_no_page(seed: Page, saved: bytes) -> None:
    """Whatever was kept there, it is not taken for one."""
    assert load([seed], saved) is None


@pytest.mark.corpus
def test_every_page_of_the_corpus_comes_back(corpus: Path) -> None:
    """Of all kinds and languages."""
    pages = [
        Page(provider="p", locale="en", path=f"en/{path.name}", content=path.read_bytes())
        for path in sorted(corpus.glob("*@*/**/*.md"))
    ]
    found = [extract(page) for page in pages]
    again = load(pages, dump(found))
    assert again == found
    assert [list(one.lines) for one in again or [] if one is not None] == [list(one.lines) for one in found]
