"""Callbacks on their way: sent when a task ends, again after the documented pauses, until they are taken or given up.

Under a clock that knows agendas (`ManualClock`) everything happens while the clock moves, in the thread that moves it.
Under the machine's own time a thread does it, for as long as the simulator is served.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import httpx

from vidgate.simulator._delivery import (
    DELIVERY_SECONDS,
    Attempt,
    Delivery,
    Handler,
    address,
    fault_of,
    headers_of,
    pause_after,
    status_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from vidgate.simulator._clock import Timekeeper
    from vidgate.simulator._contract import JsonObject
    from vidgate.simulator._providers import Behaviour

AT_ONCE: Final = 8
"""How many receivers may be slow at the same time."""

LOOK_SECONDS: Final = 0.25

State: TypeAlias = Literal["waiting", "sending", "delivered", "given up", "no sink"]


@dataclass(slots=True)
class Parcel:
    """One callback: where to, how to make its body when the time has come, and what became of it."""

    task: str
    url: str
    write: Callable[[], JsonObject]
    due: float
    state: State = "waiting"
    body: JsonObject = field(default_factory=dict[str, Any])
    attempts: list[Attempt] = field(default_factory=list[Attempt])


class Courier:
    """All callbacks of one simulator."""

    def __init__(self, *, clock: Timekeeper, behaviour: Behaviour, sink: Handler | None, scale: float) -> None:
        self.sink = sink
        self.scale = scale
        self.patience = DELIVERY_SECONDS
        self._clock = clock
        self.behaviour = behaviour
        self._news = threading.Condition(threading.RLock())
        self._closing = False
        self._queue: list[tuple[float, int, Parcel]] = []
        self._parcels: list[Parcel] = []
        self._entries = 0
        follow: Callable[[Courier], None] | None = getattr(clock, "follow", None)
        self.in_step = follow is not None
        if follow is not None and sink is not None:
            follow(self)

    def reset(self) -> None:
        """Forget all callbacks, also those under way."""
        with self._news:
            self._queue.clear()
            self._parcels.clear()
            self._news.notify_all()

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """Every callback that was or will be sent, in order of submission."""
        with self._news:
            return tuple(self._parcels)

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What was tried so far."""
        with self._news:
            return tuple(
                Delivery(url=parcel.url, body=parcel.body, attempts=tuple(parcel.attempts))
                for parcel in self._parcels
                if parcel.attempts
            )

    def expect(self, task: str, url: str, due: float, write: Callable[[], JsonObject]) -> None:
        """Plan the callback of a task that ends at `due`."""
        parcel = Parcel(task=task, url=address(url, self.behaviour), write=write, due=due)
        with self._news:
            self._parcels.append(parcel)
            if self.sink is None:
                parcel.state = "no sink"
            else:
                self._enter(parcel)

    def hasten(self, task: str, due: float) -> None:
        """Send what waits for a task earlier: it has ended."""
        with self._news:
            for parcel in self._parcels:
                if parcel.task == task and not parcel.attempts and parcel.due > due:
                    parcel.due = due
                    if self.sink is not None:
                        self._enter(parcel)

    def _enter(self, parcel: Parcel) -> None:
        self._entries += 1
        heapq.heappush(self._queue, (parcel.due, self._entries, parcel))
        self._news.notify_all()

    def due(self) -> float | None:
        """Return when the next callback is to be sent."""
        with self._news:
            # Entries that were brought forward stand in the queue a second time.
            while self._queue and (self._queue[0][0] != self._queue[0][2].due or self._queue[0][2].state != "waiting"):
                heapq.heappop(self._queue)
            return self._queue[0][0] if self._queue else None

    def perform(self) -> None:
        """Send the next callback now."""
        parcel = self._take()
        if parcel is not None:
            self._send(parcel)

    def _take(self) -> Parcel | None:
        with self._news:
            if self.due() is None:
                return None
            parcel = heapq.heappop(self._queue)[2]
            parcel.state = "sending"
            return parcel

    def _send(self, parcel: Parcel) -> None:
        sink = self.sink
        if sink is None:
            return
        patience = self.patience * self.scale
        if not parcel.attempts:
            parcel.body = parcel.write()
        started = self._clock.now()
        status: int | None = None
        fault = ""
        try:
            content = json.dumps(parcel.body, ensure_ascii=False).encode()
            status = status_of(sink(content, headers_of(self.behaviour), parcel.url))
        except httpx.TransportError as error:
            fault = fault_of(error)
        if self._clock.now() - started > patience:
            status, fault = None, "timeout"
        with self._news:
            parcel.attempts.append(Attempt(at=started, status=status, fault=fault))
            pause = pause_after(len(parcel.attempts), status, self.behaviour)
            if pause is None:
                parcel.state = "delivered" if Delivery.succeeds(status) else "given up"
                return
            parcel.state = "waiting"
            parcel.due = self._clock.now() + pause * self.scale
            if any(parcel is known for known in self._parcels):  # a reset forgets what is under way
                self._enter(parcel)

    @contextlib.contextmanager
    def working(self) -> Generator[None]:
        """Send in the background while the context lasts, unless the clock does it."""
        if self.in_step or self.sink is None:
            yield
            return
        self._closing = False
        thread = threading.Thread(target=self._work, name="callbacks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._news:
                self._closing = True
                self._news.notify_all()
            thread.join()

    def _work(self) -> None:
        hands = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="callback")
        while True:
            with self._news:
                if self._closing:
                    break
                due = self.due()
                wait = None if due is None else due - self._clock.now()
                if wait is None or wait > 0:
                    # The clock may be pushed ahead meanwhile, so look again now and then.
                    self._news.wait(None if wait is None else min(wait, LOOK_SECONDS))
                    continue
                parcel = self._take()
            if parcel is not None:
                hands.submit(self._send, parcel)
        # A receiver that keeps us waiting is not waited for.
        hands.shutdown(wait=False, cancel_futures=True)
