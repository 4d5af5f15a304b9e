"""Reads pages whose operation stands in a fence: ```` ````yaml [FILE] METHOD PATH ````."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.errors import PageError
from tools.extract import _head, _legacy, _names, _scan, _walk
from tools.extract._repair import Mender
from tools.schema import yaml
from tools.schema.pointers import join
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.extract._record import Record
    from tools.extract._scan import Fence
    from tools.model import Extracted, JsonObject

_SECTION: Final = "## OpenAPI"


@dataclass(frozen=True, kw_only=True, slots=True)
class Info:
    """What the info string of an operation's fence says; `method` in lower case."""

    method: str
    path: str
    file: str | None


def info(fence: Fence) -> Info | None:
    """The info string, if it is an operation's: `yaml [FILE] METHOD PATH`."""
    words = _scan.plain_info(fence.info).split()
    if len(words) not in (3, 4) or words[0].lower() not in ("yaml", "yml", "json"):
        return None
    method, path = words[-2].lower(), words[-1]
    if method not in _walk.METHODS or not path.startswith("/"):
        return None
    return Info(method=method, path=path, file=words[1].lstrip("/") if len(words) == 4 else None)  # noqa: PLR2004


def the_operation(fences: Sequence[Fence]) -> tuple[Fence, Info] | None:
    """The fence that holds the page's operation, if any."""
    return next(((fence, said) for fence in fences if (said := info(fence))), None)


def read(record: Record, fences: Sequence[Fence], fence: Fence, said: Info) -> Extracted:
    """Read the page; raises PageError for a fence without operation, HostilePage for dangerous content."""
    page, rows = record.page, record.rows
    head = _head.read(page, rows)
    legacy = _legacy.is_legacy(fence.text)
    document = _document(record, fence, head if legacy else None)
    pointer = _operation_pointer(record, document, fence, said)
    operation: JsonObject = document["paths"][said.path][said.method] if pointer else {}
    stated = legacy or _head.stretch_description(rows, head, _text(operation.get("description")))
    record.head(head, stated=stated, pointer=pointer)
    if pointer and head.title:
        operation["x-vidgate-title"] = head.title
        record.lines[join(pointer, "x-vidgate-title")] = head.title_line
    _body(record, fences, fence, head.end)
    return record.result("legacy" if legacy else "openapi", document)


def _document(record: Record, fence: Fence, head: _head.Head | None) -> JsonObject:
    """The fence's document; with `head`, of the older export."""
    page = record.page
    path, legacy = page.place().path, head is not None
    loaded = yaml.read(fence.text, path=path, first_line=fence.first + 1, limits=record.limits, anchors=legacy)
    value = loaded.value
    record.lines = dict(loaded.lines)
    record.coverage.claim(fence.first, fence.last, "openapi")
    for line in loaded.comments:
        record.coverage.leave(line, line, "a comment inside the YAML, which its value does not hold")
    if head is not None:
        _names.refuse_ours(page, record.lines)
        value = _legacy.document(record, value, head, fence.first) if is_object(value) else None
    if not is_object(value) or not is_object(value.get("paths")) or not _text(value.get("openapi")).startswith("3."):
        what = "OpenAPI 3 document" if head is None else "operation"
        raise PageError(f"the fence holds no {what}", fix="Vendor a sound page.", places=[page.place(fence.first)])
    document = value
    _names.refuse_ours(page, record.lines)
    checker, mender = _names.Checker(page, record.lines), Mender(page, document, record.lines)
    for pointer, node, kind in _walk.walk(page, document):
        checker.look(pointer, node, kind)
        mender.mend(pointer, node, kind)
    mender.raise_version()
    record.repairs.extend(mender.repairs)
    return document


def _operation_pointer(record: Record, document: JsonObject, fence: Fence, said: Info) -> str | None:
    """The pointer of the operation that the info string names; None, and a leftover, when it is not there."""
    paths: dict[str, Any] = document["paths"]
    found = [(path, method) for path, item in paths.items() for method in _walk.METHODS if method in item]
    if found == [(said.path, said.method)]:
        return join("/paths", said.path, said.method)
    there = ", ".join(f"{method} {path}" for path, method in found) or "nothing"
    record.coverage.leave(
        fence.first, fence.first, f"the fence is labelled {said.method} {said.path} but holds {there}"
    )
    return join("/paths", said.path, said.method) if (said.path, said.method) in found else None


def _body(record: Record, fences: Sequence[Fence], fence: Fence, end: int) -> None:
    rows = record.rows
    tail = max(_head.trailer(rows), fence.last + 1)
    record.coverage.claim(tail, len(rows), "trailer")
    scanned = _scan.scan(record.page, rows[: tail - 1], end + 1, fences)
    for block in scanned.blocks:
        if block is not fence:
            record.block(block)
    record.nonsense(scanned)
    for line in range(fence.first - 1, end, -1):
        if rows[line - 1].strip():
            if rows[line - 1].strip() == _SECTION:
                record.coverage.claim(line, line, "openapi")
            break


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
