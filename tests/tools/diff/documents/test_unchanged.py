"""tools.diff.documents: what did not change is passed over, and nothing is missed by it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.synthesis import document, later
from tools.diff.documents import compare_documents
from tools.diff.documents._operations import operations
from tools.diff.documents._schemas import Schemas
from tools.schema.common import share
from tools.schema.pointers import resolve
from tools.schema.relate._judge import Judge
from tools.store import side_of_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Json, JsonObject

SIZE = 0.08
FURTHER = 20
"""Links that the larger document may put between an operation and the change, two schemas and both sides each."""


def reference(kind: str, name: str) -> JsonObject:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def body(schema: Json) -> JsonObject:
    """Content of one media type."""
    return {"description": "d", "content": {"application/json": {"schema": schema}}}


BASE: JsonObject = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://a"}],
    "security": [{"key": []}],
    "paths": {
        "/a": {
            "parameters": [reference("parameters", "Limit")],
            "get": {"responses": {"200": reference("responses", "Good"), "default": body({"type": "string"})}},
        },
        "/b/{x}": {"get": {"responses": {"200": body(reference("schemas", "Other"))}}},
    },
    "components": {
        "parameters": {"Limit": {"in": "query", "name": "limit", "schema": reference("schemas", "Number")}},
        "responses": {"Good": body(reference("schemas", "Tree"))},
        "schemas": {
            "Number": {"type": "integer", "maximum": 5},
            "Tree": {"properties": {"child": reference("schemas", "Tree"), "leaf": reference("schemas", "Leaf")}},
            "Leaf": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Other": {"type": "object", "properties": {"b": {"type": "string"}}},
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X"}},
    },
}
FIRST, BOTH = frozenset({"GET /a"}), frozenset({"GET /a", "GET /b/{x}"})
EDITS: dict[str, tuple[str, Json, frozenset[str]]] = {
    "nothing": ("/info", {"title": "T"}, frozenset()),
    "behind a parameter": ("/components/schemas/Number/maximum", 4, FIRST),
    "behind a circle": ("/components/schemas/Leaf/properties/a/type", "integer", FIRST),
    "a parameter": ("/components/parameters/Limit/required", True, FIRST),
    "a response": ("/components/responses/Good/content", {}, FIRST),
    "the path item": ("/paths/~1a/servers", [{"url": "https://b"}], FIRST),
    "the operation": ("/paths/~1b~1{x}/get/deprecated", True, BOTH - FIRST),
    "servers of all": ("/servers/0/url", "https://b", BOTH),
    "security of all": ("/security/0", {}, BOTH),
    "a security scheme": ("/components/securitySchemes/key/name", "Y", BOTH),
}


@pytest.mark.parametrize(("pointer", "value", "used"), EDITS.values(), ids=EDITS.keys())
def test_exactly_what_a_change_reaches_is_compared(pointer: str, value: Json, used: frozenset[str]) -> None:
    """An operation is unchanged when its item, all it refers to, and what holds for all operations are."""
    new = copy.deepcopy(BASE)
    parent, _, name = pointer.rpartition("/")
    resolve(new, parent)[int(name) if name.isdigit() else name] = value
    sides = side_of_document(BASE, name="old"), side_of_document(new, name="new")
    schemas = Schemas(*sides)
    before, after = (operations(side.document) for side in sides)
    changed = {one.name for key, one in before.items() if not schemas.unchanged(one, after[key])}
    assert changed == used
    changes = compare_documents(*sides)
    assert bool(changes) == bool(used)
    assert {usage.operation for change in changes for usage in change.usages} == used


def test_the_same_text_at_another_place_is_not_unchanged() -> None:
    """A path whose parameter is called otherwise is another place, though its item is the same."""
    new = copy.deepcopy(BASE)
    new["paths"]["/b/{y}"] = new["paths"].pop("/b/{x}")
    sides = side_of_document(BASE, name="old"), side_of_document(new, name="new")
    (before, after) = (operations(side.document)["/b/{}", "get"] for side in sides)
    assert not Schemas(*sides).unchanged(before, after)


def _synthesized(seed: int) -> tuple[JsonObject, JsonObject]:
    old = document(seed, size=SIZE)
    return old, later(old, seed, edits=9)[0]


def _flags(seed: int) -> tuple[JsonObject, JsonObject]:
    old, new = _synthesized(seed)
    for one in (old, new):
        for schema in one["components"]["schemas"].values():
            for name, node in schema["properties"].items():
                node.update({"readOnly": True} if name in {"id", "state"} else {})
                node.update({"writeOnly": True, "x-sunset": "2030-01-01"} if name < "c" else {})
    new["components"]["schemas"]["Money"]["properties"]["amount"]["x-sunset"] = "2031-01-01"
    return old, new


def _names(seed: int) -> tuple[JsonObject, JsonObject]:
    old, new = _synthesized(seed)
    for side, one in enumerate((old, new)):
        for number, schema in enumerate(one["components"]["schemas"].values()):
            for node in schema["properties"].values():
                if "enum" in node:
                    node["x-enum-varnames"] = [f"N{value}{side if number % 5 == 0 else ''}" for value in node["enum"]]
    return old, new


@pytest.mark.parametrize("made", [_synthesized, _flags, _names])
@pytest.mark.parametrize("turned", [False, True], ids=["forth", "back"])
def test_sharing_what_both_have_changes_no_finding(
    made: Callable[[int], tuple[JsonObject, JsonObject]], *, turned: bool
) -> None:
    """The same findings, word by word, whether equal parts are one object or two."""
    pair = made(3)
    documents = pair[::-1] if turned else pair
    old, new = (side_of_document(one, name=name) for one, name in zip(documents, ("old", "new"), strict=True))
    apart = compare_documents(old, new)
    shared = replace(new, document=share(old.document, new.document))
    assert compare_documents(old, shared) == apart
    assert len(apart) > 1


@pytest.mark.parametrize("kind", ["response type changed", "response property removed", "request maximum lowered"])
def test_a_witness_costs_what_it_meets(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the document is, no more schemas are compiled for a finding: most are never reached."""
    compiled: list[int] = []
    whole = Judge.compiled

    def counted(self: Judge, schemas: tuple[Json, ...], *, formats: bool) -> Any:
        compiled[-1] += 1
        return whole(self, schemas, formats=formats)

    monkeypatch.setattr(Judge, "compiled", counted)
    for size in (SIZE, 4 * SIZE):
        old = document(3, size=size)
        new, edits = later(old, 3, edits=10)
        (pointer,) = [edit.pointer for edit in edits if edit.kind == kind][:1]
        name = pointer.split("/")[3]
        changed = copy.deepcopy(old)
        changed["components"]["schemas"][name] = new["components"]["schemas"][name]
        compiled.append(0)
        changes = compare_documents(side_of_document(old, name="old"), side_of_document(changed, name="new"))
        assert [change.witness is not None for change in changes] == [True]
    assert 0 < compiled[1] <= compiled[0] + FURTHER


def test_users_stand_in_document_order() -> None:
    """Whatever schema of an operation is the one that changed."""
    old: Any = document(3, size=SIZE)
    new: Any = copy.deepcopy(old)
    new["components"]["schemas"]["Money"]["properties"]["amount"]["minimum"] = 1
    (change,) = compare_documents(side_of_document(old, name="old"), side_of_document(new, name="new"))
    ranks = {one.name: rank for rank, one in enumerate(operations(old).values())}
    found = [ranks[usage.operation] for usage in change.usages]
    assert found == sorted(found)
    assert set(found) == set(ranks.values())
