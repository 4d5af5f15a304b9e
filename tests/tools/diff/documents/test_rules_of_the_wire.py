"""tools.diff.documents: a positive and a negative case for every rule that is a row of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.diff.documents.wire import (
    BODY,
    OK,
    POST,
    TEXT,
    answer,
    body,
    called,
    compare,
    components,
    document,
    header,
    known,
    operation,
    parameter,
    secured,
    server,
)
from tools.diff.rules import RULES

if TYPE_CHECKING:
    from tools.model import JsonObject

PET: JsonObject = {"type": "object", "properties": {"name": {"type": "string"}}}
BARE: JsonObject = {"type": "object"}
CLOSED: JsonObject = {"additionalProperties": False}
CAT, DOG = ({"title": name, "const": name} for name in ("cat", "dog"))
FREE: JsonObject = {"type": "object", "title": "Free", "properties": {"a": {"type": "string"}}}
TWIN, TWIN_TOO = ({**FREE, "title": name} for name in ("Twin", "TwinToo"))
OTHER: JsonObject = {"type": "object", "title": "Other", "properties": {"b": {"type": "integer"}}}
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
    ("request-union-member-changed", body({"oneOf": [FREE]}), body({"oneOf": [FREE, OTHER]})),
    ("request-union-member-undecided", body({"oneOf": [FREE, TWIN]}), body({"oneOf": [FREE, TWIN, TWIN_TOO]})),
    ("response-union-member-changed", answer({"oneOf": [FREE]}), answer({"oneOf": [FREE, OTHER]})),
    ("response-union-member-undecided", answer({"oneOf": [FREE, TWIN]}), answer({"oneOf": [FREE, TWIN, TWIN_TOO]})),
    ("default-changed", body({"type": "string", "default": "a"}), body({"type": "string", "default": "b"})),
    ("request-parameter-default-changed", parameter(schema={"type": "string", "default": "a"}),
     parameter(schema={"type": "string", "default": "b"})),
    ("request-parameter-default-added", parameter(), parameter(schema={"type": "string", "default": None})),
    ("request-parameter-default-removed", parameter(schema={"type": "string", "default": "a"}), parameter()),
    ("request-extensible-value-added", body(known("a")), body(known("a", "b"))),
    ("request-extensible-value-removed", body(known("a", "b")), body(known("a"))),
    ("response-extensible-value-added", answer(known("a")), answer(known("a", "b"))),
    ("response-extensible-value-removed", answer(known("a", "b")), answer(known("a"))),
    ("deprecated-added", operation(), operation(deprecated=True)),
    ("deprecated-removed", operation(deprecated=True), operation()),
    ("read-only-changed", body(PET), body({**PET, "properties": {"name": {"type": "string", "readOnly": True}}})),
    ("write-only-changed", answer(PET), answer({**PET, "properties": {"name": {"type": "string", "writeOnly": True}}})),
    ("stability-decreased", operation(**{STABLE: "beta"}), operation(**{STABLE: "alpha"})),
    ("stability-increased", operation(**{STABLE: "alpha"}), operation(**{STABLE: "beta"})),
    ("stability-unreadable", operation(), operation(**{STABLE: "firm"})),
    ("stability-decreased", operation(), operation(**{STABLE: "beta"})),
    ("stability-decreased", operation(**{STABLE: "firm"}), operation(**{STABLE: "alpha"})),
    ("sunset-added", operation(), operation(**{SUNSET: "2030-01-01"})),
    ("sunset-undecided", operation(**{SUNSET: "soon"}), operation(**{SUNSET: "2030-01-01"})),
    ("sunset-changed", operation(**{SUNSET: "2030-01-01"}), operation(**{SUNSET: "2031-01-01"})),
    ("sunset-earlier", operation(**{SUNSET: "2031-01-01"}), operation(**{SUNSET: "2030-01-01"})),
    ("sunset-removed", operation(**{"deprecated": True, SUNSET: "2031-01-01"}), operation(deprecated=True)),
    ("sunset-unreadable", operation(), operation(**{SUNSET: "soon"})),
    ("operation-added", document(), document((("paths", "/pets", "get"), {"responses": {}}))),
    ("operation-removed", document((("paths", "/pets", "get"), {"responses": {}})), document()),
    ("operation-removed-after-sunset",
     document((("paths", "/pets", "get"), {"deprecated": True, SUNSET: "2026-07-31", "responses": {}})), document()),
    ("operation-removed-after-deprecation",
     document((("paths", "/pets", "get"), {"deprecated": True, "responses": {}})), document()),
    ("operation-function-removed",
     document((("paths", "/pets", "get"), {"deprecated": True, "responses": {}})), document()),
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
    ("response-default-status-removed", document(((*POST, "responses"), {"default": {"description": "any"}})),
     document(((*POST, "responses"), {}))),
    ("response-header-added", document(), header()),
    ("response-header-removed", header(), document()),
    ("response-header-required-removed", header(required=True), document()),
    ("response-header-became-optional", header(required=True), header()),
    ("response-header-became-required", header(), header(required=True)),
    ("server-added", document((("servers",), [{"url": "https://a"}])),
     document((("servers",), [{"url": "https://a"}, {"url": "https://b"}]))),
    ("server-removed", document((("servers",), [{"url": "https://a"}, {"url": "https://b"}])),
     document((("servers",), [{"url": "https://a"}]))),
    ("server-default-changed", server(default="eu"), server(default="us")),
    ("callback-address-changed", called(), called("{$request.body#/other}")),
    ("response-status-range-narrowed", document(((*POST, "responses"), {"2XX": {"description": "good"}})), document()),
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

IDS = [f"{row[0]}-{number}" for number, row in enumerate(ROWS)]
AREAS = {"schema", "prose", "language"}


@pytest.mark.parametrize(("rule", "old", "new"), ROWS, ids=IDS)
def test_a_rule_comes_out_where_it_should(rule: str, old: JsonObject, new: JsonObject) -> None:
    """The change gives the rule; no change does not."""
    assert rule in {change.rule for change in compare(old, new)}
    assert compare(old, old) == ()
    assert compare(new, new) == ()


@pytest.mark.parametrize(("rule", "old", "new"), ROWS, ids=IDS)
def test_the_way_back_is_another_rule(rule: str, old: JsonObject, new: JsonObject) -> None:
    """What says a direction does not come out of the reversed change."""
    back = {change.rule for change in compare(new, old)}
    symmetric = rule.endswith(("-changed", "-renamed", "-undecided"))
    assert rule not in back or symmetric


def test_every_rule_has_its_case() -> None:
    """A new row of the registry needs a row here."""
    rules = {rule.id for rule in RULES if rule.area not in AREAS and not rule.id.startswith(("prose-", "locale-"))}
    named = {row[0] for row in ROWS}
    assert rules == named
