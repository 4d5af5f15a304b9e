"""The view: the same classes as the contract, tolerant where a response can reach them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from tools.errors import GenerateError
from tools.generate.phrases import phrases
from tools.generate.view import View, make_view
from tools.schema.pointers import resolve, walk

if TYPE_CHECKING:
    from tests.tools.generate.conftest import Variation
    from tools.model import Json, JsonObject

ENGLISH = phrases(None)


def viewed(contract: JsonObject) -> View:
    return make_view(contract, ENGLISH)


def shape(contract: JsonObject, name: str) -> Json:
    return viewed(contract).openapi["components"]["schemas"][name]


def test_the_contract_is_left_as_it_is(sample: JsonObject) -> None:
    """The view is a derivation, not an edit."""
    before = copy.deepcopy(sample)
    viewed(sample)
    assert sample == before


def test_responses_need_nothing_and_may_be_null(sample: JsonObject) -> None:
    """No response schema has required properties, and each property takes null."""
    for name in ("Film", "FilmOwner", "FilmFilesItem", "Image", "Problem", "CreateFilmResponse400Error", "Cost"):
        found = shape(sample, name)
        assert "required" not in found, name
        for key, value in found["properties"].items():
            assert {"type": "null"} in value["anyOf"], (name, key)


def test_response_enums_and_constants_are_open(sample: JsonObject) -> None:
    """Beside the known values any value of their type is right."""
    properties = shape(sample, "Film")["properties"]
    for key, alias in (("status", "FilmStatus"), ("kind", "FilmKind")):
        assert properties[key]["anyOf"][:2] == [{"$ref": f"#/components/schemas/{alias}"}, {"type": "string"}]
    assert shape(sample, "FilmStatus") == {"type": "string", "enum": ["pending", "done"]}


def test_response_formats_and_closed_objects_are_gone(sample: JsonObject) -> None:
    """A date that is none, or an unknown property, cannot raise."""
    film = shape(sample, "Film")
    assert film["properties"]["made"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert "additionalProperties" not in film


def test_requests_stay_strict(sample: JsonObject) -> None:
    """A request keeps what it requires; what it lists stays closed unless the contract says otherwise."""
    alpha = shape(sample, "AlphaRequest")
    assert alpha["required"] == ["model", "prompt"]
    assert alpha["properties"]["model"] == {"const": "alpha-1", "default": "alpha-1", "description": "The model."}
    assert alpha["properties"]["ratio"]["$ref"] == "#/components/schemas/AlphaRequestRatio"
    assert alpha["properties"]["quality"]["$ref"] == "#/components/schemas/AlphaRequestQuality"
    assert alpha["properties"]["style"]["anyOf"] == [
        {"$ref": "#/components/schemas/AlphaRequestStyle"},
        {"type": "string"},
    ]
    assert alpha["properties"]["seed"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert shape(sample, "AlphaRequestCamera")["required"] == ["path"]


def test_a_schema_of_both_sides_is_tolerant_and_one(sample: JsonObject) -> None:
    """Image stands in a request and in a response: one class, with nothing required."""
    assert "required" not in shape(sample, "Image")
    assert not [name for name in viewed(sample).classes if name.startswith("Image") and name != "Image"]


def test_defaults_become_documentation(sample: JsonObject) -> None:
    """A default would be put on the wire by the generated class; the server applies it."""
    view = viewed(sample)
    kept = [
        pointer for pointer, _ in walk(view.openapi) if pointer.endswith("/default") and "/responses/" not in pointer
    ]
    assert kept == [f"/components/schemas/{name}/properties/model/default" for name in ("AlphaRequest", "BetaRequest")]
    alpha = shape(sample, "AlphaRequest")["properties"]
    assert alpha["duration"]["description"] == "Length in seconds. Default at the server: 10."
    assert alpha["ratio"]["description"].endswith('\n\nOne of "16:9", "9:16". Default at the server: "16:9".')
    assert alpha["style"]["description"] == 'Common values: "noir", "anime"; others are accepted.'
    assert "description" not in shape(sample, "Film")["properties"]["progress"]


def test_only_shape_is_left(sample: JsonObject) -> None:
    """Assertions, examples, links, callbacks, extensions and servers are not the generator's business."""
    gone = {
        "if",
        "then",
        "not",
        "examples",
        "example",
        "links",
        "callbacks",
        "servers",
        "pattern",
        "minLength",
        "allOf",
    }
    for pointer, _ in walk(viewed(sample).openapi):
        token = pointer.rpartition("/")[2]
        assert token not in gone, pointer
        assert not token.startswith("x-vidgate"), pointer


