"""Pages to contract: what is united, what is renamed, what stays open."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.tools.merge.pages import NO_JUDGEMENTS, SOURCE, page, request
from tools.errors import ConflictError, Findings, JudgementError, LeftoverError, StaleAction
from tools.merge import normalize
from tools.model import Judgements, Leftover, Repair
from tools.schema.pointers import resolve, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Document, Extracted

NUMBER, TEXT = {"type": "integer"}, {"type": "string"}


def merge(*pages: Extracted, actions: Sequence[dict[str, Any]] = (), entries: Sequence[Any] = ()) -> Document:
    """The contract of `pages`, with overlay actions and supplement entries."""
    judgements = Judgements(overlay={"actions": list(actions)}, supplement={"entries": list(entries)})
    return normalize(pages, judgements, SOURCE)


def schemas(document: Document) -> dict[str, Any]:
    """The components of a contract."""
    found: dict[str, Any] = document.openapi["components"]["schemas"]
    return found


def test_pages_that_share_an_operation_become_one_union() -> None:
    """Each model keeps its own request; `model` tells them apart and needs no argument."""
    document = merge(page("en/b", request("b-1", size=TEXT)), page("en/a", request("a-1", duration=NUMBER)))
    union = schemas(document)["CreateVideoRequest"]
    assert union["oneOf"] == [{"$ref": "#/components/schemas/A1Request"}, {"$ref": "#/components/schemas/B1Request"}]
    assert union["discriminator"]["mapping"]["b-1"] == "#/components/schemas/B1Request"
    model = schemas(document)["A1Request"]["properties"]["model"]
    assert (model["const"], model["default"], "enum" in model) == ("a-1", "a-1", False)
    assert not document.findings


def test_one_page_has_the_same_shape_as_many() -> None:
    """A second model must not rename what the first made."""
    alone = merge(page("en/a", request("a-1")))
    both = merge(page("en/a", request("a-1")), page("en/b", request("b-1")))
    assert set(schemas(alone)) < set(schemas(both))
    assert alone.openapi["paths"]["/v1/videos/generations"]["post"]["operationId"] == "createVideo"


def test_the_order_of_the_pages_does_not_matter() -> None:
    """Same pages, same contract."""
    pages = [page(f"{locale}/{stem}", request(f"{stem}-1", a=TEXT)) for locale in ("ko", "en", "ja") for stem in "xyz"]
    first = normalize(pages, NO_JUDGEMENTS, SOURCE)
    random.Random(1).shuffle(pages)
    assert repr(normalize(pages, NO_JUDGEMENTS, SOURCE)) == repr(first)


def test_words_follow_precedence_and_every_language_gets_an_overlay() -> None:
    """The contract speaks the first language; an Overlay turns it back into another."""
    document = merge(page("ko/a", request("a-1")), page("en/a", request("a-1")))
    body = schemas(document)["A1Request"]
    assert body["description"] == "description of en/a"
    [action] = [one for one in document.locales["ko"]["actions"] if one["target"] == "$.components.schemas.A1Request"]
    assert action["update"] == {"description": "description of ko/a"}
    assert "en" not in document.locales or document.locales["en"]["actions"] == []


def test_samples_of_every_language_are_kept() -> None:
    """An example is data that must go through the client, in whatever script."""
    pages = [
        page(f"{locale}/a", request("a-1", prompt={**TEXT, "examples": [text]}))
        for locale, text in (("ko", "봄"), ("ja", "春"))
    ]
    assert schemas(merge(*pages))["A1Request"]["properties"]["prompt"]["examples"] == ["春", "봄"]


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


def test_one_name_for_two_things_becomes_two_names() -> None:
    """What belongs to another operation gets its operation's name in front; equal things stay one."""
    reply = {"type": "object", "properties": {"usage": {"$ref": "#/components/schemas/Usage"}}}
    money = {"type": "object", "properties": {"credits": NUMBER}}
    tokens = {"type": "object", "properties": {"tokens": NUMBER}}
    document = merge(
        page("en/video", request("v"), reply, schemas={"Usage": money}),
        page("en/image", request("i"), reply, schemas={"Usage": money}, operation="/v1/images/generations"),
        page("en/chat", request("c"), reply, schemas={"Usage": tokens}, operation="/v1/chat/completions"),
    )
    assert set(schemas(document)["Usage"]["properties"]) == {"credits"}
    assert set(schemas(document)["ChatCompletionUsage"]["properties"]) == {"tokens"}
    assert "ImageUsage" not in schemas(document)
    chat = schemas(document)["CreateChatCompletionResponse"]["properties"]["usage"]
    assert chat == {"$ref": "#/components/schemas/ChatCompletionUsage"}


