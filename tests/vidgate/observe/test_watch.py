"""Hooks are told what happens, in order, and of nothing that is secret."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from vidgate import AsyncEvoLink, errors, events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from vidgate.events import Event

KEY: Final = "sk-0123456789abcdefSECRET"
PROMPT: Final = "a confidential boat"
SIGNATURE: Final = "Signature=s3cr3t"
LINK: Final = f"https://user:word@files.example/v.mp4?{SIGNATURE}"
ID: Final = "task-unified-1-abc"
MODEL: Final = "gemini-omni-flash-text-to-video"
REQUEST: Final[dict[str, Any]] = {"model": MODEL, "prompt": PROMPT}
CREATED: Final[dict[str, Any]] = {
    "id": ID,
    "status": "pending",
    "type": "video",
    "usage": {"credits_reserved": 60, "billing_rule": "per_second"},
}
RUNNING: Final = {**CREATED, "status": "processing", "progress": 40}
DONE: Final = {**CREATED, "status": "completed", "progress": 100, "results": [LINK]}
REFUSAL: Final = {"error": {"code": "invalid_request", "message": f"no {PROMPT}", "type": "invalid_request_error"}}


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def film() -> httpx.Response:
    return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})


class Told:
    """What a client told its hook."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    def one(self, kind: type[Any]) -> Any:
        (found,) = (event for event in self.events if type(event) is kind)
        return found


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_submission(open_world: Callable[..., Any], told: Told) -> None:
    """Begins, is sent, answered, accepted, over: five events with the same number."""
    world = open_world("evolink", [answer(200, CREATED, x_request_id="req-1")], hooks=[told])
    world.do(world.client.videos.create, **REQUEST)
    assert told.names == [
        "OperationStarted",
        "RequestStarted",
        "ResponseReceived",
        "SubmissionAccepted",
        "OperationEnded",
    ]
    assert len({event.call for event in told.events}) == 1
    assert {(event.provider, event.operation, event.model) for event in told.events} == {("evolink", "submit", MODEL)}
    response = told.one(events.ResponseReceived)
    assert (response.method, response.http_status, response.request_id, response.attempt) == ("POST", 200, "req-1", 1)
    assert response.url == "https://api.evolink.ai/v1/videos/generations"
    accepted = told.one(events.SubmissionAccepted)
    assert (accepted.task_id, accepted.status, accepted.credits, accepted.request_id) == (ID, "pending", 60, "req-1")
    assert told.one(events.OperationEnded).error is None


def test_an_attempt_that_is_repeated(open_world: Callable[..., Any], told: Told) -> None:
    """The plan says how long and why, and the next request counts on."""
    refusal = {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}
    answers = [
        httpx.ConnectError("refused"),
        answer(429, refusal, retry_after="7", x_request_id="r"),
        answer(200, CREATED),
    ]
    world = open_world("evolink", answers, hooks=[told])
    world.do(world.client.videos.create, **REQUEST)
    failed = told.one(events.RequestFailed)
    assert (failed.error, failed.arrived, failed.attempt) == ("ConnectionFailed", False, 1)
    plans = [event for event in told.events if isinstance(event, events.RetryPlanned)]
    assert [(plan.attempt, plan.error, plan.http_status, plan.request_id) for plan in plans] == [
        (2, "ConnectionFailed", None, None),
        (3, "RateLimited", 429, "r"),
    ]
    assert [plan.delay for plan in plans] == world.clock.slept
    assert plans[1].delay == 7.0
    assert [event.attempt for event in told.events if isinstance(event, events.RequestStarted)] == [1, 2, 3]
    assert told.one(events.SubmissionAccepted).at == world.clock.time


def test_a_refusal(open_world: Callable[..., Any], told: Told) -> None:
    """A provider's no is a refusal, with its status, code and request id."""
    world = open_world("evolink", [answer(400, REFUSAL, x_request_id="req-9")], hooks=[told])
    with pytest.raises(errors.BadRequest):
        world.do(world.client.videos.create, **REQUEST)
    refused = told.one(events.SubmissionRefused)
    assert (refused.error, refused.http_status, refused.code, refused.request_id) == (
        "BadRequest",
        400,
        "invalid_request",
        "req-9",
    )
    ended = told.one(events.OperationEnded)
    assert (ended.error, ended.http_status, ended.request_id) == ("BadRequest", 400, "req-9")


@pytest.mark.parametrize(
    ("failure", "status"), [(httpx.ReadError("reset"), None), ((500, {"error": "x"}), 500)], ids=["reset", "500"]
)
def test_an_unknown_outcome(
    failure: Any, status: int | None, open_world: Callable[..., Any], told: Told, tmp_path: Path
) -> None:
    """Carries what is needed to settle it: the key of the request, and its name in the journal."""
    world = open_world("evolink", [failure], hooks=[told], journal=tmp_path / "journal.sqlite3")
    with pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create, **REQUEST)
    unknown = told.one(events.SubmissionUnknown)
    assert unknown.idempotency_key == caught.value.idempotency_key
    assert unknown.submit_id == caught.value.submit_id is not None
    assert unknown.http_status == status


