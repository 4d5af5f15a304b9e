"""Small documents for comparisons: an operation with one thing in it, and a schema wherever one may stand."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

from tools.diff.documents import compare_documents
from tools.store import side_of_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Change, Json, JsonObject

TODAY = dt.date(2026, 8, 1)
BASE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {"/pets": {"post": {"responses": {"200": {"description": "good"}}}}},
}
POST = ("paths", "/pets", "post")
OK = (*POST, "responses", "200")
BODY = (*POST, "requestBody")
TEXT = {"schema": {"type": "string"}}


def document(*edits: tuple[tuple[str, ...], Json]) -> JsonObject:
    """The base with values put at paths; None takes away."""
    made = copy.deepcopy(BASE)
    for path, value in edits:
        node: Any = made
        for token in path[:-1]:
            node = node.setdefault(token, {})
        if value is None:
            node.pop(path[-1], None)
        else:
            node[path[-1]] = copy.deepcopy(value)
    return made


def compare(old: JsonObject, new: JsonObject) -> tuple[Change, ...]:
    """What changed."""
    return compare_documents(
        side_of_document(old, name="old"), side_of_document(new, name="new"), today=TODAY
    )  # fmt: skip


def parameter(**more: Json) -> JsonObject:
    """An operation's one query parameter."""
    return document(((*POST, "parameters"), [{"in": "query", "name": "tag", **TEXT, **more}]))


def body(schema: Json, **more: Json) -> JsonObject:
    """An operation with a JSON body."""
    return document((BODY, {"content": {"application/json": {"schema": schema}}, **more}))


def answer(schema: Json) -> JsonObject:
    """An operation with a JSON response."""
    return document(((*OK, "content"), {"application/json": {"schema": schema}}))


def header(**more: Json) -> JsonObject:
    """A response with a header."""
    return document(((*OK, "headers"), {"X-Rate": {**TEXT, **more}}))


def secured(*rows: JsonObject, **schemes: Json) -> JsonObject:
    """An operation with security."""
    known = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "login": {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a", "scopes": {}}}},
        **schemes,
    }
    return document(((*POST, "security"), list(rows)), (("components", "securitySchemes"), known))


def server(url: str = "https://{region}.a", **region: Json) -> JsonObject:
    """A document with a server that may have a variable."""
    return document((("servers",), [{"url": url, **({"variables": {"region": region}} if region else {})}]))


def called(address: str = "{$request.body#/url}", **operation: Json) -> JsonObject:
    """An operation with a callback."""
    inner = {"responses": {"200": {"description": "good"}}, **operation}
    return document(((*POST, "callbacks"), {"done": {address: {"post": inner}}}))


def operation(**members: Json) -> JsonObject:
    """The operation with more members."""
    return document(*(((*POST, name), value) for name, value in members.items()))


def known(*values: str) -> JsonObject:
    """A text with an open list of values."""
    return {"type": "string", "x-extensible-enum": list(values)}


def components(**schemas: Json) -> JsonObject:
    """Components that nothing uses."""
    return document((("components", "schemas"), schemas))


POSITIONS: dict[str, Callable[[Json], Json]] = {
    "on top": lambda inner: inner,
    "in a property": lambda inner: {"type": "object", "properties": {"p": inner}, "required": ["p"]},
    "in an array": lambda inner: {"type": "array", "items": inner},
    "in a variant": lambda inner: {
        "oneOf": [
            {"type": "object", "required": ["kind", "p"], "properties": {"kind": {"const": "one"}, "p": inner}},
            {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "two"}}},
        ]
    },
    "in a component": lambda _: {"$ref": "#/components/schemas/Part"},
}
"""Where a schema may stand in a body; `Part` is the component that holds it as well."""


def placed(schema: Json, position: str, direction: str, **components: Json) -> JsonObject:
    """A document whose request or response has the schema at a position."""
    whole = POSITIONS[position](schema)
    made = body(whole) if direction == "request" else answer(whole)
    made["components"] = {"schemas": {**components, "Part": schema}}
    return made


def on_the_wire(old: JsonObject, new: JsonObject) -> tuple[Change, ...]:
    """What changed, without what only programs notice."""
    return tuple(change for change in compare(old, new) if change.axis == "wire")
