"""The resources of a client: which there are, for whom they speak, and what a contract without them says."""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

import evolink_api.media
from vidgate import APIMart, AsyncEvoLink, EvoLink, errors
from vidgate._contract import Contract, load
from vidgate._providers import EVOLINK

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST: dict[str, Any] = {"model": "gemini-omni-flash-text-to-video", "prompt": "a cat"}
ACCEPTED: dict[str, Any] = {"id": "task-unified-1-abcd", "status": "pending", "created": 1}


@pytest.mark.parametrize("kind", [EvoLink, APIMart, AsyncEvoLink])
def test_a_client_has_what_its_contract_makes(kind: Any) -> None:
    """Videos are there, and the same object each time; images are not, for `hasattr` and `dir` as well."""
    client = kind("k")
    assert client.videos is client.videos
    assert hasattr(client, "images") is False
    assert "videos" in dir(client)
    assert "images" not in dir(client)
    with pytest.raises(AttributeError, match="has no attribute 'films'"):
        client.films  # noqa: B018 - what it does is the question


def test_a_missing_kind_says_what_to_do() -> None:
    """The message names the provider, what it makes, and how to get the rest."""
    client: Any = EvoLink("k")
    with pytest.raises(AttributeError) as missing:
        client.audios  # noqa: B018 - what it does is the question
    assert str(missing.value) == (
        "EvoLink's contract has no operation that makes audios.\n  This build of evolink_api makes videos. Build it "
        "from documentation that has audios: `python -m tools vendor evolink`, then `python -m tools build`."
    )
    with pytest.raises(errors.ConfigurationError, match="no operation that makes images"):
        client.media("image")
    with pytest.raises(
        errors.ConfigurationError, match=r"'film' is no kind of media[^.]*\.\n +Known: image, audio, video"
    ):
        client.media("film")


def test_a_twin_has_resources_of_its_own(open_world: Callable[..., Any]) -> None:
    """What is submitted through a client with other options is submitted with those options."""
    world = open_world("evolink", lambda _: (200, ACCEPTED))
    videos = world.client.videos
    twin = world.client.with_options(idempotency_key="my-own-key-of-16-characters")
    assert twin.videos is not videos
    world.do(twin.videos.create, **REQUEST)
    world.do(videos.create, **REQUEST)
    keys = [request.headers["idempotency-key"] for request in world.posts]
    assert keys[0] == "my-own-key-of-16-characters" != keys[1]


def test_a_mapping_is_for_create_from(open_world: Callable[..., Any]) -> None:
    """Where the kind is known only at run time, the resource comes from `media`."""
    world = open_world("evolink", lambda _: (200, ACCEPTED))
    with pytest.raises(errors.ConfigurationError, match="create takes keywords"):
        world.do(world.client.videos.create, REQUEST)
    task = world.do(world.client.media("video").create_from, REQUEST)
    assert task.id == ACCEPTED["id"]


def document() -> dict[str, Any]:
    """EvoLink's contract with a second operation, on another host, for a model of its own and one of the first's."""
    whole: dict[str, Any] = copy.deepcopy(dict(load("evolink_api").document))
    operation = copy.deepcopy(whole["paths"]["/v1/videos/generations"]["post"])
    schemas = whole["components"]["schemas"]
    shared = "gemini-omni-flash-text-to-video"
    mapping = {
        "sketch-1": "#/components/schemas/SketchRequest",
        shared: "#/components/schemas/GeminiOmniFlashTextToVideoRequest",
    }
    schemas["SketchRequest"] = {"type": "object", "properties": {"model": {"const": "sketch-1"}, "n": {"minimum": 1}}}
    schemas["CreateImageRequest"] = {"discriminator": {"propertyName": "model", "mapping": mapping}}
    operation["operationId"] = "createImage"
    operation["servers"] = [{"url": "https://images.example.com/"}]
    operation["requestBody"]["content"]["application/json"]["schema"] = {
        "$ref": "#/components/schemas/CreateImageRequest"
    }
    whole["paths"]["/v1/images/generations"] = {"post": operation}
    return whole


SUBMISSIONS = MappingProxyType(
    {
        "image": {"operation": "createImage", "module": "videos.create_video", "answer": "VideoGenerationResponse"},
        "video": evolink_api.media.SUBMISSIONS["video"],
    }
)


