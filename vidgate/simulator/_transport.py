"""An httpx transport that runs the app in process: no event loop, no thread, no socket.

The app never waits for anything (its clock is asked, not slept on), so its coroutine runs to the end in one step;
that is why one class serves sync and async clients alike, inside a running event loop too.

Faults take no time either: what a client would wait for moves the clock, when that can be moved, and ends in the
exception that httpx would raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import httpx

from vidgate.simulator._faults import WIRE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope

    Advance = Callable[[float], object]

USUAL_TIMEOUT: Final = 5.0
"""Seconds; what httpx itself takes when nobody says otherwise."""


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers httpx requests from an ASGI app that never suspends."""

    leaves_process: Final = False
    """Nothing sent through it can cost anything, so the clients keep no journal of it unless they are told to."""

    def __init__(self, app: ASGIApp, *, advance: Advance | None = None) -> None:
        """`advance` moves the clock by seconds; without it waiting takes no time at all."""
        self._app = app
        self._advance = advance

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer for a sync client."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer for an async client."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        sent: list[Message] = []
        wire = _InProcessWire(sent, _read_timeout(request), self._advance)

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        coroutine = self._app({**_scope(request), "extensions": {WIRE: wire}}, receive, send)
        steps = coroutine.__await__()
        try:
            next(steps)
        except StopIteration:
            pass
        else:
            message = "the app waited for something, which an in-process transport cannot do; serve it on a port"
            raise RuntimeError(message)
        start = next(message for message in sent if message["type"] == "http.response.start")
        stream = _Stream(tuple(wire.pieces()))
        if stream.is_plain:
            content = b"".join(stream)
            return httpx.Response(start["status"], headers=start["headers"], content=content, request=request)
        return httpx.Response(start["status"], headers=start["headers"], stream=stream, request=request)


@dataclass(frozen=True, slots=True)
class _Step:
    """What happens between two pieces of an answer."""

    perform: Callable[[], object]


class _InProcessWire:
    """Hangs and cuts by raising what httpx raises for a real connection."""

    def __init__(self, sent: list[Message], timeout: float, advance: Advance | None) -> None:
        self._sent = sent
        self._timeout = timeout
        self._advance = advance

    async def hang(self, receive: Receive) -> None:  # noqa: ARG002 - the client is not kept waiting for real
        """Give up in the client's name."""
        self._pass(self._timeout)

    async def reset(self, receive: Receive) -> None:  # noqa: ARG002 - there is no connection to watch
        """Break off, at once or in the middle of the answer."""
        if not self._sent:
            raise httpx.ReadError("[Errno 104] Connection reset by peer")
        self._sent.append({"type": "vidgate.step", "step": _Step(_break_off)})

    async def pause(self, seconds: float, receive: Receive) -> bool:  # noqa: ARG002 - the client cannot go away
        """Let time pass: at once before the answer, later while the client reads it."""
        if not self._sent:
            self._pass(seconds)
            return True
        self._sent.append({"type": "vidgate.step", "step": _Step(lambda: self._pass(seconds))})
        return True

    async def work(self, job: Callable[[], None]) -> None:
        """Do it here and now: nobody else is served meanwhile."""
        job()

    def pieces(self) -> Iterator[bytes | _Step]:
        """The answer's body, piece by piece, with what happens in between."""
        for message in self._sent:
            if message["type"] == "http.response.body":
                yield message.get("body", b"")
            elif message["type"] == "vidgate.step":
                yield message["step"]

    def _pass(self, seconds: float) -> None:
        if self._advance is not None:
            self._advance(min(seconds, self._timeout))
        if seconds >= self._timeout:
            raise httpx.ReadTimeout("The read operation timed out")


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces, for either kind of client."""

    def __init__(self, pieces: tuple[bytes | _Step, ...]) -> None:
        self._pieces = pieces

    @property
    def is_plain(self) -> bool:
        """Whether nothing happens between the pieces."""
        return not any(isinstance(piece, _Step) for piece in self._pieces)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, _Step):
                piece.perform()
            else:
                yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _break_off() -> None:
    raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


def _read_timeout(request: httpx.Request) -> float:
    timeouts: dict[str, Any] = request.extensions.get("timeout", {})
    seconds = timeouts.get("read")
    return USUAL_TIMEOUT if seconds is None else float(seconds)


def _scope(request: httpx.Request) -> Scope:
    raw_path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": unquote(raw_path.decode("ascii")),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
    }
