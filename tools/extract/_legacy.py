"""The older export, whose fence holds an endpoint instead of OpenAPI → the OpenAPI 3.1 document it stands for.

It is told by `paths.path` being text. Schemas come as lists of choices, with the exporter's own members
(`requiredProperties`, `refIdentifier`, `required: true`), every property wrapped in an `allOf`, repeated parts as YAML
aliases. Named schemas become components again, so that both exports of a page read alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.extract import _names
from tools.extract._walk import METHODS
from tools.model import Repair
from tools.schema.pointers import join, walk
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.extract._head import Head
    from tools.extract._record import Record
    from tools.model import Json, JsonObject

_BLOCK: Final = re.compile(r"paths:[ \t]*+\n\s++path:\s")
_ENUM: Final = re.compile(r"enum<(\w+)>")
_NO_CONTENT: Final = "_mintlify/placeholder"
"""The media type the exporter gives to a response without content."""

_MEMBERS: Final = {"path", "method", "servers", "request", "response", "deprecated", "type"}
_LOCATIONS: Final = ("path", "query", "header", "cookie")
_COMPONENTS: Final = "/components/schemas"
_TYPES: Final[Mapping[str, JsonObject]] = {"any": {}, "file": {"type": "string", "format": "binary"}}


def is_legacy(text: str) -> bool:
    """Whether a fence holds the older export."""
    return bool(_BLOCK.match(text))


def document(record: Record, value: JsonObject, head: Head, line: int) -> JsonObject | None:
    """The OpenAPI document; None when the block names no operation. `record.lines` afterwards lead into it.

    `line` is where the block begins. What has no place in OpenAPI is left over.
    """
    block = value.get("paths")
    if not is_object(block) or not isinstance(block.get("path"), str) or block.get("method") not in METHODS:
        return None
    made = _Lifter(record, value, block).document(head)
    where = record.page.place(line)
    record.repairs.append(Repair(place=where, rule="legacy-block", found="paths.path is text", made="OpenAPI 3.1.0"))
    return made


class _Lifter:
    def __init__(self, record: Record, value: JsonObject, block: JsonObject) -> None:
        self._record = record
        self._value = value
        self._block = block
        self._old = record.lines
        self._new: dict[str, int] = {}
        self._schemas: JsonObject = {}
        self._here = join("/paths", block["path"], block["method"])

    def document(self, head: Head) -> JsonObject:
        self._components()
        operation = self._operation(head)
        self._unknown("", self._value, {"paths", "components", "openapi", "info"})
        self._unknown("/paths", self._block, _MEMBERS)
        path, method = self._block["path"], self._block["method"]
        self._line("/paths/path", join("/paths", path))
        self._line("/paths/method", self._here)
        components: JsonObject = {"schemas": self._schemas} if self._schemas else {}
        schemes = self._schemes(operation)
        if schemes:
            components["securitySchemes"] = schemes
        self._record.lines = self._new
        return {
            "openapi": "3.1.0",
            "info": {"title": head.title or path, "version": "0"},
            "paths": {path: {method: operation}},
            **({"components": components} if components else {}),
        }

    def _components(self) -> None:
        components = self._value.get("components")
        if not is_object(components):
            return
        schemas = components.get("schemas")
        for name, schema in schemas.items() if is_object(schemas) else ():
            self._schemas[name] = self._moved(schema, join(_COMPONENTS, name), join(_COMPONENTS, name))
        self._unknown("/components", components, {"schemas"})

    def _operation(self, head: Head) -> JsonObject:
        operation: JsonObject = {}
        for member, text, line in (
            ("summary", head.title, head.title_line),
            ("description", head.description, head.description_line),
        ):
            if text:
                operation[member] = text
                self._new[join(self._here, member)] = line
        if is_array(self._block.get("servers")):
            operation["servers"] = self._moved(self._block["servers"], "/paths/servers", join(self._here, "servers"))
        request = self._block.get("request")
        if is_object(request):
            self._unknown("/paths/request", request, {"security", "parameters", "body"})
            parameters = self._parameters(request.get("parameters"))
            if parameters:
                operation["parameters"] = parameters
            body = self._body(request.get("body"))
            if body:
                operation["requestBody"] = body
        operation["responses"] = self._responses()
        if self._block.get("deprecated") is True:
            operation["deprecated"] = True
        return operation

    def _schemes(self, operation: JsonObject) -> JsonObject:
        """The security schemes; the operation gets its `security`, one alternative per entry."""
        request = self._block.get("request")
        entries: Json = request.get("security") if is_object(request) else None
        schemes: JsonObject = {}
        security: list[JsonObject] = []
        for index, entry in enumerate(entries if is_array(entries) else []):
            asked: JsonObject = {}
            title = entry.get("title") if is_object(entry) else None
            for location, name, scheme, old in self._credentials(entry, join("/paths/request/security", index)):
                key = title if isinstance(title, str) and _names.COMPONENT.fullmatch(title) else f"security{index + 1}"
                key = key if key not in asked else f"{key}-{name}"
                if not _names.COMPONENT.fullmatch(key):
                    self._leave(old, "a security scheme without usable name")
                    continue
                new = join("/components/securitySchemes", key)
                made = self._moved(scheme, old, new)
                if made.get("type") == "apiKey":
                    made = {**made, "in": location, "name": name}
                elif made.get("type") == "oauth2":
                    made.setdefault("flows", {})
                schemes.setdefault(key, made)
                asked[key] = []
            if asked:
                security.append(asked)
        operation["security"] = security
        return schemes

    def _credentials(self, entry: Json, pointer: str) -> Iterator[tuple[str, str, JsonObject, str]]:
        places: Json = entry.get("parameters") if is_object(entry) else None
        for location in ("header", "query", "cookie") if is_object(places) else ():
            named: Json = places.get(location)
            for name, scheme in named.items() if is_object(named) else ():
                if is_object(scheme):
                    yield location, name, scheme, join(pointer, "parameters", location, name)

    def _parameters(self, places: Json) -> list[JsonObject]:
        made: list[JsonObject] = []
        for location in _LOCATIONS if is_object(places) else ():
            named = places.get(location)
            for name, parameter in named.items() if is_object(named) else ():
                old = join("/paths/request/parameters", location, name)
                new = join(self._here, "parameters", len(made))
                if not is_object(parameter):
                    self._leave(old, "a parameter that is no mapping")
                    continue
                schema, required = self._choice(parameter.get("schema"), join(old, "schema"), join(new, "schema"))
                row: JsonObject = {"name": name, "in": location, "required": required or location == "path"}
                self._line(old, new)
                if isinstance(schema.get("description"), str):
                    row["description"] = schema.pop("description")
                    self._rename(join(new, "schema", "description"), join(new, "description"))
                if parameter.get("deprecated") is True:
                    row["deprecated"] = True
                for member in ("style", "explode"):
                    if member in parameter:
                        row[member] = self._moved(parameter[member], join(old, member), join(new, member))
                self._unknown(old, parameter, {"schema", "deprecated", "style", "explode"})
                made.append({**row, "schema": schema})
        return made

    def _body(self, body: Json) -> JsonObject:
        new = join(self._here, "requestBody")
        made: JsonObject = {}
        for mime, media in body.items() if is_object(body) else ():
            old = join("/paths/request/body", mime)
            if not is_object(media):
                self._leave(old, "a body that is no mapping")
                continue
            content, required = self._media(media, old, join(new, "content", mime))
            made.setdefault("content", {})[mime] = content
            made["required"] = required or made.get("required", False)
            if isinstance(media.get("description"), str):
                made["description"] = self._moved(
                    media["description"], join(old, "description"), join(new, "description")
                )
        if made:
            self._line("/paths/request/body", new)
        return made

    def _responses(self) -> JsonObject:
        made: JsonObject = {}
        answers = self._block.get("response")
        for status, medias in answers.items() if is_object(answers) else ():
            new = join(self._here, "responses", status)
            self._line(join("/paths/response", status), new)
            response: JsonObject = {"description": ""}
            for mime, media in medias.items() if is_object(medias) else ():
                old = join("/paths/response", status, mime)
                if not is_object(media):
                    self._leave(old, "a response that is no mapping")
                    continue
                if isinstance(media.get("description"), str):
                    response["description"] = media["description"]
                    self._line(join(old, "description"), join(new, "description"))
                if mime != _NO_CONTENT:
                    content, _ = self._media(media, old, join(new, "content", mime))
                    response.setdefault("content", {})[mime] = content
            made[status] = response
        return made

    def _media(self, media: JsonObject, old: str, new: str) -> tuple[JsonObject, bool]:
        schema, required = self._choice(media.get("schemaArray"), join(old, "schemaArray"), join(new, "schema"))
        made: JsonObject = {"schema": schema}
        self._line(old, new)
        if is_object(media.get("examples")) and media["examples"]:
            made["examples"] = self._moved(media["examples"], join(old, "examples"), join(new, "examples"))
        self._unknown(old, media, {"schemaArray", "examples", "description"})
        return made, required

    def _choice(self, options: Json, old: str, new: str) -> tuple[JsonObject, bool]:
        """A list of schemas: the one, or any of them; and whether one is marked as required."""
        rows = [row for row in options if is_object(row)] if is_array(options) else []
        required = any(row.get("required") is True for row in rows)
        self._line(old, new)
        if len(rows) == 1:
            return self._named(rows[0], join(old, 0), new), required
        made = [self._named(row, join(old, index), join(new, "anyOf", index)) for index, row in enumerate(rows)]
        return ({"anyOf": made} if made else {}), required

    def _named(self, row: JsonObject, old: str, new: str) -> JsonObject:
        """A schema that says which component it is becomes that component, unless another body has the name."""
        name = str(row.get("refIdentifier", "")).removeprefix("#/components/schemas/")
        if not _names.COMPONENT.fullmatch(name):
            return self._schema(row, old, new)
        if name not in self._schemas:
            self._schemas[name] = {}  # a place for its lines in document order
            self._schemas[name] = self._schema(row, old, join(_COMPONENTS, name))
        else:
            inline = self._schema(row, old, new)
            if inline != self._schemas[name]:
                return inline
            for suffix, _ in walk(inline):
                self._new.pop(new + suffix, None)
        self._line(old, new)
        return {"$ref": join("#/components/schemas", name)}

    def _schema(self, row: JsonObject, old: str, new: str) -> JsonObject:
        """A schema without the exporter's own members."""
        made: JsonObject = {}
        self._line(old, new)
        for member, value in row.items():
            here = join(old, member)
            if member == "refIdentifier" or (member == "required" and isinstance(value, bool)):
                continue
            if member == "type" and isinstance(value, str) and (value in _TYPES or _ENUM.fullmatch(value)):
                inner = _ENUM.fullmatch(value)
                said: JsonObject = {"type": inner[1]} if inner else _TYPES[value]
                made |= said
                for name in said:
                    self._line(here, join(new, name))
            elif member == "requiredProperties":
                made["required"] = self._moved(value, here, join(new, "required"))
            elif member == "properties" and is_object(value):
                self._line(here, join(new, "properties"))
                made["properties"] = {
                    name: self._unwrapped(inner, join(here, name), join(new, "properties", name))
                    for name, inner in value.items()
                }
            elif member == "items":
                made["items"] = self._unwrapped(value, here, join(new, "items"))
            else:
                made[member] = self._moved(value, here, join(new, member))
        return made

    def _unwrapped(self, node: Json, old: str, new: str) -> Json:
        """What stands in an `allOf` that holds nothing else and has nothing beside it."""
        if is_object(node) and set(node) == {"allOf"} and is_array(node["allOf"]) and len(node["allOf"]) == 1:
            self._moved(node["allOf"][0], join(old, "allOf", 0), new)
            self._line(old, new)
            return node["allOf"][0]
        return self._moved(node, old, new)

    def _moved(self, value: Json, old: str, new: str) -> Json:
        """`value`, which stood at `old` and stands at `new`, with the lines of all within it."""
        for suffix, _ in walk(value):
            self._line(old + suffix, new + suffix)
        return value

    def _line(self, old: str, new: str) -> None:
        if old in self._old:
            self._new[new] = self._old[old]

    def _rename(self, old: str, new: str) -> None:
        if old in self._new:
            self._new[new] = self._new.pop(old)

    def _unknown(self, pointer: str, node: JsonObject, known: set[str]) -> None:
        for member in node:
            if member not in known:
                self._leave(join(pointer, member), f"the member {member[:60]!r} has no place in OpenAPI")

    def _leave(self, pointer: str, reason: str) -> None:
        line = self._old.get(pointer)
        if line is not None:
            self._record.coverage.leave(line, line, reason)
