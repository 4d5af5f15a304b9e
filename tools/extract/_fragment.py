"""What a page of parameter tags and samples says → an OpenAPI fragment with inline schemas."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.extract import _fields, _names, _types
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.extract._head import Head
    from tools.extract._record import Record
    from tools.extract._samples import Call
    from tools.extract._scan import Tag
    from tools.model import Json, JsonObject

_JSON: Final = "application/json"
_SCHEME: Final = "bearerAuth"
_STATUS_WORD: Final = re.compile(r"[a-z][a-z_]{0,30}")
_READ_OFF: Final = "The page shows only examples of this body; the types are read off them."
_ENVELOPE: Final = "The page lists the fields of `data`; the envelope around them is read off its examples."


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A JSON value on the page and the lines of its pointers; it begins on `line`."""

    value: Json
    lines: Mapping[str, int]
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A request that a sample in the text makes to read results back, and the results shown in its section."""

    call: Call
    line: int
    heading: tuple[str, ...]
    results: list[tuple[str, Body]] = field(default_factory=list[tuple[str, Body]])


@dataclass(kw_only=True, slots=True)
class Finds:
    """Everything on a page that goes into its fragment; bodies come with their summary."""

    head: Head
    call: Call
    call_line: int
    path: str
    parameters: list[tuple[Tag, tuple[str, ...]]] = field(default_factory=list[tuple["Tag", tuple[str, ...]]])
    response_fields: list[tuple[Tag, tuple[str, ...]]] = field(default_factory=list[tuple["Tag", tuple[str, ...]]])
    requests: dict[str, tuple[str, Body]] = field(default_factory=dict[str, tuple[str, Body]])
    responses: dict[str, list[tuple[str, Body]]] = field(default_factory=dict[str, list[tuple[str, Body]]])
    errors: list[JsonObject] = field(default_factory=list["JsonObject"])
    query: Query | None = None
    slugs: Counter[str] = field(default_factory=Counter[str])
    _sent: set[str] = field(default_factory=set[str])

    @property
    def pointer(self) -> str:
        """The operation's place in the fragment."""
        return join("/paths", self.path, self.call.method)

    def add_request(self, slug: str, summary: str, body: Body) -> None:
        """Keep a request example under `slug`, or `slug-2` and so on when that is taken."""
        self.slugs[slug] += 1
        number = self.slugs[slug]
        self.requests[slug if number == 1 else f"{slug}-{number}"] = (summary, body)
        self._sent.add(_canonical(body.value))

    def is_sent(self, value: Json) -> bool:
        """Whether a request example has this body."""
        return _canonical(value) in self._sent


def build(record: Record, finds: Finds) -> JsonObject:
    """The fragment; claims the lines of the parameter tags while reading them."""
    return _Builder(record, finds).document()


