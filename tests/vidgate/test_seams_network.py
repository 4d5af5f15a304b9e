"""Where our connections, our hooks and other people's code meet: deadlines hold, and no secret leaves by an error."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx
import pytest

from tests.vidgate.client_cases import CREATED, DONE, ID, REQUEST
from vidgate import AsyncEvoLink, EvoLink, Timeouts, errors
from vidgate._deadline import Deadline
from vidgate._secret import ENCODINGS
from vidgate._streams import STEP, Network

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vidgate.events import Event

KEY: Final = "sk-0123456789abcdefSECRET"


class Slow(httpcore.NetworkStream):
    """Takes whatever it is given, each time a moment before its timeout, as a receiver does that drips."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.clock = 0.0

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.taken.append(buffer)
        self.clock += timeout or 0.0


class SlowNetwork(httpcore.NetworkBackend):
    def __init__(self, stream: Slow) -> None:
        self._stream = stream

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self._stream


def test_a_large_body_is_over_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of it may take the write timeout, all of them together no more than the exchange."""
    slow = Slow()
    stream = Network(SlowNetwork(slow)).connect_tcp("h", 1)
    monkeypatch.setattr(time, "monotonic", lambda: slow.clock)
    with Deadline(5.0), pytest.raises(httpcore.WriteTimeout):
        stream.write(b"x" * 100 * STEP, timeout=2.0)
    assert slow.clock == 5.0
    assert len(slow.taken) == 3


def test_a_body_arrives_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut into steps, nothing is lost of it, and nothing of none."""
    slow = Slow()
    stream = Network(SlowNetwork(slow)).connect_tcp("h", 1)
    monkeypatch.setattr(time, "monotonic", lambda: slow.clock)
    body = bytes(range(256)) * 1024 + b"end"
    stream.write(body)
    stream.write(b"")
    assert b"".join(slow.taken) == body


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text", [json.dumps({**DONE, "note": f"for {KEY}"}), f"<p>for {KEY}</p>"], ids=["JSON", "page"]
)
def test_an_echoed_key_is_masked_in_every_encoding(open_world: Callable[..., Any], encoding: str, text: str) -> None:
    """JSON need not be UTF-8 for us to read it."""
    world = open_world("evolink", lambda _: httpx.Response(200, content=text.encode(encoding)), journal=False)
    seen: list[str] = []
    try:
        raw = world.do(lambda: world.client.tasks.with_raw_response.get(ID))
        seen += [raw.text, repr(raw.json()), repr(raw.parse())]
    except errors.APIError as error:
        seen += [str(error), error.message]
    assert seen
    assert not any(KEY in each.replace("\0", "").replace(" ", "") for each in seen)


def test_a_hook_of_httpx_that_refuses_shows_no_signature(colour: str, tmp_path: Path) -> None:
    """`raise_for_status` puts the whole address into its message."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=DONE) if request.url.host == "api.evolink.ai" else httpx.Response(403)

    def refuse(response: httpx.Response) -> None:
        response.raise_for_status()

    async def refuse_later(response: httpx.Response) -> None:
        response.raise_for_status()

    async def run() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(answer), event_hooks={"response": [refuse_later]})
        async with http, AsyncEvoLink(KEY, http_client=http, journal=False) as client:
            await (await client.tasks.get(ID)).download(tmp_path / "v.mp4")

    def run_here() -> None:
        http = httpx.Client(transport=httpx.MockTransport(answer), event_hooks={"response": [refuse]})
        with http, EvoLink(KEY, http_client=http, journal=False) as client:
            client.tasks.get(ID).download(tmp_path / "v.mp4")

    with pytest.raises(errors.VidgateError, match="403 Forbidden") as caught:
        asyncio.run(run()) if colour == "async" else run_here()
    assert "https://files.example/v.mp4" in str(caught.value)
    assert "sig=" not in str(caught.value)


def test_a_hook_whose_own_task_is_cancelled_cancels_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """What it returned is awaited; that this ends in a cancellation is the hook's affair."""

    def hook(_: Event) -> Any:
        task = asyncio.ensure_future(asyncio.sleep(60))
        task.cancel()
        return task

    async def run() -> str:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=CREATED))
        async with AsyncEvoLink(KEY, transport=transport, journal=False, hooks=[hook]) as client:
            return (await client.videos.create_from(REQUEST)).id

    assert asyncio.run(run()) == ID
    assert caplog.text.count("CancelledError") == 1


def test_hooks_are_awaited_in_the_event_loop_they_belong_to() -> None:
    """One that is under way in another loop cannot be awaited here, and is left to that one."""

    async def make(hook: Callable[[Event], Any]) -> AsyncEvoLink:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=DONE))
        return AsyncEvoLink(KEY, transport=transport, journal=False, hooks=[hook])

    told: list[str] = []

    async def note(event: Event) -> None:
        told.append(type(event).__name__)

    with asyncio.Runner() as one, asyncio.Runner() as other:
        client = one.run(make(note))
        observer = client._observer

        async def begin() -> None:
            observer._call(note, None)  # type: ignore[arg-type]

        one.run(begin())
        other.run(observer.settle())
        assert (told, observer.has_pending) == ([], True)
        one.run(observer.settle())
        assert (told, observer.has_pending) == (["NoneType"], False)


def test_each_event_loop_has_connections_of_its_own() -> None:
    """Also when its clients were made for the first one: what one loop has taken no other one gets."""

    async def make() -> AsyncEvoLink:
        return AsyncEvoLink(KEY, timeout=Timeouts(), journal=False)

    async def line(client: AsyncEvoLink) -> httpx.AsyncClient:
        return client._driver.connections.line().http

    with asyncio.Runner() as one, asyncio.Runner() as other:
        client = one.run(make())
        found = [runner.run(line(client)) for runner in (one, other, one, other)]
        assert found[0] is found[2]
        assert found[1] is found[3]
        assert found[0] is not found[1]
        one.run(client.aclose())