def test_a_refusal_of_a_second_try_is_no_refusal(open_world: Callable[..., Any], told: Told, tmp_path: Path) -> None:
    """Recovering sends the request again; that one's refusal says nothing about the first."""
    answers = [httpx.ReadError("reset"), answer(403, {"error": {"code": "forbidden", "message": "no"}})]
    world = open_world("apimart", answers, hooks=[told], journal=tmp_path / "journal.sqlite3")
    with pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create, model="Omni-Flash-Ext", prompt=PROMPT)
    told.events.clear()
    with pytest.raises(errors.VidgateError):
        world.do(world.client.recover, caught.value.submit_id)
    assert "SubmissionRefused" not in told.names
    assert told.one(events.SubmissionUnknown).idempotency_key == caught.value.idempotency_key


def test_an_interrupted_submission_is_unknown(open_world: Callable[..., Any], told: Told) -> None:
    """Ctrl-C between a paid request and its answer is told, too; so is the end of the operation."""

    def interrupted(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    world = open_world("evolink", interrupted, hooks=[told])
    with pytest.raises(KeyboardInterrupt):
        world.do(world.client.videos.create, **REQUEST)
    assert told.names == ["OperationStarted", "RequestStarted", "SubmissionUnknown", "OperationEnded"]
    assert told.one(events.OperationEnded).error in {"KeyboardInterrupt", "CancelledError"}


def test_a_wait(open_world: Callable[..., Any], told: Told) -> None:
    """Changes are told, faults are retries, and pauses between good readings are not."""
    answers = [answer(200, CREATED), answer(200, RUNNING), answer(502), answer(200, RUNNING), answer(200, DONE)]
    world = open_world("evolink", answers, hooks=[told])
    task = world.do(world.client.videos.create, **REQUEST)
    told.events.clear()
    world.do(task.wait, timeout=600)
    changes = [event for event in told.events if isinstance(event, events.TaskChanged)]
    assert [(change.earlier, change.status, change.progress, change.results) for change in changes] == [
        ("pending", "processing", 40, 0),
        ("processing", "completed", 100, 1),
    ]
    assert {change.task_id for change in changes} == {ID}
    plan = told.one(events.RetryPlanned)
    assert (plan.error, plan.http_status, plan.attempt) == ("ServerError", 502, 2)
    started = [event.attempt for event in told.events if isinstance(event, events.RequestStarted)]
    assert started == [1, 1, 2, 1]
    ended = told.one(events.OperationEnded)
    assert (ended.status, ended.verdict, ended.error) == ("completed", "completed", None)
    assert ended.elapsed == pytest.approx(sum(world.clock.slept))


def test_a_failed_task(open_world: Callable[..., Any], told: Told) -> None:
    """The wait ends with the name of what it raises."""
    failed = {**CREATED, "status": "failed", "error": {"code": "service_error", "message": PROMPT}}
    world = open_world("evolink", [answer(200, CREATED), answer(200, failed, x_request_id="req-7")], hooks=[told])
    task = world.do(world.client.videos.create, **REQUEST)
    with pytest.raises(errors.TaskFailed):
        world.do(task.wait, timeout=600)
    ended = told.events[-1]
    assert isinstance(ended, events.OperationEnded)
    assert (ended.operation, ended.error, ended.request_id, ended.http_status) == ("wait", "TaskFailed", "req-7", None)


def test_a_download(open_world: Callable[..., Any], told: Told, tmp_path: Path) -> None:
    """Progress and the finished file; a transfer that broke is a failed request and a plan."""

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.evolink.ai":
            return answer(200, DONE)
        return broken.pop(0) if broken else film()

    class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Any:
            yield b"fi"
            raise httpx.ReadError("reset")

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"fi"
            raise httpx.ReadError("reset")

    broken = [httpx.Response(200, stream=Breaking(), headers={"content-type": "video/mp4", "content-length": "4"})]
    world = open_world("evolink", serve, hooks=[told])
    task = world.do(world.client.tasks.get, ID)
    told.events.clear()
    path = world.do(task.download, tmp_path / "v.mp4")
    assert told.names == [
        "OperationStarted",
        "RequestStarted",
        "ResponseReceived",
        "DownloadAdvanced",
        "RequestFailed",
        "RetryPlanned",
        "RequestStarted",
        "ResponseReceived",
        "DownloadAdvanced",
        "DownloadFinished",
        "OperationEnded",
    ]
    finished = told.one(events.DownloadFinished)
    assert (finished.path, finished.size, finished.task_id) == (path, 4, ID)
    assert told.one(events.RetryPlanned).error == "ConnectionLost"
    assert {event.url for event in told.events if isinstance(event, events.RequestEvent)} == {
        "https://files.example/v.mp4"
    }


def test_many_waits_are_told_apart(open_world: Callable[..., Any], told: Told) -> None:
    """Each wait of `wait_all` is an operation of its own, asynchronous hooks included."""
    seen: list[Event] = []

    async def also(event: Event) -> None:
        await asyncio.sleep(0)
        seen.append(event)

    def serve(request: httpx.Request) -> httpx.Response:
        return answer(200, {**DONE, "id": request.url.path.rpartition("/")[2]})

    world = open_world("evolink", serve)
    hooks = [told, also] if isinstance(world.client, AsyncEvoLink) else [told]
    world = open_world("evolink", serve, hooks=hooks)
    tasks = [world.do(world.client.tasks.get, f"task-unified-{number}") for number in range(3)]
    states = [dataclasses.replace(task._state, status="pending", verdict="running", results=()) for task in tasks]
    told.events.clear()
    seen.clear()
    running = [type(task)(state, world.client) for task, state in zip(tasks, states, strict=True)]
    world.do(world.client.wait_all, running, timeout=60)
    for task in tasks:
        mine = [event for event in told.events if event.task_id == task.id]
        assert [type(event).__name__ for event in mine] == [
            "OperationStarted",
            "RequestStarted",
            "ResponseReceived",
            "TaskChanged",
            "OperationEnded",
        ]
        assert len({event.call for event in mine}) == 1
    if len(hooks) == 2:
        assert sorted(seen, key=lambda event: event.call) == sorted(told.events, key=lambda event: event.call)


def test_events_and_downloads_of_many_are_told(open_world: Callable[..., Any], told: Told, tmp_path: Path) -> None:
    """An iterator of events is one operation, however often it is asked; a folder of results is one for each."""

    def serve(request: httpx.Request) -> httpx.Response:
        return film() if request.url.host == "files.example" else answer(200, {**DONE, "status": next(statuses)})

    statuses = iter(["pending", "processing", "completed"])
    world = open_world("evolink", serve, hooks=[told])
    task = world.do(world.client.tasks.get, ID)
    told.events.clear()

    async def collected(iterator: Any) -> list[Any]:
        return [item async for item in iterator]

    given = task.events(timeout=60)
    states = list(given) if hasattr(given, "__next__") else world.do(collected, given)
    assert [item.status for item in states] == ["pending", "processing", "completed"]
    assert {(event.operation, event.call) for event in told.events} == {("wait", told.events[0].call)}
    assert type(told.events[-1]) is events.OperationEnded
    told.events.clear()
    world.do(world.client.download_all, [states[-1]], tmp_path)
    assert [type(event) for event in told.events][-2:] == [events.DownloadFinished, events.OperationEnded]


def test_no_event_holds_a_secret(open_world: Callable[..., Any], told: Told, tmp_path: Path) -> None:
    """Neither the key, wherever a caller or a server put it, nor the prompt, nor what signs a link."""
    echo = {"error": {"code": KEY, "message": f"{KEY} {PROMPT}", "type": KEY}}

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.host != "api.evolink.ai":
            return film()
        if request.method == "POST":
            return answer(400, echo, x_request_id=KEY) if b"other" in request.content else answer(200, CREATED)
        body = {**DONE, "error": echo["error"], "model": KEY}
        return answer(200, body, x_request_id=f"r-{KEY}", set_cookie=f"session={KEY}")

    world = open_world("evolink", serve, hooks=[told])
    world.do(world.client.videos.create, **REQUEST)
    task = world.do(world.client.tasks.get, ID)
    world.do(task.download, tmp_path / f"{KEY}.mp4")
    world.do(world.client.tasks.get, KEY)
    with pytest.raises(errors.BadRequest):
        world.do(world.client.videos.create, **{**REQUEST, "prompt": f"other {PROMPT}"})
    text = repr(told.events)
    assert "redacted" in text
    assert [secret for secret in (KEY, PROMPT, SIGNATURE, "user:word", "session") if secret in text] == []


def test_events_are_frozen(open_world: Callable[..., Any], told: Told) -> None:
    """A hook cannot change what the next one sees."""
    world = open_world("evolink", [answer(200, CREATED)], hooks=[told])
    world.do(world.client.videos.create, **REQUEST)
    with pytest.raises(dataclasses.FrozenInstanceError):
        told.events[0].call = 5  # type: ignore[misc]


def test_every_kind_of_event_is_drawn() -> None:
    """The tree in the module's docstring shows what it exports."""
    kinds = {
        name for name in events.__all__ if isinstance(getattr(events, name), type) and name not in {"Operation", "Hook"}
    }
    drawn = {word for word in (events.__doc__ or "").split() if word.isidentifier() and hasattr(events, word)}
    assert drawn >= kinds
