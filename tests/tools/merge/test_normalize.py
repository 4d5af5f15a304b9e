"""Pages to contract: what is united, what is renamed, whose words it speaks."""

from __future__ import annotations

import random
from typing import Any

from tests.tools.merge.pages import NO_JUDGEMENTS, NUMBER, SOURCE, TEXT, merge, page, request, schemas
from tools.merge import normalize
from tools.schema.pointers import walk


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


def test_nothing_of_the_merge_itself_is_left_in_a_contract() -> None:
    """No conflict mark and no partial mark survives."""
    document = merge(page("en/a", request("a-1")), page("en/b", request("b-1")))
    marks = {"x-vidgate-conflict", "x-vidgate-partial", "x-vidgate-title"}
    assert not [pointer for pointer, _ in walk(document.openapi) if pointer.rpartition("/")[2] in marks]
