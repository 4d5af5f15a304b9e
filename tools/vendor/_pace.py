"""How a site is treated: how often, how long, how much. Time comes through `Clock`, so that tests need none."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_TRANSIENT: Final = frozenset({408, 425, 429})


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Unix seconds."""
        ...

    async def sleep(self, seconds: float, /) -> None: ...


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float, /) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """Limits towards a site; durations in seconds.

    `attempts` counts requests for one page; between them the pause doubles from `first_pause` to `longest_pause`.
    A Retry-After up to `patience` is obeyed by the whole run; a longer one fails the page. `surrender` pages in a row
    without an answer end the run.
    """

    concurrency: int = 8
    attempts: int = 5
    first_pause: float = 0.5
    longest_pause: float = 30.0
    patience: float = 300.0
    surrender: int = 5
    redirects: int = 5
    connect_timeout: float = 15.0
    page_timeout: float = 120.0
    page_bytes: int = 2_000_000
    """What the readers read at most; the largest page known has 0.14 MB."""

    all_bytes: int = 500_000_000
    """What all pages of a run may hold together; the largest site known has 17 MB."""

    index_bytes: int = 8_000_000
    index_pages: int = 20_000
    resume_within: float = 6 * 3600.0
    """How long pages of an interrupted run are taken without asking again."""

    agent: str = "vidgate-tools (vendors documentation pages; reads llms.txt and the pages it lists)"


def is_transient(status: int) -> bool:
    """Whether the same request may succeed later."""
    return status in _TRANSIENT or status >= 500  # noqa: PLR2004 - the server's own faults


@dataclass(kw_only=True, slots=True)
class Pace:
    """Shared by all workers of a run: when one is told to wait, all wait."""

    clock: Clock
    manners: Manners
    chance: Callable[[], float]
    """From 0 to 1; spreads the pauses of workers that failed together."""

    _until: float = field(default=0.0)

    async def turn(self) -> None:
        """Wait until the site may be asked again."""
        while (rest := self._until - self.clock.now()) > 0:
            await self.clock.sleep(rest)

    async def pause(self, attempt: int, asked: float | None) -> None:
        """Wait before attempt number `attempt` + 1; what the site `asked` for binds every worker."""
        if asked is not None:
            self._until = max(self._until, self.clock.now() + asked)
            return
        ceiling = min(self.manners.longest_pause, self.manners.first_pause * 2 ** (attempt - 1))
        await self.clock.sleep(ceiling * (0.5 + 0.5 * self.chance()))

    def asked_for(self, retry_after: str | None) -> float | None:
        """Seconds that a Retry-After header names, as a number or as a date; None when it names none."""
        text = (retry_after or "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:12])
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        return max(0.0, moment.timestamp() - self.clock.now())
