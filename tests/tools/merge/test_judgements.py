"""What people decided, and what nobody decided yet: overlay, supplement, leftovers."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.tools.merge.pages import NUMBER, SOURCE, TEXT, merge, page, request, schemas
from tools.errors import Findings, JudgementError, LeftoverError, StaleAction
from tools.merge import normalize
from tools.model import Judgements, Leftover, Repair
from tools.schema.pointers import resolve


def test_nothing_a_page_says_of_an_operation_is_dropped() -> None:
    """A member the merge does not know is a finding."""
    priced: dict[str, Any] = {"x-price": 3}
    [finding] = merge(page("en/a", request("a-1"), **priced)).findings
    assert isinstance(finding, LeftoverError)
    assert "x-price" in str(finding)


def test_leftovers_fail_unless_the_overlay_explains_them() -> None:
    """What a reader did not understand is open until somebody says why it may be."""
    whole = page("en/a", request("a-1"))
    torn = dataclasses.replace(
        whole, leftovers=(Leftover(place=whole.page.place(9), text="<Odd/>", reason="unknown tag"),)
    )
    [finding] = merge(torn).findings
    assert "pages/en/a.md:9" in str(finding)
    explained = Judgements(
        overlay={"actions": [], "x-leftovers": [{"page": "en/a.md", "text": "<Odd/>", "x-reason": "an ornament"}]},
        supplement={},
    )
    assert not normalize([torn], explained, SOURCE).findings


def test_repairs_are_told() -> None:
    """Every mended exporter defect is listed with its place."""
    whole = page("en/a", request("a-1"))
    repaired = dataclasses.replace(
        whole, repairs=(Repair(place=whole.page.place(3), rule="mapping-object", found="{}", made="x"),)
    )
    assert merge(repaired).repairs == repaired.repairs


def test_a_stale_action_is_fatal_for_vendored_pages_and_a_note_for_others() -> None:
    """An action nobody needs any more must go, or the pages moved under it."""
    judgements = Judgements(
        overlay={"actions": [{"target": "$.none", "remove": True, "x-reason": "r", "x-evidence": "e"}]},
        supplement={},
        overlay_lines={"/actions/0": 4},
    )
    [finding] = normalize([page("en/a", request("a-1"))], judgements, SOURCE).findings
    assert isinstance(finding, StaleAction)
    assert "overlay.yaml:4" in str(finding)
    lenient = normalize([page("en/a", request("a-1"))], judgements, SOURCE, stale_is_fatal=False)
    assert not lenient.findings
    assert "$.none" in lenient.notes[0]


def action(update: dict[str, Any], **members: Any) -> dict[str, Any]:
    """An action on every request, with its reasons."""
    target = "$.components.schemas[?@.properties.model.const]"
    return {"target": target, "update": update, "x-reason": "r", "x-evidence": "e", **members}


UNHEALTHY: list[Any] = [
    pytest.param([action({"type": "object"})], "changes nothing: 2 nodes", "Upstream says it itself: delete the action",
                 "/actions/0", id="obsolete"),
    pytest.param([action({"x": 1}), action({"x": 1})], "changes nothing", "An action before it says it already",
                 "/actions/1", id="twice"),
    pytest.param([action({"x": 1}, **{"x-matches": 3})], "matches 2 nodes, x-matches says 3", "tools overlay",
                 "/actions/0/x-matches", id="pinned"),
    pytest.param([action({"required": ["prompt", "model"]})], "holds already", "would hold it twice",
                 "/actions/0/update/required/1", id="repeated"),
]  # fmt: skip


@pytest.mark.parametrize(("actions", "problem", "fix", "pointer"), UNHEALTHY)
def test_an_unhealthy_action_is_a_finding_for_vendored_pages_and_a_note_for_others(
    actions: list[dict[str, Any]], problem: str, fix: str, pointer: str
) -> None:
    """It names file, line and pointer, and what to do."""
    pages = [page("en/a", request("a-1")), page("en/b", request("b-1"))]
    lines = {one: number for number, one in enumerate(("/actions/0", "/actions/1", pointer), start=4)}
    judgements = Judgements(overlay={"actions": actions}, supplement={}, overlay_lines=lines)
    [finding] = normalize(pages, judgements, SOURCE).findings
    assert isinstance(finding, JudgementError)
    assert problem in finding.problem
    assert fix in finding.fix
    assert [(one.path, one.line, one.pointer) for one in finding.places] == [("overlay.yaml", lines[pointer], pointer)]
    lenient = normalize(pages, judgements, SOURCE, stale_is_fatal=False)
    assert not lenient.findings
    assert problem in lenient.notes[0]


def test_healthy_actions_are_no_findings() -> None:
    """English words on a page of another language change something; a pin that holds says nothing."""
    pages = [page("ko/a", request("a-1")), page("ko/b", request("b-1"))]
    healthy = action({"description": "Makes a video."}, **{"x-matches": 2})
    assert not normalize(pages, Judgements(overlay={"actions": [healthy]}, supplement={}), SOURCE).findings


ENTRY: dict[str, Any] = {
    "id": "extra", "x-reason": "why", "x-evidence": "where",
    "document": page("en/none", request("b-1", size=TEXT)).document,
}  # fmt: skip


def test_the_supplement_adds_what_no_page_states() -> None:
    """An entry stands among the pages, and says so."""
    document = merge(page("en/a", request("a-1")), entries=[ENTRY])
    assert schemas(document)["B1Request"]["x-vidgate-source"][0]["supplement"] == "extra"
    assert not document.notes


def test_a_page_wins_over_the_supplement() -> None:
    """An entry that a page states is obsolete and leaves no trace."""
    document = merge(page("en/b", request("b-1", duration=NUMBER)), entries=[ENTRY])
    assert set(schemas(document)["B1Request"]["properties"]) == {"model", "duration"}
    assert "obsolete" in document.notes[0]


@pytest.mark.parametrize("member", ["id", "x-reason", "x-evidence", "document"])
def test_an_entry_without_reason_or_evidence_is_refused(member: str) -> None:
    """A judgement without its reason is none."""
    entry = {key: value for key, value in ENTRY.items() if key != member}
    with pytest.raises(JudgementError, match=member):
        merge(page("en/a", request("a-1")), entries=[entry])


def test_replies_of_an_operation_nobody_describes_are_a_finding() -> None:
    """A page may show replies of another operation; somebody has to describe it."""
    whole = page("en/a", request("a-1"))
    assert whole.document is not None
    shown = {"responses": {"200": {"content": {"application/json": {"examples": {"done": {"value": {"id": 1}}}}}}}}
    document = {
        **whole.document,
        "paths": {**whole.document["paths"], "/v1/tasks/{id}": {"get": {"x-vidgate-partial": True, **shown}}},
    }
    torn = dataclasses.replace(whole, document=document)
    [finding] = merge(torn).findings
    assert "get /v1/tasks/{id}" in str(finding)
    described = {
        "paths": {"/v1/tasks/{id}": {"get": {"responses": {"200": {"description": "The task.", "content": {
            "application/json": {"schema": {"type": "object", "properties": {"id": NUMBER}}}}}}}}}
    }  # fmt: skip
    complete = merge(torn, entries=[{**ENTRY, "document": described}])
    media = resolve(complete.openapi, "/paths/~1v1~1tasks~1{id}/get/responses/200/content/application~1json")
    assert media["schema"] == {"$ref": "#/components/schemas/GetTaskResponse"}
    assert media["examples"]["en.a.done"]["value"] == {"id": 1}
    assert not complete.findings


@pytest.mark.parametrize("member", ["x-reason", "x-evidence"])
def test_an_action_without_reason_or_evidence_is_refused(member: str) -> None:
    """A correction nobody can check is none."""
    action = {"target": "$.info", "update": {"description": "x"}, "x-reason": "r", "x-evidence": "e"}
    assert not merge(page("en/a", request("a-1")), actions=[action]).findings
    with pytest.raises(JudgementError, match=member):
        merge(page("en/a", request("a-1")), actions=[{k: v for k, v in action.items() if k != member}])


def test_a_page_with_a_list_where_an_object_belongs_is_refused_with_its_place() -> None:
    """No traceback from a misshapen page, and none of its neighbours is merged alone."""
    body = request("a-1", size={"type": "object", "properties": []})
    with pytest.raises(Findings) as caught:
        merge(page("en/a", body), page("en/b", request("b-1")))
    [error] = caught.value.errors
    assert error.places[0].path == "pages/en/a.md"
    assert str(error.places[0].pointer).endswith("/size/properties")


def test_a_supplement_that_is_no_openapi_document_is_refused() -> None:
    """People get places, too."""
    with pytest.raises(Findings, match=r"supplement\.yaml"):
        merge(page("en/a", request("a-1")), entries=[{**ENTRY, "document": {"paths": []}}])
