"""Which members of an OpenAPI document are words for people, and which are structure.

A member is prose by its name *and* its place: a property called `description` is structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.common import NOTHING, twin
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def structure_of(node: Json, *, names: bool = False) -> Json:
    """The same document without its prose, for whom the prose is nothing: many times faster."""
    if is_array(node):
        return [structure_of(item) if isinstance(item, dict | list) else item for item in node]
    if not is_object(node):
        return node
    if names:
        return {key: structure_of(value) if isinstance(value, dict | list) else value for key, value in node.items()}
    return {
        key: value if key in DATA or not isinstance(value, dict | list) else structure_of(value, names=key in NAMED)
        for key, value in node.items()
        if key not in PROSE and key != "tags"
    }


def prose_of(document: Json, *, beside: Json = NOTHING) -> Iterator[tuple[str, Json]]:
    """The same prose by pointer, but for what is the very same object at the same place of `beside`."""
    if document is not beside:
        yield from _prose(document, beside, "", names=False)


def _prose(node: Json, other: Json, here: str, *, names: bool) -> Iterator[tuple[str, Json]]:
    if is_array(node):
        for index, item in enumerate(node):
            if item is not (beside := twin(other, index)):
                yield from _prose(item, beside, join(here, index), names=False)
    elif is_object(node):
        for key, value in node.items():
            beside = twin(other, key)
            if value is beside:
                continue
            if not names and is_prose(key):
                yield join(here, key), value
            elif names or key not in DATA:
                yield from _prose(value, beside, join(here, key), names=not names and key in NAMED)


def is_prose(key: str) -> bool:
    """Whether a fixed field carries words or samples; tags do, because the pages translate them."""
    return key in PROSE or key == "tags"


def _split(node: Json, here: str, prose: dict[str, Json], *, names: bool) -> Json:
    if is_array(node):
        return [_split(item, join(here, index), prose, names=False) for index, item in enumerate(node)]
    if not is_object(node):
        return node
    kept: JsonObject = {}
    for key, value in node.items():
        at = join(here, key)
        if not names and is_prose(key):
            prose[at] = value
        elif not names and key in DATA:
            kept[key] = value
        else:
            kept[key] = _split(value, at, prose, names=not names and key in NAMED)
    return kept
