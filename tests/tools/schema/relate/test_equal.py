"""Every way of saying the same thing: the relation is equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.schema.relate import Memo, relate

if TYPE_CHECKING:
    from tools.model import Json

TEXT = {"type": "string", "minLength": 1}
NODE = {"type": "object", "properties": {"name": TEXT, "next": {"$ref": "#/components/schemas/Node"}}}
LINK = {"type": "object", "properties": {"name": TEXT, "next": {"$ref": "#/components/schemas/Link"}}}
OLD = {"components": {"schemas": {"Text": TEXT, "Node": NODE, "Dead": {"$ref": "#/components/schemas/Dead"}}}}
NEW = {
    "components": {
        "schemas": {
            "Word": {"minLength": 1, "type": "string", "description": "a word"},
            "Link": LINK,
            "Dead": {"$ref": "#/components/schemas/Dead"},
        }
    }
}
CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "a": {"type": "integer"}}}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "b": {"type": "integer"}}}

CASES: dict[str, tuple[Json, Json]] = {
    "reference or inline": ({"$ref": "#/components/schemas/Text"}, TEXT),
    "renamed component": ({"$ref": "#/components/schemas/Text"}, {"$ref": "#/components/schemas/Word"}),
    "renamed recursive component": ({"$ref": "#/components/schemas/Node"}, {"$ref": "#/components/schemas/Link"}),
    "recursive component unrolled once": (
        {"$ref": "#/components/schemas/Node"},
        {"type": "object", "properties": {"name": TEXT, "next": {"$ref": "#/components/schemas/Link"}}},
    ),
    "reference wrapped in allOf": (
        {"$ref": "#/components/schemas/Text"},
        {"allOf": [{"$ref": "#/components/schemas/Word"}]},
    ),
    "const or enum of one": ({"const": "a"}, {"enum": ["a"]}),
    "enum or oneOf of consts": ({"enum": ["a", "b"]}, {"oneOf": [{"const": "a"}, {"const": "b"}]}),
    "enum or anyOf of enums": ({"enum": ["a", "b", 1]}, {"anyOf": [{"enum": ["a"]}, {"enum": [1, "b"]}]}),
    "null in the type list or in anyOf": (
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
    ),
    "null in anyOf or in oneOf": (
        {"anyOf": [NODE, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Link"}]},
    ),
    "null in an enum": (
        {"type": ["string", "null"], "enum": ["a", None]},
        {"anyOf": [{"const": "a"}, {"type": "null"}]},
    ),
    "a condition that always holds": ({"if": True, "then": TEXT, "else": {"maxLength": 3}}, TEXT),
    "a condition that never holds": ({"if": {"not": {}}, "then": {"maxLength": 3}, "else": TEXT}, TEXT),
    "a range of integers or their list": ({"type": "integer", "minimum": 1, "maximum": 3}, {"enum": [3, 2, 1]}),
    "a stepped range or its list": (
        {"type": ["integer", "null"], "minimum": 1, "maximum": 9, "multipleOf": 3},
        {"enum": [3, 6, 9, None]},
    ),
    "one element is unique": (
        {"type": "array", "maxItems": 1, "uniqueItems": True},
        {"allOf": [{"type": "array", "maxItems": 1}]},
    ),
    "at most one element and unique, apart": (
        {"allOf": [{"type": "array", "uniqueItems": True}, {"maxItems": 1}]},
        {"type": "array", "maxItems": 1},
    ),
    "a dependent schema that only requires": (
        {"dependentSchemas": {"a": {"required": ["b"], "description": "with b"}}, "dependentRequired": {"c": ["b"]}},
        {"dependentRequired": {"a": ["b"], "c": ["b"]}},
    ),
    "closed without properties or none allowed": (
        {"type": "object", "additionalProperties": False},
        {"type": "object", "maxProperties": 0},
    ),
    "single allOf": (TEXT, {"allOf": [TEXT]}),
    "single anyOf": (TEXT, {"anyOf": [TEXT]}),
    "single oneOf": (TEXT, {"oneOf": [TEXT]}),
    "nested anyOf": (
        {"anyOf": [{"type": "integer"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}]},
        {"anyOf": [{"type": "null"}, {"type": "integer"}, {"type": "string"}]},
    ),
    "flat or nested allOf": (
        {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["a", "b"]},
        {
            "allOf": [
                {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
                {"allOf": [{"properties": {"b": TEXT}, "required": ["b"]}]},
            ]
        },
    ),
    "duplicate branches": ({"anyOf": [TEXT, CAT]}, {"anyOf": [TEXT, CAT, TEXT]}),
    "a branch within another": ({"type": "number"}, {"anyOf": [{"type": "integer"}, {"type": "number"}]}),
    "an impossible branch": (TEXT, {"oneOf": [TEXT, False]}),
    "anyOf of types or type list": (
        {"type": ["integer", "string"], "minimum": 1, "minLength": 2},
        {"anyOf": [{"type": "string", "minLength": 2}, {"type": "integer", "minimum": 1}]},
    ),
    "exclusive bounds of integers": (
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
        {"type": "integer", "minimum": 1, "maximum": 9},
    ),
    "fractional bounds of integers": ({"type": "integer", "minimum": 0.5}, {"type": "integer", "minimum": 1}),
    "integer or multiple of one": ({"type": "integer"}, {"type": "number", "multipleOf": 1}),
    "integer beside number": ({"type": ["integer", "number"]}, {"type": "number"}),
    "two bounds of which one is idle": ({"minimum": 3}, {"minimum": 3, "exclusiveMinimum": 1}),
    "keywords that say nothing on strings": ({"type": "string"}, {"type": "string", "minLength": 0, "pattern": ".*"}),
    "keywords that say nothing on arrays": (
        {"type": "array"},
        {"type": "array", "minItems": 0, "uniqueItems": False, "items": {}, "contains": True, "minContains": 0},
    ),
    "keywords that say nothing on objects": (
        {"type": "object"},
        {"type": "object", "additionalProperties": {}, "required": [], "minProperties": 0, "properties": {}},
    ),
    "additionalProperties true": ({"type": "object"}, {"type": "object", "additionalProperties": True}),
    "unevaluatedProperties true": ({"type": "object"}, {"type": "object", "unevaluatedProperties": True}),
    "all types": ({}, {"type": ["null", "boolean", "number", "string", "array", "object", "integer"]}),
    "true or nothing": (True, {}),
    "false or not anything": (False, {"not": {}}),
    "keywords of another type": (
        {"type": "string"},
        {"type": "string", "minimum": 3, "required": ["a"], "items": False},
    ),
    "types implied by an enum": ({"enum": ["a", "b"]}, {"type": "string", "enum": ["b", "a"]}),
    "an enum filtered by its type": ({"type": "string", "enum": ["a", 1]}, {"const": "a"}),
    "an enum filtered by its bounds": ({"enum": [1, 2, 3], "minimum": 2}, {"enum": [3, 2]}),
    "integers written as floats": ({"enum": [1.0]}, {"const": 1}),
    "order of enum": ({"enum": [1, 2]}, {"enum": [2, 1]}),
    "order of required": ({"required": ["a", "b"]}, {"required": ["b", "a"]}),
    "order of types": ({"type": ["null", "string"]}, {"type": ["string", "null"]}),
    "order of branches": ({"oneOf": [CAT, DOG]}, {"oneOf": [DOG, CAT]}),
    "anyOf or oneOf of branches that exclude each other": ({"anyOf": [CAT, DOG]}, {"oneOf": [CAT, DOG]}),
    "what stands beside a union or in each branch": (
        {"type": "object", "required": ["id"], "oneOf": [CAT, DOG]},
        {"oneOf": [{**CAT, "required": ["kind", "id"]}, {**DOG, "required": ["kind", "id"]}]},
    ),
    "extensions and annotations": (TEXT, {**TEXT, "x-a": 1, "title": "T", "description": "d", "examples": ["a"]}),
    "not a type": (
        {"type": ["integer", "string", "null"]},
        {"not": {"type": ["array", "object", "boolean"]}, "type": ["integer", "string", "null", "array"]},
    ),
    "closed by additionalProperties or unevaluatedProperties": (
        {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
        {"type": "object", "properties": {"a": TEXT}, "unevaluatedProperties": False},
    ),
    "closed over allOf": (
        {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "additionalProperties": False},
        {
            "allOf": [{"type": "object", "properties": {"a": TEXT}}],
            "properties": {"b": TEXT},
            "unevaluatedProperties": False,
        },
    ),
    "a tuple closed by items or by maxItems": (
        {"type": "array", "prefixItems": [TEXT], "items": False},
        {"type": "array", "prefixItems": [TEXT], "maxItems": 1},
    ),
    "two steps and their common one": ({"multipleOf": 6}, {"multipleOf": 6, "allOf": [{"multipleOf": 3}]}),
    "then without if": (TEXT, {**TEXT, "then": False}),
    "a condition without consequence": (TEXT, {**TEXT, "if": {"const": "a"}}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), CASES.values(), ids=CASES)
def test_equal_meanings_are_equal(old: Json, new: Json) -> None:
    """Both directions: no spelling is the privileged one."""
    assert relate(old, new, old_root=OLD, new_root=NEW).verdict == "equal"
    assert relate(new, old, old_root=NEW, new_root=OLD).verdict == "equal"


@pytest.mark.parametrize(("old", "new"), CASES.values(), ids=CASES)
def test_equal_meanings_are_equal_inside(old: Json, new: Json) -> None:
    """The same deep inside a property, an array and a union."""
    mine = {"type": "object", "properties": {"p": {"type": "array", "items": {"anyOf": [{"const": "never"}, old]}}}}
    other = {"type": "object", "properties": {"p": {"type": "array", "items": {"anyOf": [new, {"const": "never"}]}}}}
    assert relate(mine, other, old_root=OLD, new_root=NEW).verdict == "equal"


def test_annotations_with_a_bearing_on_the_wire_are_reported_apart() -> None:
    """They change no set of instances, but somebody may want to know."""
    relation = relate(TEXT, {**TEXT, "readOnly": True, "default": "a"}, old_root=OLD, new_root=NEW)
    assert relation.verdict == "equal"
    assert [(item.keyword, item.action, item.after, item.verdict) for item in relation.differences] == [
        ("readOnly", "added", True, "equal"),
        ("default", "added", "a", "equal"),
    ]


def test_a_property_without_constraint_is_named_and_equal() -> None:
    """A newly documented property of an open object that may hold anything changes no instance."""
    old, new = {"type": "object"}, {"type": "object", "properties": {"a": {}}}
    relation = relate(old, new, old_root={}, new_root={})
    assert relation.verdict == "equal"
    assert [(item.keyword, item.member, item.action) for item in relation.differences] == [("properties", "a", "added")]


def test_a_component_is_related_once_for_all_its_users() -> None:
    """One change in a shared component is one difference, keyed there, for every user and through a cycle."""
    new = {"components": {"schemas": {**OLD["components"]["schemas"], "Text": {"type": "string", "minLength": 2}}}}
    old: dict[str, Json] = {"components": {"schemas": {**OLD["components"]["schemas"]}}}
    old["components"]["schemas"]["Node"] = new["components"]["schemas"]["Node"] = {
        "type": "object",
        "properties": {
            "name": {"$ref": "#/components/schemas/Text"},
            "other": {"$ref": "#/components/schemas/Text"},
            "next": {"$ref": "#/components/schemas/Node"},
        },
    }
    memo = Memo(old, new)
    node = {"$ref": "#/components/schemas/Node"}
    for whole in (node, {"type": "array", "items": node}, {"properties": {"a": node}}):
        relation = relate(whole, dict(whole), old_root=old, new_root=new, memo=memo)
        assert relation.verdict == "narrower"
        assert [(item.old, item.new, item.keyword) for item in relation.differences] == [
            ("/components/schemas/Text", "/components/schemas/Text", "minLength")
        ]


def test_a_reference_to_itself_ends() -> None:
    """Such a schema means nothing; it equals its own text, and beside another text nothing is claimed."""
    dead = {"$ref": "#/components/schemas/Dead"}
    assert relate(dead, dict(dead), old_root=OLD, new_root=NEW).verdict == "equal"
    assert relate({"anyOf": [dead]}, {"allOf": [dead, TEXT]}, old_root=OLD, new_root=NEW).verdict in {
        "unknown",
        "narrower",
    }