def test_equal_words_about_different_things_are_different() -> None:
    """Two components that look alike but refer to unlike things are not one."""
    reply = {"$ref": "#/components/schemas/Reply"}

    def parts(leaf: dict[str, Any]) -> dict[str, Any]:
        return {
            "Reply": {"type": "object", "properties": {"leaf": {"$ref": "#/components/schemas/Leaf"}}},
            "Leaf": leaf,
        }

    document = merge(
        page("en/video", request("v"), reply, schemas=parts(TEXT)),
        page("en/chat", request("c"), reply, schemas=parts(NUMBER), operation="/v1/chat/completions"),
    )
    assert {"Reply", "ChatCompletionReply", "Leaf", "ChatCompletionLeaf"} <= set(schemas(document))


def test_recursive_components_end() -> None:
    """A schema that contains itself is compared and merged like any other."""
    node = {"Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}}
    reply = {"$ref": "#/components/schemas/Node"}
    document = merge(*(page(f"en/{n}", request(n), reply, schemas=node) for n in "ab"))
    assert schemas(document)["Node"]["properties"]["next"] == {"$ref": "#/components/schemas/Node"}


def test_the_page_with_the_fewest_models_describes_a_model() -> None:
    """An overview page yields to the model's own page."""
    document = merge(
        page("en/overview", request(["a-1", "a-2"], size=TEXT)), page("en/own", request("a-1", duration=NUMBER))
    )
    assert set(schemas(document)["A1Request"]["properties"]) == {"model", "duration"}
    assert set(schemas(document)["A2Request"]["properties"]) == {"model", "size"}
    assert "model-documented-twice" in {decision.rule for decision in document.decisions}


def test_a_model_that_only_the_default_names() -> None:
    """A page without an enum still has its model, and the guess is recorded."""
    body = {"type": "object", "properties": {"model": {"type": "string", "default": "x-1"}}}
    document = merge(page("en/a", body))
    assert schemas(document)["X1Request"]["properties"]["model"]["const"] == "x-1"
    assert [decision.rule for decision in document.decisions] == ["model-from-default"]


def test_every_schema_and_operation_knows_its_pages() -> None:
    """Provenance leads back to page, language, line and pointer."""
    document = merge(page("en/a", request("a-1")), page("ko/a", request("a-1")))
    for name, body in schemas(document).items():
        assert {row["page"] for row in body["x-vidgate-source"]} == {"en/a.md", "ko/a.md"}, name
    operation = document.openapi["paths"]["/v1/videos/generations"]["post"]
    assert operation["x-vidgate-source"][0] == {
        "page": "en/a.md", "locale": "en", "line": 1, "pointer": "/paths/~1v1~1videos~1generations/post",
    }  # fmt: skip


def test_servers_and_security_stand_on_each_operation() -> None:
    """The generator does not see the document's own."""
    document = merge(page("en/a", request("a-1")))
    operation = document.openapi["paths"]["/v1/videos/generations"]["post"]
    assert operation["servers"] == [{"url": "https://api.example.com"}]
    assert operation["security"] == [{"bearerAuth": []}]
    assert operation["tags"] == ["videos"]
    assert not {"servers", "security"} & set(document.openapi)


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


def test_nothing_of_the_merge_itself_is_left_in_a_contract() -> None:
    """No conflict mark and no partial mark survives."""
    document = merge(page("en/a", request("a-1")), page("en/b", request("b-1")))
    marks = {"x-vidgate-conflict", "x-vidgate-partial", "x-vidgate-title"}
    assert not [pointer for pointer, _ in walk(document.openapi) if pointer.rpartition("/")[2] in marks]


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