@pytest.fixture
def two_kinds(monkeypatch: pytest.MonkeyPatch) -> Contract:
    """As if the package of EvoLink were made from that contract."""
    monkeypatch.setattr(evolink_api.media, "SUBMISSIONS", SUBMISSIONS)
    contract = Contract(document(), SUBMISSIONS)
    known = {"evolink_api": contract}
    for module in ("_engine", "_validate"):
        monkeypatch.setattr(f"vidgate.{module}.load", lambda package: known.get(package) or load(package))
    return contract


def test_a_contract_knows_models_by_kind(two_kinds: Contract) -> None:
    """All models together, or those that make one thing; a model may make two."""
    assert two_kinds.kinds_of("sketch-1") == ("image",)
    assert two_kinds.kinds_of(REQUEST["model"]) == ("image", "video")
    assert two_kinds.kinds_of("nobody") == ()
    assert set(two_kinds.of("image").variants) == {"sketch-1", REQUEST["model"]}
    assert "sketch-1" not in two_kinds.of("video").variants
    assert two_kinds.of("video") is two_kinds.of("video")
    assert {model.id: model.kind for model in two_kinds.models}["sketch-1"] == "image"
    with pytest.raises(KeyError):
        two_kinds.of("audio")


@pytest.mark.usefixtures("two_kinds")
def test_each_kind_goes_to_its_own_host(open_world: Callable[..., Any]) -> None:
    """The contract names a host for each operation; an address of the caller's counts for all."""
    world = open_world("evolink", lambda _: (200, ACCEPTED))
    image = world.do(world.client.images.create, model="sketch-1")
    world.do(world.client.videos.create, **REQUEST)
    assert [str(request.url.host) for request in world.posts] == ["images.example.com", "api.evolink.ai"]
    assert image._state.submitted == image._state.kind == "image"
    own = open_world("evolink", lambda _: (200, ACCEPTED), base_url="https://gateway.example.org")
    own.do(own.client.images.create, model="sketch-1")
    assert own.posts[0].url.host == "gateway.example.org"


@pytest.mark.usefixtures("two_kinds")
@pytest.mark.parametrize("validate", [True, False])
def test_a_model_goes_to_no_other_kind(open_world: Callable[..., Any], *, validate: bool) -> None:
    """Nothing leaves, checked or not: the journal's request must lead to the operation that it was sent to."""
    world = open_world("evolink", lambda _: (200, ACCEPTED), validate=validate)
    with pytest.raises(errors.InvalidRequest) as refusal:
        world.do(world.client.videos.create_from, {"model": "sketch-1"})
    assert refusal.value.report.errors[0].rule == "other-media"
    assert '"sketch-1" makes images, not videos. Use client.images.' in str(refusal.value)
    assert world.posts == []


@pytest.mark.usefixtures("two_kinds")
def test_a_model_that_does_not_tell_is_asked_about() -> None:
    """A batch or a settled submission knows nothing but the model; a wrong guess could be paid twice."""
    client = EvoLink("k")
    assert client._kind_of("sketch-1") == "image"
    for model in (REQUEST["model"], "nobody-knows", None):
        with pytest.raises(errors.ConfigurationError, match="does not tell what it makes: image, video") as caught:
            client._kind_of(model)
        assert 'client.media("video").create_from' in str(caught.value)


def test_one_kind_needs_no_telling() -> None:
    """Where a contract makes one thing, an unknown model makes it too."""
    assert EvoLink("k")._kind_of("brand-new") == "video"


@pytest.mark.parametrize(
    ("said", "kinds"),
    [("image", ["image"]), ("audio", ["audio"]), ("music", ["audio"]), ("video", ["video"])],
)
def test_results_are_what_their_task_makes(said: str, kinds: list[str]) -> None:
    """EvoLink says it of the task; music is audio."""
    payload = {"id": "task-unified-1", "status": "completed", "type": said, "results": ["https://x.example/a"]}
    state = EVOLINK.read_task(payload, "task-unified-1")
    assert state is not None
    assert [result.kind for result in state.results] == kinds


def test_songs_one_level_deeper_are_results() -> None:
    """Suno's songs stand in an object; links that were named before are not named twice."""
    songs = [{"result_id": "1", "audio_url": "https://x.example/1.mp3"}, {"audio_url": "https://x.example/2.mp3"}]
    payload = {
        "id": "task-unified-1",
        "status": "completed",
        "type": "audio",
        "results": ["https://x.example/1.mp3"],
        "result_data": {"songs": songs},
    }
    state = EVOLINK.read_task(payload, "task-unified-1")
    assert state is not None
    assert [(result.url[-5:], result.kind) for result in state.results] == [("1.mp3", "audio"), ("2.mp3", "audio")]
