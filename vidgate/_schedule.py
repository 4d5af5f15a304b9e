"""Many waits at once: one schedule, one budget of requests. No I/O here; see `_effects`.

Each wait is the flow that a single `task.wait` runs. The scheduler holds it while it sleeps, in one heap for all, and
takes it up when its time has come and the budget allows a request; whoever is due longest comes first, so that with
more tasks than the budget can serve each is read in its turn and none is forgotten.
A driver asks `turn` what to do now, sends what it is given, in any number at a time, and hands the `answer` back.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vidgate import errors
from vidgate._effects import AwaitHooks, Changed, Failure, Now, Reply, Send, Sleep
from vidgate._replies import retry_after

if TYPE_CHECKING:
    from vidgate._effects import Flow, Request
    from vidgate._state import TaskState

CATCH_UP = 0.1
"""Seconds' worth of requests that may follow at once when a timer came late; no more, or a pause ends in a burst."""

LONGEST_HOLD = 60.0
SHORTEST_HOLD = 1.0
TOO_MANY = 429


class Budget:
    """Requests per second of one client, shared by all its waits, in whatever thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def take(self, now: float, rate: float) -> float:
        """Take one request and return 0, or return the seconds until there is one."""
        with self._lock:
            if self._next > now:
                return self._next - now
            self._next = max(self._next, now - CATCH_UP) + 1.0 / rate
            return 0.0

    def hold(self, until: float) -> None:
        """Take none before `until`: the limit that was hit is the account's, not the task's."""
        with self._lock:
            self._next = max(self._next, until)


@dataclass(frozen=True, slots=True)
class Ended:
    """One wait is over: `state` is the last that is known, `error` what `task.wait` would have raised."""

    number: int
    state: TaskState
    error: errors.VidgateError | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A request to send; its answer goes to `Scheduler.answer` with the same `wait`."""

    wait: Wait
    request: Request


class Wait:
    """One task that is waited for."""

    __slots__ = ("flow", "number", "state")

    def __init__(self, number: int, state: TaskState, flow: Flow[TaskState]) -> None:
        self.number = number
        self.state = state
        self.flow = flow


class Scheduler:
    """Waits until `deadline`, at `rate` requests per second; times in seconds since 1970-01-01 UTC."""

    def __init__(self, budget: Budget, *, rate: float, deadline: float) -> None:
        self._budget = budget
        self._rate = rate
        self._deadline = deadline
        self._sleeping: list[tuple[float, int, Wait]] = []
        self._count = 0
        self._under_way = 0
        self.changes: deque[TaskState] = deque()
        """What watchers have not been told yet."""
        self.ended: deque[Ended] = deque()
        """What the caller has not taken yet."""

    def add(self, number: int, state: TaskState, flow: Flow[TaskState], now: float) -> None:
        """Take on a wait; nothing is sent before its turn."""
        # Up to its first pause a flow asks for nothing but the time.
        self._step(Wait(number, state, flow), None, now)

    @property
    def finished(self) -> bool:
        """Whether every wait is over."""
        return not self._sleeping and not self._under_way

    def turn(self, now: float) -> Turn | float | None:
        """A request to send, the seconds until there is one, or None: nothing happens before an answer comes."""
        if now >= self._deadline:
            self._expire(now)
        while self._sleeping:
            due = min(self._sleeping[0][0], self._deadline)
            if due > now:
                return due - now
            pause = self._budget.take(now, self._rate)
            if pause > 0.0:
                return min(pause, self._deadline - now)
            _, _, wait = heapq.heappop(self._sleeping)
            request = self._step(wait, None, now)
            if request is not None:
                self._under_way += 1
                return Turn(wait, request)
        return None

    def answer(self, wait: Wait, answer: Reply | Failure, now: float) -> None:
        """Hand in what came back for a turn."""
        self._under_way -= 1
        if isinstance(answer, Reply) and answer.status == TOO_MANY:
            asked = retry_after(answer, now=now) or 0.0
            self._budget.hold(now + min(LONGEST_HOLD, max(SHORTEST_HOLD, asked)))
        self._step(wait, answer, now)

    def close(self) -> None:
        """Close the flows that are not over."""
        for _, _, wait in self._sleeping:
            wait.flow.close()
        self._sleeping.clear()

    def _step(self, wait: Wait, answer: Any, now: float) -> Request | None:
        """Go on with a wait up to its next pause (None), its next request, or its end (None)."""
        while True:
            try:
                effect = wait.flow.send(answer)
            except StopIteration as stop:
                self.ended.append(Ended(wait.number, stop.value, None))
                return None
            except errors.VidgateError as error:
                self.ended.append(Ended(wait.number, wait.state, error))
                return None
            answer = None
            match effect:
                case Send(request):
                    return request
                case Sleep(seconds):
                    self._count += 1
                    heapq.heappush(self._sleeping, (now + seconds, self._count, wait))
                    return None
                case Now():
                    answer = now
                case Changed(state):
                    wait.state = state
                    self.changes.append(state)
                case AwaitHooks():
                    pass  # whoever drives the schedule awaits them; here nothing can be awaited
                case _:
                    raise TypeError(f"a wait asks for {effect!r}, which no schedule has")

    def _expire(self, now: float) -> None:
        """The deadline has come: every wait that sleeps ends, without another request."""
        while self._sleeping:
            _, _, wait = heapq.heappop(self._sleeping)
            if self._step(wait, None, now) is not None:
                late = errors.RequestTimeout(
                    "The deadline came before the next reading.",
                    hint="Wait longer, or allow more requests per second.",
                    retryable=True,
                )
                self._step(wait, Failure(error=late, arrived=False), now)


def next_ended(scheduler: Scheduler) -> Flow[Ended | None]:
    """The next wait that is over, one request after the other; None when there is none left."""
    while True:
        while scheduler.changes:
            yield Changed(scheduler.changes.popleft())
        if scheduler.ended:
            return scheduler.ended.popleft()
        if scheduler.finished:
            return None
        turn = scheduler.turn((yield Now()))
        if isinstance(turn, Turn):
            answer: Reply | Failure = yield Send(turn.request)
            scheduler.answer(turn.wait, answer, (yield Now()))
        elif turn is not None:
            yield Sleep(turn)


def sending(request: Request) -> Flow[Reply | Failure]:
    """One request, for a driver that has several under way."""
    answer: Reply | Failure = yield Send(request)
    return answer


def telling(states: tuple[TaskState, ...]) -> Flow[None]:
    """Tell whoever watches."""
    for state in states:
        yield Changed(state)


def next_change(flow: Flow[TaskState]) -> Flow[TaskState | None]:
    """Go on with a wait up to its next change; None at its end."""
    answer: Any = None
    while True:
        try:
            effect = flow.send(answer)
        except StopIteration:
            return None
        if isinstance(effect, Changed):
            return effect.state
        answer = yield effect
