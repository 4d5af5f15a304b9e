"""What OpenAPI lets a page say by reference or once per path reaches the contract, or is left over by name."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.tools.merge.pages import NO_JUDGEMENTS, SOURCE
from tools.errors import HostilePage
from tools.merge import normalize
from tools.merge._standalone import standalone
from tools.model import Document, Extracted, Judgements, Page

MARK = {"type": "object", "properties": {"mark": {"type": "string"}}}
REPLY = {"description": "Fine.", "content": {"application/json": {"schema": {"type": "object"}}}}
MARKED = {"description": "Fine.", "content": {"application/json": {"schema": MARK}}}


def page(
    operation: dict[str, Any] | None = None,
    components: dict[str, Any] | None = None,
    *,
    item: dict[str, Any] | None = None,
    path: str = "en/a.md",
    **root: Any,
) -> Extracted:
    """A page that documents `GET /v1/things/{id}`."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/v1/things/{id}": {**(item or {}), "get": {"responses": {"200": REPLY}, **(operation or {})}}},
        "components": components or {},
        **root,
    }
    found = Page(provider="p", locale=path[:2], path=path, content=b"")
    lines = {"": 1, "/components": 50, "/components/parameters/P": 60, "/components/parameters/P/schema": 61}
    return Extracted(page=found, kind="openapi", document=document, lines=lines)


def merge(*pages: Extracted) -> Document:
    """The contract of these pages."""
    return normalize(pages, NO_JUDGEMENTS, SOURCE)


def query(name: str, **members: Any) -> dict[str, Any]:
    """A parameter of the query."""
    return {"name": name, "in": "query", "schema": {"type": "string"}, **members}


TAKEN = {
    "parameter by reference": page(
        {"parameters": [{"$ref": "#/components/parameters/P"}]}, {"parameters": {"P": query("mark")}}
    ),
    "reply by reference": page(
        {"responses": {"200": {"$ref": "#/components/responses/R"}}}, {"responses": {"R": MARKED}}
    ),
    "body by reference": page(
        {"requestBody": {"$ref": "#/components/requestBodies/B"}}, {"requestBodies": {"B": MARKED}}
    ),
    "header by reference": page(
        {"responses": {"200": {**REPLY, "headers": {"mark": {"$ref": "#/components/headers/H"}}}}},
        {"headers": {"H": {"schema": {"type": "string"}}}},
    ),
    "example by reference": page(
        {
            "responses": {
                "200": {
                    "description": "Fine.",
                    "content": {
                        "application/json": {
                            "schema": {"type": "string"},
                            "examples": {"e": {"$ref": "#/components/examples/E"}},
                        }
                    },
                }
            }
        },
        {"examples": {"E": {"value": "mark"}}},
    ),
    "schema of a callback": page(
        {
            "callbacks": {
                "c": {"{$request.body#/url}": {"post": {"requestBody": {"$ref": "#/components/requestBodies/B"}}}}
            }
        },
        {
            "requestBodies": {"B": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}}},
            "schemas": {"S": MARK},
        },
    ),
    "parameter of the path": page(item={"parameters": [query("mark")]}),
    "server of the path": page(item={"servers": [{"url": "https://mark.example.com"}]}),
    "summary of the path": page(item={"summary": "mark"}),
    "examples of a parameter": page({"parameters": [query("q", examples={"e": {"value": "mark"}})]}),
    "variables of a server": page(
        servers=[{"url": "https://{r}.example.com", "variables": {"r": {"default": "mark"}}}]
    ),
}


@pytest.mark.parametrize("given", TAKEN.values(), ids=TAKEN)
def test_what_is_shared_reaches_the_contract(given: Extracted) -> None:
    """Whole, and without a reference that leads nowhere."""
    document = merge(given)
    assert not document.findings
    text = json.dumps(document.openapi)
    assert "mark" in text
    named = {part.split('"')[0] for part in text.split('"#/components/')[1:]}
    assert named <= {f"schemas/{name}" for name in document.openapi["components"]["schemas"]}


LEFT = {
    "parameter": (page({"parameters": [query("q", **{"x-odd": 1})]}), "/get/parameters/0/x-odd", "parameter"),
    "operation": (page({"x-odd": 1}), "/get/x-odd", "operation"),
    "path": (page(item={"x-odd": 1}), "/x-odd", "path"),
    "reply": (page({"responses": {"200": {**REPLY, "x-odd": 1}}}), "/get/responses/200/x-odd", "reply"),
    "media": (
        page({"requestBody": {"content": {"text/plain": {"x-odd": 1}}}}),
        "/get/requestBody/content/text~1plain/x-odd",
        "request",
    ),
}


