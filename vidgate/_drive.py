"""The two drivers, sync and async: they perform what flows ask for. All I/O of the client is here and in `_disk`.

Errors of other libraries are translated here, through one table, and nowhere else. They are not chained: an httpx
exception holds the request, and the request holds the key.
Only `flow.send()` stands inside `try … except StopIteration`: a stray one from I/O would become the result.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpx

from vidgate import errors
from vidgate._disk import Disk
from vidgate._effects import (
    Advanced,
    Changed,
    Failure,
    Head,
    Keep,
    Now,
    OpenStream,
    ReadChunk,
    Reply,
    Send,
    Sleep,
    WriteChunk,
)
from vidgate._replies import clean

if TYPE_CHECKING:
    from vidgate._clock import Clock
    from vidgate._effects import Flow, Request
    from vidgate._journal.recorder import Recorder
    from vidgate._secret import Secret
    from vidgate._state import TaskState

T = TypeVar("T")
Watcher = Callable[["TaskState"], object]
Meter = Callable[[int, "int | None"], object]

LARGEST_REPLY = 16 * 1024**2
"""Bytes of an answer that is read into memory; a task is a few kilobytes."""

USER_AGENT = "vidgate"
EXCERPT = 2_000
"""Bytes of an answer that is no JSON; several times what a message shows."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """What an exception of another library means. `arrived`: False when nothing can have reached the server."""

    error: type[errors.VidgateError]
    text: str
    arrived: bool
    retryable: bool = True
    hint: str = "Try again in a moment; check the network if it goes on."


_CONFIGURE = "Check base_url and the http_client or transport that was handed in."

# Every class of httpx has a row of its own, so that the most specific one wins and a new one is noticed by the tests.
FOREIGN: Mapping[type[Exception], Foreign] = MappingProxyType(
    {
        # Before anything was sent: no connection, so nothing arrived.
        httpx.ConnectError: Foreign(errors.ConnectionFailed, "no connection", arrived=False),
        httpx.ConnectTimeout: Foreign(errors.ConnectionFailed, "no connection in time", arrived=False),
        httpx.PoolTimeout: Foreign(errors.ConnectionFailed, "no free connection in time", arrived=False),
        httpx.ProxyError: Foreign(errors.ConnectionFailed, "the proxy refuses", arrived=False),
        httpx.UnsupportedProtocol: Foreign(
            errors.ConfigurationError,
            "the URL is not of http or https",
            arrived=False,
            retryable=False,
            hint=_CONFIGURE,
        ),
        # Somewhere on the way: the server may have the request.
        # httpx builds the next request of a redirect even when it is not to follow it, and fails on odd addresses.
        httpx.InvalidURL: Foreign(
            errors.ConfigurationError, "a URL is not valid", arrived=True, retryable=False, hint=_CONFIGURE
        ),
        httpx.ReadTimeout: Foreign(errors.RequestTimeout, "no answer in time", arrived=True),
        httpx.WriteTimeout: Foreign(errors.RequestTimeout, "the request could not be sent in time", arrived=True),
        httpx.TimeoutException: Foreign(errors.RequestTimeout, "no answer in time", arrived=True),
        httpx.ReadError: Foreign(errors.ConnectionLost, "the connection broke", arrived=True),
        httpx.WriteError: Foreign(errors.ConnectionLost, "the connection broke", arrived=True),
        httpx.CloseError: Foreign(errors.ConnectionLost, "the connection did not close cleanly", arrived=True),
        httpx.NetworkError: Foreign(errors.ConnectionLost, "the network failed", arrived=True),
        httpx.RemoteProtocolError: Foreign(errors.ConnectionLost, "the server broke off", arrived=True),
        # Also raised in the middle of a conversation, so it proves nothing.
        httpx.LocalProtocolError: Foreign(errors.ConnectionLost, "the request breaks HTTP's rules", arrived=True),
        httpx.ProtocolError: Foreign(errors.ConnectionLost, "the answer breaks HTTP's rules", arrived=True),
        httpx.TransportError: Foreign(errors.ConnectionLost, "the transport failed", arrived=True),
        httpx.DecodingError: Foreign(errors.ConnectionLost, "the answer cannot be decoded", arrived=True),
        # Of a handed-in client's own hooks and settings.
        httpx.TooManyRedirects: Foreign(errors.ConnectionLost, "too many redirects", arrived=True, retryable=False),
        httpx.HTTPStatusError: Foreign(
            errors.ConnectionLost, "a hook of the http_client refused the answer", arrived=True, hint=_CONFIGURE
        ),
        httpx.RequestError: Foreign(errors.ConnectionLost, "the request failed", arrived=True),
        httpx.HTTPError: Foreign(errors.ConnectionLost, "the request failed", arrived=True),
        httpx.CookieConflict: Foreign(errors.ConnectionLost, "cookies are in conflict", arrived=True, hint=_CONFIGURE),
        httpx.StreamConsumed: Foreign(
            errors.ConnectionLost, "the answer was read twice", arrived=True, hint=_CONFIGURE
        ),
        httpx.StreamClosed: Foreign(errors.ConnectionLost, "the answer was closed early", arrived=True),
        httpx.ResponseNotRead: Foreign(errors.ConnectionLost, "the answer was not read", arrived=True, hint=_CONFIGURE),
        httpx.RequestNotRead: Foreign(errors.ConnectionLost, "the request was not read", arrived=True, hint=_CONFIGURE),
        httpx.StreamError: Foreign(errors.ConnectionLost, "the answer's stream failed", arrived=True),
        # A handed-in transport may raise anything; for a paid request silence would be worse than this row.
        Exception: Foreign(
            errors.ConnectionLost, "the http_client or transport failed", arrived=True, retryable=False, hint=_CONFIGURE
        ),
    }
)


def translate(error: Exception, secret: Secret) -> Failure:
    """The one way from another library's exception to ours; the most specific row wins."""
    row = next(FOREIGN[kind] for kind in type(error).__mro__ if kind in FOREIGN)
    detail = clean(secret.redact(str(error)))  # masked before it is cut: half a key is still half a key
    text = f"{row.text}: {detail or type(error).__name__}"
    return Failure(
        error=row.error(text[:1].upper() + text[1:], hint=row.hint, retryable=row.retryable), arrived=row.arrived
    )


