"""The `httpx` clients under a client, and what becomes of them in a forked process and in another event loop.

Connections cannot be taken there: two processes would write into one stream, and those of asyncio belong to their loop.
So a client's own are left behind, and others are opened; an `http_client` or a transport that was handed in cannot be
replaced, and its use is refused before anything is sent. A transport without a network may be used everywhere.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from vidgate._outgoing import Outgoing
from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    import httpx

    from vidgate._secret import Secret

T = TypeVar("T")
HttpT = TypeVar("HttpT", "httpx.Client", "httpx.AsyncClient")


class _Connections(Generic[HttpT]):
    """What both colours share; `renew` None: what there is was handed in. `inside`: it has no network."""

    def __init__(self, http: HttpT, secret: Secret, *, renew: Callable[[], HttpT] | None, inside: bool) -> None:
        self.http: HttpT = http
        self.outgoing = Outgoing(http, secret)
        self.stale = False
        self._secret = secret
        self._renew: Callable[[], HttpT] | None = renew
        self._inside = inside
        self._left: list[HttpT] = []
        if not inside:
            _LIVING.add(self)

    def leave_parent(self) -> None:
        """This is a forked child: what is open is the parent's."""
        if not self.http.is_closed:
            self._left.append(self.http)  # collected as garbage it would complain of sockets that nobody closed
            self.stale = True

    def _replaced(self, hint: str) -> HttpT:
        if self._renew is None:
            raise ConfigurationError(
                "The http_client or transport that was handed in belongs to another process or event loop.", hint=hint
            )
        renewed: HttpT = self._renew()
        return renewed


class Connections(_Connections["httpx.Client"]):
    """The connections of a sync client."""

    def open(self) -> None:
        """Called when the connections are stale or closed: makes them usable, or says why they are not."""
        if not self.stale:
            if self.http.is_closed:
                raise closed()
            return  # another thread has opened them meanwhile
        self.http = self._replaced("This process was forked from the one that made the client: make it here.")
        self.outgoing = Outgoing(self.http, self._secret)
        self.stale = False

    def close(self) -> None:
        if not self.stale:
            self.http.close()


class Line(NamedTuple):
    """The connections of one event loop."""

    http: httpx.AsyncClient
    outgoing: Outgoing


class AsyncConnections(_Connections["httpx.AsyncClient"]):
    """The connections of an async client, one set for each event loop."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        secret: Secret,
        *,
        renew: Callable[[], httpx.AsyncClient] | None,
        inside: bool,
    ) -> None:
        super().__init__(http, secret, renew=renew, inside=inside)
        import asyncio  # a sync client has no use for it

        self._running_loop = asyncio.get_running_loop
        self._lines: dict[asyncio.AbstractEventLoop, Line] = {}
        self._untaken = [Line(http, self.outgoing)]
        self._closed = False

    def line(self) -> Line:
        """The connections of the event loop that is running."""
        loop = self._loop_here()
        if loop is None:
            raise _no_loop()
        return self._lines.get(loop) or self._opened(loop)

    def _loop_here(self) -> asyncio.AbstractEventLoop | None:
        try:
            return self._running_loop()
        except RuntimeError:
            return None

    def leave_parent(self) -> None:
        """This is a forked child: what is open is the parent's, for all loops."""
        super().leave_parent()
        self._left += [line.http for line in self._lines.values()]
        self._lines.clear()

    async def aclose(self) -> None:
        """Close those of this event loop, and tell other loops to close theirs."""
        import asyncio

        self._closed = True
        here = self._loop_here()
        for loop, line in self._lines.items():
            if loop is here or self._inside:
                await line.http.aclose()
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(line.http.aclose(), loop)
        if not self._lines and not self.stale:
            await self.http.aclose()

    def _opened(self, loop: asyncio.AbstractEventLoop) -> Line:
        if self._closed:
            raise closed()
        # Loops of other threads may come at the same moment: each step here happens as a whole, or not at all.
        for other in list(self._lines):
            if other.is_closed():
                self._lines.pop(other, None)  # its connections ended with it
        line = self._lines[loop] = self._found() or self._made()
        return line

    def _found(self) -> Line | None:
        """What the client was made with, for the first event loop only, unless there is no network."""
        if self._inside:
            return Line(self.http, self.outgoing)
        try:
            return None if self.stale else self._untaken.pop()
        except IndexError:
            return None

    def _made(self) -> Line:
        http = self._replaced("Make the client in the process and the event loop that use it.")
        return Line(http, Outgoing(http, self._secret))


def closed() -> ConfigurationError:
    return ConfigurationError("The client is closed.", hint="Use it inside its `with` block, or create a new one.")


def check_loop() -> None:
    """Raise ConfigurationError where no event loop of asyncio runs; a traceback out of its inside helps nobody."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        problem = _no_loop()
    else:
        return
    raise problem


async def in_thread(function: Callable[..., T], *arguments: object, **keywords: object) -> T:
    """What a function returns that reads files, away from the event loop."""
    import asyncio

    check_loop()
    return await asyncio.to_thread(function, *arguments, **keywords)


def _no_loop() -> ConfigurationError:
    return ConfigurationError(
        "No event loop of asyncio is running here.",
        hint="Asynchronous clients run on asyncio only. With trio, use the sync client in a thread: "
        "await trio.to_thread.run_sync(task.wait).",
    )


class _Inheriting(Protocol):
    def leave_parent(self) -> None: ...


_LIVING: weakref.WeakSet[_Inheriting] = weakref.WeakSet()


def _leave_parents() -> None:
    for connections in tuple(_LIVING):
        connections.leave_parent()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_leave_parents)
