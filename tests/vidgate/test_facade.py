"""One client over both providers: neutral words, fail-over only where nothing was accepted."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import APIMart, AsyncAPIMart, AsyncClient, AsyncEvoLink, Client, EvoLink, _neutral, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

KEY = "sk-0123456789abcdefSECRET"
HOSTS = {"api.evolink.ai": "evolink", "api.apimart.ai": "apimart"}
ACCEPTED: Mapping[str, Any] = {
    "evolink": {"id": "task-unified-1-abc", "status": "pending", "model": "m", "progress": 0},
    "apimart": {"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]},
}
IMAGE = "https://media.example.com/a.png"
VIDEO = "https://media.example.com/a.mp4"


class Both:
    """A client over both providers; `answers` gives each one's answer to a POST, accepted unless told otherwise."""

    def __init__(self, colour: str, order: tuple[str, ...], answers: Mapping[str, Any]) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.answers = answers
        self.runner = asyncio.Runner() if colour == "async" else None
        kinds: Any = {"evolink": EvoLink, "apimart": APIMart}
        facade: Any = Client
        if colour == "async":
            kinds, facade = {"evolink": AsyncEvoLink, "apimart": AsyncAPIMart}, AsyncClient
        transport = httpx.MockTransport(self.answer)
        self.clients = [kinds[name](KEY, transport=transport, attempts=1) for name in order]
        self.client: Any = facade(self.clients)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Count a POST and answer as told."""
        name = HOSTS[request.url.host]
        if request.method == "GET":
            body: Any = {"id": "task-unified-1-abc", "status": "processing"}
            return httpx.Response(200, json=body if name == "evolink" else {"code": 200, "data": body})
        self.posts.append((name, json.loads(request.content)))
        answer = self.answers.get(name, (200, ACCEPTED[name]))
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer[0], json=answer[1])

    def do(self, call: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Call a method, to its end."""
        answer = call(*arguments, **keywords)
        if self.runner is None:
            return answer

        async def finish() -> Any:
            return await answer

        return self.runner.run(finish())

    def create(self, **wishes: Any) -> Any:
        """Submit."""
        return self.do(self.client.videos.create, **{"model": "omni-flash", "prompt": "A paper boat", **wishes})

    def close(self) -> None:
        """Close what was opened."""
        for client in self.clients:
            self.do(client.close if self.runner is None else client.aclose)
        if self.runner is not None:
            self.runner.close()


@pytest.fixture
def both(colour: str) -> Iterator[Callable[..., Both]]:
    """Make a client over providers in order."""
    made: list[Both] = []

    def make(*order: str, **answers: Any) -> Both:
        made.append(Both(colour, order or ("evolink", "apimart"), answers))
        return made[-1]

    yield make
    for one in made:
        one.close()


BODIES = (
    pytest.param("evolink", {}, {"model": "gemini-omni-flash-text-to-video"}, id="text"),
    pytest.param(
        "evolink",
        {"duration": 6, "aspect_ratio": "9:16"},
        {"model": "gemini-omni-flash-text-to-video", "duration": 6, "aspect_ratio": "9:16"},
        id="text-with-limits",
    ),
    pytest.param(
        "evolink",
        {"images": [IMAGE]},
        {"model": "gemini-omni-flash-image-to-video", "image_urls": [IMAGE]},
        id="one-image-is-a-frame",
    ),
    pytest.param(
        "evolink",
        {"images": (IMAGE, IMAGE)},
        {"model": "gemini-omni-flash-reference-to-video", "image_urls": [IMAGE, IMAGE]},
        id="images-are-references",
    ),
    pytest.param(
        "evolink", {"video": VIDEO}, {"model": "gemini-omni-flash-video-edit", "video_urls": [VIDEO]}, id="edit"
    ),
    pytest.param(
        "apimart",
        {"duration": 6, "resolution": "1080p", "images": []},
        {"model": "Omni-Flash-Ext", "duration": 6, "resolution": "1080p", "image_urls": []},
        id="other-provider",
    ),
    pytest.param(
        "apimart", {"video": VIDEO}, {"model": "Omni-Flash-Ext", "video_urls": [VIDEO]}, id="other-provider-edits"
    ),
    pytest.param(
        "evolink",
        {"model": {"evolink": "gemini-omni-flash-text-to-video", "apimart": "Omni-Flash-Ext"}},
        {"model": "gemini-omni-flash-text-to-video"},
        id="a-model-for-each",
    ),
)


