"""Every keyword, added, tightened, loosened and removed, in both directions and wherever a schema may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import jsonschema_rs
import pytest

from tests.tools.diff.documents.wire import POSITIONS, on_the_wire, placed

if TYPE_CHECKING:
    from tools.model import Change, Json, JsonObject

A, B = {"type": "string"}, {"type": "integer"}
NUMBER = {"type": "number"}
OBJECT, ARRAY = {"type": "object"}, {"type": "array"}
OPEN = {"type": "object", "properties": {"a": A, "b": B}}
CAT = {"type": "object", "title": "Cat", "required": ["kind"], "properties": {"kind": {"const": "cat"}}}
DOG = {"type": "object", "title": "Dog", "required": ["kind"], "properties": {"kind": {"const": "dog"}}}
EEL = {"type": "object", "title": "Eel", "required": ["kind"], "properties": {"kind": {"const": "eel"}}}


def asks(*names: str) -> JsonObject:
    """What an object must have."""
    return {"required": list(names)}


Steps: TypeAlias = "tuple[JsonObject, JsonObject, JsonObject]"
"""Without the keyword, with it, and with it as narrow as it gets here."""

KEYWORDS: dict[str, Steps] = {
    "type": ({}, {"type": ["string", "integer"]}, A),
    "enum": (A, {**A, "enum": ["a", "b"]}, {**A, "enum": ["a"]}),
    "const": (A, {**A, "enum": ["a", "b"]}, {**A, "const": "b"}),
    "minimum": (B, {**B, "minimum": 1}, {**B, "minimum": 2}),
    "maximum": (NUMBER, {**NUMBER, "maximum": 2}, {**NUMBER, "maximum": 1.5}),
    "exclusiveMinimum": (NUMBER, {**NUMBER, "exclusiveMinimum": 0}, {**NUMBER, "exclusiveMinimum": 1}),
    "exclusiveMaximum": (NUMBER, {**NUMBER, "exclusiveMaximum": 9}, {**NUMBER, "exclusiveMaximum": 8}),
    "multipleOf": (B, {**B, "multipleOf": 3}, {**B, "multipleOf": 6}),
    "minLength": (A, {**A, "minLength": 1}, {**A, "minLength": 2}),
    "maxLength": (A, {**A, "maxLength": 9}, {**A, "maxLength": 8}),
    "pattern": (A, {**A, "pattern": "^[a-z]+$"}, {**A, "allOf": [{"pattern": "^[a-z]+$"}, {"pattern": "^b"}]}),
    "format": (A, {**A, "format": "uri-reference"}, {**A, "format": "uri"}),
    "format of numbers": (B, {**B, "format": "int64"}, {**B, "format": "int32"}),
    "items": (ARRAY, {**ARRAY, "items": NUMBER}, {**ARRAY, "items": B}),
    "prefixItems": (ARRAY, {**ARRAY, "prefixItems": [A]}, {**ARRAY, "prefixItems": [A, B]}),
    "contains": (ARRAY, {**ARRAY, "contains": NUMBER}, {**ARRAY, "contains": B}),
    "minContains": (
        {**ARRAY, "contains": B},
        {**ARRAY, "contains": B, "minContains": 2},
        {**ARRAY, "contains": B, "minContains": 3},
    ),
    "maxContains": (
        {**ARRAY, "contains": B},
        {**ARRAY, "contains": B, "maxContains": 3},
        {**ARRAY, "contains": B, "maxContains": 2},
    ),
    "minItems": (ARRAY, {**ARRAY, "minItems": 1}, {**ARRAY, "minItems": 2}),
    "maxItems": (ARRAY, {**ARRAY, "maxItems": 3}, {**ARRAY, "maxItems": 2}),
    "uniqueItems": (ARRAY, {**ARRAY, "uniqueItems": True}, {**ARRAY, "uniqueItems": True, "maxItems": 1}),
    "unevaluatedItems": (
        {**ARRAY, "prefixItems": [A]},
        {**ARRAY, "prefixItems": [A], "unevaluatedItems": B},
        {**ARRAY, "prefixItems": [A], "unevaluatedItems": False},
    ),
    "required": (OPEN, {**OPEN, **asks("a")}, {**OPEN, **asks("a", "b")}),
    "properties": (
        {"type": "object", "additionalProperties": False, "properties": {"a": {}, "b": {}}},
        {"type": "object", "additionalProperties": False, "properties": {"a": A, "b": {}}},
        {"type": "object", "additionalProperties": False, "properties": {"a": {**A, "maxLength": 3}, "b": {}}},
    ),
    "additionalProperties": (
        OPEN,
        {**OPEN, "additionalProperties": NUMBER},
        {**OPEN, "additionalProperties": False},
    ),
    "unevaluatedProperties": (
        {"allOf": [OPEN]},
        {"allOf": [OPEN], "unevaluatedProperties": NUMBER},
        {"allOf": [OPEN], "unevaluatedProperties": False},
    ),
    "patternProperties": (
        OBJECT,
        {**OBJECT, "patternProperties": {"^x-": NUMBER}},
        {**OBJECT, "patternProperties": {"^x-": B}},
    ),
    "propertyNames": (
        OBJECT,
        {**OBJECT, "propertyNames": {"pattern": "^[a-z]"}},
        {**OBJECT, "propertyNames": {"pattern": "^[a-z]", "maxLength": 4}},
    ),
    "minProperties": (OBJECT, {**OBJECT, "minProperties": 1}, {**OBJECT, "minProperties": 2}),
    "maxProperties": (OBJECT, {**OBJECT, "maxProperties": 3}, {**OBJECT, "maxProperties": 2}),
    "dependentRequired": (
        OPEN,
        {**OPEN, "dependentRequired": {"a": ["b"]}},
        {**OPEN, "dependentRequired": {"a": ["b", "c"]}},
    ),
    "dependentSchemas": (
        OPEN,
        {**OPEN, "dependentSchemas": {"a": {"properties": {"c": NUMBER}}}},
        {**OPEN, "dependentSchemas": {"a": {"properties": {"c": B}}}},
    ),
    "not": (A, {**A, "not": {"const": "a"}}, {**A, "not": {"enum": ["a", "b"]}}),
    "if and then": (
        OPEN,
        {**OPEN, "if": asks("a"), "then": asks("b")},
        {**OPEN, "if": asks("a"), "then": asks("b", "c")},
    ),
    "if and else": (
        OPEN,
        {**OPEN, "if": asks("a"), "else": asks("b")},
        {**OPEN, "if": asks("a"), "else": asks("b", "c")},
    ),
    "allOf": (A, {"allOf": [A, {"minLength": 1}]}, {"allOf": [A, {"minLength": 1}, {"maxLength": 9}]}),
    "anyOf": ({}, {"anyOf": [A, B, {"type": "null"}]}, {"anyOf": [A, {"type": "null"}]}),
    "oneOf": ({}, {"oneOf": [CAT, DOG, EEL]}, {"oneOf": [CAT, DOG]}),
}

CASES = [(name, position) for name in KEYWORDS for position in POSITIONS]


def differences(old: Json, new: Json, position: str, direction: str) -> tuple[Change, ...]:
    """What changed on the wire."""
    return on_the_wire(placed(old, position, direction), placed(new, position, direction))


def valid(payload: Json, schema: Json, position: str) -> bool:
    """What the judge says of a payload; ranges that formats stand for are spelled out for it."""
    whole: JsonObject = POSITIONS[position](schema)
    ranges = {"int32": 2**31 - 1, "int64": 2**63 - 1}
    if isinstance(schema, dict) and schema.get("format") in ranges:
        top = ranges[schema["format"]]
        spelled = {**schema, "maximum": top, "minimum": -top - 1}
        return valid(payload, {name: value for name, value in spelled.items() if name != "format"}, position)
    root = {**whole, "components": {"schemas": {"Part": schema}}}
    return jsonschema_rs.Draft202012Validator(root, validate_formats=True).is_valid(payload)


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("name", "position"), CASES, ids=[f"{a}, {b}" for a, b in CASES])
def test_a_keyword_breaks_one_way_and_not_the_other(name: str, position: str, direction: str) -> None:
    """What narrows breaks requests and not responses, what widens the other way round, and the payload shows it."""
    bare, held, tight = KEYWORDS[name]
    narrowing = {"added": (bare, held), "tightened": (held, tight)}
    widening = {"removed": (held, bare), "loosened": (tight, held)}
    breaking, harmless = (narrowing, widening) if direction == "request" else (widening, narrowing)
    for action, (old, new) in breaking.items():
        errors = [change for change in differences(old, new, position, direction) if change.level == "error"]
        assert errors, action
        for change in errors:
            assert change.rule.startswith(f"{direction}-"), (action, change.rule)
            assert change.witness is not None, (action, change.rule)
            payload, before = change.witness.payload, direction == "request"
            assert valid(payload, old, position) is before, (action, payload)
            assert valid(payload, new, position) is not before, (action, payload)
    for action, (old, new) in harmless.items():
        found = differences(old, new, position, direction)
        assert found, action
        assert {change.level for change in found} == {"info"}, (action, [(one.rule, one.why) for one in found])


ENCODED = {**A, "contentEncoding": "base64", "contentMediaType": "image/png"}
UNJUDGED: dict[str, tuple[JsonObject, JsonObject]] = {
    "contentEncoding": (ENCODED, {**ENCODED, "contentEncoding": "base32"}),
    "contentMediaType": (ENCODED, {**ENCODED, "contentMediaType": "image/jpeg"}),
}


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("old", "new"), UNJUDGED.values(), ids=UNJUDGED)
def test_what_no_validator_judges_is_a_fact(old: Json, new: Json, direction: str) -> None:
    """Text that is encoded otherwise is misread both ways, without a payload that shows it."""
    for first, second in ((old, new), (new, old)):
        (change,) = differences(first, second, "on top", direction)
        assert (change.level, change.witness) == ("error", None)


LETTERS, WORDS = ({**A, "pattern": pattern} for pattern in ("^[a-z]+$", "^[a-z]{3,}$"))


@pytest.mark.parametrize("position", POSITIONS)
def test_a_payload_decides_what_the_relation_cannot(position: str) -> None:
    """Patterns are not compared, but a text that only one of them matches breaks; the other way round it is open."""
    for direction, old, new in (("request", LETTERS, WORDS), ("response", WORDS, LETTERS)):
        (change,) = differences(old, new, position, direction)
        effect = "narrowed" if direction == "request" else "widened"
        assert (change.rule, change.level, change.why) == (f"{direction}-pattern-{effect}", "error", "")
        assert change.witness is not None
        (change,) = differences(new, old, position, direction)
        assert (change.rule, change.level) == (f"{direction}-pattern-undecided", "warning")
        assert change.why


def test_a_payload_of_another_difference_decides_nothing() -> None:
    """Beside a nearer bound it is the bound that breaks, and the pattern stays open."""
    found = differences({**WORDS, "maxLength": 9}, {**LETTERS, "maxLength": 5}, "on top", "request")
    assert {change.rule: change.level for change in found} == {
        "request-max-length-narrowed": "error",
        "request-pattern-undecided": "warning",
    }


def test_what_could_never_be_there_does_not_vanish() -> None:
    """A member whose schema is false was not to be read, and nobody misses it."""
    old, new = ({"type": "object", "properties": {"a": A, **more}} for more in ({"z": False}, {}))
    assert [change.level for change in differences(old, new, "on top", "response")] == []
