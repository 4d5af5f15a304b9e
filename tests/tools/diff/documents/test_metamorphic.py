"""tools.diff.documents: equal meanings give nothing, and a reversed pair the reversed verdict."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from tools.diff.documents import compare_documents
from tools.store import side_of_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Change, JsonObject

PET: dict[str, Any] = {
    "type": "object",
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "kind": {"type": "string", "enum": ["cat"]},
        "age": {"type": ["integer", "null"], "exclusiveMinimum": 0},
        "parent": {"$ref": "#/components/schemas/Pet"},
        "food": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}
BASE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://a"}],
    "security": [{"key": []}],
    "paths": {
        "/pets/{id}": {
            "put": {
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}},
                    {"in": "header", "name": "X-Trace", "schema": {"type": "string"}},
                    {"in": "query", "name": "tags", "schema": {"type": "array", "items": {"type": "string"}}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "responses": {
                    "200": {
                        "description": "good",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {"Pet": PET},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}


def compare(old: JsonObject, new: JsonObject) -> tuple[Change, ...]:
    """What changed on the wire."""
    changes = compare_documents(side_of_document(old, name="old"), side_of_document(new, name="new"))
    return tuple(change for change in changes if change.axis == "wire")


def put(document: JsonObject) -> dict[str, Any]:
    """The operation."""
    operation: dict[str, Any] = document["paths"]["/pets/{id}"]["put"]
    return operation


def properties(document: JsonObject) -> dict[str, Any]:
    """The members of a pet."""
    found: dict[str, Any] = document["components"]["schemas"]["Pet"]["properties"]
    return found


def edit(change: Callable[[JsonObject], object]) -> JsonObject:
    """The base with a change made to it."""
    document = copy.deepcopy(BASE)
    change(document)
    return document


def rename(document: JsonObject) -> JsonObject:
    """Another name for the component."""
    text = json.dumps(document).replace("schemas/Pet", "schemas/Animal").replace('"Pet": {', '"Animal": {')
    made: JsonObject = json.loads(text)
    return made


def path_level(document: JsonObject) -> None:
    """Parameters of the path instead of the operation."""
    document["paths"]["/pets/{id}"]["parameters"] = put(document).pop("parameters")


def operation_level(document: JsonObject) -> None:
    """Security and servers at the operation instead of the root."""
    put(document).update(security=document.pop("security"), servers=document.pop("servers"))


def component_parameter(document: JsonObject) -> None:
    """A parameter and a body by reference."""
    document["components"]["parameters"] = {"Trace": put(document)["parameters"][1]}
    put(document)["parameters"][1] = {"$ref": "#/components/parameters/Trace"}
    document["components"]["requestBodies"] = {"Pet": put(document)["requestBody"]}
    put(document)["requestBody"] = {"$ref": "#/components/requestBodies/Pet"}


def path_name(document: JsonObject) -> None:
    """Another name for the part of the path."""
    document["paths"]["/pets/{petId}"] = document["paths"].pop("/pets/{id}")
    document["paths"]["/pets/{petId}"]["put"]["parameters"][0]["name"] = "petId"


SAME: dict[str, JsonObject] = {
    "identity": copy.deepcopy(BASE),
    "component-renamed": rename(BASE),
    "parameters-of-the-path": edit(path_level),
    "security-and-servers-of-the-operation": edit(operation_level),
    "components-for-parts": edit(component_parameter),
    "name-of-a-path-parameter": edit(path_name),
    "header-case": edit(lambda d: put(d)["parameters"][1].update(name="x-trace")),
    "order-of-parameters": edit(lambda d: put(d)["parameters"].reverse()),
    "default-style": edit(lambda d: put(d)["parameters"][2].update(style="form", explode=True)),
    "media-type-spelling": edit(
        lambda d: put(d)["requestBody"].update(
            content={"Application/JSON; charset=UTF-8": put(d)["requestBody"]["content"]["application/json"]}
        )
    ),
    "server-slash": edit(lambda d: d.update(servers=[{"url": "https://a/"}])),
    "scheme-renamed": json.loads(json.dumps(BASE).replace('"key"', '"token"')),
    "required-order": edit(lambda d: d["components"]["schemas"]["Pet"].update(required=["kind", "name"])),
    "const-for-enum": edit(lambda d: properties(d).update(kind={"const": "cat"})),
    "one-of-consts": edit(lambda d: properties(d).update(kind={"oneOf": [{"const": "cat"}]})),
    "type-list-for-any-of": edit(lambda d: properties(d).update(food={"type": ["string", "null"]})),
    "integer-bound": edit(lambda d: properties(d).update(age={"type": ["integer", "null"], "minimum": 1})),
    "flat-all-of": edit(lambda d: d["components"]["schemas"].update(Pet={"allOf": [PET]})),
    "keyword-that-says-nothing": edit(lambda d: properties(d)["name"].update(minItems=3)),
    "boolean-schema": edit(lambda d: d["components"]["schemas"]["Pet"].update(additionalProperties=True)),
    "words": edit(lambda d: properties(d)["name"].update(description="Its name.", title="Name")),
    "extension": edit(lambda d: put(d).update({"x-order": 3})),
    "inline": edit(
        lambda d: put(d)["requestBody"].update(content={"application/json": {"schema": copy.deepcopy(PET)}})
    ),
    "nullable-of-3-0": {
        **edit(
            lambda d: properties(d).update(
                age={"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True},
                food={"type": "string", "nullable": True},
            )
        ),
        "openapi": "3.0.3",
    },
}


@pytest.mark.parametrize("new", SAME.values(), ids=SAME.keys())
def test_equal_meanings_give_nothing(new: JsonObject) -> None:
    """In both directions."""
    assert compare(BASE, new) == ()
    assert compare(new, BASE) == ()


def responses_only(document: JsonObject) -> JsonObject:
    """The pet is only read."""
    put(document).pop("requestBody", None)
    return document


def requests_only(document: JsonObject) -> JsonObject:
    """The pet is only sent."""
    put(document)["responses"]["200"].pop("content")
    return document


def narrow(document: JsonObject) -> None:
    """Fewer names are names."""
    properties(document)["name"]["minLength"] = 2


def test_reversal_turns_the_verdict_round() -> None:
    """What breaks requests one way is harmless the other way, and so for responses with the sides exchanged."""
    levels: dict[tuple[str, bool], str] = {}
    for name, only in (("request", requests_only), ("response", responses_only)):
        old, new = only(copy.deepcopy(BASE)), only(edit(narrow))
        for back in (False, True):
            (change,) = compare(new, old) if back else compare(old, new)
            levels[name, back] = change.level
            assert (change.witness is not None) == (change.level == "error")
    assert levels == {
        ("request", False): "error",
        ("request", True): "info",
        ("response", False): "info",
        ("response", True): "error",
    }


def test_a_shared_component_is_one_finding() -> None:
    """Five operations that use it are its usages; used both ways it takes the worse."""
    documents = [copy.deepcopy(BASE), edit(narrow)]
    for document in documents:
        for index in range(4):
            document["paths"][f"/more{index}"] = {"put": {**copy.deepcopy(put(document)), "parameters": []}}
    (change,) = compare(documents[0], documents[1])
    assert (change.rule, change.level) == ("request-min-length-narrowed", "error")
    assert len({usage.operation for usage in change.usages}) == 5
    assert {usage.role for usage in change.usages} == {"request", "response"}
    assert change.witness is not None


def test_callbacks_turn_the_polarity_round() -> None:
    """What is narrower in the body that comes to us is harmless, what is wider breaks."""
    sides: list[JsonObject] = []
    for document in (copy.deepcopy(BASE), edit(narrow)):
        inner = {"requestBody": put(document)["requestBody"], "responses": {"200": {"description": "good"}}}
        requests_only(document)
        put(document)["callbacks"] = {"done": {"{$request.body#/url}": {"post": inner}}}
        del put(document)["requestBody"]
        sides.append(document)
    assert {change.level for change in compare(sides[0], sides[1])} == {"info"}
    assert {change.level for change in compare(sides[1], sides[0])} == {"error"}
