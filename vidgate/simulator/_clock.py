"""Clocks: the system's, one that can be pushed ahead of it, and one that stands still until it is moved."""

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


class Agenda(Protocol):
    """What happens by itself at certain times."""

    def due(self) -> float | None:
        """Return when the next thing happens, None when nothing will."""
        ...

    def perform(self) -> None:
        """Do the next thing; the clock stands at its time, or later."""
        ...


class SystemTime:
    """The machine's own time, plus what it was pushed ahead by."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Push the time ahead; a negative number is refused."""
        self._ahead += _forward(seconds)


class ManualClock:
    """A clock that stands still until it is moved; sleeping moves it. Safe to share between threads.

    Whatever an agenda holds happens while the clock moves past its time, with the clock standing at that time.
    """

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        self._now = start
        self._lock = threading.Lock()
        self._agendas: list[Agenda] = []
        self._moving = False

    def __repr__(self) -> str:
        return f"ManualClock({self.now()})"

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        with self._lock:
            return self._now

    def follow(self, agenda: Agenda) -> None:
        """Let an agenda happen as this clock moves."""
        with self._lock:
            self._agendas.append(agenda)

    def advance(self, seconds: float) -> None:
        """Move the clock on; a negative number is refused, because no task ever gets younger."""
        _forward(seconds)
        with self._lock:
            target = self._now + seconds
            # What moves the clock while something happens (a slow receiver) is not overtaken by the next thing.
            if self._moving or not self._agendas:
                self._now = target
                return
            self._moving = True
        try:
            while (following := self._next(max(target, self.now()))) is not None:
                following.perform()
        finally:
            with self._lock:
                self._now = max(self._now, target)
                self._moving = False

    def _next(self, until: float) -> Agenda | None:
        """Move to the next thing that is due by then, and return who has it."""
        found: tuple[float, Agenda] | None = None
        for agenda in tuple(self._agendas):
            due = agenda.due()
            if due is not None and due <= until and (found is None or due < found[0]):
                found = due, agenda
        if found is None:
            return None
        with self._lock:
            self._now = max(self._now, found[0])
        return found[1]

    def sleep(self, seconds: float) -> None:
        """Advance instead of sleeping."""
        self.advance(max(0.0, seconds))

    async def asleep(self, seconds: float) -> None:
        """Advance, and let other coroutines run as a real sleep would."""
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)


def _forward(seconds: float) -> float:
    if not seconds >= 0:
        message = f"a clock moves forward only, not by {seconds} seconds"
        raise ValueError(message)
    return seconds
