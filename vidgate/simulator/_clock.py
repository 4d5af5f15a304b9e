"""Clocks: the simulator only ever asks what time it is."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Protocol


class Timekeeper(Protocol):
    """What the simulator needs of a clock; every `vidgate.Clock` is one."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        ...


class SystemTime:
    """The machine's own time."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return time.time()


class ManualClock:
    """A clock that stands still until it is moved; sleeping moves it. Safe to share between threads."""

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"ManualClock({self.now()})"

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on; a negative number is refused, because no task ever gets younger."""
        if not seconds >= 0:
            message = f"a clock moves forward only, not by {seconds} seconds"
            raise ValueError(message)
        with self._lock:
            self._now += seconds

    def sleep(self, seconds: float) -> None:
        """Advance instead of sleeping."""
        self.advance(max(0.0, seconds))

    async def asleep(self, seconds: float) -> None:
        """Advance, and let other coroutines run as a real sleep would."""
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)
