"""Jobs, charges and callbacks of the gateway, its manners, and the two clocks that it can run on."""

from __future__ import annotations

import heapq
import itertools
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """What the pages leave to whoever runs a gateway.

    `steps`: from which share of a task's time on it has which status and progress. `failed_at`: the progress of a
    failure. `reserves`: charges are there from the submission on, and taken back after a failure. `expired`: how an old
    link is answered. `lag`: seconds from the end of a task to its callback. `spread`: how much of the stated time a
    task takes at least.
    """

    steps: tuple[tuple[float, str, int], ...] = ((0.0, "pending", 0), (0.3, "processing", 25), (0.6, "processing", 70))
    failed_at: int = 70
    reserves: bool = False
    expired: int = 403
    lag: float = 0.0
    spread: float = 1.0
    padding: int | None = 2


MANNERS = {
    "calm": Manner(),
    "hasty": Manner(
        steps=((0.0, "pending", 0),), failed_at=100, reserves=True, expired=410, lag=0.1, spread=0.4, padding=None
    ),
    "talkative": Manner(
        steps=((0.0, "processing", 0), *((share / 100, "processing", share) for share in range(1, 100))),
        failed_at=0,
        expired=404,
        spread=0.8,
    ),
}


@dataclass(slots=True)
class Job:
    """One accepted submission."""

    id: str
    owner: str
    ask: Any
    start: float
    length: float
    price: float
    fails: bool
    host: str
    manner: Manner
    tries: int = 0

    def state(self, now: float) -> tuple[str, int]:
        """Status and progress, in steps of its own."""
        if now >= self.end:
            # A progress that was seen never falls.
            return (
                ("failed", max(self.manner.failed_at, self.manner.steps[-1][2])) if self.fails else ("completed", 100)
            )
        share = (now - self.start) / self.length
        return next((status, progress) for at, status, progress in reversed(self.manner.steps) if share >= at)

    @property
    def end(self) -> float:
        """When it ends."""
        return self.start + self.length


@dataclass(slots=True)
class Studio:
    """Jobs, their price, and what is due to be sent. `now` and `post` are the world."""

    length: float
    now: Callable[[], float]
    post: Callable[[str, bytes, Mapping[str, str]], int | None]
    scale: float = 1.0
    manner: Manner = field(default_factory=Manner)
    random: random.Random = field(default_factory=random.Random)
    jobs: dict[str, Job] = field(default_factory=dict)
    due: list[tuple[float, int, Job]] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)
    show: Callable[[Job], dict[str, Any]] | None = None
    lock: Any = field(default_factory=threading.RLock)

    def duration(self) -> float:
        """How long the next task takes: the stated time, or somewhat less."""
        return self.length * self.random.uniform(self.manner.spread, 1.0)

    def accept(self, job: Job, callback: str) -> None:
        """Take a job in."""
        with self.lock:
            self.jobs[job.id] = job
            if callback:
                heapq.heappush(self.due, (job.end + self.manner.lag * self.scale, next(self.numbers), job))

    def take(self, now: float) -> Job | None:
        """The next job whose callback is due."""
        with self.lock:
            return heapq.heappop(self.due)[2] if self.due and self.due[0][0] <= now else None

    def send(self, job: Job) -> None:
        """Send a callback: 10 seconds of patience, again 1, 2 and 4 seconds after a failure."""
        assert self.show is not None
        content = json.dumps(self.show(job), ensure_ascii=False, sort_keys=True).encode()
        started = self.now()
        status = self.post(job.ask.callback_url, content, {"content-type": "application/json; charset=utf-8"})
        if status is not None and 200 <= status < 300 and self.now() - started <= 10 * self.scale:
            return
        pauses = (1, 2, 4)
        if job.tries < len(pauses):
            with self.lock:
                heapq.heappush(self.due, (self.now() + pauses[job.tries] * self.scale, next(self.numbers), job))
            job.tries += 1

    def charges(self) -> list[dict[str, Any]]:
        """Only what was made is charged, once it is; some reserve it before."""
        now = self.now()
        charged = {"completed", "pending", "processing"} if self.manner.reserves else {"completed"}
        done = [job for job in self.jobs.values() if job.state(now)[0] in charged]
        return [{"credits": job.price, "task": job.id, "owner": job.owner} for job in done]


class World:
    """A clock that stands still until somebody waits; then what is due is sent on the way."""

    def __init__(self) -> None:
        self.time = 2_000_000_000.25
        self.studio: Studio | None = None

    def now(self) -> float:
        """Seconds since 1970."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Wait."""
        end = self.time + max(0.0, seconds)
        studio, self.studio = self.studio, None  # a receiver that waits does not send
        while studio is not None and studio.due and studio.due[0][0] <= max(end, self.time):
            self.time = max(self.time, studio.due[0][0])
            job = studio.take(self.time)
            if job is not None:
                studio.send(job)
        self.studio = studio or self.studio
        self.time = max(self.time, end)

    def advance(self, seconds: float) -> None:
        """The same: only clocks that can be moved have it."""
        self.sleep(seconds)


def sender(studio: Studio, stop: threading.Event) -> None:
    """Send what is due, on the machine's clock, until told to stop; nobody waits for a slow receiver of another's."""
    with ThreadPoolExecutor() as hands:
        while not stop.wait(0.005):
            while (job := studio.take(time.time())) is not None:
                hands.submit(studio.send, job)
