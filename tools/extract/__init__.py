"""Stage extract: one page → what it states and everything else on it. Pure: no disk, no network.

Four kinds of page, told apart by what they hold: an OpenAPI block, the older endpoint block, Mintlify parameters,
prose.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.extract import _door, _head, _mintlify, _openapi, _scan, _several
from tools.extract._record import Record
from tools.extract._saved import dump, load
from tools.schema.yaml import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.extract._scan import Fence
    from tools.model import Extracted, Page, Repair

__all__ = ["dump", "extract", "load"]


def extract(page: Page) -> Extracted:
    """Read one page; every line that is not blank ends up in `spans` or `leftovers`.

    Raises PageError for a page that cannot be read, HostilePage for one that must not be.
    """
    text = _door.admit(page)
    fences = _scan.fences(page, text.rows)
    holding = [fence for fence in fences if _openapi.info(fence)]
    if len(holding) > 1:
        shared = Limits(nodes=Limits().nodes // len(holding))  # two pages may not cost more than one
        found = _several.read(
            page, text.rows, holding, lambda rows: _one(page, rows, _scan.fences(page, rows), limits=shared)
        )
        return replace(found, repairs=(*text.repairs, *found.repairs))
    return _one(page, text.rows, fences, repairs=text.repairs)


def _one(
    page: Page,
    rows: Sequence[str],
    fences: Sequence[Fence],
    *,
    repairs: Sequence[Repair] = (),
    limits: Limits | None = None,
) -> Extracted:
    record = Record(page, rows, repairs, limits=limits or Limits())
    operation = _openapi.the_operation(fences)
    if operation:
        return _openapi.read(record, fences, *operation)
    head = _head.read(page, rows)
    tail = _head.trailer(rows)
    record.coverage.claim(tail, len(rows), "trailer")
    scanned = _scan.scan(page, rows[: tail - 1], head.end + 1, fences)
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
