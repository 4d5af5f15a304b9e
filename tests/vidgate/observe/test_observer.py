"""Hooks may do what they like: the operation goes on, a paid task is not lost, and without hooks nothing happens."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from vidgate import AsyncEvoLink, EvoLink, errors, events
from vidgate._journal.store import Journal
from vidgate._observe import watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vidgate.events import Event

KEY: Final = "sk-0123456789abcdefSECRET"
ID: Final = "task-unified-1-abc"
REQUEST: Final[dict[str, Any]] = {"model": "gemini-omni-flash-text-to-video", "prompt": "a cat"}
CREATED: Final = {"id": ID, "status": "pending", "type": "video"}
DONE: Final = {**CREATED, "status": "completed", "results": ["https://files.example/v.mp4"]}


def serve(request: httpx.Request) -> httpx.Response:
    if request.url.host != "api.evolink.ai":
        return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})
    return httpx.Response(200, json=CREATED if request.method == "POST" else DONE)


def failing(_: Event) -> None:
    raise RuntimeError(f"the hook is broken {KEY}")


@pytest.mark.parametrize("failure", ["at once", "when awaited"])
def test_a_hook_that_raises_changes_nothing(
    failure: str, open_world: Callable[..., Any], caplog: pytest.LogCaptureFixture, colour: str, tmp_path: Path
) -> None:
    """The task is made, waited for and saved; the log says so once, without the key."""

    async def failing_later(event: Event) -> None:
        await asyncio.sleep(0)
        failing(event)

    hook = failing_later if (failure, colour) == ("when awaited", "async") else failing
    world = open_world("evolink", serve, hooks=[hook])
    with caplog.at_level(logging.WARNING, "vidgate"):
        task = world.do(world.client.videos.create, **REQUEST)
        task = world.do(task.wait, timeout=60)
        world.do(task.download, tmp_path / "v.mp4")
    assert task.id == ID
    assert (tmp_path / "v.mp4").read_bytes() == b"film"
    complaints = [record.getMessage() for record in caplog.records if "raised" in record.getMessage()]
    assert len(complaints) == 1
    assert "the hook is broken" in complaints[0]
    assert KEY not in caplog.text


def test_the_other_hooks_are_still_told(open_world: Callable[..., Any]) -> None:
    """One that fails keeps nothing from the next."""
    seen: list[Event] = []
    world = open_world("evolink", serve, hooks=[failing, seen.append])
    world.do(world.client.videos.create, **REQUEST)
    assert isinstance(seen[-1], events.OperationEnded)


def test_a_hook_of_one_kind(open_world: Callable[..., Any]) -> None:
    """`on` chooses by class, subclasses included, and works for hooks of either colour."""
    requests: list[events.RequestEvent] = []
    accepted: list[str | None] = []
    hooks = [
        events.on(events.RequestEvent, requests.append),
        events.on(events.SubmissionAccepted, lambda event: accepted.append(event.task_id)),
    ]
    world = open_world("evolink", serve, hooks=hooks)
    world.do(world.client.videos.create, **REQUEST)
    assert [type(event).__name__ for event in requests] == ["RequestStarted", "ResponseReceived"]
    assert accepted == [ID]


def test_an_asynchronous_hook_is_awaited_before_the_request() -> None:
    """What is told before a request is over before it is sent; what is told after it, before the call returns."""
    order: list[str] = []

    async def hook(event: Event) -> None:
        await asyncio.sleep(0)
        order.append(type(event).__name__)

    def sent(request: httpx.Request) -> httpx.Response:
        order.append("sent")
        return serve(request)

    async def create() -> None:
        client = AsyncEvoLink(KEY, transport=httpx.MockTransport(sent), hooks=[hook])
        await client.videos.create_from(REQUEST)
        order.append("returned")

    asyncio.run(create())
    assert order == [
        "OperationStarted",
        "RequestStarted",
        "sent",
        "ResponseReceived",
        "SubmissionAccepted",
        "OperationEnded",
        "returned",
    ]


def test_asynchronous_hooks_of_many_waits_are_awaited() -> None:
    """Also what is told at the deadline, after the last request, is over when `wait_all` returns."""
    seen: list[tuple[str, str | None]] = []

    async def hook(event: Event) -> None:
        await asyncio.sleep(0)
        if isinstance(event, events.OperationEnded):
            seen.append((event.operation, event.error))

    async def wait() -> None:
        running = httpx.MockTransport(lambda _: httpx.Response(200, json=CREATED))
        client = AsyncEvoLink(KEY, transport=running, hooks=[hook])
        task = await client.tasks.get(ID)
        (outcome,) = await client.wait_all([task], timeout=0.01)
        assert isinstance(outcome.error, errors.TaskTimeout)
        assert seen == [("read", None), ("wait", "TaskTimeout")]

    asyncio.run(wait())


def test_a_cancelled_hook_does_not_cost_the_task(tmp_path: Path) -> None:
    """Whoever cancels a call while its hooks run finds the paid task in the journal."""
    hanging = asyncio.Event()

    async def hook(event: Event) -> None:
        if isinstance(event, events.ResponseReceived):
            hanging.set()
            await asyncio.Event().wait()

    async def create() -> None:
        client = AsyncEvoLink(KEY, transport=httpx.MockTransport(serve), hooks=[hook], journal=tmp_path / "j.sqlite3")
        running = asyncio.create_task(client.videos.create_from(REQUEST))
        await asyncio.wait_for(hanging.wait(), 30)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await client.aclose()

    asyncio.run(create())
    (entry,) = Journal(tmp_path / "j.sqlite3").entries()
    assert (entry.state, entry.task_id) == ("submitted", ID)


def test_an_interrupt_within_a_hook_leaves_the_key_behind(open_world: Callable[..., Any]) -> None:
    """Ctrl-C is not held back; what settles the submission is on it."""

    def hook(event: Event) -> None:
        if isinstance(event, events.ResponseReceived):
            raise KeyboardInterrupt

    world = open_world("evolink", serve, hooks=[hook])
    with pytest.raises(KeyboardInterrupt) as caught:
        world.do(world.client.videos.create, **REQUEST)
    key = world.posts[0].headers["idempotency-key"]
    assert key in "".join(getattr(caught.value, "__notes__", []))


def test_a_call_that_is_cancelled_before_its_request_is_not_unknown() -> None:
    """Where a hook still runs that was told of the request, nothing was sent, and nothing else is said."""
    hanging = asyncio.Event()
    seen: list[str] = []
    sent: list[httpx.Request] = []

    async def hook(event: Event) -> None:
        if isinstance(event, events.RequestStarted):
            hanging.set()
            await asyncio.Event().wait()

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return serve(request)

    async def create() -> None:
        hooks = [lambda event: seen.append(type(event).__name__), hook]
        async with AsyncEvoLink(KEY, transport=httpx.MockTransport(answer), hooks=hooks) as client:
            running = asyncio.create_task(client.videos.create_from(REQUEST))
            await asyncio.wait_for(hanging.wait(), 30)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    asyncio.run(create())
    assert seen == ["OperationStarted", "RequestStarted", "OperationEnded"]
    assert sent == []


def test_a_task_that_only_the_journal_missed_is_accepted(
    open_world: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider has it, whatever the disk says."""
    seen: list[Event] = []
    world = open_world("evolink", serve, hooks=[seen.append], journal=tmp_path / "j.sqlite3")

    def full(*_: object) -> None:
        raise errors.JournalError("The disk is full.")

    monkeypatch.setattr(Journal, "accept", full)
    with pytest.raises(errors.JournalError):
        world.do(world.client.videos.create, **REQUEST)
    assert [type(event).__name__ for event in seen[-2:]] == ["SubmissionAccepted", "OperationEnded"]
    assert seen[-1].task_id == ID


