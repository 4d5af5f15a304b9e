"""tools.diff.documents: a positive and a negative case for every rule that is a row of its own."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tools.diff.documents import compare_documents
from tools.diff.rules import RULES
from tools.store import side_of_document

if TYPE_CHECKING:
    from tools.model import Change, Json, JsonObject

TODAY = dt.date(2026, 8, 1)
BASE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {"/pets": {"post": {"responses": {"200": {"description": "good"}}}}},
}
POST = ("paths", "/pets", "post")
OK = (*POST, "responses", "200")
BODY = (*POST, "requestBody")
TEXT = {"schema": {"type": "string"}}


def document(*edits: tuple[tuple[str, ...], Json]) -> JsonObject:
    """The base with values put at paths; None takes away."""
    made = copy.deepcopy(BASE)
    for path, value in edits:
        node: Any = made
        for token in path[:-1]:
            node = node.setdefault(token, {})
        if value is None:
            node.pop(path[-1], None)
        else:
            node[path[-1]] = copy.deepcopy(value)
    return made


def compare(old: JsonObject, new: JsonObject) -> tuple[Change, ...]:
    """What changed."""
    return compare_documents(
        side_of_document(old, name="old"), side_of_document(new, name="new"), today=TODAY
    )  # fmt: skip


def parameter(**more: Json) -> JsonObject:
    """An operation's one query parameter."""
    return document(((*POST, "parameters"), [{"in": "query", "name": "tag", **TEXT, **more}]))


def body(schema: Json, **more: Json) -> JsonObject:
    """An operation with a JSON body."""
    return document((BODY, {"content": {"application/json": {"schema": schema}}, **more}))


def answer(schema: Json) -> JsonObject:
    """An operation with a JSON response."""
    return document(((*OK, "content"), {"application/json": {"schema": schema}}))


def header(**more: Json) -> JsonObject:
    """A response with a header."""
    return document(((*OK, "headers"), {"X-Rate": {**TEXT, **more}}))


def secured(*rows: JsonObject, **schemes: Json) -> JsonObject:
    """An operation with security."""
    known = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "login": {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a", "scopes": {}}}},
        **schemes,
    }
    return document(((*POST, "security"), list(rows)), (("components", "securitySchemes"), known))


def called(**operation: Json) -> JsonObject:
    """An operation with a callback."""
    inner = {"responses": {"200": {"description": "good"}}, **operation}
    return document(((*POST, "callbacks"), {"done": {"{$request.body#/url}": {"post": inner}}}))


def operation(**members: Json) -> JsonObject:
    """The operation with more members."""
    return document(*(((*POST, name), value) for name, value in members.items()))


def components(**schemas: Json) -> JsonObject:
    """Components that nothing uses."""
    return document((("components", "schemas"), schemas))


