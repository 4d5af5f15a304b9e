"""tools.schema.lift: what 3.0 spells otherwise than 3.1."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from tools.schema.lift import lift, resolved, schema_nodes

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

SCHEMAS = [
    pytest.param({"type": "string", "nullable": True}, {"type": ["string", "null"]}, id="nullable"),
    pytest.param({"type": "string", "nullable": False}, {"type": "string"}, id="not-nullable"),
    pytest.param({"nullable": True}, {}, id="nullable-anything"),
    pytest.param(
        {"allOf": [{"type": "string"}], "nullable": True, "title": "T"},
        {"title": "T", "anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]},
        id="nullable-without-type",
    ),
    pytest.param({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}, id="exclusive-minimum"),
    pytest.param({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}, id="inclusive-maximum"),
    pytest.param({"exclusiveMaximum": True}, {}, id="exclusive-of-nothing"),
    pytest.param({"example": 1}, {"examples": [1]}, id="example"),
    pytest.param({"$ref": "#/x", "nullable": True}, {"$ref": "#/x"}, id="beside-a-reference"),
    pytest.param(
        {"properties": {"nullable": {"type": "string", "nullable": True}}},
        {"properties": {"nullable": {"type": ["string", "null"]}}},
        id="property-called-nullable",
    ),
    pytest.param({"enum": [{"nullable": True}]}, {"enum": [{"nullable": True}]}, id="data-is-no-schema"),
]


@pytest.mark.parametrize(("old", "new"), SCHEMAS)
def test_a_schema_of_3_0_becomes_2020_12(old: Json, new: Json) -> None:
    """The given document stays as it is, the lifted one says the same in 3.1; 3.1 itself is left alone."""
    document: JsonObject = {"openapi": "3.0.3", "components": {"schemas": {"A": old}}}
    before = copy.deepcopy(document)
    lifted = lift(document)
    assert lifted == {"openapi": "3.1.0", "components": {"schemas": {"A": new}}}
    assert document == before
    assert lift(lifted) == lifted


S = {"schema": {"nullable": True, "type": "string"}}

PLACES: list[JsonObject] = [
    {"paths": {"/a": {"parameters": [S]}}},
    {"paths": {"/a": {"post": {"requestBody": {"content": {"a/b": S}}}}}},
    {"paths": {"/a": {"get": {"responses": {"200": {"headers": {"X": S}}}}}}},
    {"paths": {"/a": {"get": {"callbacks": {"c": {"{$u}": {"post": {
        "requestBody": {"content": {"a/b": S}}}}}}}}}},
    {"components": {"responses": {"R": {"content": {"a/b": S}}}}},
]  # fmt: skip


@pytest.mark.parametrize("document", PLACES, ids=lambda one: "-".join(str(one).split("'")[1:8:2]))
def test_schemas_are_found_wherever_they_stand(document: JsonObject) -> None:
    """Every place of a schema is reached, and no other."""
    lifted = lift({"openapi": "3.0.0", **document})
    found: list[Json] = []
    schema_nodes(lifted, lambda _, node: found.append(node))
    assert found == [{"type": ["string", "null"]}]


def test_what_is_the_same_object_beside_is_passed_over() -> None:
    """The rest is visited as before."""
    one, two = {"type": "string"}, {"properties": {"a": {"type": "integer"}}}
    document: JsonObject = {"components": {"schemas": {"One": one, "Two": two}}}
    beside: JsonObject = {"components": {"schemas": {"One": one, "Two": copy.deepcopy(two), "Three": {}}}}
    found: list[str] = []
    schema_nodes(document, lambda pointer, _: found.append(pointer), beside=beside)
    assert found == ["/components/schemas/Two", "/components/schemas/Two/properties/a"]


def test_references_are_followed_to_the_component() -> None:
    """A chain ends at the component's own pointer; circles and dangling references end in nothing."""
    document: JsonObject = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c"}, "c": {"x": 1}, "d": {"$ref": "#/d"}}
    assert resolved(document, document["a"], "/a") == ({"x": 1}, "/c")
    assert resolved(document, document["d"], "/d")[0] == {}
    assert resolved(document, {"$ref": "#/nowhere"}, "/e") == ({}, "/e")
    assert resolved(document, {"$ref": "other.json"}, "/e") == ({}, "/e")
