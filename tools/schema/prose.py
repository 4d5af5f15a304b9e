"""Which members of an OpenAPI document are words for people, and which are structure.

A member is prose by its name *and* its place: a property called `description` is structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

PROSE = frozenset(
    {"title", "summary", "description", "example", "examples", "x-vidgate-title", "x-vidgate-errors", "termsOfService"}
)
"""Members that carry words or samples wherever a fixed field may stand."""

NAMED = frozenset(
    {
        "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependentRequired",
        "schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links",
        "callbacks", "pathItems", "paths", "content", "encoding", "mapping", "scopes", "variables", "webhooks",
    }
)  # fmt: skip
"""Members whose own members are names people chose, not fixed fields."""

DATA = frozenset({"default", "const", "enum", "value"})
"""Members that hold instance data: whatever stands inside is structure."""


def split_prose(document: Json) -> tuple[Json, dict[str, Json]]:
    """Tell structure from prose: the document without its prose, and the prose by pointer.

    Tags are prose too: the pages translate them. So are names of examples, which sit inside `examples`.
    """
    prose: dict[str, Json] = {}
    return _split(document, "", prose, names=False), prose


def _split(node: Json, here: str, prose: dict[str, Json], *, names: bool) -> Json:
    if is_array(node):
        return [_split(item, join(here, index), prose, names=False) for index, item in enumerate(node)]
    if not is_object(node):
        return node
    kept: JsonObject = {}
    for key, value in node.items():
        at = join(here, key)
        if not names and (key in PROSE or key == "tags"):
            prose[at] = value
        elif not names and key in DATA:
            kept[key] = value
        else:
            kept[key] = _split(value, at, prose, names=not names and key in NAMED)
    return kept