PET: JsonObject = {"type": "object", "properties": {"name": {"type": "string"}}}
BARE: JsonObject = {"type": "object"}
CLOSED: JsonObject = {"additionalProperties": False}
CAT, DOG = ({"title": name, "const": name} for name in ("cat", "dog"))
ADD = {"operationId": "addPet"}
SUNSET, STABLE = "x-sunset", "x-stability-level"
MADE = {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://b", "scopes": {}}}}
ENCODED = {"multipart/form-data": {"schema": PET, "encoding": {"name": {"contentType": "a/b"}}}}
FORM = {"multipart/form-data": {"schema": PET}}

ROWS: list[tuple[str, JsonObject, JsonObject]] = [
    ("request-property-added", body(BARE), body(PET)),
    ("request-property-removed", body(PET), body(BARE)),
    ("request-property-refused", body({**PET, **CLOSED}), body({**BARE, **CLOSED})),
    ("response-property-added", answer(BARE), answer(PET)),
    ("response-property-added-to-closed", answer({**BARE, **CLOSED}), answer({**PET, **CLOSED})),
    ("response-property-removed", answer(PET), answer(BARE)),
    ("request-union-member-added", body({"oneOf": [CAT]}), body({"oneOf": [CAT, {**BARE, "title": "Dog"}]})),
    ("request-union-member-removed", body({"oneOf": [CAT, {**BARE, "title": "Dog"}]}), body({"oneOf": [CAT]})),
    ("request-enum-value-added", body({"enum": ["a"]}), body({"enum": ["a", "b"]})),
    ("request-enum-value-removed", body({"enum": ["a", "b"]}), body({"enum": ["a"]})),
    ("response-enum-value-added", answer({"enum": ["a"]}), answer({"enum": ["a", "b"]})),
    ("response-enum-value-removed", answer({"enum": ["a", "b"]}), answer({"enum": ["a"]})),
    ("request-property-became-required", body(PET), body({**PET, "required": ["name"]})),
    ("request-property-became-optional", body({**PET, "required": ["name"]}), body(PET)),
    ("response-property-became-required", answer(PET), answer({**PET, "required": ["name"]})),
    ("response-property-became-optional", answer({**PET, "required": ["name"]}), answer(PET)),
    ("response-union-member-added", answer({"oneOf": [CAT]}), answer({"oneOf": [CAT, {**BARE, "title": "Dog"}]})),
    ("response-union-member-removed", answer({"oneOf": [CAT, {**BARE, "title": "Dog"}]}), answer({"oneOf": [CAT]})),
    ("default-changed", parameter(schema={"type": "string", "default": "a"}),
     parameter(schema={"type": "string", "default": "b"})),
    ("deprecated-added", operation(), operation(deprecated=True)),
    ("deprecated-removed", operation(deprecated=True), operation()),
    ("read-only-changed", body(PET), body({**PET, "properties": {"name": {"type": "string", "readOnly": True}}})),
    ("write-only-changed", answer(PET), answer({**PET, "properties": {"name": {"type": "string", "writeOnly": True}}})),
    ("stability-decreased", operation(**{STABLE: "beta"}), operation(**{STABLE: "alpha"})),
    ("stability-increased", operation(**{STABLE: "alpha"}), operation(**{STABLE: "beta"})),
    ("stability-unreadable", operation(), operation(**{STABLE: "firm"})),
    ("sunset-changed", operation(**{SUNSET: "2030-01-01"}), operation(**{SUNSET: "2031-01-01"})),
    ("sunset-earlier", operation(**{SUNSET: "2031-01-01"}), operation(**{SUNSET: "2030-01-01"})),
    ("sunset-removed", operation(**{"deprecated": True, SUNSET: "2031-01-01"}), operation(deprecated=True)),
    ("sunset-unreadable", operation(), operation(**{SUNSET: "soon"})),
    ("operation-added", document(), document((("paths", "/pets", "get"), {"responses": {}}))),
    ("operation-removed", document((("paths", "/pets", "get"), {"responses": {}})), document()),
    ("operation-removed-after-sunset",
     document((("paths", "/pets", "get"), {"deprecated": True, SUNSET: "2026-07-31", "responses": {}})), document()),
    ("webhook-added", document(), document((("webhooks", "made", "post"), {"responses": {}}))),
    ("webhook-removed", document((("webhooks", "made", "post"), {"responses": {}})), document()),
    ("callback-added", document(), called()),
    ("callback-removed", called(), document()),
    ("request-parameter-added", document(), parameter()),
    ("request-parameter-required-added", document(), parameter(required=True)),
    ("request-parameter-removed", parameter(), document()),
    ("request-parameter-removed-early", parameter(**{SUNSET: "2030-01-01"}), document()),
    ("request-parameter-became-required", parameter(), parameter(required=True)),
    ("request-parameter-became-optional", parameter(required=True), parameter()),
    ("parameter-style-changed",
     parameter(schema={"type": "array"}), parameter(schema={"type": "array"}, explode=False)),
    ("parameter-reserved-changed", parameter(), parameter(allowReserved=True)),
    ("parameter-empty-refused", parameter(allowEmptyValue=True), parameter()),
    ("parameter-empty-allowed", parameter(), parameter(allowEmptyValue=True)),
    ("parameter-content-changed", parameter(),
     document(((*POST, "parameters"), [{"in": "query", "name": "tag", "content": {"application/json": TEXT}}]))),
    ("callback-parameter-removed", called(parameters=[{"in": "query", "name": "q", **TEXT}]), called()),
    ("callback-parameter-added", called(), called(parameters=[{"in": "query", "name": "q", **TEXT}])),
    ("request-body-added", document(), body(PET)),
    ("request-body-required-added", document(), body(PET, required=True)),
    ("request-body-removed", body(PET), document()),
    ("request-body-became-required", body(PET), body(PET, required=True)),
    ("request-body-became-optional", body(PET, required=True), body(PET)),
    ("response-body-became-optional", called(requestBody={"content": FORM, "required": True}),
     called(requestBody={"content": FORM})),
    ("response-body-became-required", called(requestBody={"content": FORM}),
     called(requestBody={"content": FORM, "required": True})),
    ("response-body-removed", answer(PET), document()),
    ("response-body-added", document(), answer(PET)),
    ("request-media-type-added",
     body(PET), document((BODY, {"content": {"application/json": {"schema": PET}, **FORM}}))),
    ("request-media-type-removed",
     document((BODY, {"content": {"application/json": {"schema": PET}, **FORM}})), body(PET)),
    ("response-media-type-added", answer(PET),
     document(((*OK, "content"), {"application/json": {"schema": PET}, "application/xml": {}}))),
    ("response-media-type-removed",
     document(((*OK, "content"), {"application/json": {"schema": PET}, "application/xml": {}})), answer(PET)),
    ("response-media-type-widened", answer(PET), document(((*OK, "content"), {"application/*": {"schema": PET}}))),
    ("request-encoding-changed", document((BODY, {"content": FORM})),
     document((BODY, {"content": ENCODED}))),
    ("response-encoding-changed", document(((*OK, "content"), FORM)),
     document(((*OK, "content"), ENCODED))),
    ("response-status-added", document(), document(((*POST, "responses", "404"), {"description": "no"}))),
    ("response-success-status-removed", document(((*POST, "responses", "201"), {"description": "made"})), document()),
    ("response-error-status-removed", document(((*POST, "responses", "404"), {"description": "no"})), document()),
    ("response-header-added", document(), header()),
    ("response-header-removed", header(), document()),
    ("response-header-required-removed", header(required=True), document()),
    ("response-header-became-optional", header(required=True), header()),
    ("response-header-became-required", header(), header(required=True)),
    ("server-added", document((("servers",), [{"url": "https://a"}])),
     document((("servers",), [{"url": "https://a"}, {"url": "https://b"}]))),
    ("server-removed", document((("servers",), [{"url": "https://a"}, {"url": "https://b"}])),
     document((("servers",), [{"url": "https://a"}]))),
    ("security-added", secured(), secured({"key": []})),
    ("security-removed", secured({"key": []}), secured()),
    ("security-alternative-added", secured({"key": []}), secured({"key": []}, {"login": []})),
    ("security-alternative-removed", secured({"key": []}, {"login": []}), secured({"key": []})),
    ("security-requirement-added", secured({"login": ["read"]}), secured({"login": ["read", "write"]})),
    ("security-requirement-reduced", secured({"login": ["read", "write"]}), secured({"login": ["read"]})),
    ("security-url-changed", secured({"login": []}), secured({"login": []}, login=MADE)),
    ("operation-id-changed", operation(**ADD), operation(operationId="makePet")),
    ("operation-id-added", operation(), operation(**ADD)),
    ("operation-id-removed", operation(**ADD), operation()),
    ("operation-tags-changed", operation(tags=["a"]), operation(tags=["b"])),
    ("component-added", components(), components(Pet=PET)),
    ("component-removed", components(Pet=PET), components()),
    ("component-renamed", components(Pet=PET), components(Animal=PET)),
    ("enum-names-changed", components(A={"enum": [1], "x-enum-varnames": ["ONE"]}),
     components(A={"enum": [1], "x-enum-varnames": ["UNO"]})),
    ("parameter-name-changed", document((("paths", "/pets/{id}", "get"), {"responses": {}, "parameters": [
        {"in": "path", "name": "id", "required": True, **TEXT}]})),
     document((("paths", "/pets/{key}", "get"), {"responses": {}, "parameters": [
         {"in": "path", "name": "key", "required": True, **TEXT}]}))),
]  # fmt: skip

ELSEWHERE: dict[str, str] = {
    "request-union-member-changed": "a variant is matched with itself, and its members are reported",
    "response-union-member-changed": "the same",
    "request-union-member-undecided": "the same",
    "response-union-member-undecided": "the same",
}
"""Rules whose cases are in the table of outcomes (test_rules.py), and why they have no document here."""

AREAS = {"schema", "prose", "language"}


@pytest.mark.parametrize(("rule", "old", "new"), ROWS, ids=[row[0] for row in ROWS])
def test_a_rule_comes_out_where_it_should(rule: str, old: JsonObject, new: JsonObject) -> None:
    """The change gives the rule; no change does not."""
    assert rule in {change.rule for change in compare(old, new)}
    assert compare(old, old) == ()
    assert compare(new, new) == ()


@pytest.mark.parametrize(("rule", "old", "new"), ROWS, ids=[row[0] for row in ROWS])
def test_the_way_back_is_another_rule(rule: str, old: JsonObject, new: JsonObject) -> None:
    """What says a direction does not come out of the reversed change."""
    back = {change.rule for change in compare(new, old)}
    symmetric = rule.endswith(("-changed", "-renamed"))
    assert rule not in back or symmetric


def test_every_rule_has_its_case() -> None:
    """A new row of the registry needs a row here; a waiver that is not needed is stale."""
    rules = {rule.id for rule in RULES if rule.area not in AREAS and not rule.id.startswith(("prose-", "locale-"))}
    named = {row[0] for row in ROWS}
    assert rules - named == set(ELSEWHERE)
    assert named <= rules
