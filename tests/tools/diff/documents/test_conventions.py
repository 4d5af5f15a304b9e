"""Conventions on top of the law: who was promised what, what is text on the wire, how variants are told apart."""

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
    document,
    known,
    on_the_wire,
    operation,
    parameter,
    secured,
    server,
)

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

STABLE, SUNSET = "x-stability-level", "x-sunset"
GET = ("paths", "/pets", "get")
LONG, SHORT = {"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 3}
A, B = {"type": "string"}, {"type": "integer"}
XML, FORM = "application/xml", "application/x-www-form-urlencoded"
CAT: JsonObject = {"type": "object", "properties": {"kind": {"type": "string"}, "a": A}, "required": ["kind"]}
DOG: JsonObject = {"type": "object", "properties": {"kind": {"type": "string"}, "b": B}, "required": ["kind"]}
REFERENCES = ("#/components/schemas/Cat", "#/components/schemas/Dog")


def told(old: JsonObject, new: JsonObject) -> dict[str, str]:
    """Rules with their levels."""
    return {change.rule: change.level for change in on_the_wire(old, new)}


def path_parameter(schema: Json, **more: Json) -> JsonObject:
    """An operation whose path has a parameter."""
    row = {"in": "path", "name": "id", "required": True, "schema": schema, **more}
    return document((("paths", "/pets/{id}"), {"get": {"parameters": [row], "responses": {}}}))


def sent(media: str, schema: Json) -> JsonObject:
    """An operation with a body of a media type."""
    return document((BODY, {"content": {media: {"schema": schema}}}))


def in_both(schema: Json) -> JsonObject:
    """An operation whose body is one component, as XML and as JSON."""
    media = {"schema": {"$ref": "#/components/schemas/Pet"}}
    content = {XML: media, "application/json": media}
    return document((BODY, {"content": content}), (("components", "schemas", "Pet"), schema))


def got(schema: Json) -> JsonObject:
    """An operation that answers with a schema."""
    return {"responses": {"200": {"description": "d", "content": {"application/json": {"schema": schema}}}}}


def form(**encoding: Json) -> JsonObject:
    """A form with a text and a list of objects."""
    schema = {"type": "object", "properties": {"a": A, "list": {"type": "array", "items": {"type": "object"}}}}
    return document((BODY, {"content": {FORM: {"schema": schema, "encoding": encoding}}}))


def received(media: str, schema: Json) -> JsonObject:
    """An operation with a response of a media type."""
    return document(((*OK, "content"), {media: {"schema": schema}}))


def union(into: JsonObject, *, name: str = "kind", **mapping: Json) -> JsonObject:
    """Cats and dogs told apart by a member, in the operation of a document made with `union`'s schema."""
    into["components"] = {"schemas": {"Cat": CAT, "Dog": DOG}}
    content = into["paths"]["/pets"]["post"]
    holder = content["requestBody"] if "requestBody" in content else content["responses"]["200"]
    told_apart = {"discriminator": {"propertyName": name, "mapping": mapping}} if mapping or name != "kind" else {}
    holder["content"]["application/json"]["schema"] = {
        "oneOf": [{"$ref": reference} for reference in REFERENCES], **told_apart,
    }  # fmt: skip
    return into


def both_ways(**mapping: Json) -> tuple[JsonObject, JsonObject]:
    """The union as a request and as a response."""
    return union(body({}), **mapping), union(answer({}), **mapping)


def two(schema: Json, **levels: Json) -> JsonObject:
    """Two operations that take a schema, with their levels of stability."""
    taken = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Name"}}}}
    rows = {
        f"/{name}": {"post": {STABLE: level, "requestBody": taken, "responses": {}}} for name, level in levels.items()
    }
    return document((("paths",), rows), (("components", "schemas", "Name"), schema))


PROMISES: dict[str, tuple[JsonObject, JsonObject, dict[str, str]]] = {
    "a draft promised nothing": (
        two(LONG, a="draft"), two(SHORT, a="draft"), {"request-max-length-narrowed": "warning"},
    ),
    "what a draft shares with a stable one breaks": (
        two(LONG, a="draft", b="stable"), two(SHORT, a="draft", b="stable"), {"request-max-length-narrowed": "error"},
    ),
    "a beta promised": (two(LONG, a="beta"), two(SHORT, a="beta"), {"request-max-length-narrowed": "error"}),
    "what became stable was not promised before": (
        two(LONG, a="alpha"), two(SHORT, a="stable"),
        {"request-max-length-narrowed": "warning", "stability-increased": "info"},
    ),
    "an alpha may go": (
        document((GET, {STABLE: "alpha", "responses": {}})), document(), {"operation-removed": "warning"},
    ),
    "an operation goes before its day": (
        document((GET, {"deprecated": True, SUNSET: "2030-01-01", "responses": {}})), document(),
        {"operation-removed": "error"},
    ),
    "an operation goes on a day nobody can read": (
        document((GET, {"deprecated": True, SUNSET: "soon", "responses": {}})), document(),
        {"operation-removed": "error"},
    ),
    "a parameter goes on a day nobody can read": (
        parameter(**{SUNSET: "soon"}), document(), {"request-parameter-removed-early": "error"},
    ),
    "a parameter goes after its day": (
        parameter(**{SUNSET: "2026-01-01"}), document(), {"request-parameter-removed": "warning"},
    ),
    "no level is stable": (operation(**{STABLE: "stable"}), operation(), {}),
    "an unreadable level is put right": (operation(**{STABLE: "firm"}), operation(), {}),
    "an end is taken back": (operation(**{SUNSET: "2030-01-01"}), operation(), {"sunset-changed": "info"}),
    "a default of the path is never used": (
        path_parameter({**A, "default": "a"}), path_parameter({**A, "default": "b"}), {"default-changed": "warning"},
    ),
    "a default of what must be sent is never used": (
        parameter(required=True, schema={**A, "default": "a"}), parameter(required=True, schema=A),
        {"default-changed": "warning"},
    ),
    "a default that is null is one": (
        parameter(schema={"type": ["string", "null"], "default": None}), parameter(schema={"type": ["string", "null"]}),
        {"request-parameter-default-removed": "error"},
    ),
    "the response for everything had a body": (
        document(((*POST, "responses"), {"default": {"description": "d", "content": {"application/json": TEXT}}})),
        document(((*POST, "responses"), {})), {"response-success-status-removed": "error"},
    ),
    "the response for everything was for failures": (
        document(((*POST, "responses", "default"), {"description": "d"})), document(),
        {"response-error-status-removed": "info"},
    ),
    "an open list in both directions": (
        answer(known("a", "b")), answer(known("a")), {"response-extensible-value-removed": "info"},
    ),
    "another order of an open list": (body(known("a", "b")), body(known("b", "a")), {}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), PROMISES.values(), ids=PROMISES)
def test_promises(old: JsonObject, new: JsonObject, expected: dict[str, str]) -> None:
    """What nobody was promised breaks nobody, and what was announced is held to its announcement."""
    assert told(old, new) == expected


ARRAY: JsonObject = {"type": "array", "items": A}
AS_TEXT: dict[str, tuple[JsonObject, JsonObject, bool]] = {
    "a number becomes text": (parameter(schema=B), parameter(schema=A), False),
    "text becomes a number": (parameter(schema=A), parameter(schema=B), True),
    "a number becomes a certain text": (parameter(schema=B), parameter(schema={**A, "format": "uuid"}), True),
    "null is no text": (parameter(schema={"type": ["string", "null"]}), parameter(schema=B), True),
    "one text becomes several of the same name": (parameter(schema=A), parameter(schema=ARRAY), False),
    "one text becomes several between commas": (parameter(schema=A), parameter(schema=ARRAY, explode=False), True),
    "one text of the path becomes several": (path_parameter(A), path_parameter(ARRAY), True),
    "one number of the path becomes several": (path_parameter(B), path_parameter(ARRAY), False),
    "one becomes at least two": (parameter(schema=A), parameter(schema={**ARRAY, "minItems": 2}), True),
    "several become one": (parameter(schema=ARRAY), parameter(schema=A), True),
    "a member of a parameter": (
        parameter(schema={"type": "object", "properties": {"a": B}}),
        parameter(schema={"type": "object", "properties": {"a": A}}), False,
    ),
    "a member of a form": (
        sent(FORM, {"type": "object", "properties": {"a": B}}),
        sent(FORM, {"type": "object", "properties": {"a": A}}), False,
    ),
    "a member of JSON": (
        body({"type": "object", "properties": {"a": B}}), body({"type": "object", "properties": {"a": A}}), True,
    ),
    "a form becomes text": (sent(FORM, {"type": "object"}), sent(FORM, A), True),
    "XML becomes any text": (sent(XML, {"type": "object"}), sent(XML, A), False),
    "XML becomes a certain text": (sent(XML, {"type": "object"}), sent(XML, {**A, "maxLength": 1}), True),
    "any text becomes XML": (sent(XML, A), sent(XML, {"type": "object"}), True),
    "readers of any text get XML": (received(XML, A), received(XML, {"type": "object"}), False),
    "readers of XML get any text": (received(XML, {"type": "object"}), received(XML, A), True),
    "readers of text get a number": (received("text/plain", A), received("text/plain", B), False),
    "readers of a number get text": (received("text/plain", B), received("text/plain", A), True),
    "XML and JSON of one component": (in_both({"type": "object"}), in_both(A), True),
    "readers of JSON text get a number": (answer(A), answer(B), True),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "breaks"), AS_TEXT.values(), ids=AS_TEXT)
