"""Stage extract: one page → what it states and everything else on it. Pure: no disk, no network.

Three kinds of page: an OpenAPI block, Mintlify parameters, prose. The older endpoint block is recognised and refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.extract import _door, _head, _mintlify, _openapi, _scan
from tools.extract._record import Record

if TYPE_CHECKING:
    from tools.model import Extracted, Page

__all__ = ["extract"]


def extract(page: Page) -> Extracted:
    """Read one page; every line that is not blank ends up in `spans` or `leftovers`.

    Raises PageError for a page that cannot be read, HostilePage for one that must not be.
    """
    text = _door.admit(page)
    record = Record(page, text.rows, text.repairs)
    fences = _scan.fences(page, text.rows)
    operation = _openapi.the_operation(page, fences)
    if operation:
        return _openapi.read(record, fences, *operation)
    head = _head.read(page, text.rows)
    tail = _head.trailer(text.rows)
    record.coverage.claim(tail, len(text.rows), "trailer")
    scanned = _scan.scan(page, text.rows[: tail - 1], head.end + 1, fences)
    if _mintlify.speaks(scanned):
        return _mintlify.read(record, head, scanned)
    record.head(head)
    for block in scanned.blocks:
        record.block(block)
    for fence in fences:
        if fence.language in ("yaml", "yml") and fence.text.startswith(("openapi:", "paths:")):
            record.coverage.leave(fence.first, fence.last, "an OpenAPI block whose label names no method and path")
    record.nonsense(scanned)
    return record.result("prose", None)
