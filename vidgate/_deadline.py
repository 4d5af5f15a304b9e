"""An end for each exchange, whatever the server does.

httpx bounds every single read. A server that drips its headers, or says `100 Continue` for ever, would never exceed
such a bound, so a sync client's connections ask here how long they may take; asyncio has deadlines of its own.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import httpx

_CURRENT = threading.local()


class Deadline:
    """What this thread reads and writes inside the block is over after so many seconds."""

    __slots__ = ("_outer", "_until")

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._outer: float | None = None

    def __enter__(self) -> Self:
        self._outer = getattr(_CURRENT, "until", None)
        _CURRENT.until = self._until
        return self

    def __exit__(self, *_: object) -> None:
        _CURRENT.until = self._outer


def remaining(timeout: float | None) -> float | None:
    """Seconds that one step may take, `timeout` at most; 0 or less when the end has come."""
    until: float | None = getattr(_CURRENT, "until", None)
    if until is None:
        return timeout
    left = until - time.monotonic()
    return left if timeout is None else min(timeout, left)


def obey(http: httpx.Client) -> httpx.Client:
    """Make the connections of a client that is new keep to this thread's deadline."""
    from vidgate._streams import Network

    # httpx has no way to hand in a network, only whole transports, and with them its proxies would be lost.
    for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = Network(pool._network_backend)  # noqa: SLF001
    return http