def test_text_on_the_wire(old: JsonObject, new: JsonObject, breaks: bool) -> None:  # noqa: FBT001 - a table
    """Where all is text, whoever takes any text takes whatever is spelled in it; JSON tells its types."""
    assert ("error" in told(old, new).values()) is breaks


def test_a_bound_of_text_is_one_difference() -> None:
    """That numbers are text as well is no second way in which the bound breaks."""
    assert told(parameter(schema=A), parameter(schema=SHORT)) == {"request-max-length-narrowed": "error"}


def test_a_payload_is_sought_in_every_use() -> None:
    """Where one use of a component comes to nothing, as two closed objects at once, another one shows the break."""
    closed: JsonObject = {"type": "object", "additionalProperties": False}
    never = {"allOf": [{"$ref": "#/components/schemas/Part"}, {"$ref": "#/components/schemas/Other"}]}
    documents = [
        document(
            (("paths",), {"/never": {"get": got(never)}, "/often": {"get": got({
                "type": "object", "properties": {"part": {"$ref": "#/components/schemas/Part"}, "name": name},
            })}}),
            (("components", "schemas"), {
                "Part": {**closed, "properties": {"a": A}, "required": required},
                "Other": {**closed, "properties": {"b": A}, "required": ["b"]},
            }),
        )
        for required, name in ((["a"], LONG), ([], SHORT))
    ]  # fmt: skip
    (change, _) = on_the_wire(*documents)
    assert (change.rule, change.level) == ("response-property-became-optional", "error")
    assert change.witness is not None
    assert change.witness.payload == {"part": {}}


