"""The older export: an endpoint block becomes the OpenAPI it stands for, and nothing of it is lost."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tools.errors import HostilePage, PageError
from tools.model import Extracted

Read: TypeAlias = Callable[[str], Extracted]

BODY = """\
  request:
    body:
      application/json:
        schemaArray:
          - type: object
            properties:
              model:
                allOf:
                  - type: string
                    enum: [a]
              seed:
                allOf:
                  - type: integer
                    nullable: true
                  - minimum: 1
            required: true
            refIdentifier: '#/components/schemas/MakeRequest'
            requiredProperties:
              - model
        examples:
          first:
            summary: First
            value: {model: a}
"""


def operation(found: Extracted) -> dict[str, object]:
    """The one operation of the page."""
    assert found.document is not None
    made: dict[str, object] = found.document["paths"]["/v1/make"]["post"]
    return made


def component(found: Extracted, name: str) -> object:
    """A schema of the page."""
    assert found.document is not None
    return found.document["components"]["schemas"][name]


def test_a_body_becomes_a_component(read_legacy: Read) -> None:
    """Wrappers go, the exporter's members become JSON Schema's, examples stay; lines lead to the page."""
    found = read_legacy(BODY)
    assert (found.kind, found.leftovers) == ("legacy", ())
    assert operation(found)["requestBody"] == {
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/MakeRequest"},
                "examples": {"first": {"summary": "First", "value": {"model": "a"}}},
            }
        },
        "required": True,
    }
    assert component(found, "MakeRequest") == {
        "type": "object",
        "properties": {
            "model": {"type": "string", "enum": ["a"]},
            "seed": {"allOf": [{"type": ["integer", "null"]}, {"minimum": 1}]},
        },
        "required": ["model"],
    }
    lines = {pointer.removeprefix("/components/schemas/MakeRequest"): line for pointer, line in found.lines.items()}
    assert (lines["/properties/model"], lines["/properties/model/enum/0"], lines["/required/0"]) == (15, 18, 27)
    assert [(repair.rule, repair.place.line) for repair in found.repairs] == [("legacy-block", 5), ("nullable", 22)]


def test_title_and_description_come_from_the_head(read_legacy: Read) -> None:
    """The block itself has neither."""
    made = operation(read_legacy("  servers: [{url: https://api.example.com}]"))
    assert (made["summary"], made["description"]) == ("Make", "Makes it")
    assert made["servers"] == [{"url": "https://api.example.com"}]


def test_security_becomes_schemes(read_legacy: Read) -> None:
    """One alternative per entry, of any kind; each scheme once."""
    found = read_legacy(
        """\
  request:
    security:
      - title: bearerAuth
        parameters:
          query: {}
          header: {Authorization: {type: http, scheme: bearer, description: Yours}}
          cookie: {}
      - title: keyAuth
        parameters: {header: {X-Key: {type: apiKey}}, query: {key: {type: apiKey}}}
      - title: not a name
        parameters: {header: {Authorization: {type: oauth2}}}"""
    )
    assert operation(found)["security"] == [{"bearerAuth": []}, {"keyAuth": [], "keyAuth-key": []}, {"security3": []}]
    assert found.document is not None
    assert found.document["components"]["securitySchemes"] == {
        "bearerAuth": {"type": "http", "scheme": "bearer", "description": "Yours"},
        "keyAuth": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "keyAuth-key": {"type": "apiKey", "in": "query", "name": "key"},
        "security3": {"type": "oauth2", "flows": {}},
    }


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        pytest.param("{type: 'enum<string>', enum: [a, b]}", {"type": "string", "enum": ["a", "b"]}, id="enum"),
        pytest.param("{type: any, title: T}", {"title": "T"}, id="any"),
        pytest.param("{type: file}", {"type": "string", "format": "binary"}, id="file"),
        pytest.param("{type: array, items: {allOf: [{type: string}]}}", {"type": "array", "items": {"type": "string"}},
                     id="items"),
        pytest.param("{type: string, example: x}", {"type": "string", "examples": ["x"]}, id="example"),
        pytest.param("{type: object, requiredProperties: [a], additionalProperties: false}",
                     {"type": "object", "required": ["a"], "additionalProperties": False}, id="closed"),
        pytest.param("{$ref: '#/components/schemas/Known'}", {"$ref": "#/components/schemas/Known"}, id="reference"),
    ],
)  # fmt: skip
def test_schemas_of_parameters(read_legacy: Read, schema: str, made: object) -> None:
    """Types the exporter invented become those of JSON Schema."""
    found = read_legacy(
        f"  request: {{parameters: {{query: {{q: {{schema: [{schema}]}}}}}}}}\n"
        "components: {schemas: {Known: {type: string}}}"
    )
    assert operation(found)["parameters"] == [{"name": "q", "in": "query", "required": False, "schema": made}]


def test_parameters_keep_place_text_and_need(read_legacy: Read) -> None:
    """A path parameter is needed always; a text moves from the schema to its parameter."""
    found = read_legacy(
        """\
  request:
    parameters:
      path: {id: {schema: [{type: string, description: Which}]}}
      header: {X-A: {schema: [{type: string, required: true}, {type: integer}], deprecated: true, explode: false}}"""
    )
    assert operation(found)["parameters"] == [
        {"name": "id", "in": "path", "required": True, "description": "Which", "schema": {"type": "string"}},
        {
            "name": "X-A",
            "in": "header",
            "required": True,
            "deprecated": True,
            "explode": False,
            "schema": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        },
    ]


ERRORS = """\
  response:
    '204':
      _mintlify/placeholder:
        schemaArray: [{type: any, description: Done}]
        examples: {}
        description: Done
    '400': &bad
      application/json:
        schemaArray:
          - type: object
            properties: {code: {allOf: [&code {type: string}]}}
            refIdentifier: '#/components/schemas/Error'
        description: Bad
    '401': *bad
    '500':
      application/json:
        schemaArray:
          - type: object
            properties: {code: {allOf: [*code]}, more: {allOf: [{type: boolean}]}}
            refIdentifier: '#/components/schemas/Error'
        description: Ours"""


def test_responses_share_what_is_the_same(read_legacy: Read) -> None:
    """Aliases are written out; a name stands for one body, another body of that name stays where it is."""
    found = read_legacy(ERRORS)
    responses = operation(found)["responses"]
    reference = {"$ref": "#/components/schemas/Error"}
    assert responses == {
        "204": {"description": "Done"},
        "400": {"description": "Bad", "content": {"application/json": {"schema": reference}}},
        "401": {"description": "Bad", "content": {"application/json": {"schema": reference}}},
        "500": {
            "description": "Ours",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {"code": {"type": "string"}, "more": {"type": "boolean"}},
                    }
                }
            },
        },
    }
    assert found.leftovers == ()


def test_what_has_no_place_is_left_over(read_legacy: Read) -> None:
    """A member nobody knows is named with its line; comments, too."""
    found = read_legacy("  type: path\n  quota: 3 # why\n  deprecated: true")
    assert [(left.place.line, left.text.strip()) for left in found.leftovers] == [(10, "quota: 3 # why")]
    assert operation(found)["deprecated"] is True


def test_a_block_that_names_another_operation_is_left_over(read: Read) -> None:
    """The label and the block must say the same."""
    found = read("# T\n\n````yaml GET /a\npaths:\n  path: /b\n  method: get\n````\n")
    assert [left.reason for left in found.leftovers] == ["the fence is labelled get /a but holds get /b"]


@pytest.mark.parametrize(
    ("block", "error", "message"),
    [
        pytest.param("  path: /x\n  method: fetch", PageError, "holds no operation", id="method"),
        pytest.param("  path: [/x]\n  method: get", PageError, "holds no operation", id="path"),
        pytest.param("  path: /../x\n  method: get", HostilePage, "not safe to use", id="unsafe-path"),
        pytest.param("  path: /x\n  method: get\n  response: {200: {a/b: {schemaArray: [{properties: {'a b': {}}}]}}}",
                     HostilePage, "not safe to use", id="unsafe-property"),
        pytest.param("  path: /x\n  method: get\n  x-vidgate-source: 1", HostilePage, "only this tool", id="ours"),
        pytest.param("  path: /x\n  method: get\n  servers: &a [*a]", HostilePage, "names nothing", id="circle"),
    ],
)  # fmt: skip
def test_what_is_refused(read: Read, block: str, error: type[PageError], message: str) -> None:
    """A block is checked like every other page."""
    text = textwrap.dedent("# T\n\n````yaml GET /x\npaths:\n") + block + "\n````\n"
    with pytest.raises(error, match=message):
        read(text)


def outcome(read_legacy: Read, text: str) -> str:
    """The kind of the page, or that it was refused, and whether the refusal says where."""
    try:
        return read_legacy(text).kind
    except PageError as error:
        return "refused with a place" if error.places else "refused"


@pytest.mark.parametrize("junk", ["1", "[]", "[1]", "{a: 1}", "{query: 1}", "{200: 1}", "{a/b: 1}", "null", "text"])
@pytest.mark.parametrize("member", ["servers", "request", "response", "request: {body: J}", "request: {parameters: J}",
                                    "request: {security: J}"])  # fmt: skip
def test_junk_is_no_crash(read_legacy: Read, member: str, junk: str) -> None:
    """Whatever stands where something else belongs, the page is read or refused."""
    text = f"  {member.replace('J', junk)}" if "J" in member else f"  {member}: {junk}"
    assert outcome(read_legacy, text) in {"legacy", "refused with a place"}
