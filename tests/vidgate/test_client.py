"""The clients from outside, sync and async, over an in-memory server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.client_cases import CREATED, DONE, ID, LINK, REQUEST, TEXT
from vidgate import APIMart, AsyncEvoLink, EvoLink, Timeouts, errors

if TYPE_CHECKING:
    from collections.abc import Callable


def test_from_request_to_result(open_world: Callable[..., Any]) -> None:
    """Submit, wait with updates, and read what became of it."""
    world = open_world(
        "evolink",
        [(200, {**CREATED, "task_info": {"estimated_time": 60}}), (200, {**CREATED, "progress": 40}), (200, DONE)],
    )
    seen: list[tuple[str, int | None]] = []
    task = world.do(world.client.videos.create, **REQUEST)
    assert (task.id, task.status, task.progress, task.estimated_seconds, task.done) == (ID, "pending", 0, 60, False)
    task = world.do(task.wait, on_update=lambda now: seen.append((now.status, now.progress)))
    assert seen == [("pending", 40), ("completed", 100)]
    assert (task.verdict, task.done, task.model, task.created) == ("completed", True, TEXT, 1_757_169_743)
    assert task.estimated_seconds == 60
    (result,) = task.results
    assert (result.url, result.kind, result.expires_at) == (LINK, "video", 1_757_169_743 + 86_400)
    assert [(request.method, request.url.path) for request in world.requests] == [
        ("POST", "/v1/videos/generations"),
        ("GET", f"/v1/tasks/{ID}"),
        ("GET", f"/v1/tasks/{ID}"),
    ]
    assert {request.headers["authorization"] for request in world.requests} == {f"Bearer {world.key}"}
    assert world.requests[0].url.host == "api.evolink.ai"


def test_apimart_from_request_to_result(open_world: Callable[..., Any]) -> None:
    """The same calls over APIMart's envelopes, with a link given as text instead of a list."""
    done = {
        "id": "task_01",
        "status": "completed",
        "progress": 100,
        "created": 1_779_246_294,
        "result": {"videos": [{"url": "https://cdn.example/v.mp4", "expires_at": 1_779_332_760}], "images": None},
    }
    world = open_world(
        "apimart",
        [
            (200, {"code": 200, "data": [{"status": "submitted", "task_id": "task_01"}]}),
            (200, {"code": 200, "data": done}),
        ],
    )
    task = world.do(world.client.videos.create, model="Omni-Flash-Ext", prompt="x")
    task = world.do(task.wait)
    assert [(result.url, result.kind, result.expires_at) for result in task.results] == [
        ("https://cdn.example/v.mp4", "video", 1_779_332_760)
    ]
    assert type(task.raw).__module__.startswith("apimart_api.models")


def test_an_async_watcher_is_awaited() -> None:
    """`on_update` of an async task may be a coroutine function."""
    import asyncio

    answers = iter([CREATED, DONE])
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=next(answers)))
    seen: list[str] = []

    async def watch(task: Any) -> None:
        await asyncio.sleep(0)
        seen.append(task.status)

    async def run() -> None:
        async with AsyncEvoLink("sk-0123456789", transport=transport) as client:
            task = await client.videos.create(model=TEXT, prompt="x")
            await task.wait(on_update=watch)

    asyncio.run(run())
    assert seen == ["completed"]


def test_an_error_of_a_watcher_comes_through(open_world: Callable[..., Any]) -> None:
    """What the caller's own function raises is the caller's, StopIteration included."""
    world = open_world("evolink", [(200, CREATED), (200, DONE)])
    task = world.do(world.client.videos.create, **REQUEST)

    def watch(_: Any) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        world.do(task.wait, on_update=watch)


def test_a_watcher_cannot_end_the_flow(open_world: Callable[..., Any]) -> None:
    """StopIteration from a watcher is not taken for the flow's own end."""
    world = open_world("evolink", [(200, CREATED), (200, DONE)])
    task = world.do(world.client.videos.create, **REQUEST)

    def watch(_: Any) -> None:
        raise StopIteration("not a task")

    # A coroutine may not raise StopIteration; Python turns it into RuntimeError.
    with pytest.raises((StopIteration, RuntimeError)):
        world.do(task.wait, on_update=watch)


