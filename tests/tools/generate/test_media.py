"""`media.py` and its rule: which operations start tasks, what those make, and which operation tells of them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tools.errors import GenerateError
from tools.generate import render
from tools.generate.media import Media, find_media
from tools.generate.phrases import phrases
from tools.generate.variants import find_families
from tools.generate.view import make_view
from tools.model import Document

if TYPE_CHECKING:
    from types import ModuleType

    from tools.model import Json, JsonObject

TASK: JsonObject = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "status": {"type": "string"}},
}
"""A task that does not say what it makes."""


def typed(kind: str) -> JsonObject:
    """A task with a type of its own."""
    object_: JsonObject = {"type": "string", "enum": [f"{kind}.generation.task"]}
    return {"type": "object", "properties": {**TASK["properties"], "object": object_}}


def enveloped(schema: JsonObject) -> JsonObject:
    """A task in a list in an envelope."""
    data: JsonObject = {"type": "array", "items": schema}
    return {"type": "object", "properties": {"code": {"type": "integer"}, "data": data}}


def contract(*posts: tuple[str, Json, str], query: Json = TASK) -> JsonObject:
    """A contract with operations (path, answer, model) and the query of a task."""
    schemas: JsonObject = {}
    paths: JsonObject = {}
    for number, (path, answer, model) in enumerate(posts):
        name = f"Request{number}"
        stated = {"type": "string", "const": model, "default": model}
        schemas[name] = {"type": "object", "required": ["model"], "properties": {"model": stated}}
        schemas[f"Answer{number}"] = answer
        reference = {"$ref": f"#/components/schemas/{name}"}
        body = {"oneOf": [reference], "discriminator": {"propertyName": "model", "mapping": {model: reference["$ref"]}}}
        paths[path] = {
            "post": {
                "operationId": f"create{number}",
                "tags": ["things"],
                "requestBody": {"content": {"application/json": {"schema": body}}},
                "responses": {"200": good({"$ref": f"#/components/schemas/Answer{number}"})},
            }
        }
    if query is not None:
        schemas["Task"] = query
        parameter = {"name": "task_id", "in": "path", "required": True, "schema": {"type": "string"}}
        responses = {"200": good({"$ref": "#/components/schemas/Task"})}
        paths["/v1/tasks/{task_id}"] = {
            "get": {"operationId": "getTask", "tags": ["tasks"], "parameters": [parameter], "responses": responses}
        }
    return {"openapi": "3.1.0", "info": {}, "paths": paths, "components": {"schemas": schemas}}


def good(schema: JsonObject) -> JsonObject:
    return {"description": "Good.", "content": {"application/json": {"schema": schema}}}


def media(openapi: JsonObject) -> Media:
    words = phrases(None)
    view = make_view(openapi, words)
    return find_media(openapi, view, find_families(openapi, view, words))


def kinds(openapi: JsonObject) -> dict[str, str]:
    return {submission.kind: submission.endpoint.id for submission in media(openapi).submissions}


@pytest.mark.parametrize("kind", ["image", "audio", "video"])
def test_the_type_of_the_task_decides(kind: str) -> None:
    """Whatever the path is called, a task that says what it makes is believed."""
    assert kinds(contract(("/v1/videos/generations", typed(kind), "m"))) == {kind: "create0"}
    assert kinds(contract(("/v2/create", typed(kind), "m"))) == {kind: "create0"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v1/images/generations", {"image": "create0"}),
        ("/v1/image/create", {"image": "create0"}),
        ("/v1/audios/generations", {"audio": "create0"}),
        ("/v1/music/generations", {"audio": "create0"}),
        ("/v1/videos", {"video": "create0"}),
        ("/v1/videos-and-more", {}),
        ("/v1/responses", {}),
        ("/v1/chat/completions", {}),
        ("/v1/videos/{video}/remix", {}),
    ],
)
@pytest.mark.parametrize("answer", [TASK, enveloped(TASK)], ids=["flat", "enveloped"])
def test_else_the_collection_in_the_path_does(path: str, answer: JsonObject, found: dict[str, str]) -> None:
    """Only whole words count, and a path with parameters belongs to something that exists already."""
    assert kinds(contract((path, answer, "m"))) == found


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "object", "properties": {"created": {"type": "integer"}, "data": {"type": "array", "items": {}}}},
        {"type": "object", "properties": {"id": {"type": "string"}, "url": {"type": "string"}}},
        {"type": "object", "properties": {"status": {"type": "string"}}},
    ],
    ids=["result-at-once", "no-status", "no-id"],
)
def test_an_answer_that_is_no_task_starts_none(answer: JsonObject) -> None:
    """An operation that gives its image at once has nothing to wait for."""
    assert kinds(contract(("/v1/images/generations", answer, "m"))) == {}


def test_a_judgement_comes_first() -> None:
    """The overlay can say what no page does, in both directions."""
    openapi = contract(("/v1/sketches", TASK, "m"), ("/v1/images/generations", TASK, "n"))
    openapi["paths"]["/v1/sketches"]["post"]["x-vidgate-media"] = "image"
    openapi["paths"]["/v1/images/generations"]["post"]["x-vidgate-media"] = "none"
    assert kinds(openapi) == {"image": "create0"}
    openapi["paths"]["/v1/sketches"]["post"]["x-vidgate-media"] = "images"
    with pytest.raises(GenerateError, match="'images'") as caught:
        kinds(openapi)
    assert "image, audio, video or none" in str(caught.value)


def test_of_several_operations_the_plain_one_is_taken() -> None:
    """`…/generations` before others, then the shortest path, in whatever order the contract has them."""
    edits, generations = ("/v1/images/edits", TASK, "e"), ("/v1/images/generations", TASK, "g")
    assert kinds(contract(edits, generations)) == {"image": "create1"}
    assert kinds(contract(generations, edits)) == {"image": "create0"}
    assert kinds(contract(("/v1/images/variations", TASK, "v"), edits)) == {"image": "create1"}


def test_without_a_query_nothing_can_be_waited_for() -> None:
    """A contract that does not tell how to ask for a task has no media; a query is a GET by one id."""
    posts = ("/v1/images/generations", TASK, "m")
    assert media(contract(posts, query=None)) == Media(submissions=(), query=None)
    assert kinds(contract(posts, query={"type": "object", "properties": {"credits": {"type": "number"}}})) == {}


def test_endpoints_are_named_as_python_has_them() -> None:
    """Module and class are those of the generated package; an answer without a class has no name."""
    openapi = contract(("/v1/images/generations", TASK, "m"))
    (image,) = media(openapi).submissions
    assert (image.endpoint.module, image.endpoint.answer) == ("things.create0", "Answer0")
    assert image.protocol == "Create0"
    query = media(openapi).query
    assert query is not None
    assert (query.module, query.answer) == ("tasks.get_task", "Task")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The package of a contract with images and videos, checked in every way, and its `media`."""
    import importlib
    import sys

    openapi = contract(("/v1/videos/generations", TASK, "v"), ("/v1/images/generations", TASK, "i"))
    files = render(Document(provider="plural", openapi=openapi, locales={}))
    root = tmp_path_factory.mktemp("plural")
    for path, content in files.items():
        target = root / "plural_api" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    sys.path.insert(0, str(root))
    try:
        return importlib.import_module("plural_api.media")
    finally:
        sys.path.remove(str(root))


def test_what_is_found_is_written(package: Any) -> None:
    """Images before videos, whatever the order of paths; the modules that are named exist."""
    assert list(package.SUBMISSIONS) == ["image", "video"]
    assert dict(package.SUBMISSIONS["image"]) == {
        "operation": "create1",
        "module": "things.create1",
        "answer": "Answer1",
    }
    assert dict(package.QUERY) == {"operation": "getTask", "module": "tasks.get_task", "answer": "Task"}


def test_attributes_of_clients_exist_only_for_what_there_is(sample: JsonObject, package: Any) -> None:
    """`MediaResources` has no attribute for what a contract does not make."""
    import importlib

    variants = importlib.import_module(package.__name__.replace("media", "variants"))
    assert list(variants.MediaResources.__annotations__) == ["images", "videos"]
    text = render(Document(provider="sample", openapi=copy.deepcopy(sample), locales={}), type_check=False)
    assert b"VideoCalls: TypeAlias = NoCalls[R_co]" in text["variants.py"]
    assert b"SUBMISSIONS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({})" in text["media.py"]
