"""Every way of saying the same thing gives nothing, in both directions of the wire and wherever a schema stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.diff.documents.wire import POSITIONS, on_the_wire, placed

if TYPE_CHECKING:
    from tools.model import Change, Json, JsonObject

A, B, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
TEXT = {"type": "string", "minLength": 1}
TREE: JsonObject = {
    "type": "object",
    "properties": {
        "name": {"$ref": "#/components/schemas/Text"},
        "inner": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    },
}
PLANT: JsonObject = {
    "type": "object",
    "properties": {"name": TEXT, "inner": {"type": "array", "items": {"$ref": "#/components/schemas/Plant"}}},
}
COMPONENTS: dict[str, Json] = {"Text": TEXT, "Word": TEXT, "Tree": TREE, "Plant": PLANT}
CAT: JsonObject = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "a": B}}
DOG: JsonObject = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "b": B}}
BOTH: JsonObject = {"type": "object", "required": ["a", "b"], "properties": {"a": A, "b": B}}

REWRITES: dict[str, tuple[Json, Json]] = {
    "reference or inline": ({"$ref": "#/components/schemas/Text"}, TEXT),
    "renamed component": ({"$ref": "#/components/schemas/Text"}, {"$ref": "#/components/schemas/Word"}),
    "renamed recursive component": ({"$ref": "#/components/schemas/Tree"}, {"$ref": "#/components/schemas/Plant"}),
    "recursive component inline once": ({"$ref": "#/components/schemas/Tree"}, TREE),
    "const or enum of one": ({"const": "a"}, {"enum": ["a"]}),
    "const or oneOf of one": ({"const": "a"}, {"oneOf": [{"const": "a"}]}),
    "enum or oneOf of consts": ({"enum": ["a", "b"]}, {"oneOf": [{"const": "b"}, {"const": "a"}]}),
    "enum or oneOf of titled consts": (
        {"type": "string", "enum": ["a", "b"]},
        {"oneOf": [{"const": "a", "title": "First"}, {"const": "b", "title": "Second"}]},
    ),
    "null by type list or anyOf": ({"type": ["string", "null"]}, {"anyOf": [A, NULL]}),
    "null by type list or oneOf": ({"type": ["string", "null"]}, {"oneOf": [NULL, A]}),
    "null by anyOf or oneOf": ({"anyOf": [BOTH, NULL]}, {"oneOf": [BOTH, NULL]}),
    "null in a nullable reference": (
        {"anyOf": [{"$ref": "#/components/schemas/Text"}, NULL]},
        {"type": ["string", "null"], "minLength": 1},
    ),
    "null in an enum": ({"type": ["string", "null"], "enum": ["a", None]}, {"oneOf": [{"const": "a"}, NULL]}),
    "single allOf": (TEXT, {"allOf": [TEXT]}),
    "single anyOf": (TEXT, {"anyOf": [TEXT]}),
    "single oneOf": (TEXT, {"oneOf": [TEXT]}),
    "single allOf of a reference": (TEXT, {"allOf": [{"$ref": "#/components/schemas/Word"}]}),
    "flat allOf": (
        BOTH,
        {
            "allOf": [
                {"type": "object", "required": ["a"], "properties": {"a": A}},
                {"type": "object", "required": ["b"], "properties": {"b": B}},
            ]
        },
    ),
    "nested allOf": ({"allOf": [A, {"allOf": [{"minLength": 1}]}]}, TEXT),
    "nested anyOf": ({"anyOf": [{"anyOf": [A, B]}, NULL]}, {"anyOf": [A, B, NULL]}),
    "nested oneOf": ({"oneOf": [{"oneOf": [CAT, DOG]}, NULL]}, {"oneOf": [CAT, DOG, NULL]}),
    "duplicate branch of anyOf": ({"anyOf": [CAT, DOG]}, {"anyOf": [CAT, DOG, CAT]}),
    "duplicate branch of allOf": (TEXT, {"allOf": [TEXT, TEXT]}),
    "duplicate value": ({"enum": ["a", "b"]}, {"enum": ["a", "b", "a"]}),
    "anyOf or type list": ({"anyOf": [A, B]}, {"type": ["string", "integer"]}),
    "anyOf or oneOf of branches that exclude each other": ({"anyOf": [CAT, DOG]}, {"oneOf": [CAT, DOG]}),
    "exclusive lower bound of integers": ({**B, "exclusiveMinimum": 0}, {**B, "minimum": 1}),
    "exclusive upper bound of integers": ({**B, "exclusiveMaximum": 10}, {**B, "maximum": 9}),
    "fractional bound of integers": ({**B, "minimum": 0.5}, {**B, "minimum": 1}),
    "numbers written otherwise": ({"type": "number", "minimum": 1}, {"type": "number", "minimum": 1.0}),
    "idle bounds of text": (A, {**A, "minLength": 0, "pattern": ""}),
    "idle bounds of arrays": (
        {"type": "array"},
        {"type": "array", "minItems": 0, "uniqueItems": False, "items": {}, "minContains": 2},
    ),
    "idle bounds of objects": (
        {"type": "object"},
        {"type": "object", "minProperties": 0, "required": [], "properties": {}, "additionalProperties": True},
    ),
    "keywords of other types": (A, {**A, "minimum": 3, "maxItems": 1, "required": ["a"], "properties": {"a": B}}),
    "then without if": (A, {**A, "then": False, "else": False}),
    "integer beside number": ({"type": "number"}, {"type": ["number", "integer"]}),
    "type implied by an enum": ({"enum": ["a", "b"]}, {**A, "enum": ["a", "b"]}),
    "type implied by a const": ({"const": 1}, {**B, "const": 1}),
    "values that the type excludes": ({**A, "enum": ["a", 1]}, {"const": "a"}),
    "order of an enum": ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    "order of required": (BOTH, {**BOTH, "required": ["b", "a"]}),
    "order of types": ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
    "order of properties": (BOTH, {**BOTH, "properties": {"b": B, "a": A}}),
    "order of anyOf": ({"anyOf": [CAT, DOG]}, {"anyOf": [DOG, CAT]}),
    "order of oneOf": ({"oneOf": [CAT, DOG]}, {"oneOf": [DOG, CAT]}),
    "order of allOf": ({"allOf": [A, {"minLength": 1}]}, {"allOf": [{"minLength": 1}, A]}),
    "true or nothing": ({"type": "object", "additionalProperties": {}}, {"type": "object"}),
    "true or an empty schema": (True, {}),
    "false or not anything": ({"type": "array", "items": False}, {"type": "array", "items": {"not": {}}}),
    "closed by additionalProperties or unevaluatedProperties": (
        {**BOTH, "additionalProperties": False},
        {**BOTH, "unevaluatedProperties": False},
    ),
    "closed by items or unevaluatedItems": (
        {"type": "array", "prefixItems": [A], "items": False},
        {"type": "array", "prefixItems": [A], "unevaluatedItems": False},
    ),
    "words": (A, {**A, "title": "T", "description": "d", "examples": ["a"], "$comment": "c", "x-order": 1}),
    "discriminator of variants that demand it": (
        {"oneOf": [CAT, DOG]},
        {"oneOf": [CAT, DOG], "discriminator": {"propertyName": "kind"}},
    ),
}
CASES = [(name, position) for name in REWRITES for position in POSITIONS]


def changes(old: Json, new: Json, position: str, direction: str, versions: tuple[str, str]) -> list[tuple[Change, ...]]:
    """What changed on the wire, there and back."""
    sides = [placed(one, position, direction, **COMPONENTS) for one in (old, new)]
    for side, version in zip(sides, versions, strict=True):
        side["openapi"] = version
    return [on_the_wire(*sides), on_the_wire(*reversed(sides))]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("name", "position"), CASES, ids=[f"{a}, {b}" for a, b in CASES])
def test_a_rewrite_gives_nothing(name: str, position: str, direction: str) -> None:
    """There and back."""
    assert changes(*REWRITES[name], position, direction, ("3.1.0", "3.1.0")) == [(), ()]


LIFTED: dict[str, tuple[Json, Json]] = {
    "nullable or type list": ({**A, "nullable": True}, {"type": ["string", "null"]}),
    "nullable or anyOf": ({**BOTH, "nullable": True}, {"anyOf": [BOTH, NULL]}),
    "nullable reference": (
        {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Text"}]},
        {"oneOf": [{"$ref": "#/components/schemas/Text"}, NULL]},
    ),
    "nullable enum": ({**A, "nullable": True, "enum": ["a", None]}, {"enum": [None, "a"]}),
    "exclusive as a flag": ({**B, "minimum": 0, "exclusiveMinimum": True}, {**B, "exclusiveMinimum": 0}),
    "not nullable": ({**A, "nullable": False}, A),
}
OLDER = [(name, position) for name in LIFTED for position in POSITIONS]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("name", "position"), OLDER, ids=[f"{a}, {b}" for a, b in OLDER])
def test_the_same_in_both_versions_gives_nothing(name: str, position: str, direction: str) -> None:
    """What OpenAPI 3.0 says in its own words is what 3.1 says in JSON Schema's."""
    assert changes(*LIFTED[name], position, direction, ("3.0.3", "3.1.0")) == [(), ()]
