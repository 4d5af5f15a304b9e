"""What a document says about one direction: read-only properties are not sent, write-only ones are not received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.schema.canonical import dumps, references
from tools.schema.common import twin
from tools.schema.lift import resolved, schema_nodes
from tools.schema.pointers import join, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.diff.rules import Direction
    from tools.model import Json, JsonObject

FLAGS: Final[Mapping[Direction, str]] = {"request": "readOnly", "response": "writeOnly"}
_SCHEMAS: Final = "#/components/schemas/"


def flagged(document: JsonObject, direction: Direction) -> frozenset[str]:
    """Pointers of the properties that do not take part in `direction`."""
    flag, found = FLAGS[direction], set[str]()

    def visit(pointer: str, node: JsonObject) -> None:
        properties = node.get("properties")
        if not is_object(properties):
            return
        for name, value in properties.items():
            if _has(document, value, flag):
                found.add(join(pointer, "properties", name))

    mark = f'"{flag}":true'.encode()
    if mark in dumps(document):
        schema_nodes(document, visit, beside=_plain_schemas(document, flag, mark))
    return frozenset(found)


def view(document: JsonObject, pointers: frozenset[str]) -> JsonObject:
    """The document without the properties at `pointers`, neither described nor required. Shares what stays."""
    if not pointers:
        return document
    made: JsonObject = dict(document)
    own: dict[int, Json] = {id(made): made}
    for pointer in sorted(pointers):
        *way, _, name = split(pointer)
        schema = _opened(made, way, own)
        properties: Json = schema.get("properties") if is_object(schema) else None
        if not is_object(properties) or name not in properties:
            continue
        _opened(schema, ["properties"], own)[name] = True
        required: Json = schema.get("required")
        if is_array(required):
            schema["required"] = [one for one in required if one != name]
    return made


def _opened(node: Json, way: list[str], own: dict[int, Json]) -> Json:
    """The container at the end of the way, with everything along it a copy of this view's own; None for none."""
    for token in way:
        key: Json = int(token) if is_array(node) and token.isdigit() else token
        inner: Json = twin(node, key)
        if id(inner) not in own:
            if is_object(inner):
                inner = node[key] = dict(inner)
            elif is_array(inner):
                inner = node[key] = list(inner)
            else:
                return None
            own[id(inner)] = inner
        node = inner
    return node


def _plain_schemas(document: JsonObject, flag: str, mark: bytes) -> JsonObject:
    """The components that cannot have a flagged property: they neither say it nor refer to something that does."""
    components: Json = document.get("components")
    schemas: Json = components.get("schemas") if is_object(components) else None
    if not is_object(schemas):
        return {}
    carriers = {join(_SCHEMAS[:-1], name) for name, node in schemas.items() if _has(document, node, flag)}
    plain: JsonObject = {}
    for name, node in schemas.items():
        text = dumps(node)
        if mark not in text and all(
            reference.startswith(_SCHEMAS) and reference not in carriers for reference in references(text)
        ):
            plain[name] = node
    return {"components": {"schemas": plain}}


def _has(document: JsonObject, node: Json, flag: str) -> bool:
    if not is_object(node):
        return False
    if node.get(flag) is True:
        return True
    target, _ = resolved(document, node, "")
    return is_object(target) and target.get(flag) is True
