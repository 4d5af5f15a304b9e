"""Walks an OpenAPI document by meaning: which node is a schema, a parameter, a response.

A generic walk cannot tell a schema's keyword `example` from a property of that name, nor a reference from an example
that happens to hold `$ref`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tools.errors import PageError
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json, JsonObject, Page

Kind: TypeAlias = Literal[
    "document", "components", "path item", "operation", "callback", "parameter", "header", "request body", "response",
    "media type", "encoding", "schema", "other",
]  # fmt: skip
Shape: TypeAlias = Literal["one", "list", "map"]

_CHILDREN: Final[dict[Kind, dict[str, tuple[Shape, Kind]]]] = {
    "document": {"paths": ("map", "path item"), "webhooks": ("map", "path item"), "components": ("one", "components")},
    "components": {
        "schemas": ("map", "schema"), "responses": ("map", "response"), "parameters": ("map", "parameter"),
        "requestBodies": ("map", "request body"), "headers": ("map", "header"), "callbacks": ("map", "callback"),
        "pathItems": ("map", "path item"), "examples": ("map", "other"), "links": ("map", "other"),
        "securitySchemes": ("map", "other"),
    },
    "path item": {
        "parameters": ("list", "parameter"),
        **dict.fromkeys(
            ("get", "put", "post", "delete", "options", "head", "patch", "trace"), ("one", "operation")
        ),
    },
    "operation": {
        "parameters": ("list", "parameter"), "requestBody": ("one", "request body"),
        "responses": ("map", "response"), "callbacks": ("map", "callback"),
    },
    "parameter": {"schema": ("one", "schema"), "content": ("map", "media type"), "examples": ("map", "other")},
    "header": {"schema": ("one", "schema"), "content": ("map", "media type"), "examples": ("map", "other")},
    "request body": {"content": ("map", "media type")},
    "response": {"content": ("map", "media type"), "headers": ("map", "header"), "links": ("map", "other")},
    "media type": {"schema": ("one", "schema"), "encoding": ("map", "encoding"), "examples": ("map", "other")},
    "encoding": {"headers": ("map", "header")},
    "schema": {
        **dict.fromkeys(
            ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"), ("map", "schema")
        ),
        **dict.fromkeys(
            ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
             "unevaluatedItems", "unevaluatedProperties"),
            ("one", "schema"),
        ),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), ("list", "schema")),
    },
}  # fmt: skip

_NONE: Final[dict[str, tuple[Shape, Kind]]] = {}
METHODS: Final = tuple(name for name, (_, kind) in _CHILDREN["path item"].items() if kind == "operation")


def walk(page: Page, document: JsonObject) -> Iterator[tuple[str, JsonObject, Kind]]:
    """Every object of known kind with its pointer, parents first, in document order.

    The taker may change the object it was just given: its children are looked up afterwards. Raises PageError where
    the document has another shape than OpenAPI's.
    """
    stack: list[tuple[str, Json, Kind]] = [("", document, "document")]
    while stack:
        pointer, node, kind = stack.pop()
        if kind == "schema" and isinstance(node, bool):
            continue
        if not is_object(node):
            raise _misshapen(page, pointer, f"a {kind} must be a mapping")
        yield pointer, node, kind
        if "$ref" not in node or kind == "schema":
            children = _children(page, pointer, node, kind)
            children.reverse()
            stack += children


def _children(page: Page, pointer: str, node: JsonObject, kind: Kind) -> list[tuple[str, Json, Kind]]:
    if kind == "callback":
        return _members(pointer, node, "path item")
    fields = _CHILDREN.get(kind, _NONE)
    found: list[tuple[str, Json, Kind]] = []
    for name, child in node.items():
        if name not in fields:
            continue
        shape, child_kind = fields[name]
        here = f"{pointer}/{name}"  # no known field needs escaping
        if shape == "one":
            found.append((here, child, child_kind))
        elif shape == "map" and is_object(child):
            found += _members(here, child, child_kind)
        elif shape == "list" and is_array(child):
            found.extend((f"{here}/{index}", item, child_kind) for index, item in enumerate(child))
        else:
            raise _misshapen(page, here, f"{name} must be a {'mapping' if shape == 'map' else 'list'}")
    return found


def _members(pointer: str, node: JsonObject, kind: Kind) -> list[tuple[str, Json, Kind]]:
    return [
        (join(pointer, name), child, kind)
        for name, child in node.items()
        if kind == "schema" or not name.startswith("x-")
    ]


def _misshapen(page: Page, pointer: str, problem: str) -> PageError:
    return PageError(problem, fix="Vendor a sound page.", places=[page.place(pointer=pointer)])