@pytest.mark.parametrize(("provider", "wishes", "body"), BODIES)
def test_neutral_words_become_the_provider_s(
    both: Callable[..., Both], provider: str, wishes: dict[str, Any], body: dict[str, Any]
) -> None:
    """The model is chosen by what is given, and nothing is sent that was not asked for."""
    world = both(provider)
    task = world.create(**wishes)
    assert world.posts == [(provider, {"prompt": "A paper boat", **body})]
    assert task.provider == provider


REFUSALS = (
    pytest.param({"duration": 11}, "duration", "oneOf", id="value"),
    pytest.param({"resolution": "1080p"}, "resolution", "unsupported", id="no-such-field"),
    pytest.param({"images": [IMAGE] * 7}, "images", "maxItems", id="too-many"),
    pytest.param({"video": VIDEO, "duration": 6}, "duration", "unsupported", id="not-for-this-model"),
    pytest.param({"model": "veo"}, "model", "unknown-model", id="no-such-model"),
    pytest.param({"model": {"apimart": "Omni-Flash-Ext"}}, "model", "unknown-model", id="no-model-for-it"),
    pytest.param({"prompt": float("nan")}, "prompt", "plain", id="no-json"),
)


@pytest.mark.parametrize(("wishes", "field", "rule"), REFUSALS)
def test_what_a_provider_cannot_do_is_said_in_the_words_of_the_wish(
    both: Callable[..., Both], wishes: dict[str, Any], field: str, rule: str
) -> None:
    """The refusal names the wish, the provider and the way out; nothing is sent."""
    world = both("evolink")
    with pytest.raises(errors.InvalidRequest) as caught:
        world.create(**wishes)
    assert world.posts == []
    problem = next(problem for problem in caught.value.report.errors if problem.field.startswith(field))
    assert problem.fix
    if rule not in {"plain", "oneOf"}:
        assert problem.rule == rule
    if rule != "plain":
        assert "EvoLink" in problem.message


@pytest.mark.parametrize(
    ("wishes", "field", "fix"),
    [
        ({"model": "omni-flash", "promt": "x"}, "promt", "Did you mean prompt?"),
        ({"model": "omni-flash", "size": "16:9"}, "size", "Did you mean aspect_ratio?"),
        ({"model": "omni-flash", "image_urls": [IMAGE]}, "image_urls", "Did you mean images?"),
        ({"model": "omni-flash", "xyz": 1}, "xyz", "There are model, prompt,"),
        ({"prompt": "x"}, "model", "Give an id"),
        ({"model": "gemini-omni-flash-text-to-vide"}, "model", "Did you mean gemini-omni-flash-text-to-video?"),
    ],
    ids=["typo", "older-name", "provider-s-name", "nothing-near", "no-model", "model"],
)
def test_a_wish_that_nobody_has_is_answered_with_the_nearest(
    both: Callable[..., Both], wishes: dict[str, Any], field: str, fix: str
) -> None:
    """A wrong keyword is refused as a wrong parameter is, by `create` and by `check`, and nothing is sent."""
    world = both("evolink")
    with pytest.raises(errors.InvalidRequest) as caught:
        world.do(world.client.videos.create, **wishes)
    (problem,) = caught.value.report.errors
    assert (problem.field, world.posts) == (field, [])
    assert problem.fix.startswith(fix)
    assert world.client.check(**wishes) == {"evolink": caught.value.report}