ASSERTIONS: list[Json] = [
    pytest.param({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, id="anyOf-required"),
    pytest.param({"oneOf": [{"required": ["a"]}, {"not": {"required": ["a"]}}]}, id="oneOf-required"),
    pytest.param({"allOf": [{"if": {"required": ["a"]}, "then": {"required": ["b"]}}]}, id="allOf-if"),
    pytest.param({"if": {"properties": {"a": {"const": "x"}}}, "then": {"required": ["b"]}}, id="if"),
    pytest.param({"not": {"required": ["a", "b"]}}, id="not"),
    pytest.param({"dependentSchemas": {"a": {"required": ["b"]}}}, id="dependentSchemas"),
    pytest.param({"dependentRequired": {"a": ["b"]}}, id="dependentRequired"),
    pytest.param({"patternProperties": {"^x": {"type": "string"}}}, id="patternProperties"),
    pytest.param({"propertyNames": {"pattern": "^[a-z]+$"}}, id="propertyNames"),
    pytest.param({"anyOf": [{"properties": {"a": {"const": "x"}}}, {"required": ["b"]}]}, id="anyOf-refinement"),
    pytest.param({"minProperties": 1, "maxProperties": 3}, id="sizes"),
    pytest.param({"allOf": [{"allOf": [{"anyOf": [{"required": ["a"]}]}]}]}, id="nested"),
]


@pytest.mark.parametrize("assertion", ASSERTIONS)
def test_assertions_leave_the_class(varied: Variation, assertion: JsonObject) -> None:
    """A schema with an assertion at its root gives the same class as without."""
    plain = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    contract = varied(schemas={"Plain": plain, "Asserted": {**plain, **assertion}})
    view = viewed(contract)
    assert {"Plain", "Asserted"} <= view.classes.keys()
    schemas = view.openapi["components"]["schemas"]
    assert schemas["Asserted"] == schemas["Plain"]


def test_what_an_all_of_requires_is_required(varied: Variation) -> None:
    """A condition without condition is part of the class."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "allOf": [{"required": ["a"]}]}
    assert shape(varied(schemas={"Plain": schema}), "Plain")["required"] == ["a"]


def test_all_of_is_folded_in(sample: JsonObject) -> None:
    """The class of an allOf has the properties of all its parts."""
    assert list(shape(sample, "Problem")["properties"]) == ["title", "detail"]


def test_a_union_beside_properties_is_one_class(varied: Variation) -> None:
    """Branches that add properties give them to the class, none of them required."""
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}},
        "oneOf": [
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
            {"properties": {"c": {"type": "integer"}}},
            {"properties": {"c": {"type": "string"}}},
        ],
    }
    found = shape(varied(schemas={"Plain": schema}), "Plain")
    assert list(found["properties"]) == ["a", "b", "c"]
    assert found["properties"]["c"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert found["required"] == ["a"]


PROPERTIES: list[Json] = [
    pytest.param({"type": "array", "items": {"type": "string"}, "anyOf": [{"minItems": 1}]}, "array", id="array-anyOf"),
    pytest.param({"type": "string", "not": {"const": "x"}, "anyOf": [{"pattern": "a"}]}, "string", id="string-anyOf"),
    pytest.param({"allOf": [{"type": "string"}, {"minLength": 1}]}, "string", id="allOf-of-one-type"),
    pytest.param({"enum": [True, False]}, "boolean", id="enum-of-booleans"),
    pytest.param({"type": "number", "enum": [0.5, 1.5]}, "number", id="enum-of-fractions"),
    pytest.param({"type": "string", "format": "date-time"}, "string", id="date"),
]


@pytest.mark.parametrize(("schema", "kind"), PROPERTIES)
def test_properties_keep_their_type(varied: Variation, schema: JsonObject, kind: str) -> None:
    """What only asserts, or what the generator cannot say, does not turn a property into Any."""
    assert shape(varied(properties={"tested": schema}), "AlphaRequest")["properties"]["tested"]["type"] == kind


def test_mixed_enums_are_split_by_type(varied: Variation) -> None:
    """Texts and numbers in one enum give two literals; null gives None."""
    contract = varied(properties={"tested": {"enum": ["auto", 4, 6, None]}})
    tested = shape(contract, "AlphaRequest")["properties"]["tested"]["anyOf"]
    prefix = "#/components/schemas/AlphaRequestTested"
    assert tested == [{"$ref": prefix}, {"$ref": f"{prefix}Number"}, {"type": "null"}]


def test_a_property_called_like_a_keyword_is_a_property(varied: Variation) -> None:
    """`default`, `items` and `$ref` may be names of properties."""
    member = {"type": "string"}
    film = varied()["components"]["schemas"]["Film"]
    film["properties"] |= {"default": {"$ref": "#/components/schemas/Extra"}, "items": member, "enum": member}
    contract = varied(schemas={"Extra": {"type": "object", "required": ["a"], "properties": {"a": member}}})
    assert {"default", "items", "enum"} <= shape(contract, "Film")["properties"].keys()
    assert "required" not in shape(contract, "Extra")


def test_bodies_that_say_nothing_are_known(varied: Variation) -> None:
    """Only a property without any schema may be typed Any."""
    assert viewed(varied()).untyped == {("AlphaRequest", "extra")}


REFUSED: list[Json] = [
    pytest.param({"$ref": "#/components/schemas/Missing"}, "does not exist", id="missing"),
    pytest.param({"$ref": "other.json#/x"}, "leads to no schema", id="foreign"),
    pytest.param({"type": "sting"}, "there is no type 'sting'", id="type"),
    pytest.param({"$ref": "#/components/schemas/Loop"}, "contains itself", id="union-loop"),
    pytest.param("text", "no schema stands here", id="no-schema"),
    pytest.param({"enum": ["a\ud800"]}, "is no text", id="surrogate"),
]


@pytest.mark.parametrize(("schema", "problem"), REFUSED)
def test_what_cannot_become_python_is_refused(varied: Variation, schema: Json, problem: str) -> None:
    """The error names the place in the contract and what to do."""
    loop = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Loop"}}]}
    contract = varied(schemas={"Loop": loop}, properties={"tested": schema})
    with pytest.raises(GenerateError, match=problem) as caught:
        viewed(contract)
    assert caught.value.fix
    pointer = caught.value.places[0].pointer
    assert pointer is not None
    resolve(contract, pointer)
