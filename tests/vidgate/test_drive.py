"""The drivers: foreign errors are translated, flows get their answers, and nothing is left open."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import errors
from vidgate._clock import SystemClock
from vidgate._drive import AsyncDriver, SyncDriver
from vidgate._effects import Failure, Limits, Now, Request, Send, Sleep
from vidgate._foreign import FOREIGN, translate
from vidgate._incoming import LARGEST_REPLY
from vidgate._secret import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from vidgate._effects import Effect, Flow

SECRET = Secret("sk-0123456789abcdefSECRET")
LIMITS = Limits(connect=1.0, read=1.0, write=1.0, total=0.2)
GET = Request(method="GET", url="https://api.example/v1", limits=LIMITS)


def httpx_errors() -> list[type[Exception]]:
    return [
        thing
        for name in httpx.__all__
        if inspect.isclass(thing := getattr(httpx, name)) and issubclass(thing, Exception)
    ]


@pytest.mark.parametrize("kind", httpx_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_httpx_has_a_row(kind: type[Exception]) -> None:
    """A new class of exception in httpx must be judged before it is relied on."""
    assert kind in FOREIGN


def test_no_row_is_stale() -> None:
    """Every row is for an exception that exists: of httpx, of asyncio's deadlines, and what a transport makes up."""
    assert set(FOREIGN) - {TimeoutError, Exception} == set(httpx_errors())


NOT_ARRIVED = {
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
}


def test_what_certainly_did_not_arrive() -> None:
    """The list that decides about sending a paid request again is short and spelled out here once more."""
    assert {kind for kind, row in FOREIGN.items() if not row.arrived} == NOT_ARRIVED


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_translation_gives_an_error_of_ours(kind: type[Exception]) -> None:
    """Each row makes an error with a remedy, without the key, and without a chain."""
    error = kind.__new__(kind)
    error.args = (f"Bearer {SECRET.reveal()} \x1b[31m",)
    failure = translate(error, SECRET)
    assert isinstance(failure.error, errors.VidgateError)
    assert failure.error.hint
    assert SECRET.reveal() not in str(failure.error)
    assert "\x1b" not in str(failure.error)
    assert failure.error.__cause__ is None


def test_a_request_that_cannot_be_made_has_not_arrived(colour: str) -> None:
    """What fails before anything is sent is known not to have been sent."""
    answer = run(
        colour,
        sending(Request(method="GET", url="https://api.example:port", limits=LIMITS)),
        lambda _: httpx.Response(200),
    )
    assert isinstance(answer, Failure)
    assert not answer.arrived


def test_an_odd_redirect_proves_nothing(colour: str) -> None:
    """Httpx fails on some addresses that it is not asked to follow; the request has arrived all the same."""
    answer = run(colour, sending(), lambda _: httpx.Response(307, headers={"location": "mailto:x@example.com"}))
    assert isinstance(answer, Failure)
    assert answer.arrived


def test_the_most_specific_row_wins() -> None:
    """A ConnectTimeout is a failed connection before it is a timeout."""
    assert not translate(httpx.ConnectTimeout("x"), SECRET).arrived
    assert translate(httpx.ReadTimeout("x"), SECRET).arrived

    class Stranger(httpx.ReadError):
        pass

    assert isinstance(translate(Stranger("x"), SECRET).error, errors.ConnectionLost)


def run(colour: str, flow: Flow[Any], handler: Any, **watchers: Any) -> Any:
    transport = httpx.MockTransport(handler)
    if colour == "sync":
        with httpx.Client(transport=transport) as http:
            return SyncDriver(http, secret=SECRET, clock=SystemClock()).run(flow, **watchers)

    async def go() -> Any:
        async with httpx.AsyncClient(transport=transport) as http:
            return await AsyncDriver(http, secret=SECRET, clock=SystemClock()).run(flow, **watchers)

    return asyncio.run(go())


def sending(request: Request = GET) -> Flow[Any]:
    return (yield Send(request))


def test_a_stray_stop_iteration_is_no_result(colour: str) -> None:
    """StopIteration from a transport is a failure like any other, not the end of the flow."""

    def handler(_: httpx.Request) -> httpx.Response:
        raise StopIteration("not a result")

    answer = run(colour, sending(), handler)
    assert isinstance(answer, Failure)
    assert answer.arrived


def test_a_flow_is_closed_when_its_watcher_fails(colour: str) -> None:
    """The generator's own cleanup runs at once, not when it is collected."""
    closed: list[bool] = []

    def flow() -> Flow[None]:
        try:
            yield Now()
            yield from ()
            raise KeyError("from the flow")
        finally:
            closed.append(True)

    with pytest.raises(KeyError):
        run(colour, flow(), lambda _: httpx.Response(200))
    assert closed == [True]


def test_time_comes_from_the_clock(colour: str) -> None:
    """Now is in seconds since 1970; Sleep gives nothing back."""

    def flow() -> Flow[Any]:
        before = yield Now()
        nothing = yield Sleep(0.01)
        after = yield Now()
        return before, nothing, after

    before, nothing, after = run(colour, flow(), lambda _: httpx.Response(200))
    assert abs(before - time.time()) < 60
    assert nothing is None
    assert after - before >= 0.01


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body without end: large at once, or dripping."""

    def __init__(self, chunk: bytes, pause: float) -> None:
        self._chunk = chunk
        self._pause = pause
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            time.sleep(self._pause)
            yield self._chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(self._pause)
            yield self._chunk

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("chunk", "pause"), [(b" " * 1024**2, 0.0), (b" ", 0.01)], ids=["large", "dripping"])
def test_endless_answers_end(colour: str, chunk: bytes, pause: float) -> None:
    """An answer is bounded in size and in time, and its connection is given back."""
    body = Endless(chunk, pause)
    request = Request(method="GET", url=GET.url, limits=Limits(connect=1.0, read=1.0, write=1.0, total=0.2))
    if pause == 0.0:
        request = Request(method="GET", url=GET.url, limits=Limits(connect=1.0, read=1.0, write=1.0, total=60.0))
    started = time.monotonic()
    answer = run(colour, sending(request), lambda _: httpx.Response(200, stream=body))
    assert isinstance(answer, Failure)
    assert body.closed
    assert time.monotonic() - started < 10
    assert LARGEST_REPLY < 2**25


def test_gzip_is_decoded_and_a_broken_one_is_a_failure(colour: str) -> None:
    """Answers may be compressed; one that cannot be unpacked is translated."""
    import gzip

    headers = {"content-encoding": "gzip"}
    good = run(colour, sending(), lambda _: httpx.Response(200, content=gzip.compress(b'{"a": 1}'), headers=headers))
    assert good.body == {"a": 1}
    bad = run(colour, sending(), lambda _: Raw(headers))
    assert isinstance(bad, Failure)


class Raw(httpx.Response):
    """A response whose compressed body is broken."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(200, headers=headers, stream=Broken())


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"not gzip"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"not gzip"


def test_an_unknown_effect_is_a_bug(colour: str) -> None:
    """A flow that asks for what no driver can do is told so."""

    def flow() -> Flow[Any]:
        strange: Any = object()
        effect: Effect = strange
        yield effect

    with pytest.raises(TypeError, match="no driver"):
        run(colour, flow(), lambda _: httpx.Response(200))
