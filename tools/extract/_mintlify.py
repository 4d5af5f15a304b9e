"""Reads pages that describe an operation in Mintlify's parameter tags and show it in samples.

First the page is walked in order and everything on it is put in its place (this module), then the fragment is built
from what was found (`_fragment`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.errors import HostilePage, PageError, ToolError
from tools.extract import _fields, _names, _prose, _samples, _scan
from tools.extract._fragment import Body, Finds, Query, build
from tools.extract._scan import Fence, Tag, TextRun
from tools.model import Repair
from tools.schema import jsontext
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from tools.extract._head import Head
    from tools.extract._prose import Piece
    from tools.extract._record import Record
    from tools.extract._samples import Call
    from tools.extract._scan import Block, Scanned
    from tools.model import Extracted, JsonObject

_STATUS: Final = re.compile(r"([1-5][0-9]{2})\b[\s\-–—:：]*+(.*)")
_ERROR_STATUS: Final = re.compile(r"`?([1-5][0-9]{2})`?")
_CODE: Final = re.compile(r"`?([A-Za-z][A-Za-z0-9_.-]*)`?")
_API: Final = re.compile(r"([A-Z]+)\s+(https?://\S+)")
_SLUG: Final = re.compile(r"[a-z0-9]+")


def speaks(scanned: Scanned) -> bool:
    """Whether a page describes an operation in parameter tags."""
    names = {block.name for block in _scan.walk(scanned.blocks) if isinstance(block, Tag)}
    return bool(names & {"ParamField", "ResponseField", "RequestExample"})


def read(record: Record, head: Head, scanned: Scanned) -> Extracted:
    """Read the page; raises PageError when nothing on it names method and URL."""
    call, line = _operation_call(record, head, scanned)
    reader = _Reader(record, Finds(head=head, call=call, call_line=line, path=_template(call, scanned)))
    record.head(head, stated=True, pointer=reader.finds.pointer)
    for block in scanned.blocks:
        reader.block(block)
    document = build(record, reader.finds)
    record.nonsense(scanned)
    return record.result("mintlify", document)


def _operation_call(record: Record, head: Head, scanned: Scanned) -> tuple[_samples.Call, int]:
    """The request that the first cURL sample makes, or else the front matter names, and its line."""
    for block in _scan.walk(scanned.blocks):
        if isinstance(block, Tag) and block.name == "RequestExample":
            for child in block.children:
                if isinstance(child, Fence) and _samples.is_shell(child) and (call := _samples.curl(child)):
                    return call, child.first
    stated = _API.fullmatch(head.api or "")
    call = _samples.request(stated[1].lower(), stated[2]) if stated else None
    if call:
        return call, head.api_line
    raise PageError(
        "the page describes parameters, but no cURL sample names method and URL",
        fix="Vendor a page with a RequestExample, or describe the operation in the supplement.",
        places=[record.page.place(head.title_line or None)],
    )


def _template(call: _samples.Call, scanned: Scanned) -> str:
    """The path of the operation: as many of the last segments as there are path parameters become templates."""
    tags = [block for block in _scan.walk(scanned.blocks) if isinstance(block, Tag) and block.name == "ParamField"]
    names = [name for tag in tags if (name := tag.text_of("path")) and _names.is_property(name)]
    segments = call.path.split("/")
    if not names or "{" in call.path or len(names) >= len(segments):
        return call.path
    return "/".join([*segments[: -len(names)], *(f"{{{name}}}" for name in names)])


class _Reader:
    """Walks the blocks in page order."""

    def __init__(self, record: Record, finds: Finds) -> None:
        self.finds = finds
        self._record = record
        self._caption = ""
        self._scenarios = 0

    def block(self, block: Block) -> None:
        """Put one block in its place; containers are opened (the scanner bounds the depth)."""
        if isinstance(block, TextRun):
            for piece in _prose.pieces(block):
                self._piece(piece)
        elif isinstance(block, Fence):
            self._fence(block)
        elif block.name == "ParamField":
            self.finds.parameters.append((block, self._record.heading))
        elif block.name == "ResponseField":
            self.finds.response_fields.append((block, self._record.heading))
        elif block.name in ("RequestExample", "ResponseExample"):
            self._samples(block)
        elif any(isinstance(child, Tag) and child.name in _fields.FIELDS for child in _scan.walk(block.children)):
            self._record.tag(block)
            for child in block.children:
                self.block(child)
        else:
            self._record.block(block)

    def _piece(self, piece: Piece) -> None:
        if piece.role == "table" and self._error_table(piece):
            return
        self._record.piece(piece)
        if piece.role == "heading":
            self._caption = ""
        elif piece.caption:
            self._caption = piece.caption

    def _error_table(self, piece: Piece) -> bool:
        """Rows of status, type, meaning and remedy; the headings are in the page's language, so only cells tell."""
        rows = _prose.table(piece)[1:]
        if not rows or not all(_ERROR_STATUS.fullmatch(row.cells[0]) for row in rows):
            return False
        self._record.coverage.claim(piece.first, piece.last, "error table")
        self._record.say(piece.first, "table", piece.text)
        for row in rows:
            status, *rest = row.cells
            entry: JsonObject = {"status": int(status.strip("`"))}
            code = _CODE.fullmatch(rest[0]) if rest else None
            if code:
                entry["type"] = code[1]
                rest = rest[1:]
            entry |= dict(zip(("description", "fix"), rest, strict=False))
            entry["line"] = row.line
            self.finds.errors.append(entry)
            if len(rest) > 2:  # noqa: PLR2004 - meaning and remedy
                self._record.coverage.leave(row.line, row.line, "more columns than status, type, meaning, remedy")
        return True

    def _fence(self, fence: Fence) -> None:
        """A fence in running text: the sample of a query, a result of it, a request, or just code."""
        if _samples.is_shell(fence) and self._query(fence):
            self._record.block(fence)
            return
        body = self._parse(fence.text, fence.first + 1) if fence.language in ("json", "") else None
        if body is None or not is_object(body.value):
            self._record.block(fence)
            return
        heading = self._record.heading
        summary = self._caption or fence.label or (heading[-1] if heading else "")
        query = self.finds.query
        if query and heading[: len(query.heading)] == query.heading:
            self._record.coverage.claim(fence.first, fence.last, "task result")
            query.results.append((summary, body))
        elif "model" in body.value:
            self._scenarios += 1
            self._record.coverage.claim(fence.first, fence.last, "request example")
            self.finds.add_request(f"scenario-{self._scenarios}", summary, body)
        else:
            self._record.block(fence)

    def _query(self, fence: Fence) -> bool:
        """Whether the sample reads something back; its section, up to the next heading like its own, shows results."""
        call = _samples.curl(fence)
        if not call or call.method != "get" or self.finds.query:
            return False
        self.finds.query = Query(call=call, line=fence.first, heading=self._record.heading)
        return True

    def _samples(self, tag: Tag) -> None:
        self._record.tag(tag)
        for child in tag.children:
            if not isinstance(child, Fence):
                self._record.block(child)
            elif tag.name == "ResponseExample":
                self._response_sample(child)
            else:
                self._request_sample(child)

    def _request_sample(self, fence: Fence) -> None:
        self._record.block(fence)
        if not _samples.is_shell(fence):
            text = _samples.payload(fence)
            body = self._parse(text, fence.first) if text else None
            # The twins of the cURL sample repeat its body; one that sends another body is an example of its own.
            if body and is_object(body.value) and not self.finds.is_sent(body.value):
                slug = "-".join(_SLUG.findall(fence.language)) or "code"
                self._add_request(slug, fence, body)
            return
        call = _samples.curl(fence)
        mine = self.finds.call
        if call is None or (call.method, call.server) != (mine.method, mine.server):
            self._record.coverage.leave(fence.first, fence.last, "the sample calls another operation")
        elif call.data is not None:
            body = self._parse(call.data, call.data_line) or self._unquoted(fence, call)
            if body:
                self._add_request("curl", fence, body)
            else:
                self._record.coverage.leave(fence.first, fence.last, "the sample's body is not JSON")

    def _unquoted(self, fence: Fence, call: Call) -> Body | None:
        """The body of a command in which an apostrophe ends the quotes too early, as what its author meant."""
        body = self._parse(call.loose, call.data_line) if call.loose is not None else None
        if body:
            place = self._record.page.place(fence.first)
            found, made = "an apostrophe inside a quoted body", "read up to the last quote"
            self._record.repairs.append(Repair(place=place, rule="shell-quotes", found=found, made=made))
        return body

    def _add_request(self, slug: str, fence: Fence, body: Body) -> None:
        self._record.coverage.claim(fence.first, fence.last, "request example")
        self.finds.add_request(slug, fence.label, body)

    def _response_sample(self, fence: Fence) -> None:
        label = _STATUS.fullmatch(fence.label)
        body = self._parse(fence.text, fence.first + 1)
        if label and body:
            self._record.coverage.claim(fence.first, fence.last, "response example")
            self.finds.responses.setdefault(label[1], []).append((label[2].strip(), body))
        else:
            reason = "the sample's label names no status" if body else "the sample is not JSON"
            self._record.coverage.leave(fence.first, fence.last, reason)

    def _parse(self, text: str, line: int) -> Body | None:
        """The JSON value of a text, None when it is not JSON; raises HostilePage for what no JSON may hold."""
        page = self._record.page
        try:
            value, lines = jsontext.load(text, path=page.place().path, first_line=line)
        except HostilePage:
            raise
        except ToolError:
            return None
        _names.refuse_ours(page, lines)
        return Body(value=value, lines=lines, line=line)
