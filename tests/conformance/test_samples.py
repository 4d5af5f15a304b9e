"""Sample values and their changes, which the checks of responses stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance._answers import answers, unexpected
from conformance._contract import Contract
from conformance._samples import compose, mutations, requests_of
from conformance._subject import ROWS, load
from conformance._verdict import HarnessError

if TYPE_CHECKING:
    from conformance._settings import ProviderName


def contract(**schemas: Any) -> Contract:
    """A contract that has nothing but schemas."""
    return Contract({"paths": {}, "components": {"schemas": schemas}})


TASK = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "examples": ["task-1"]},
        "status": {"type": "string", "enum": ["pending", "completed"]},
        "progress": {"type": "integer", "minimum": 5},
        "links": {"type": "array", "items": {"type": "string", "format": "uri"}, "minItems": 2},
        "error": {"$ref": "#/components/schemas/Error"},
    },
}
ERROR = {"type": ["object", "null"], "properties": {"code": {"type": "string"}}}


def test_compose_fills_every_property() -> None:
    """Examples first, then enums and limits, through references."""
    assert compose(contract(Task=TASK, Error=ERROR), {"$ref": "#/components/schemas/Task"}) == {
        "id": "task-1",
        "status": "pending",
        "progress": 5,
        "links": ["https://example.com/file.mp4"] * 2,
        "error": {"code": "text"},
    }


def test_compose_can_keep_to_what_is_required() -> None:
    """A minimal request has no optional field."""
    assert compose(contract(Error=ERROR), TASK, only_required=True) == {"id": "task-1"}


def test_compose_refuses_to_guess() -> None:
    """A pattern without an example is a gap of the contract, not a wrong subject."""
    with pytest.raises(HarnessError, match="give it an example"):
        compose(contract(), {"type": "string", "pattern": "^[a-f]{40}$"})


def test_compose_skips_an_example_that_is_not_valid() -> None:
    """Pages give wrong examples now and then."""
    assert compose(contract(), {"type": "integer", "examples": ["six"], "maximum": 4}) == 1


def test_mutations_touch_every_place_in_every_way() -> None:
    """Each property: null, another type, missing; each enum: an unknown member; each object: an extra field."""
    document = contract(Task=TASK, Error=ERROR)
    value = compose(document, TASK)
    found = {change.id for change in mutations(document, TASK, value)}
    places = ("/id", "/status", "/progress", "/links", "/error", "/error/code")
    assert found == {
        *(f"{kind} at {place}" for place in places for kind in ("null", "other type", "missing")),
        "unknown value at /status",
        "extra field at /a_field_no_page_names",
        "extra field at /error/a_field_no_page_names",
    }
    assert value == compose(document, TASK)


def test_requests_reach_every_field_and_every_named_value() -> None:
    """A value that is valid only beside others is tried on the documented requests."""
    schema = {
        "type": "object",
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "mode": {"type": "string", "enum": ["a", "b"]},
            "media": {"type": "string"},
        },
        "dependentRequired": {"mode": ["media"]},
    }
    bodies = list(requests_of(contract(Request=schema), "Request", [{"prompt": "p", "media": "m"}]))
    assert {"prompt": "text"} in bodies
    assert {body.get("mode") for body in bodies} == {None, "a", "b"}


def test_requests_say_which_field_was_not_reached() -> None:
    """A field that no request has would never be judged."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "not": {"required": ["a"]}}
    with pytest.raises(HarnessError, match="no valid request of Request with a"):
        list(requests_of(contract(Request=schema), "Request", []))


@pytest.mark.parametrize("provider", sorted(ROWS))
def test_every_response_component_is_changed(provider: ProviderName) -> None:
    """No schema that a response can lead to is left out of the changes."""
    subject = load(provider)
    wanted: set[str] = set()
    reached: set[str] = set()
    for operation in subject.contract.operations:
        for status in operation.statuses:
            wanted |= names(subject.contract, operation.response_schema(status))
    for _, answer in answers(subject):
        if answer.name == "composed":
            schema = answer.operation.response_schema(answer.status or 0)
            for change in unexpected(subject, answer):
                reached |= passed(subject.contract, schema or {}, change.pointer.split("/")[1:])
    assert wanted
    assert reached == wanted


def names(document: Contract, schema: Any, seen: frozenset[str] = frozenset()) -> set[str]:
    """Every component that a schema leads to."""
    if isinstance(schema, list):
        return {name for item in schema for name in names(document, item, seen)}
    if not isinstance(schema, dict):
        return set()
    found: set[str] = set()
    for key, inner in schema.items():
        if key == "$ref":
            name = str(inner).rpartition("/")[2]
            if name not in seen:
                found |= {name} | names(document, document.component(name), seen | {name})
        elif not key.startswith("x-"):
            found |= names(document, inner, seen)
    return found


def passed(document: Contract, schema: Any, steps: list[str]) -> set[str]:
    """The components that a pointer into a value passes."""
    found = {str(schema["$ref"]).rpartition("/")[2]} if "$ref" in schema else set[str]()
    resolved = document.resolve(schema)
    if not steps:
        return found
    inner = resolved.get("items") if steps[0].isdigit() else resolved.get("properties", {}).get(steps[0])
    return found | passed(document, inner or {}, steps[1:])
