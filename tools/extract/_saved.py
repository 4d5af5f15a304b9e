"""What a page gave, as bytes and back, so that a page that has not changed need not be read again.

Nothing here depends on where the page lies: its places are put together anew from the page that is handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import orjson

from tools.model import Extracted, Leftover, PageKind, Prose, Repair, Span
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from tools.model import Json, JsonObject, Page

_LISTS: Final = ("prose", "spans", "leftovers", "repairs")
_MEMBERS: Final = {"kind", "document", "lines", *_LISTS}


def dump(found: Extracted) -> bytes | None:
    """Everything but the page; None when a value has no exact form in JSON as orjson writes it."""
    row: JsonObject = {
        "kind": found.kind,
        "document": found.document,
        "lines": dict(found.lines),
        "prose": [(text.line, text.role, text.text, text.heading, text.pointer) for text in found.prose],
        "spans": [(span.first, span.last, span.what) for span in found.spans],
        "leftovers": [(one.place.line, one.place.pointer, one.text, one.reason) for one in found.leftovers],
        "repairs": [(one.place.line, one.place.pointer, one.rule, one.found, one.made) for one in found.repairs],
    }
    try:
        return orjson.dumps(row)
    except TypeError:  # numbers beyond 64 bits
        return None


def load(page: Page, saved: bytes) -> Extracted | None:
    """What `dump` was given, for this page; None for bytes that it did not write."""
    try:
        row: Json = orjson.loads(saved)
        if not is_object(row) or set(row) != _MEMBERS or not all(is_array(row[name]) for name in _LISTS):
            return None
        return Extracted(
            page=page,
            kind=cast("PageKind", row["kind"]),
            document=row["document"],
            lines=row["lines"],
            prose=tuple(
                Prose(line=line, role=role, text=text, heading=tuple(heading), pointer=pointer)
                for line, role, text, heading, pointer in row["prose"]
            ),
            spans=tuple(Span(first=first, last=last, what=what) for first, last, what in row["spans"]),
            leftovers=tuple(
                Leftover(place=page.place(line, pointer), text=text, reason=reason)
                for line, pointer, text, reason in row["leftovers"]
            ),
            repairs=tuple(
                Repair(place=page.place(line, pointer), rule=rule, found=found, made=made)
                for line, pointer, rule, found, made in row["repairs"]
            ),
        )
    except (ValueError, TypeError):
        return None