@pytest.mark.parametrize(("given", "pointer", "what"), LEFT.values(), ids=LEFT)
def test_what_no_contract_has_is_left_over(given: Extracted, pointer: str, what: str) -> None:
    """With its place; the overlay can explain it like any other leftover."""
    (finding,) = merge(given).findings
    assert f"the {what}'s member x-odd is not taken over" in str(finding)
    assert finding.places[0].pointer == f"/paths/~1v1~1things~1{{id}}{pointer}"
    explained = Judgements(
        overlay={"actions": [], "x-leftovers": [{"page": "en/a.md", "text": "x-odd", "x-reason": "an ornament"}]},
        supplement={},
    )
    document = normalize([given], explained, SOURCE)
    assert (document.findings, len(document.notes)) == ((), 1)


@pytest.mark.parametrize("member", ["webhooks", "x-odd"])
def test_members_of_the_page_are_left_over_too(member: str) -> None:
    """What stands beside its paths."""
    given = page()
    given = dataclasses.replace(given, document={**(given.document or {}), member: {}})
    (finding,) = merge(given).findings
    assert f"the page's member {member} is not taken over" in str(finding)


def test_the_operations_own_parameter_wins_over_that_of_the_path() -> None:
    """By name and place, as OpenAPI has it; the others come after it, with the lines they have on the page."""
    given = page(
        {"parameters": [query("a", required=True)]},
        {"parameters": {"P": query("b")}},
        item={"parameters": [query("a"), {"$ref": "#/components/parameters/P"}]},
    )
    whole = standalone(given)
    assert whole.document is not None
    operation = whole.document["paths"]["/v1/things/{id}"]["get"]
    assert [(one["name"], one.get("required")) for one in operation["parameters"]] == [("a", True), ("b", None)]
    assert whole.lines["/paths/~1v1~1things~1{id}/get/parameters/1/schema"] == 61


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({}, "the reference leads nowhere", id="nowhere"),
        pytest.param({"P": {"$ref": "#/components/parameters/P"}}, "refers to itself", id="itself"),
    ],
)
def test_a_reference_without_an_end_is_left_over(parameters: dict[str, Any], reason: str) -> None:
    """And the rest of the operation is merged."""
    document = merge(page({"parameters": [{"$ref": "#/components/parameters/P"}]}, {"parameters": parameters}))
    (finding,) = document.findings
    assert reason in str(finding)
    assert "200" in document.openapi["paths"]["/v1/things/{id}"]["get"]["responses"]


def test_references_that_double_at_every_step_are_refused() -> None:
    """Before they fill the memory."""
    steps = {
        f"C{n}": {"x": {"post": {"callbacks": {one: {"$ref": f"#/components/callbacks/C{n + 1}"} for one in "ab"}}}}
        for n in range(30)
    }
    given = page({"callbacks": {"c": {"$ref": "#/components/callbacks/C0"}}}, {"callbacks": {**steps, "C30": {}}})
    with pytest.raises(HostilePage, match="stand for more than 100,000 nodes"):
        standalone(given)


def test_what_is_taken_from_the_first_page_is_told() -> None:
    """Headers that differ, and ways to authenticate that differ: nothing is chosen in silence."""

    def stated(name: str, header: str, scheme: str) -> Extracted:
        reply = {**REPLY, "headers": {"X-A": {"schema": {"type": header}}}}
        schemes = {"key": {"type": "http", "scheme": scheme}}
        return page({"responses": {"200": reply}}, {"securitySchemes": schemes}, path=f"en/{name}.md")

    document = merge(stated("a", "string", "bearer"), stated("b", "integer", "basic"))
    told = [(one.rule, one.message, [place.path for place in one.places]) for one in document.decisions]
    pages = ["pages/en/a.md", "pages/en/b.md"]
    assert told == [
        ("first-stated", "/paths/~1v1~1things~1{id}/get/responses/200/headers: the pages differ", pages),
        ("first-stated", "/components/securitySchemes/key: the pages differ", pages),
    ]
    assert document.openapi["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_a_page_that_shares_nothing_is_as_it_was() -> None:
    """Most pages."""
    given = page({"parameters": [query("a")]})
    assert dataclasses.replace(standalone(given), lines=given.lines) == given
