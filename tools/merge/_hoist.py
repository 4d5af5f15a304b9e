"""Names for bodies that a page describes in place: parameter pages have no components."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tools.merge._names import operation_id
from tools.merge._operations import response_name
from tools.schema.normal import key
from tools.schema.pointers import join
from tools.schema.shapes import METHODS, is_object

if TYPE_CHECKING:
    from tools.model import Extracted, JsonObject

ERROR = "ErrorResponse"


def hoist(extracted: Extracted) -> Extracted:
    """The same page with every response object that stands in place moved to a component."""
    if extracted.document is None:
        return extracted
    page = _Page(schemas=dict(extracted.document.get("components", {}).get("schemas", {})), lines=dict(extracted.lines))
    paths: JsonObject = {}
    for path, item in extracted.document.get("paths", {}).items():
        paths[path] = dict(item)
        for method in METHODS:
            if method in item:
                pointer = join("/paths", path, method, "responses")
                identity = operation_id(method, path)
                responses = {
                    status: page.moved(reply, str(status), identity, join(pointer, status))
                    for status, reply in item[method].get("responses", {}).items()
                }
                paths[path][method] = {**item[method], "responses": responses}
    components = {**extracted.document.get("components", {}), "schemas": page.schemas}
    document = {**extracted.document, "paths": paths, "components": components}
    return dataclasses.replace(extracted, document=document, lines=page.lines)


@dataclasses.dataclass(slots=True)
class _Page:
    """The components and lines of a page while bodies are being moved."""

    schemas: JsonObject
    lines: dict[str, int]

    def moved(self, reply: JsonObject, status: str, operation: str, pointer: str) -> JsonObject:
        content: JsonObject = {}
        for kind, media in reply.get("content", {}).items():
            schema = media.get("schema")
            if not is_object(schema) or schema.get("type") != "object":
                content[kind] = media
                continue
            wanted = response_name(operation) if status.startswith("2") else ERROR
            name = wanted if key(self.schemas.get(wanted, schema)) == key(schema) else f"{wanted}{status}"
            if name not in self.schemas:
                self.schemas[name] = schema
                self._move_lines(join(pointer, "content", kind, "schema"), join("/components/schemas", name))
            content[kind] = {**media, "schema": {"$ref": join("#/components/schemas", name)}}
        return {**reply, "content": content} if content else reply

    def _move_lines(self, old: str, new: str) -> None:
        found = {at: line for at, line in self.lines.items() if at == old or at.startswith(f"{old}/")}
        self.lines.update({new + at.removeprefix(old): line for at, line in found.items()})