class _Builder:
    def __init__(self, record: Record, finds: Finds) -> None:
        self._record = record
        self._lines = record.lines
        self._finds = finds
        self._here = finds.pointer
        self._scheme: JsonObject = {}

    def document(self) -> JsonObject:
        """The whole fragment."""
        finds = self._finds
        self._lines[join("/paths", finds.path)] = self._lines[self._here] = finds.call_line
        paths: JsonObject = {finds.path: {finds.call.method: self._operation()}}
        further = self._further_operation(finds.query) if finds.query else None
        if further:
            paths.setdefault(further[0], {}).setdefault("get", further[1])
        if finds.head.title:
            self._lines["/info/title"] = finds.head.title_line
        document: JsonObject = {
            "openapi": "3.1.0",
            "info": {"title": finds.head.title or finds.path, "version": "0"},
            "paths": paths,
        }
        if self._scheme:
            document["components"] = {"securitySchemes": {_SCHEME: self._scheme}}
        return document

    def _operation(self) -> JsonObject:
        finds, here = self._finds, self._here
        operation: JsonObject = {}
        if finds.head.title:
            operation["summary"] = finds.head.title
            self._lines[join(here, "summary")] = finds.head.title_line
        if finds.head.description:
            operation["description"] = finds.head.description
            self._lines[join(here, "description")] = finds.head.description_line
        operation["servers"] = [{"url": finds.call.server}]
        self._lines[join(here, "servers", 0, "url")] = finds.call_line
        self._scheme = self._security()
        operation["security"] = [{_SCHEME: []}] if self._scheme else []
        operation |= self._parameters()
        operation |= self._request_body()
        operation["responses"] = self._responses()
        if finds.errors:
            operation["x-vidgate-errors"] = finds.errors
            for index, entry in enumerate(finds.errors):
                self._lines.setdefault(join(here, "x-vidgate-errors"), entry["line"])
                self._lines[join(here, "x-vidgate-errors", index)] = entry["line"]
        return operation

    def _security(self) -> JsonObject:
        """The security scheme, from the Authorization header; its text is that parameter's."""
        pointer = join("/components/securitySchemes", _SCHEME)
        tags = [pair for pair in self._finds.parameters if pair[0].text_of("header") == "Authorization"]
        bearer = self._finds.call.bearer
        if not tags:
            if bearer:
                self._lines[pointer] = self._finds.call_line
            return {"type": "http", "scheme": "bearer"} if bearer else {}
        made: JsonObject = {"type": "http", "scheme": "bearer"}
        if not bearer:
            made = {"type": "apiKey", "in": "header", "name": "Authorization"}
        with self._record.under(tags[0][1]):
            stated = _fields.read_field(self._record, tags[0][0], pointer, "security")
        for tag, _ in tags[1:]:
            self._record.coverage.leave(tag.first, tag.last, "the header 'Authorization' stands twice")
        return made | ({"description": stated["description"]} if "description" in stated else {})

    def _parameters(self) -> JsonObject:
        """The path, query, header and cookie parameters."""
        made: list[JsonObject] = []
        seen: set[tuple[str, str]] = set()
        for tag, heading in self._finds.parameters:
            location, name = _fields.location_of(tag), _fields.name_of(tag) or ""
            if location == "body" or (location, name) == ("header", "Authorization"):
                continue
            if location is None or not _names.is_property(name) or (location, name) in seen:
                reason = f"the {location or 'unplaced'} parameter {name[:60]!r} is not usable, or stands twice"
                self._record.coverage.leave(tag.first, tag.last, reason)
                continue
            seen.add((location, name))
            with self._record.under(heading):
                made.append(self._parameter(tag, location, name, join(self._here, "parameters", len(made))))
        return {"parameters": made} if made else {}

    def _parameter(self, tag: Tag, location: str, name: str, pointer: str) -> JsonObject:
        schema = _fields.read_field(self._record, tag, join(pointer, "schema"), f"{location} parameter {name}")
        required = location == "path" or _fields.is_required(tag)
        parameter: JsonObject = {"name": name, "in": location, "required": required}
        self._lines[pointer] = tag.first
        if "description" in schema:
            parameter["description"] = schema.pop("description")
            self._lines[join(pointer, "description")] = self._lines.pop(join(pointer, "schema", "description"))
        return parameter | {"schema": schema}

    def _request_body(self) -> JsonObject:
        fields = [pair for pair in self._finds.parameters if _fields.location_of(pair[0]) == "body"]
        if not fields and not self._finds.requests:
            return {}
        pointer = join(self._here, "requestBody", "content", _JSON)
        line = fields[0][0].first if fields else self._finds.call_line
        for place in (join(self._here, "requestBody"), join(self._here, "requestBody", "content"), pointer):
            self._lines[place] = line
        media: JsonObject = {}
        if fields:
            schema: JsonObject = {}
            media["schema"] = schema
            self._lines[join(pointer, "schema")] = line
            _fields.read_object(self._record, fields, schema, join(pointer, "schema"), "parameter")
        if self._finds.requests:
            media["examples"] = {
                key: self._example(join(pointer, "examples", key), summary, body)
                for key, (summary, body) in self._finds.requests.items()
            }
        return {"requestBody": {"required": True, "content": {_JSON: media}}}

    def _responses(self) -> JsonObject:
        responses = dict(self._finds.responses)
        if self._finds.response_fields:
            responses.setdefault("200", [])
        return {status: self._response(status, responses[status]) for status in sorted(responses)}

    def _response(self, status: str, samples: Sequence[tuple[str, Body]]) -> JsonObject:
        """A response; what stands above the field list describes the 200, a sample's label the others."""
        fields = self._finds.response_fields if status == "200" else []
        line = samples[0][1].line if samples else fields[0][0].first
        pointer = join(self._here, "responses", status)
        media = join(pointer, "content", _JSON)
        self._lines[pointer] = self._lines[media] = line
        content: JsonObject = {}
        if fields:
            content["schema"] = self._documented(fields, [body.value for _, body in samples], join(media, "schema"))
        else:
            content["schema"] = _types.infer([body.value for _, body in samples]) | {"x-vidgate-reading": _READ_OFF}
            self._lines[join(media, "schema")] = line
        if samples:
            keys = ["example"] if len(samples) == 1 else [f"example-{number}" for number in range(1, len(samples) + 1)]
            content["examples"] = {
                key: self._example(join(media, "examples", key), label, body)
                for key, (label, body) in zip(keys, samples, strict=True)
            }
        label = samples[0][0] if samples else ""
        heading = fields[0][1][-1] if fields and fields[0][1] else ""
        return {"description": label or heading or status, "content": {_JSON: content}}

    def _documented(self, fields: _fields.Placed, examples: Sequence[Json], pointer: str) -> JsonObject:
        """The schema of the listed fields; some pages list those of `data` and show the envelope only in examples."""
        names = {_fields.name_of(tag) for tag, _ in fields}
        enveloped = bool(examples) and all(_is_envelope(example, names) for example in examples)
        self._lines[pointer] = fields[0][0].first
        schema: JsonObject = {}
        if not enveloped:
            _fields.read_object(self._record, fields, schema, pointer, "response field")
            return schema
        here = join(pointer, "properties", "data")
        self._lines[here] = fields[0][0].first
        _fields.read_object(self._record, fields, schema, here, "response field")
        envelope = _types.infer(examples)
        envelope["properties"]["data"] = schema
        return envelope | {"x-vidgate-reading": _ENVELOPE}

    def _example(self, pointer: str, summary: str, body: Body) -> JsonObject:
        self._lines[pointer] = body.line
        self._lines.update({join(pointer, "value") + suffix: line for suffix, line in body.lines.items()})
        return ({"summary": summary} if summary else {}) | {"value": body.value}

    def _further_operation(self, query: Query) -> tuple[str, JsonObject] | None:
        """The operation that a sample in the text queries, when its URL holds an id that an example answered."""
        identifiers = _identifiers([body.value for _, body in self._finds.responses.get("200", [])])
        segments = query.call.path.split("/")
        known = [segment for segment in segments if segment in identifiers]
        if len(known) != 1 or not query.results:
            for _, body in query.results:
                reason = "a result of a call whose URL holds no id known from an example"
                self._record.coverage.leave(body.line, body.line, reason)
            return None
        name = identifiers[known[0]]
        path = "/".join(f"{{{name}}}" if segment == known[0] else segment for segment in segments)
        here = join("/paths", path, "get")
        media = join(here, "responses", "200", "content", _JSON)
        for pointer in (join("/paths", path), here, join(here, "parameters", 0), join(here, "responses", "200")):
            self._lines[pointer] = query.line
        examples: JsonObject = {}
        for number, (summary, body) in enumerate(query.results, 1):
            key = _result_key(body.value, number, examples)
            examples[key] = self._example(join(media, "examples", key), summary, body)
        description = query.heading[-1] if query.heading else "200"
        return path, {
            "servers": [{"url": query.call.server}],
            "security": [{_SCHEME: []}] if query.call.bearer and self._scheme else [],
            "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": description, "content": {_JSON: {"examples": examples}}}},
            "x-vidgate-partial": True,
        }


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _is_envelope(example: Json, names: set[str | None]) -> bool:
    """Whether none of the fields stands in the example itself, but some in its `data`."""
    data = example.get("data") if is_object(example) else None
    return is_object(data) and not names & example.keys() and bool(names & data.keys())


def _identifiers(examples: Sequence[Json]) -> dict[str, str]:
    """Value → name of everything in the examples that a property ending in `id` holds; the first name wins."""
    found: dict[str, str] = {}
    stack = list(reversed(examples))
    while stack:
        node = stack.pop()
        if is_array(node):
            stack.extend(reversed(node))
        elif is_object(node):
            for key, value in node.items():
                if key.endswith("id") and isinstance(value, str) and value and _names.is_property(key):
                    found.setdefault(value, key)
            stack.extend(reversed(node.values()))
    return found


def _result_key(value: Json, number: int, taken: Mapping[str, object]) -> str:
    """`task-completed` from the result's own status, so that every language of a page gives the same key."""
    holder = value.get("data", value) if is_object(value) else None
    status = holder.get("status") if is_object(holder) else None
    key = f"task-{status}" if isinstance(status, str) and _STATUS_WORD.fullmatch(status) else f"task-{number}"
    return key if key not in taken else f"{key}-{number}"
