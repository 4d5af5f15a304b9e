"""What pages gave, as bytes and back, so that a page that has not changed need not be read again.

Nothing here depends on where a page lies: its places are put together anew from the page that is handed in.
Translations of a page have the same pointers, which are most of what is kept: those of pages saved together stand once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

import orjson

from tools.errors import Place
from tools.model import Extracted, Leftover, PageKind, Prose, Repair, Span
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Json, JsonObject, Page

_LISTS: Final = ("lines", "prose", "spans", "leftovers", "repairs")
_MEMBERS: Final = {"kind", "document", *_LISTS}
_EXACT: Final = b" "
"""What begins with it was written, and is to be read, by the slow way that knows numbers beyond 64 bits."""


def dump(found: Sequence[Extracted]) -> bytes:
    """Everything but the pages themselves."""
    pointers: dict[tuple[str, ...], int] = {}
    whole = {"pages": [_row(one, pointers) for one in found], "pointers": list(pointers)}
    try:
        return orjson.dumps(whole)
    except TypeError:
        return _EXACT + json.dumps(whole).encode("ascii")


def load(pages: Sequence[Page | None], saved: bytes) -> list[Extracted | None] | None:
    """What `dump` was given, for these pages in its order, None for None; None for bytes that it did not write."""
    try:
        whole: Json = json.loads(saved) if saved.startswith(_EXACT) else orjson.loads(saved)
        rows: list[Json] = whole["pages"]
        pointers: list[Json] = whole["pointers"]
        return [
            None if page is None else _extracted(page, row, pointers) for page, row in zip(pages, rows, strict=True)
        ]
    except (ValueError, TypeError, LookupError):
        return None


def _row(found: Extracted, pointers: dict[tuple[str, ...], int]) -> JsonObject:
    return {
        "kind": found.kind,
        "document": found.document,
        "lines": (pointers.setdefault(tuple(found.lines), len(pointers)), list(found.lines.values())),
        "prose": [(text.line, text.role, text.text, text.heading, text.pointer) for text in found.prose],
        "spans": [(span.first, span.last, span.what) for span in found.spans],
        "leftovers": [(one.place.line, one.place.pointer, one.text, one.reason) for one in found.leftovers],
        "repairs": [(one.place.line, one.place.pointer, one.rule, one.found, one.made) for one in found.repairs],
    }


def _extracted(page: Page, row: Json, pointers: Sequence[Json]) -> Extracted:
    """Raises ValueError, TypeError or LookupError for a row that is none."""
    if not is_object(row) or set(row) != _MEMBERS or not all(is_array(row[name]) for name in _LISTS):
        raise ValueError(row)
    named, lines = row["lines"]
    path = page.place().path
    return Extracted(
        page=page,
        kind=cast("PageKind", row["kind"]),
        document=row["document"],
        lines=dict(zip(pointers[named], lines, strict=True)),
        prose=tuple(
            Prose(line=line, role=role, text=text, heading=tuple(heading), pointer=pointer)
            for line, role, text, heading, pointer in row["prose"]
        ),
        spans=tuple(Span(first=first, last=last, what=what) for first, last, what in row["spans"]),
        leftovers=tuple(
            Leftover(place=Place(path=path, line=line, pointer=pointer), text=text, reason=reason)
            for line, pointer, text, reason in row["leftovers"]
        ),
        repairs=tuple(
            Repair(place=Place(path=path, line=line, pointer=pointer), rule=rule, found=found, made=made)
            for line, pointer, rule, found, made in row["repairs"]
        ),
    )