def test_two_models_that_take_it_are_not_guessed_between(
    both: Callable[..., Both], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models of one reach may differ in price, so the caller is asked."""
    monkeypatch.setattr(_neutral, "_reach", lambda _: 1.0)  # as if both models for images took one
    world = both("evolink")
    with pytest.raises(errors.InvalidRequest, match="Say which: 'gemini-omni-flash-image-to-video' or"):
        world.create(images=[IMAGE])
    assert world.posts == []


CERTAIN = (
    pytest.param((402, {"error": {"code": "insufficient_quota", "message": "no"}}), id="no-credits"),
    pytest.param((401, {"error": {"code": "unauthorized", "message": "no"}}), id="wrong-key"),
    pytest.param((400, {"error": {"code": "invalid_parameter", "message": "no"}}), id="refused"),
    pytest.param((429, {"error": {"code": "rate_limit_exceeded", "message": "no"}}), id="limited"),
    pytest.param(httpx.ConnectError("refused"), id="not-delivered"),
    pytest.param(httpx.ConnectTimeout("late"), id="no-connection-in-time"),
)
OPEN = (
    pytest.param(httpx.ReadTimeout("late"), id="no-answer"),
    pytest.param(httpx.ReadError("reset"), id="reset"),
    pytest.param((502, {"error": {"message": "bad gateway"}}), id="gateway"),
    pytest.param((200, {"hello": "world"}), id="no-id"),
)


@pytest.mark.parametrize("refusal", CERTAIN)
def test_the_next_provider_is_asked_after_a_certain_refusal(both: Callable[..., Both], refusal: Any) -> None:
    """One POST each, and the task is the second provider's."""
    world = both(evolink=refusal)
    task = world.create(duration=6)
    assert task.provider == "apimart"
    assert [name for name, _ in world.posts] == ["evolink", "apimart"]


@pytest.mark.parametrize("answer", OPEN)
def test_an_unknown_outcome_ends_the_search(both: Callable[..., Both], answer: Any) -> None:
    """The task may run and be paid, so nobody else is asked."""
    world = both(evolink=answer)
    with pytest.raises(errors.SubmitUnknown):
        world.create(duration=6)
    assert [name for name, _ in world.posts] == ["evolink"]


def test_a_provider_that_cannot_is_passed_over(both: Callable[..., Both]) -> None:
    """What one provider has no word for goes to the other, and the first is not asked at all."""
    world = both()
    assert world.create(resolution="1080p").provider == "apimart"
    assert [name for name, _ in world.posts] == ["apimart"]


def test_when_nobody_accepts_each_one_s_refusal_is_there(both: Callable[..., Both]) -> None:
    """The error names both, in order, and never the key."""
    world = both(evolink=(402, {"error": {"message": f"no credits for {KEY}"}}), apimart=httpx.ConnectError(KEY))
    with pytest.raises(errors.NoneAccepted) as caught:
        world.create(duration=6)
    kinds = {name: type(error) for name, error in caught.value.refusals.items()}
    assert kinds == {"evolink": errors.PaymentRequired, "apimart": errors.ConnectionFailed}
    assert list(kinds) == ["evolink", "apimart"]
    assert KEY not in str(caught.value)
    assert "evolink: " in str(caught.value)
    assert "apimart: " in str(caught.value)


def test_the_key_in_a_wish_is_not_repeated(both: Callable[..., Both]) -> None:
    """A key that was pasted into the wrong place stays out of the refusal."""
    with pytest.raises(errors.InvalidRequest) as caught:
        both("evolink").create(aspect_ratio=KEY)
    assert KEY not in str(caught.value)


def test_a_task_is_read_from_its_own_provider(both: Callable[..., Both]) -> None:
    """The id tells whose it is; one of nobody's is refused before anything is sent."""
    world = both()
    assert world.do(world.client.tasks.get, "task-unified-1-abc").provider == "evolink"
    assert world.do(world.client.tasks.get, "task_1").provider == "apimart"
    with pytest.raises(errors.ConfigurationError, match="no task id of evolink or apimart"):
        world.do(world.client.tasks.get, "job-1")


def test_check_says_who_takes_it(both: Callable[..., Both]) -> None:
    """One report for each provider, offline."""
    world = both()
    reports = world.client.check(model="omni-flash", prompt="A paper boat", resolution="4k")
    assert [(name, bool(report)) for name, report in reports.items()] == [("evolink", False), ("apimart", True)]
    assert reports["apimart"].model == "Omni-Flash-Ext"
    assert world.posts == []


@pytest.mark.parametrize(
    ("providers", "text"),
    [
        pytest.param([], "No provider is given", id="none"),
        pytest.param("runway", "no provider 'runway'", id="unknown"),
        pytest.param(["evolink", "evolink"], "given twice", id="twice"),
        pytest.param([42], "int is no provider", id="other"),
    ],
)
def test_a_wrong_set_of_providers_is_refused(monkeypatch: pytest.MonkeyPatch, providers: Any, text: str) -> None:
    """Before anything is sent, with what to give."""
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    with pytest.raises(errors.ConfigurationError, match=text):
        Client(providers)


def test_clients_made_here_are_closed_here_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that was handed in stays the caller's."""
    monkeypatch.setenv("APIMART_API_KEY", KEY)
    with EvoLink(KEY) as own:
        with Client([own, "apimart"], attempts=1) as client:
            made = client.clients["apimart"]
        assert made._driver.connections.http.is_closed
        assert not own._driver.connections.http.is_closed