def test_a_hook_that_asks_the_client_is_not_told_of_it() -> None:
    """Otherwise it would be called for its own requests, for ever."""
    seen: list[str] = []

    def hook(event: Event) -> None:
        seen.append(type(event).__name__)
        if isinstance(event, events.SubmissionAccepted) and event.task_id:
            seen.append(client.tasks.get(event.task_id).status)

    client = EvoLink(KEY, transport=httpx.MockTransport(serve), hooks=[hook])
    client.videos.create_from(REQUEST)
    assert seen == [
        "OperationStarted",
        "RequestStarted",
        "ResponseReceived",
        "SubmissionAccepted",
        "completed",
        "OperationEnded",
    ]


def test_a_coroutine_is_nothing_for_a_sync_client(caplog: pytest.LogCaptureFixture) -> None:
    """A coroutine function is refused at once; what returns an awaitable later is a hook that fails."""

    async def hook(_: Event) -> None: ...

    def call(function: Callable[[Event], object], event: Event) -> object:
        return function(event)

    class Hook:
        async def __call__(self, _: Event) -> None: ...

    for given in (hook, events.on(events.Event, hook), Hook()):
        with pytest.raises(errors.ConfigurationError, match="coroutine"):
            EvoLink(KEY, hooks=[given])
    client = EvoLink(KEY, transport=httpx.MockTransport(serve), hooks=[partial(call, hook)])
    assert client.tasks.get(ID).status == "completed"
    assert "not asynchronous" in caplog.text


@pytest.mark.parametrize("hooks", [print, "print", 5, [5], {"request": print}], ids=repr)
def test_what_are_no_hooks_is_refused(hooks: Any) -> None:
    """Before anything is sent, with an example."""
    with pytest.raises(errors.ConfigurationError, match="hook"):
        EvoLink(KEY, hooks=hooks)


def test_a_twin_has_the_same_hooks() -> None:
    """`with_options` shares them."""
    seen: list[Event] = []
    client = EvoLink(KEY, transport=httpx.MockTransport(serve), hooks=[seen.append])
    client.with_options(attempts=1).tasks.get(ID)
    assert len(seen) == 4


def test_nothing_is_watched_when_nobody_listens(
    open_world: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """Without hooks and with a silent log no event is made, and no flow is wrapped."""

    def unwanted(*_: object, **__: object) -> None:
        raise AssertionError("an operation is watched")

    monkeypatch.setattr(watch, "Watch", unwanted)
    caplog.set_level(logging.WARNING, "vidgate")
    world = open_world("evolink", serve)
    task = world.do(world.client.videos.create, **REQUEST)
    task = world.do(task.wait, timeout=60)
    world.do(task.download, tmp_path / "v.mp4")
    assert world.do(world.client.tasks.get, ID).done