CATS, DOGS = REFERENCES
PLAIN, NAMED = both_ways(), both_ways(cat=CATS, dog=DOGS)
TOLD: dict[str, tuple[tuple[JsonObject, JsonObject], tuple[JsonObject, JsonObject], tuple[str, str]]] = {
    "another member": (
        NAMED, (union(body({}), name="sort", cat=CATS, dog=DOGS), union(answer({}), name="sort", cat=CATS, dog=DOGS)),
        ("changed error", "changed error"),
    ),
    "a value goes": (NAMED, both_ways(cat=CATS), ("narrowed error", "narrowed info")),
    "a value comes": (NAMED, both_ways(cat=CATS, dog=DOGS, hound=DOGS), ("widened info", "widened error")),
    "a value is renamed": (NAMED, both_ways(puss=CATS, dog=DOGS), ("changed error", "changed error")),
    "values are exchanged": (NAMED, both_ways(cat=DOGS, dog=CATS), ("changed error", "changed error")),
    "names in place of pointers": (NAMED, both_ways(cat="Cat", dog="Dog"), ("", "")),
    "it is said at last": (PLAIN, NAMED, ("undecided warning", "narrowed info")),
    "it is no longer said": (NAMED, PLAIN, ("widened info", "undecided warning")),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), TOLD.values(), ids=TOLD)
def test_how_variants_are_told_apart(
    old: tuple[JsonObject, JsonObject], new: tuple[JsonObject, JsonObject], expected: tuple[str, str]
) -> None:
    """No validator judges it, but whoever dispatches on it takes one variant for another."""
    for direction, before, after, words in zip(("request", "response"), old, new, expected, strict=True):
        effect, _, level = words.partition(" ")
        found = told(before, after)
        about = {rule: found[rule] for rule in found if "discriminator" in rule}
        assert about == ({f"{direction}-discriminator-{effect}": level} if effect else {})
        assert ("error" in found.values()) is (level == "error")


