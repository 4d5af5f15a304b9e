"""OpenAPI 3.0 raised to 3.1 in memory, so that one comparison serves both. No I/O.

Every node keeps its JSON pointer, but for a nullable schema without type, which moves into an `anyOf`: whoever wants
its line takes that of the nearest ancestor. References of operations are followed by `resolved`, not rewritten, so
that a finding names the component.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.schema.common import NOTHING, twin
from tools.schema.pointers import join, resolve
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.model import Json, JsonObject

__all__ = ["MEMBERS", "lift", "raise_bound", "raise_nullable", "resolved", "schema_nodes"]

_ANNOTATIONS: Final = frozenset(
    ("title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly")
)
_ONE: Final = (
    "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
    "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")
_DEEP: Final = 60
"""References that lead to references; more is a circle."""


def lift(document: JsonObject) -> JsonObject:
    """An OpenAPI 3.0 or 3.1 document with every schema as JSON Schema 2020-12: a copy, or 3.1 itself."""
    if not str(document.get("openapi", "")).startswith("3.0"):
        return document
    lifted: JsonObject = _object(document, "document")
    return {**lifted, "openapi": "3.1.0"}


def resolved(document: Json, node: Json, pointer: str) -> tuple[Json, str]:
    """`node` at `pointer` with local references followed, and where it stands; a dangling one gives an empty object."""
    for _ in range(_DEEP):
        reference = node.get("$ref") if is_object(node) else None
        if not isinstance(reference, str):
            return node, pointer
        if not reference.startswith("#"):
            return {}, pointer
        try:
            node = resolve(document, reference)
        except KeyError:
            return {}, pointer
        pointer = reference.removeprefix("#")
    return {}, pointer


# What stands where in OpenAPI: member → kind of its value. `{kind}` is a map of names to it, `[kind]` a list.
_SHAPES: Final[Mapping[str, Mapping[str, str]]] = {
    "document": {"paths": "{path}", "webhooks": "{path}", "components": "components"},
    "components": {
        "schemas": "{schema}", "responses": "{response}", "parameters": "{parameter}", "requestBodies": "{body}",
        "headers": "{parameter}", "callbacks": "{callback}", "pathItems": "{path}",
    },
    "path": {
        **dict.fromkeys(("get", "put", "post", "delete", "options", "head", "patch", "trace"), "operation"),
        "parameters": "[parameter]",
    },
    "operation": {
        "parameters": "[parameter]", "requestBody": "body", "responses": "{response}", "callbacks": "{callback}",
    },
    "callback": {"*": "path"},
    "parameter": {"schema": "schema", "content": "{media}"},
    "body": {"content": "{media}"},
    "response": {"content": "{media}", "headers": "{parameter}"},
    "media": {"schema": "schema", "encoding": "{encoding}"},
    "encoding": {"headers": "{parameter}"},
}  # fmt: skip


def _object(node: Json, kind: str) -> Json:
    if kind == "schema":
        return _schema(node)
    if not is_object(node):
        return node
    shape = _SHAPES[kind]
    return {name: _value(value, shape.get(name, shape.get("*", ""))) for name, value in node.items()}


def _value(value: Json, kind: str) -> Json:
    if not kind:
        return value
    if kind[0] == "{":
        inner = kind[1:-1]
        return {k: _object(v, inner) for k, v in value.items()} if is_object(value) else value
    if kind[0] == "[":
        return [_object(item, kind[1:-1]) for item in value] if is_array(value) else value
    return _object(value, kind)


def _schema(node: Json) -> Json:
    """A 3.0 schema as 2020-12."""
    if not is_object(node):
        return node
    if isinstance(node.get("$ref"), str):  # 3.0 ignores what stands beside a reference
        return {"$ref": node["$ref"]}
    lifted: JsonObject = {name: _member(name, value) for name, value in node.items()}
    raise_bound(lifted, "exclusiveMinimum", "minimum")
    raise_bound(lifted, "exclusiveMaximum", "maximum")
    if "example" in lifted:
        kept = lifted.get("examples")
        lifted["examples"] = [*(kept if is_array(kept) else []), lifted.pop("example")]
    raise_nullable(lifted)
    return lifted


def _member(name: str, value: Json) -> Json:
    if name in _ONE:
        return _schema(value)
    if name in _LISTS and is_array(value):
        return [_schema(item) for item in value]
    if name in _MAPS and is_object(value):
        return {key: _schema(item) for key, item in value.items()}
    return value


def raise_bound(node: JsonObject, exclusive: str, inclusive: str) -> None:
    """Make a number of an exclusive bound that is a flag beside the inclusive one; changes the schema in place."""
    flag = node.get(exclusive)
    if not isinstance(flag, bool):
        return
    if flag and inclusive in node:
        node[exclusive] = node.pop(inclusive)
    else:
        del node[exclusive]


def raise_nullable(node: JsonObject) -> JsonObject | None:
    """Say `nullable` by type, in place; where there is no type, all that asserts moves into the `anyOf` returned."""
    if not isinstance(node.get("nullable"), bool):
        return None
    nullable = node.pop("nullable")
    types = node.get("type")
    if not nullable:
        return None
    if isinstance(types, str):
        node["type"] = [types, "null"] if types != "null" else types
    elif is_array(types):
        node["type"] = [*types, *([] if "null" in types else ["null"])]
    elif inner := {key: value for key, value in node.items() if key not in _ANNOTATIONS}:
        for key in inner:
            del node[key]
        node["anyOf"] = [inner, {"type": "null"}]
        return inner
    return None


def schema_nodes(document: JsonObject, visit: Callable[[str, JsonObject], None], *, beside: Json = NOTHING) -> None:
    """Call `visit` with the pointer of every schema object of a lifted document, in document order.

    Whatever is the very same object at the same place of `beside` is passed over.
    """
    stack: list[tuple[str, str, Json, Json]] = [("document", "", document, beside)]
    while stack:
        kind, pointer, node, other = stack.pop()
        if node is other:
            continue
        if kind[0] == "{" and is_object(node):
            inner = kind[1:-1]
            rows = [(inner, join(pointer, name), value, twin(other, name)) for name, value in node.items()]
        elif kind[0] == "[" and is_array(node):
            inner = kind[1:-1]
            rows = [(inner, join(pointer, index), value, twin(other, index)) for index, value in enumerate(node)]
        elif is_object(node):
            if kind == "schema":
                visit(pointer, node)
                shape = MEMBERS
            else:
                shape = _SHAPES.get(kind, {})
            rows = [
                (inner, join(pointer, name), value, twin(other, name))
                for name, value in node.items()
                if (inner := shape.get(name, shape.get("*", "")))
            ]
        else:
            continue
        stack.extend(reversed(rows))


MEMBERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_ONE, "schema"),
    **dict.fromkeys(_LISTS, "[schema]"),
    **dict.fromkeys(_MAPS, "{schema}"),
}
"""The members of a schema that hold schemas: one, a list `[schema]`, or a map of names to them `{schema}`."""
