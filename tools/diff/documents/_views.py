"""What a document says about one direction: read-only properties are not sent, write-only ones are not received."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final

from tools.schema.lift import resolved, schema_nodes
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.diff.rules import Direction
    from tools.model import Json, JsonObject

FLAGS: Final[Mapping[Direction, str]] = {"request": "readOnly", "response": "writeOnly"}


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

    schema_nodes(document, visit)
    return frozenset(found)


def view(document: JsonObject, pointers: frozenset[str]) -> JsonObject:
    """The document without the properties at `pointers`, neither described nor required."""
    if not pointers:
        return document
    made = copy.deepcopy(document)

    def visit(pointer: str, node: JsonObject) -> None:
        properties = node.get("properties")
        if not is_object(properties):
            return
        gone = [name for name in properties if join(pointer, "properties", name) in pointers]
        for name in gone:
            properties[name] = True
        required = node.get("required")
        if gone and is_array(required):
            node["required"] = [name for name in required if name not in gone]

    schema_nodes(made, visit)
    return made


def _has(document: JsonObject, node: Json, flag: str) -> bool:
    if not is_object(node):
        return False
    if node.get(flag) is True:
        return True
    target, _ = resolved(document, node, "")
    return is_object(target) and target.get(flag) is True