class SyncDriver:
    """Runs flows over an `httpx.Client`."""

    def __init__(self, http: httpx.Client, *, secret: Secret, clock: Clock, recorder: Recorder | None = None) -> None:
        self.http = http
        self._secret = secret
        self._clock = clock
        self._recorder = recorder

    def run(  # noqa: C901 - one case per effect
        self, flow: Flow[T], *, on_update: Watcher | None = None, on_progress: Meter | None = None
    ) -> T:
        """Perform the flow's effects until it returns."""
        _refuse_closed(closed=self.http.is_closed)
        with Disk() as disk, contextlib.ExitStack() as streams, contextlib.closing(flow):
            answer: Any = None
            stream: Iterator[bytes] = iter(())
            while True:
                try:
                    effect = flow.send(answer)
                except StopIteration as stop:
                    return cast("T", stop.value)
                answer = None
                match effect:
                    case Send(request):
                        answer = self._send(request)
                    case OpenStream(request):
                        streams.close()
                        answer, stream = self._open(request, streams)
                    case ReadChunk():
                        answer = self._read(stream)
                    case Sleep(seconds):
                        self._clock.sleep(seconds)
                    case Now():
                        answer = self._clock.now()
                    case Changed(state):
                        _call(on_update, state)
                    case Keep(record):
                        answer = self._recorder.perform(record) if self._recorder else None
                    case Advanced(received, total):
                        _call(on_progress, received, total)
                    case _:
                        answer = disk.perform(effect)

    def _send(self, request: Request) -> Reply | Failure:
        built = _authorized(self.http, request, self._secret)
        if isinstance(built, Failure):
            return built
        try:
            response = self.http.send(built, stream=True, follow_redirects=False)
            try:
                body = _Body(request.limits.total, self._clock)
                for chunk in response.iter_bytes():
                    body.add(chunk)
            finally:
                response.close()
            return _reply(response, body.read(), self._secret)
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)
        except BaseException as error:
            _note(error, request)
            raise

    def _open(self, request: Request, streams: contextlib.ExitStack) -> tuple[Head | Failure, Iterator[bytes]]:
        try:
            response = self.http.send(_anonymous(request), stream=True, auth=None, follow_redirects=False)
            streams.callback(_close, response)
            return _head(response, self._secret), response.iter_bytes()
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret), iter(())

    def _read(self, stream: Iterator[bytes]) -> bytes | Failure:
        try:
            return next(stream, b"")
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)