def test_a_handed_in_client_keeps_its_own() -> None:
    """Its headers go along, its settings stay as they were, and it is not closed."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=CREATED)

    with httpx.Client(
        transport=httpx.MockTransport(answer), headers={"x-team": "7", "authorization": "Basic own"}, timeout=3.0
    ) as http:
        before = (dict(http.headers), http.timeout, dict(http.cookies))
        with EvoLink("sk-0123456789", http_client=http) as client:
            client.videos.create(model=TEXT, prompt="x")
        assert not http.is_closed
        assert (dict(http.headers), http.timeout, dict(http.cookies)) == before
    assert seen[0].headers["x-team"] == "7"
    assert seen[0].headers["authorization"] == "Bearer sk-0123456789"


def test_the_client_closes_what_it_made(open_world: Callable[..., Any]) -> None:
    """After closing, calls say so; the copy by with_options closes nothing."""
    world = open_world("evolink", lambda _: (200, CREATED))
    twin = world.client.with_options(timeout=5)
    world.do(twin.close if hasattr(twin, "close") else twin.aclose)
    assert world.do(world.client.tasks.get, ID).id == ID
    world.do(world.client.close if hasattr(world.client, "close") else world.client.aclose)
    for client in (world.client, twin):
        with pytest.raises(errors.ConfigurationError, match="closed"):
            world.do(client.tasks.get, ID)


def test_options_are_of_the_copy_only(open_world: Callable[..., Any]) -> None:
    """with_options gives another client of the same type and leaves this one as it is."""
    world = open_world("evolink", lambda _: (200, CREATED))
    twin = world.client.with_options(timeout=5, attempts=1)
    assert type(twin) is type(world.client)
    world.do(twin.tasks.get, ID)
    world.do(world.client.tasks.get, ID)
    first, second = (request.extensions["timeout"] for request in world.requests)
    assert (first["connect"], first["read"]) == (5.0, 5.0)
    assert (second["connect"], second["read"]) == (10.0, 15.0)


def test_every_request_has_timeouts(open_world: Callable[..., Any]) -> None:
    """A query waits 15 seconds for an answer, a submission 30; connecting 10, writing 120."""
    world = open_world("evolink", lambda _: (200, CREATED))
    world.do(world.client.videos.create, **REQUEST)
    world.do(world.client.tasks.get, ID)
    submit, read = (request.extensions["timeout"] for request in world.requests)
    assert submit == {"connect": 10.0, "read": 30.0, "write": 120.0, "pool": 10.0}
    assert read == {"connect": 10.0, "read": 15.0, "write": 120.0, "pool": 10.0}


def test_tasks_are_read_with_the_options_they_came_with(open_world: Callable[..., Any]) -> None:
    """A task remembers its client."""
    world = open_world("evolink", lambda _: (200, CREATED))
    task = world.do(world.client.with_options(timeout=Timeouts(read=2.0)).tasks.get, ID)
    world.do(task.refresh)
    assert world.requests[1].extensions["timeout"]["read"] == 2.0


@pytest.mark.parametrize("task_id", ["..", "a/b", "", "x\r\ny: z"], ids=ascii)
def test_bad_ids_send_nothing(task_id: str, open_world: Callable[..., Any]) -> None:
    """An id that would change the path is refused before any request."""
    world = open_world("evolink", [])
    with pytest.raises(errors.ConfigurationError):
        world.do(world.client.tasks.get, task_id)
    assert world.requests == []


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), None, "60", True], ids=str)
def test_waiting_always_has_an_end(timeout: Any, open_world: Callable[..., Any]) -> None:
    """There is no way to wait for ever."""
    world = open_world("evolink", [(200, CREATED)])
    task = world.do(world.client.tasks.get, ID)
    with pytest.raises(errors.ConfigurationError):
        world.do(task.wait, timeout=timeout)


def test_waiting_ends_by_itself(open_world: Callable[..., Any]) -> None:
    """Without a timeout given, a wait ends after ten minutes, and can go on from the error."""
    world = open_world("evolink", lambda _: (200, CREATED))
    task = world.do(world.client.tasks.get, ID)
    started = world.clock.now()
    with pytest.raises(errors.TaskTimeout) as caught:
        world.do(task.wait)
    assert 590 < world.clock.now() - started <= 600
    assert world.do(world.client.tasks.get, caught.value.task_id).status == "pending"


def test_models_are_listed() -> None:
    """The models of the contract, each with its request class and parameters."""
    import vidgate.evolink

    models = {model.id: model for model in EvoLink("sk-0123456789").models}
    text = models[TEXT]
    assert getattr(vidgate.evolink, text.request_class)(prompt="x").model == TEXT
    fields = {field.name: field for field in text.fields}
    assert fields["prompt"].required
    assert not fields["duration"].required
    assert fields["duration"].default == 10
    assert fields["aspect_ratio"].values == ("16:9", "9:16", "auto")
    assert [model.id for model in APIMart("sk-0123456789").models] == ["Omni-Flash-Ext"]


def test_wrong_http_clients_are_refused() -> None:
    """The mix-ups of sync and async are named at once."""
    client: Any = EvoLink
    with pytest.raises(errors.ConfigurationError, match="http_client"):
        client("sk-0123456789", http_client=httpx.AsyncClient())
    with pytest.raises(errors.ConfigurationError, match="Both"):
        client(
            "sk-0123456789", http_client=httpx.Client(), transport=httpx.MockTransport(lambda _: httpx.Response(200))
        )
