"""For each keyword: what narrows, what is neither, where it is reported, and an instance that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from tools.schema.relate import relate, witness
from tools.schema.relate._model import MIRROR

if TYPE_CHECKING:
    from tools.model import Json

A, B = {"type": "string"}, {"type": "integer"}
CAT = {"type": "object", "title": "Cat", "required": ["kind"], "properties": {"kind": {"const": "cat"}}}
DOG = {"type": "object", "title": "Dog", "required": ["kind"], "properties": {"kind": {"const": "dog"}}}
LOUD_DOG = {**DOG, "required": ["kind", "bark"]}
OPEN_A = {"type": "object", "properties": {"a": A}}
TREE: dict[str, Any] = {
    "type": "object",
    "properties": {"child": {"$ref": "#/$defs/Tree"}, "size": {"type": "integer"}},
}
ROOT: dict[str, Any] = {"$defs": {"Tree": TREE}}


def _object(**keywords: Json) -> dict[str, Json]:
    return {"type": "object", **keywords}


def _array(**keywords: Json) -> dict[str, Json]:
    return {"type": "array", **keywords}


NESTED = _object(properties={"b": B})
BOUNDED = _object(properties={"b": {**B, "maximum": 3}})
NARROWER: dict[str, tuple[Json, Json, str, str | None]] = {
    "type": ({"type": ["integer", "string"]}, A, "type", None),
    "type null": ({"type": ["string", "null"]}, A, "type", "null"),
    "type integer": ({"type": "number"}, B, "type", None),
    "type out of nothing": ({}, A, "type", None),
    "enum value": ({"enum": ["a", "b"]}, {"enum": ["a"]}, "enum", "b"),
    "enum value of another type": ({"enum": ["a", 1]}, {"enum": ["a"]}, "enum", "1"),
    "enum at all": (A, {**A, "enum": ["a"]}, "enum", None),
    "boolean": ({"type": "boolean"}, {"const": True}, "enum", "false"),
    "minimum": ({**B, "minimum": 1}, {**B, "minimum": 2}, "minimum", None),
    "maximum": ({**B, "maximum": 9}, {**B, "maximum": 8}, "maximum", None),
    "maximum at all": (B, {**B, "maximum": 8}, "maximum", None),
    "exclusiveMinimum": ({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0}, "minimum", None),
    "exclusiveMaximum": (
        {"type": "number", "exclusiveMaximum": 9},
        {"type": "number", "exclusiveMaximum": 8.5},
        "exclusiveMaximum",
        None,
    ),
    "multipleOf": ({**B, "multipleOf": 2}, {**B, "multipleOf": 4}, "multipleOf", None),
    "multipleOf fraction": ({"type": "number"}, {"type": "number", "multipleOf": 0.1}, "multipleOf", None),
    "minLength": ({**A, "minLength": 1}, {**A, "minLength": 2}, "minLength", None),
    "maxLength": ({**A, "maxLength": 5}, {**A, "maxLength": 4}, "maxLength", None),
    "pattern at all": (A, {**A, "pattern": "^[a-f]{2}$"}, "pattern", None),
    "format at all": (A, {**A, "format": "date-time"}, "format", None),
    "format uri": ({**A, "format": "uri-reference"}, {**A, "format": "uri"}, "format", None),
    "format int32": ({**B, "format": "int64"}, {**B, "format": "int32"}, "format", None),
    "items": (_array(items={"type": "number"}), _array(items=B), "type", None),
    "items at all": (_array(), _array(items=B), "items", None),
    "prefixItems": (_array(), _array(prefixItems=[A]), "prefixItems", "0"),
    "items closed": (_array(prefixItems=[A]), _array(prefixItems=[A], items=False), "maxItems", None),
    "contains": (_array(), _array(contains=A), "contains", None),
    "contains schema": (_array(contains={"type": ["string", "null"]}), _array(contains=A), "contains", None),
    "minContains": (_array(contains=A), _array(contains=A, minContains=2), "minContains", None),
    "maxContains": (_array(contains=A), _array(contains=A, maxContains=2), "maxContains", None),
    "minItems": (_array(), _array(minItems=1), "minItems", None),
    "maxItems": (_array(maxItems=4), _array(maxItems=3), "maxItems", None),
    "uniqueItems": (_array(), _array(uniqueItems=True), "uniqueItems", None),
    "unevaluatedItems": (
        _array(prefixItems=[A]),
        _array(prefixItems=[A], unevaluatedItems=False),
        "maxItems",
        None,
    ),
    "required": (OPEN_A, {**OPEN_A, "required": ["a"]}, "required", "a"),
    "property of an open object": (_object(), OPEN_A, "properties", "a"),
    "property of a closed object": (
        _object(properties={"a": A, "b": A}, additionalProperties=False),
        _object(properties={"a": A}, additionalProperties=False),
        "properties",
        "b",
    ),
    "property schema": (OPEN_A, _object(properties={"a": {**A, "maxLength": 3}}), "maxLength", None),
    "additionalProperties closed": (OPEN_A, {**OPEN_A, "additionalProperties": False}, "additionalProperties", None),
    "additionalProperties schema": (
        _object(additionalProperties={"type": "number"}),
        _object(additionalProperties=B),
        "type",
        None,
    ),
    "patternProperties": (_object(), _object(patternProperties={"^x-": A}), "patternProperties", "^x-"),
    "propertyNames": (_object(), _object(propertyNames={"maxLength": 3}), "propertyNames", None),
    "propertyNames schema": (
        _object(propertyNames={"maxLength": 4}),
        _object(propertyNames={"maxLength": 3}),
        "maxLength",
        None,
    ),
    "minProperties": (_object(), _object(minProperties=1), "minProperties", None),
    "maxProperties": (_object(), _object(maxProperties=2), "maxProperties", None),
    "dependentRequired": (_object(), _object(dependentRequired={"a": ["b"]}), "dependentRequired", "a"),
    "dependentSchemas": (_object(), _object(dependentSchemas={"a": {"minProperties": 2}}), "dependentSchemas", "a"),
    "unevaluatedProperties": (
        {**OPEN_A, "unevaluatedProperties": {"type": "number"}},
        {**OPEN_A, "unevaluatedProperties": False},
        "unevaluatedProperties",
        None,
    ),
    "allOf": (A, {"allOf": [A, {"minLength": 1}]}, "minLength", None),
    "anyOf member": ({"anyOf": [A, B, {"type": "null"}]}, {"anyOf": [A, {"type": "null"}]}, "anyOf", "1"),
    "oneOf member": ({"oneOf": [CAT, DOG]}, {"oneOf": [CAT]}, "oneOf", "dog"),
    "oneOf within a member": ({"oneOf": [CAT, DOG]}, {"oneOf": [LOUD_DOG, CAT]}, "required", "bark"),
    "not": (A, {**A, "not": {"const": "a"}}, "not", None),
    "not wider": ({"not": {"enum": [1]}}, {"not": {"enum": [1, 2]}}, "not", None),
    "if": (_object(), _object(**{"if": {"required": ["a"]}, "then": {"required": ["b"]}}), "if", None),
    "then": (
        _object(**{"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
        _object(**{"if": {"required": ["a"]}, "then": {"required": ["b", "c"]}}),
        "required",
        "c",
    ),
    "deep inside": (
        _array(items=_object(properties={"a": {"anyOf": [NESTED, {"type": "null"}]}})),
        _array(items=_object(properties={"a": {"anyOf": [BOUNDED, {"type": "null"}]}})),
        "maximum",
        None,
    ),
    "recursive": (
        {"$ref": "#/$defs/Tree"},
        _object(properties={"child": {"$ref": "#/$defs/Tree"}, "size": {**B, "minimum": 0}}),
        "minimum",
        None,
    ),
}  # fmt: skip

INCOMPARABLE: dict[str, tuple[Json, Json]] = {
    "type": (A, B),
    "const": ({"const": "a"}, {"const": "b"}),
    "enum": ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}),
    "bounds": ({**B, "minimum": 0, "maximum": 9}, {**B, "minimum": 1, "maximum": 10}),
    "multipleOf": ({"multipleOf": 2}, {"multipleOf": 3}),
    "lengths": ({**A, "minLength": 1, "maxLength": 4}, {**A, "maxLength": 3}),
    "pattern": ({**A, "pattern": "^a+$"}, {**A, "pattern": "^b+$"}),
    "format": ({**A, "format": "date"}, {**A, "format": "ipv4"}),
    "items": (_array(items=A), _array(items=B)),
    "prefixItems": (_array(prefixItems=[A]), _array(prefixItems=[B])),
    "contains": (_array(contains=A), _array(contains=B)),
    "required": (_object(required=["a"]), _object(required=["b"])),
    "properties": (OPEN_A, _object(properties={"b": A})),
    "property": (OPEN_A, _object(properties={"a": B})),
    "additionalProperties": (_object(additionalProperties=A), _object(additionalProperties=B)),
    "patternProperties": (_object(patternProperties={"^a": A}), _object(patternProperties={"^a": B})),
    "propertyNames": (_object(propertyNames={"maxLength": 2}), _object(propertyNames={"minLength": 2})),
    "dependentRequired": (_object(dependentRequired={"a": ["b"]}), _object(dependentRequired={"a": ["c"]})),
    "oneOf members": ({"oneOf": [CAT, DOG]}, {"oneOf": [CAT, {**DOG, "properties": {"kind": {"const": "eel"}}}]}),
    "anyOf members": ({"anyOf": [A, B]}, {"anyOf": [A, {"type": "boolean"}]}),
    "not": ({"not": {"const": 1}}, {"not": {"const": 2}}),
    "oneOf that overlaps": ({"oneOf": [OPEN_A]}, {"oneOf": [OPEN_A, _object(properties={"b": B})]}),
}


def _check(instance: Json, schema: Json) -> bool:
    """As the judge sees it, with the formats as assertions and int32 spelled out."""
    validator = jsonschema_rs.Draft202012Validator({**_spelled(schema), **ROOT}, validate_formats=True)
    return validator.is_valid(instance)


def _spelled(schema: Json) -> dict[str, Json]:
    text = {"int32": 2**31 - 1, "int64": 2**63 - 1}.get(schema.get("format", ""))
    return {**schema, "maximum": text, "minimum": -text - 1} if text else dict(schema)


@pytest.mark.parametrize(("old", "new", "keyword", "member"), NARROWER.values(), ids=NARROWER)
def test_what_narrows(old: Json, new: Json, keyword: str, member: str | None) -> None:
    """Narrower one way and wider the other way, told by one difference, with an instance for each way."""
    forth = relate(old, new, old_root=ROOT, new_root=ROOT)
    back = relate(new, old, old_root=ROOT, new_root=ROOT)
    assert (forth.verdict, back.verdict) == ("narrower", "wider")
    assert [(item.keyword, item.member) for item in forth.differences] == [(keyword, member)]
    for first, second, want, relation in (
        (old, new, "valid-before-invalid-after", forth),
        (new, old, "invalid-before-valid-after", back),
    ):
        found = witness(first, second, old_root=ROOT, new_root=ROOT, want=want, hint=relation.differences[0])  # type: ignore[arg-type]
        assert found is not None
        assert _check(found.payload, first) is found.valid_before
        assert _check(found.payload, second) is found.valid_after
        opposite = "invalid-before-valid-after" if want.startswith("valid") else "valid-before-invalid-after"
        assert witness(first, second, old_root=ROOT, new_root=ROOT, want=opposite) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("old", "new"), INCOMPARABLE.values(), ids=INCOMPARABLE)
def test_what_is_neither(old: Json, new: Json) -> None:
    """Instances are lost and won: one of each."""
    assert relate(old, new, old_root=ROOT, new_root=ROOT).verdict == "incomparable"
    assert relate(new, old, old_root=ROOT, new_root=ROOT).verdict == MIRROR["incomparable"]
    lost = witness(old, new, old_root=ROOT, new_root=ROOT, want="valid-before-invalid-after")
    won = witness(old, new, old_root=ROOT, new_root=ROOT, want="invalid-before-valid-after")
    assert lost is not None
    assert won is not None
    assert (_check(lost.payload, old), _check(lost.payload, new)) == (True, False)
    assert (_check(won.payload, old), _check(won.payload, new)) == (False, True)


def test_what_cannot_be_decided_says_why() -> None:
    """A pattern that may be within another one is not guessed at; a witness may still show a loss."""
    old, new = {**A, "pattern": "^[a-z]+$"}, {**A, "pattern": "^[a-z]{3,}$"}
    relation = relate(old, new, old_root={}, new_root={})
    assert relation.verdict == "unknown"
    assert relation.differences[0].why
    assert witness(old, new, old_root={}, new_root={}, want="valid-before-invalid-after") is not None


def test_union_members_are_matched_by_what_tells_them_apart() -> None:
    """A member added in the middle is one difference, and it is named."""
    eel = {**DOG, "title": "Eel", "properties": {"kind": {"const": "eel"}}}
    for keyword in ("oneOf", "anyOf"):
        relation = relate({keyword: [CAT, DOG]}, {keyword: [eel, DOG, CAT]}, old_root={}, new_root={})
        assert relation.verdict == "wider"
        assert [(item.keyword, item.member, item.action) for item in relation.differences] == [
            (keyword, "eel", "added")
        ]


def test_members_without_discriminator_are_matched_by_title() -> None:
    """A member that changed is compared with itself, not with its neighbour."""
    one, two = {**OPEN_A, "title": "One"}, {"type": "object", "title": "Two", "properties": {"b": A}, "required": ["b"]}
    changed = {**two, "required": ["b", "c"]}
    relation = relate({"anyOf": [one, two]}, {"anyOf": [changed, one]}, old_root={}, new_root={})
    assert [(item.keyword, item.member) for item in relation.differences] == [("required", "c")]


def test_the_witness_shows_the_difference_it_was_asked_for() -> None:
    """With several differences in one schema, each has its own payload."""
    old = _object(properties={"a": {**B, "maximum": 9}, "b": A}, required=["a"])
    new = _object(properties={"a": {**B, "maximum": 5}, "b": A}, required=["a", "b"])
    relation = relate(old, new, old_root={}, new_root={})
    payloads = {
        item.keyword: found.payload
        for item in relation.differences
        if (found := witness(old, new, old_root={}, new_root={}, want="valid-before-invalid-after", hint=item))
    }
    assert payloads["required"] == {"a": 0}
    assert payloads["maximum"]["a"] > 5


@pytest.mark.parametrize("depth", [3000])
def test_depth_costs_no_stack(depth: int) -> None:
    """A chain of components thousands long, with a change at its end."""

    def chain(last: Json) -> dict[str, Any]:
        schemas = {
            f"C{n}": _object(properties={"next": {"$ref": f"#/components/schemas/C{n + 1}"}}) for n in range(depth)
        }
        return {"components": {"schemas": {**schemas, f"C{depth}": last}}}

    old, new = chain(A), chain({**A, "minLength": 1})
    first = {"$ref": "#/components/schemas/C0"}
    relation = relate(first, first, old_root=old, new_root=new)
    assert relation.verdict == "narrower"
    assert [item.old for item in relation.differences] == [f"/components/schemas/C{depth}"]