class AsyncDriver:
    """Runs flows over an `httpx.AsyncClient`."""

    def __init__(
        self, http: httpx.AsyncClient, *, secret: Secret, clock: Clock, recorder: Recorder | None = None
    ) -> None:
        self.http = http
        self._secret = secret
        self._clock = clock
        self._recorder = recorder

    async def run(  # noqa: C901, PLR0912 - one case per effect
        self, flow: Flow[T], *, on_update: Watcher | None = None, on_progress: Meter | None = None
    ) -> T:
        """Perform the flow's effects until it returns; a watcher may be a coroutine function."""
        import asyncio

        _refuse_closed(closed=self.http.is_closed)
        with Disk() as disk, contextlib.closing(flow):
            async with contextlib.AsyncExitStack() as streams:
                answer: Any = None
                stream: AsyncIterator[bytes] = _nothing()
                while True:
                    try:
                        effect = flow.send(answer)
                    except StopIteration as stop:
                        return cast("T", stop.value)
                    answer = None
                    match effect:
                        case Send(request):
                            answer = await self._send(request)
                        case OpenStream(request):
                            await streams.aclose()
                            answer, stream = await self._open(request, streams)
                        case ReadChunk():
                            answer = await self._read(stream)
                        case Sleep(seconds):
                            await self._clock.asleep(seconds)
                        case Now():
                            answer = self._clock.now()
                        case Changed(state):
                            await _called(on_update, state)
                        case Keep(record):
                            if self._recorder:
                                answer = await asyncio.to_thread(self._recorder.perform, record)
                        case Advanced(received, total):
                            await _called(on_progress, received, total)
                        case WriteChunk():
                            # A piece as the network gave it, into the page cache, is quicker than a hop to a
                            # thread. Larger pieces would be collected first, and lost when the connection breaks.
                            answer = disk.perform(effect)
                        case _:
                            answer = await asyncio.to_thread(disk.perform, effect)

    async def _send(self, request: Request) -> Reply | Failure:
        built = _authorized(self.http, request, self._secret)
        if isinstance(built, Failure):
            return built
        try:
            response = await self.http.send(built, stream=True, follow_redirects=False)
            try:
                body = _Body(request.limits.total, self._clock)
                async for chunk in response.aiter_bytes():
                    body.add(chunk)
            finally:
                await response.aclose()
            return _reply(response, body.read(), self._secret)
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)
        except BaseException as error:
            _note(error, request)
            raise

    async def _open(
        self, request: Request, streams: contextlib.AsyncExitStack
    ) -> tuple[Head | Failure, AsyncIterator[bytes]]:
        try:
            response = await self.http.send(_anonymous(request), stream=True, auth=None, follow_redirects=False)
            streams.push_async_callback(_aclose, response)
            return _head(response, self._secret), response.aiter_bytes()
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret), _nothing()

    async def _read(self, stream: AsyncIterator[bytes]) -> bytes | Failure:
        try:
            return await anext(stream, b"")
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)


