"""Answers of operations that make no task."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema_rs
import pytest

from vidgate.simulator import DEFAULT_KEY, Simulator
from vidgate.simulator._contract import Contract
from vidgate.simulator._samples import answer, value

NODE: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}},
}
CREDITS: dict[str, Any] = {
    "type": "object",
    "required": ["success", "data"],
    "properties": {"success": {"type": "boolean"}, "data": {"type": "object", "properties": {"used": {"minimum": 3}}}},
}


def contract(**responses: Any) -> dict[str, Any]:
    """A contract with one operation that makes no task."""
    operation: dict[str, Any] = {
        "operationId": "getCredits",
        "responses": {status.removeprefix("s"): response for status, response in responses.items()},
        "servers": [{"url": "https://api.evolink.ai"}],
    }
    body = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    judge = {**operation, "operationId": "createModeration", "requestBody": {"content": content(schema=body)}}
    return {
        "paths": {"/v1/credits": {"get": operation}, "/v1/moderations": {"post": judge}},
        "components": {"schemas": {"Node": NODE, "Credits": CREDITS}},
    }


def content(**media: Any) -> dict[str, Any]:
    return {"application/json": media}


def test_a_documented_answer_comes_first() -> None:
    """The first good status with JSON, and its first example; a caller cannot change it for others."""
    documented = contract(s400={}, s201={"content": content(schema={}, examples={"a": {"value": {"used": 1}}})})
    read = Contract(documented, "evolink")
    first = answer(read, read.operations[0])
    assert first is not None
    assert first == (201, {"used": 1})
    first[1]["used"] = 2
    assert answer(read, read.operations[0]) == (201, {"used": 1})
    bare = Contract(contract(s204={}), "evolink")
    assert answer(bare, bare.operations[0]) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["a", "b"]},
        {"const": 5},
        {"type": "integer", "minimum": 7},
        {"type": ["number", "null"]},
        {"type": "string", "format": "uri"},
        {"type": "array", "items": {"type": "boolean"}},
        {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        {"allOf": [{"$ref": "#/components/schemas/Credits"}]},
        {"$ref": "#/components/schemas/Credits"},
        {"$ref": "#/components/schemas/Node"},
        {"properties": {"a": {"default": 4}, "b": {"examples": ["x"]}, "c": {"example": True}}},
        {"type": "null"},
    ],
)
def test_else_a_value_of_the_schema(schema: dict[str, Any]) -> None:
    """It fits, and a schema that contains itself ends."""
    read = Contract(contract(s200={}), "evolink")
    made = value(read, schema)
    judge = jsonschema_rs.Draft202012Validator({**schema, "components": read.document["components"]})
    assert judge.is_valid(made), made


def test_such_operations_are_served() -> None:
    """With a key, and a request that the contract takes; without an answer to give, 501."""
    good = {"content": content(schema={"$ref": "#/components/schemas/Credits"})}
    simulator = Simulator("evolink", contract=contract(s200=good))
    headers = {"Authorization": f"Bearer {DEFAULT_KEY}"}
    with httpx.Client(transport=simulator.transport(), base_url="https://api.evolink.ai") as client:
        assert client.get("/v1/credits").status_code == 401
        assert client.get("/v1/credits", headers=headers).json() == {"success": True, "data": {"used": 3}}
        assert client.post("/v1/moderations", headers=headers, json={"text": "x"}).status_code == 200
        refused = client.post("/v1/moderations", headers=headers, json={"text": 1})
        assert (refused.status_code, simulator.ledger) == (400, ())
    silent = Simulator("evolink", contract=contract(s204={}))
    with httpx.Client(transport=silent.transport(), base_url="https://api.evolink.ai") as client:
        assert client.get("/v1/credits", headers=headers).status_code == 501
