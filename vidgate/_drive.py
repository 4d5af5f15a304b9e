"""The two drivers, sync and async: they perform what flows ask for.

All I/O of the client is here, in `_transfer` and in `_disk`; what it fails with is translated by `_foreign`.
Only `flow.send()` stands inside `try … except StopIteration`: a stray one from I/O would become the result.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vidgate._coding import apieces, pieces
from vidgate._connections import AsyncConnections, Connections, closed
from vidgate._deadline import Deadline
from vidgate._effects import Advanced, AwaitHooks, Changed, Failure, Keep, Now, Reply, Send, Sleep
from vidgate._foreign import leave_key
from vidgate._incoming import Body, broken, reply
from vidgate._threads import to_its_end
from vidgate._transfer import AsyncTransfer, Transfer

if TYPE_CHECKING:
    import httpx

    from vidgate._clock import Clock
    from vidgate._connections import Line
    from vidgate._effects import Flow, Request
    from vidgate._journal.recorder import Recorder
    from vidgate._journal.records import Record
    from vidgate._secret import Secret
    from vidgate._state import TaskState

T = TypeVar("T")
Watcher = Callable[["TaskState"], object]
Meter = Callable[[int, "int | None"], object]


class SyncDriver:
    """Runs flows over an `httpx.Client`; `renew` opens another one after a fork, `inside`: it has no network."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        secret: Secret,
        clock: Clock,
        recorder: Recorder | None = None,
        renew: Callable[[], httpx.Client] | None = None,
        inside: bool = False,
    ) -> None:
        self.connections = Connections(http, secret, renew=renew, inside=inside)
        self._secret = secret
        self._clock = clock
        self._recorder = recorder

    def run(  # noqa: C901, PLR0912 - one case per effect
        self, flow: Flow[T], *, on_update: Watcher | None = None, on_progress: Meter | None = None
    ) -> T:
        """Perform the flow's effects until it returns."""
        connections = self.connections
        if connections.stale or connections.http.is_closed:
            connections.open()
        transfer: Transfer | None = None
        under_way: Request | None = None
        answer: Any = None
        try:
            while True:
                try:
                    effect = flow.send(answer)
                except StopIteration as stop:
                    return cast("T", stop.value)
                answer = None
                match effect:
                    case Now():
                        answer = self._clock.now()
                    case Send(request):
                        under_way = request
                        answer = self._send(request)
                    case Sleep(seconds):
                        under_way = None
                        self._clock.sleep(seconds)
                    case Changed(state):
                        _call(on_update, state)
                    case Keep(record):
                        answer = self._recorder.perform(record) if self._recorder else None
                        under_way = None
                    case Advanced(received, total):
                        _call(on_progress, received, total)
                    case _:
                        transfer = transfer or Transfer(connections.http, self._secret)
                        answer = transfer.perform(effect)
        except BaseException as error:
            leave_key(error, under_way)
            raise
        finally:
            try:
                flow.close()
            finally:
                if transfer is not None:
                    transfer.close()

    def _send(self, request: Request) -> Reply | Failure:
        connections = self.connections
        built = connections.outgoing.authorized(request)
        if isinstance(built, Failure):
            return built
        response: httpx.Response | None = None
        try:
            with Deadline(request.longest):
                response = connections.http.send(built, stream=True, follow_redirects=False)
                try:
                    body = Body(request.limits.total, self._clock)
                    for chunk in pieces(response):
                        body.add(chunk)
                finally:
                    response.close()
            return reply(response, body.read(), self._secret)
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return broken(error, response, self._secret)


class AsyncDriver:
    """Runs flows over an `httpx.AsyncClient`; `renew` opens another one for another event loop or after a fork."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        secret: Secret,
        clock: Clock,
        recorder: Recorder | None = None,
        renew: Callable[[], httpx.AsyncClient] | None = None,
        inside: bool = False,
    ) -> None:
        self.connections = AsyncConnections(http, secret, renew=renew, inside=inside)
        self._secret = secret
        self._clock = clock
        self._recorder = recorder

    async def run(  # noqa: C901, PLR0912 - one case per effect
        self, flow: Flow[T], *, on_update: Watcher | None = None, on_progress: Meter | None = None
    ) -> T:
        """Perform the flow's effects until it returns; a watcher may be a coroutine function."""
        line = self.connections.line()
        if line.http.is_closed:
            raise closed()
        transfer: AsyncTransfer | None = None
        under_way: Request | None = None
        answer: Any = None
        try:
            while True:
                try:
                    effect = flow.send(answer)
                except StopIteration as stop:
                    return cast("T", stop.value)
                answer = None
                match effect:
                    case Now():
                        answer = self._clock.now()
                    case Send(request):
                        under_way = request
                        answer = await self._send(request, line)
                    case Sleep(seconds):
                        under_way = None
                        await self._clock.asleep(seconds)
                    case Changed(state):
                        await _called(on_update, state)
                    case Keep(record):
                        under_way = None  # what is being written is written in any case
                        answer = await _written(self._recorder, record)
                    case Advanced(received, total):
                        await _called(on_progress, received, total)
                    case AwaitHooks(observer):
                        await observer.settle()
                    case _:
                        transfer = transfer or AsyncTransfer(line.http, self._secret)
                        answer = await transfer.perform(effect)
        except BaseException as error:
            leave_key(error, under_way)
            raise
        finally:
            try:
                flow.close()
            finally:
                if transfer is not None:
                    await transfer.close()

    async def _send(self, request: Request, line: Line) -> Reply | Failure:
        import asyncio  # a sync client has no use for it

        built = line.outgoing.authorized(request)
        if isinstance(built, Failure):
            return built
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(request.longest):
                response = await line.http.send(built, stream=True, follow_redirects=False)
                try:
                    body = Body(request.limits.total, self._clock)
                    async for chunk in apieces(response):
                        body.add(chunk)
                finally:
                    await response.aclose()
            return reply(response, body.read(), self._secret)
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return broken(error, response, self._secret)


def _call(function: Callable[..., object] | None, *arguments: object) -> None:
    if function is not None:
        function(*arguments)


async def _called(function: Callable[..., object] | None, *arguments: object) -> None:
    if function is None:
        return
    answer = function(*arguments)
    if inspect.isawaitable(answer):
        await cast("Awaitable[object]", answer)


async def _written(recorder: Recorder | None, record: Record) -> object:
    return None if recorder is None else await to_its_end(recorder.perform, record)