class _Body:
    """An answer's body, bounded in size and time: a server that drips would outlast every read timeout."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._clock = clock
        self._until = clock.now() + seconds

    def add(self, chunk: bytes) -> None:
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > LARGEST_REPLY:
            raise httpx.DecodingError(f"larger than {LARGEST_REPLY} bytes")
        if self._clock.now() > self._until:
            raise httpx.ReadTimeout("the answer drips")

    def read(self) -> bytes:
        return b"".join(self._parts)


def _authorized(http: httpx.Client | httpx.AsyncClient, request: Request, secret: Secret) -> httpx.Request | Failure:
    """The request with the key; a handed-in client's own headers, cookies and hooks stay."""
    try:
        return http.build_request(
            request.method,
            _parsed(request.url),
            headers={"accept": "application/json", **request.headers, "authorization": f"Bearer {secret.reveal()}"},
            content=request.content,
            timeout=_timeout(request),
        )
    except Exception as error:  # noqa: BLE001 - the table has a row for every one
        return Failure(error=translate(error, secret).error, arrived=False)


@functools.lru_cache(maxsize=1024)
def _parsed(url: str) -> httpx.URL:
    """A task is read many times, and taking its address apart costs a tenth of a reading."""
    return httpx.URL(url)


def _anonymous(request: Request) -> httpx.Request:
    """The request without anything of the client: its headers and cookies are for the provider, not for this host."""
    headers = {"user-agent": USER_AGENT, **request.headers}
    timeout = _timeout(request).as_dict()
    return httpx.Request(request.method, request.url, headers=headers, extensions={"timeout": timeout})


def _timeout(request: Request) -> httpx.Timeout:
    limits = request.limits
    return httpx.Timeout(connect=limits.connect, read=limits.read, write=limits.write, pool=limits.connect)


def _reply(response: httpx.Response, content: bytes, secret: Secret) -> Reply:
    headers = _headers(response, secret)
    try:
        body = _JSON.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number of 5,000 digits, brackets without end
        text = content[:EXCERPT].decode("utf-8", errors="replace")
        return Reply(status=response.status_code, headers=headers, text=secret.redact(text))
    if secret.is_absent_from(content):
        return Reply(status=response.status_code, headers=headers, body=body)
    try:
        return Reply(status=response.status_code, headers=headers, body=secret.redact_json(body))
    except RecursionError:
        return Reply(status=response.status_code, headers=headers, text="JSON nested too deeply")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that gives a member twice, differently, says nothing that could be relied on."""
    members = dict(pairs)
    if len(members) != len(pairs) and any(members[name] != value for name, value in pairs):
        raise ValueError("a member stands there twice")
    return members


_JSON = json.JSONDecoder(object_pairs_hook=_members)


def _head(response: httpx.Response, secret: Secret) -> Head:
    return Head(status=response.status_code, headers=_headers(response, secret), url=str(response.url))


def _headers(response: httpx.Response, secret: Secret) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): secret.redact(value.decode("latin-1")) for name, value in response.headers.raw
    }


def _close(response: httpx.Response) -> None:
    with contextlib.suppress(Exception):  # the bytes are here or lost already
        response.close()


async def _aclose(response: httpx.Response) -> None:
    with contextlib.suppress(Exception):  # the bytes are here or lost already
        await response.aclose()


def _refuse_closed(*, closed: bool) -> None:
    if closed:
        raise errors.ConfigurationError(
            "The client is closed.", hint="Use it inside its `with` block, or create a new one."
        )


def _note(error: BaseException, request: Request) -> None:
    """Ctrl-C and cancellation leave a paid request behind, too."""
    if key := request.headers.get("idempotency-key"):
        error.add_note(f"A paid request was under way; its outcome is not known. Idempotency key: {key}")


def _call(function: Callable[..., object] | None, *arguments: object) -> None:
    if function is not None:
        function(*arguments)


async def _called(function: Callable[..., object] | None, *arguments: object) -> None:
    if function is None:
        return
    answer = function(*arguments)
    if inspect.isawaitable(answer):
        await cast("Awaitable[object]", answer)


async def _nothing() -> AsyncIterator[bytes]:
    for chunk in tuple[bytes]():
        yield chunk