KEY: JsonObject = {"type": "apiKey", "in": "query", "name": "key"}
BASIC, BEARER = ({"type": "http", "scheme": name} for name in ("basic", "bearer"))
PATH: JsonObject = {"in": "query", "name": "q", "schema": A}
CODE: JsonObject = {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": "https://a", "scopes": {}}}}
AROUND: dict[str, tuple[JsonObject, JsonObject, dict[str, str]]] = {
    "a required parameter of the path": (
        document(), document((("paths", "/pets", "parameters"), [{**PATH, "required": True}])),
        {"request-parameter-required-added": "error"},
    ),
    "a narrower parameter of the path": (
        document((("paths", "/pets", "parameters"), [{**PATH, "schema": LONG}])),
        document((("paths", "/pets", "parameters"), [{**PATH, "schema": SHORT}])),
        {"request-max-length-narrowed": "error"},
    ),
    "the operation's parameter hides that of the path": (
        document((("paths", "/pets", "parameters"), [{**PATH, "schema": LONG}]), ((*POST, "parameters"), [PATH])),
        document((("paths", "/pets", "parameters"), [{**PATH, "schema": SHORT}]), ((*POST, "parameters"), [PATH])), {},
    ),
    "a server of the path": (
        document((("paths", "/pets", "servers"), [{"url": "https://a"}, {"url": "https://b"}])),
        document((("paths", "/pets", "servers"), [{"url": "https://a"}])), {"server-removed": "error"},
    ),
    "a key in another place": (
        secured({"key": []}), secured({"key": []}, key=KEY),
        {"security-alternative-removed": "error", "security-alternative-added": "info"},
    ),
    "another kind of credentials": (
        secured({"way": []}, way=BASIC), secured({"way": []}, way=BEARER),
        {"security-alternative-removed": "error", "security-alternative-added": "info"},
    ),
    "another flow": (
        secured({"login": []}), secured({"login": []}, login=CODE),
        {"security-alternative-removed": "error", "security-alternative-added": "info"},
    ),
    "both at once in place of one": (
        secured({"key": []}), secured({"key": [], "login": []}), {"security-requirement-added": "error"},
    ),
    "one in place of both at once": (
        secured({"key": [], "login": []}), secured({"key": []}), {"security-requirement-reduced": "info"},
    ),
    "credentials become optional": (
        secured({"key": []}), secured({"key": []}, {}), {"security-alternative-added": "info"},
    ),
    "reserved characters": (
        parameter(), parameter(allowReserved=True), {"parameter-reserved-changed": "warning"},
    ),
    "a value of a server's variable goes": (
        server(enum=["eu", "us"]), server(enum=["eu"]), {"server-removed": "error"},
    ),
    "a value of a server's variable comes": (server(enum=["eu"]), server(enum=["eu", "us"]), {"server-added": "info"}),
    "a server of one value": (server(enum=["eu"]), server("https://eu.a"), {}),
    "a server becomes one of many": (server("https://eu.a"), server(default="us"), {"server-added": "info"}),
    "many servers become one": (server(default="eu"), server("https://eu.a"), {"server-removed": "error"}),
    "a status becomes its hundred": (
        document(((*POST, "responses"), {"200": {"description": "d"}})),
        document(((*POST, "responses"), {"2XX": {"description": "d"}})), {"response-status-added": "info"},
    ),
    "a hundred loses its body": (
        document(((*POST, "responses"), {"2XX": {"description": "d", "content": {"application/json": TEXT}}})),
        document(), {"response-status-range-narrowed": "info", "response-body-removed": "error"},
    ),
    "how a part is written anyway": (
        form(), form(a={"contentType": "text/plain", "style": "form", "explode": True}), {},
    ),
    "a part is written otherwise": (
        form(), form(a={"contentType": "text/csv"}), {"request-encoding-changed": "error"},
    ),
    "an array is written as its items": (form(), form(list={"contentType": "application/json"}), {}),
    "style of plain values": (parameter(), parameter(style="spaceDelimited"), {}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), AROUND.values(), ids=AROUND)
def test_around_the_schemas(old: JsonObject, new: JsonObject, expected: dict[str, str]) -> None:
    """Parameters of a path, servers of a path, kinds of credentials."""
    assert told(old, new) == expected


def test_a_break_that_no_payload_shows_is_a_warning_that_says_why() -> None:
    """The payload of the limit beside it is none of its own, and one of a hundred thousand elements is not built."""
    array: JsonObject = {"type": "array", "items": A}
    changes = on_the_wire(body(array), body({**array, "minItems": 1, "maxItems": 100_000}))
    found = {change.rule: change for change in changes}
    few, many = found["request-min-items-narrowed"], found["request-max-items-narrowed"]
    assert few.witness is not None
    assert (few.level, few.witness.payload) == ("error", [])
    assert (many.level, many.witness) == ("warning", None)
    assert many.why == "a payload that shows it has 100,001 elements or more, and none with more than 1,000 is built"
