"""Time as the client sees it, so that tests and the simulator can bring their own."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the client needs of time; all figures in seconds, `now` since 1970-01-01 UTC."""

    def now(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...

    async def asleep(self, seconds: float, /) -> None: ...


class SystemClock:
    """The system's time, read once and carried on by the monotonic clock: a deadline survives a set clock."""

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()

    def now(self) -> float:
        return self._start + time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(seconds)

    async def asleep(self, seconds: float, /) -> None:
        import asyncio  # a sync client has no use for it

        await asyncio.sleep(seconds)
