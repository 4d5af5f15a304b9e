"""Canonical order: the same contract is the same bytes, whatever order pages were read in.

Fixed fields stand in the order readers expect; names people chose stand alphabetically where order means nothing
(paths, components, statuses) and as the pages have them where it shapes the client (properties).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.prose import DATA, NAMED
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from tools.model import Json

_FIELDS = (
    "openapi", "name", "in", "$ref", "operationId", "tags", "type", "format", "title", "summary", "description",
    "version", "const", "enum", "default", "required", "status", "value",
    "parameters", "schema", "requestBody", "responses",
    "content", "properties", "items", "oneOf", "anyOf", "allOf", "discriminator", "minimum", "maximum", "minLength",
    "maxLength", "pattern", "minItems", "maxItems", "examples", "links", "callbacks", "servers", "security",
    "paths", "components",
)  # fmt: skip
_POSITION = {name: index for index, name in enumerate(_FIELDS)}
_SORTED = frozenset({"paths", "schemas", "securitySchemes", "responses", "content"})


def canonical(node: Json, *, names: bool = False, member: str = "") -> Json:
    """A copy of `node` in canonical order; instance data is left as it is."""
    if is_array(node):
        return [canonical(item) for item in node]
    if not is_object(node):
        return node
    if names:
        keys = sorted(node) if member in _SORTED else list(node)
    else:
        keys = sorted(node, key=lambda name: (_rank(name), name))
    return {
        name: node[name]
        if not names and name in DATA
        else canonical(node[name], names=not names and name in NAMED, member=name)
        for name in keys
    }


def _rank(name: str) -> int:
    return len(_FIELDS) + 1 if name.startswith("x-") else _POSITION.get(name, len(_FIELDS))
