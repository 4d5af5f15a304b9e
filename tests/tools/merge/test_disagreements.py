"""Pages and languages that disagree: what a rule settles, and what stays open."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.tools.merge.pages import NUMBER, TEXT, merge, page, request, schemas
from tools.errors import ConflictError


def test_branches_of_a_union_meet_in_any_order() -> None:
    """A translation that only reorders them says the same; one that says more of a branch is asked about that alone."""
    branches = [
        {"type": "object", "properties": {"type": {"const": name}, "size": NUMBER}} for name in ("first", "last")
    ]
    english = page("en/a", request("a-1", start={"oneOf": branches}))
    document = merge(english, page("ja/a", request("a-1", start={"oneOf": branches[::-1]})))
    assert not document.findings
    assert schemas(document)["A1Request"]["properties"]["start"]["oneOf"] == branches
    other = {"type": "object", "properties": {"type": {"const": "last"}, "size": TEXT}}
    (finding,) = merge(english, page("ja/a", request("a-1", start={"oneOf": [other, branches[0]]}))).findings
    pointers = [str(place.pointer).partition("/start/")[2] for place in finding.places]
    assert pointers == ["oneOf/1/properties/size/type", "oneOf/0/properties/size/type"]


def test_translations_that_differ_in_structure_are_one_open_decision() -> None:
    """Languages never disagree by rule: both pages are named, with an action to paste."""
    document = merge(page("en/a", request("a-1", start={"type": "number"})), page("ja/a", request("a-1", start=NUMBER)))
    [finding] = document.findings
    assert isinstance(finding, ConflictError)
    assert [place.path for place in finding.places] == ["pages/en/a.md", "pages/ja/a.md"]
    assert (
        finding.places[0].pointer
        == "/paths/~1v1~1videos~1generations/post/requestBody/content/application~1json/schema/properties/start/type"
    )
    settled = merge(
        page("en/a", request("a-1", start={"type": "number"})),
        page("ja/a", request("a-1", start=NUMBER)),
        actions=yaml.safe_load(finding.action),
    )
    assert not settled.findings
    assert schemas(settled)["A1Request"]["properties"]["start"] == {"type": "number"}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        pytest.param({"extra": NUMBER}, {}, True, id="the preferred language has it"),
        pytest.param({}, {"extra": NUMBER}, False, id="the preferred language lacks it"),
    ],
)
def test_a_property_only_one_language_has_is_an_open_decision(
    first: dict[str, Any], second: dict[str, Any], *, kept: bool
) -> None:
    """The proposed action follows precedence, whether that means keeping or dropping."""
    pages = [page("en/a", request("a-1", **first)), page("ja/a", request("a-1", **second))]
    [finding] = merge(*pages).findings
    assert isinstance(finding, ConflictError)
    settled = merge(*pages, actions=yaml.safe_load(finding.action))
    assert not settled.findings
    assert ("extra" in schemas(settled)["A1Request"]["properties"]) is kept


def test_one_disagreement_in_the_request_of_several_models_is_one_decision() -> None:
    """A page for two models makes two components; what its languages dispute is decided once, for both."""
    pages = [
        page("en/a", request(["a-1", "a-2"], start={"type": "number"})),
        page("ja/a", request(["a-1", "a-2"], start=NUMBER)),
    ]
    [finding] = merge(*pages).findings
    assert isinstance(finding, ConflictError)
    assert not merge(*pages, actions=yaml.safe_load(finding.action)).findings


def test_responses_of_several_pages_are_united_by_rule() -> None:
    """More properties, more enum values, fewer requirements: each is a recorded decision."""
    one = {
        "type": "object",
        "required": ["id", "n"],
        "properties": {"id": TEXT, "n": NUMBER, "s": {**TEXT, "enum": ["a"]}},
    }
    two = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": TEXT, "s": {**TEXT, "enum": ["b", "a"]}, "m": TEXT},
    }
    reply = {"$ref": "#/components/schemas/Reply"}
    document = merge(
        page("en/a", request("a-1"), reply, schemas={"Reply": one}),
        page("en/b", request("b-1"), reply, schemas={"Reply": two}),
    )
    body = schemas(document)["Reply"]
    assert list(body["properties"]) == ["id", "n", "s", "m"]
    assert body["properties"]["s"]["enum"] == ["a", "b"]
    assert body["required"] == ["id"]
    assert {decision.rule for decision in document.decisions} == {
        "property-added",
        "enum-united",
        "required-intersected",
    }
    assert all(decision.places for decision in document.decisions)
    assert not document.findings


def test_pages_that_disagree_on_a_type_are_an_open_decision() -> None:
    """No rule makes a number of a text."""
    document = merge(
        page("en/a", request("a-1"), {"type": "object", "properties": {"id": TEXT}}),
        page("en/b", request("b-1"), {"type": "object", "properties": {"id": NUMBER}}),
    )
    [finding] = document.findings
    assert "type" in str(finding)
    assert "pages/en/a.md" in str(finding)
    assert "pages/en/b.md" in str(finding)


def test_error_codes_may_be_numbers_and_names() -> None:
    """The one place where a rule joins two types."""

    def errors(code: dict[str, Any]) -> dict[str, Any]:
        schema = {"type": "object", "properties": {"error": {"type": "object", "properties": {"code": code}}}}
        return {
            "200": {"description": ""},
            "400": {"description": "", "content": {"application/json": {"schema": schema}}},
        }

    document = merge(
        page("en/a", request("a-1"), responses=errors(TEXT)), page("en/b", request("b-1"), responses=errors(NUMBER))
    )
    code = schemas(document)["ErrorResponse"]["properties"]["error"]["properties"]["code"]
    assert code["type"] == ["string", "integer"]
    assert not document.findings


def test_one_reference_that_leads_to_two_things_is_an_open_decision() -> None:
    """Both pages write the very same, and mean what their own components say."""
    whole = {"part": {"$ref": "#/components/schemas/Part"}}
    pages = [
        page(
            f"en/{name}", request(f"{name}-1", **whole), {"type": "object", "properties": whole}, schemas={"Part": part}
        )
        for name, part in (("a", {"type": "object"}), ("b", {"type": "array", "items": TEXT}))
    ]
    (finding,) = merge(*pages).findings
    assert isinstance(finding, ConflictError)
    assert "BPart" in str(finding)
