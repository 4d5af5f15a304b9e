"""Tasks, what they cost, and what an Idempotency-Key remembers. No HTTP here; safe to share between threads."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import random
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from vidgate.simulator._accounts import Account
    from vidgate.simulator._clock import Timekeeper
    from vidgate.simulator._contract import JsonObject

Status: TypeAlias = Literal["pending", "processing", "completed", "failed", "cancelled"]

# The first part of a task's time is spent in the queue.
PENDING_SHARE = 0.1
KEY_RETENTION = 86_400.0  # seconds; APIMart's machine-readable schema states it
RESULT_LIFETIME = 86_400.0  # seconds; both providers keep results for 24 hours


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedTask:
    """An accepted submission. Times are seconds since 1970-01-01 UTC; `seconds` is how long it takes."""

    id: str
    account: str
    request: JsonObject
    output: str
    created: float
    seconds: float
    fails: bool
    credits: float
    token: str
    cancelled: float | None = None

    @property
    def model(self) -> str:
        """The model that the request names."""
        return str(self.request["model"])

    @property
    def finished(self) -> float:
        """When the task ends."""
        return self.created + self.seconds if self.cancelled is None else self.cancelled

    @property
    def expires(self) -> float:
        """When its result link stops working."""
        return self.finished + RESULT_LIFETIME

    def at(self, now: float) -> Snapshot:
        """Say how far the task is."""
        if self.cancelled is not None and now >= self.cancelled:
            return Snapshot(status="cancelled", progress=self._under_way(self.cancelled).progress)
        if now >= self.finished:
            return Snapshot(status="failed" if self.fails else "completed", progress=100)
        return self._under_way(now)

    def price_at(self, now: float) -> float:
        """Say what is charged for it: nothing once it has failed or was cancelled."""
        return 0.0 if self.at(now).status in {"failed", "cancelled"} else self.credits

    def _under_way(self, now: float) -> Snapshot:
        elapsed = max(0.0, now - self.created)
        if elapsed < self.seconds * PENDING_SHARE:
            return Snapshot(status="pending", progress=0)
        return Snapshot(status="processing", progress=min(99, max(1, math.floor(100 * elapsed / self.seconds))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A task's state at one moment."""

    status: Status
    progress: int

    @property
    def is_final(self) -> bool:
        """Whether the state never changes again."""
        return self.status in {"completed", "failed", "cancelled"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """What one accepted submission costs; a failed task is refunded, so its charge is 0."""

    task: str
    credits: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Remembered:
    digest: str
    task: SimulatedTask
    forgotten: float


class Tasks:
    """All tasks of one simulator."""

    def __init__(self, *, clock: Timekeeper, seed: int) -> None:
        self._clock = clock
        self._seed = seed
        self._lock = threading.RLock()
        self._latest = 0.0
        self._requests = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything; ids start again as the seed says."""
        with self._lock:
            self._random = random.Random(self._seed)  # noqa: S311 - repeatable on purpose, guards nothing
            self._tasks: dict[str, SimulatedTask] = {}
            self._by_token: dict[str, SimulatedTask] = {}
            self._keys: dict[tuple[str, ...], _Remembered] = {}
            self._windows: dict[str, tuple[float, int]] = {}
            self._delivered: set[str] = set()

    def now(self) -> float:
        """Return the time; it never runs backwards, or a task's progress would."""
        with self._lock:
            self._latest = max(self._latest, self._clock.now())
            return self._latest

    def number_request(self) -> int:
        """Count a request, for its request id."""
        with self._lock:
            self._requests += 1
            return self._requests

    def admit(self, account: Account) -> None:
        """Refuse an account that called too often."""
        if account.requests is None:
            return
        with self._lock:
            now = self.now()
            started, count = self._windows.get(account.name, (now, 0))
            if now >= started + account.window:
                started, count = now, 0
            if count >= account.requests:
                wait = max(1, math.ceil(started + account.window - now))
                raise Refusal(429, "limited", headers={"Retry-After": str(wait)})
            self._windows[account.name] = (started, count + 1)

    def remembered(self, scope: tuple[str, ...], request: JsonObject) -> SimulatedTask | None:
        """Return the task that the same key made before.

        Raises Refusal 409 when the key came with another body.
        """
        with self._lock:
            found = self._keys.get(scope)
            if found is None or self.now() >= found.forgotten:
                return None
            if found.digest != _digest(request):
                raise Refusal(409, "key-reused", "The Idempotency-Key was already used with another request body")
            return found.task

    def submit(
        self,
        *,
        account: Account,
        request: JsonObject,
        output: str,
        seconds: float,
        fails: bool,
        credits_: float,
        new_id: Callable[[random.Random, float], str],
        scope: tuple[str, ...] | None,
    ) -> tuple[SimulatedTask, bool]:
        """Accept a submission; the flag tells that an Idempotency-Key brought back an earlier task."""
        with self._lock:
            if scope is not None and (earlier := self.remembered(scope, request)) is not None:
                return earlier, True
            now = self.now()
            if not account.has_quota or (
                account.credits is not None and self.spent(account.name) + credits_ > account.credits
            ):
                raise Refusal(402, "quota")
            task = SimulatedTask(
                id=self._unused(new_id, now),
                account=account.name,
                request=request,
                output=output,
                created=now,
                seconds=seconds,
                fails=fails,
                credits=credits_,
                token=f"{self._random.getrandbits(96):024x}",
            )
            self._tasks[task.id] = task
            self._by_token[task.token] = task
            if scope is not None:
                digest = _digest(request)
                self._keys[scope] = _Remembered(digest=digest, task=task, forgotten=now + KEY_RETENTION)
            return task, False

    def cancel(self, task_id: str) -> SimulatedTask:
        """End a task before its time.

        Raises LookupError when there is no such task, ValueError when it has ended.
        """
        with self._lock:
            now = self.now()
            task = self._tasks.get(task_id)
            if task is None:
                raise LookupError(f"there is no task {task_id!r}")
            if task.at(now).is_final:
                raise ValueError(f"the task has {task.at(now).status} already")
            task = dataclasses.replace(task, cancelled=now)
            self._tasks[task_id] = self._by_token[task.token] = task
            return task

    def all(self) -> tuple[SimulatedTask, ...]:
        """Return every task, in order of submission."""
        with self._lock:
            return tuple(self._tasks.values())

    def spent(self, account: str) -> float:
        """Return what an account has paid and what is reserved for it, in credits."""
        with self._lock:
            now = self.now()
            return sum(task.price_at(now) for task in self._tasks.values() if task.account == account)

    def find(self, task_id: str) -> SimulatedTask | None:
        """Return a task by its id."""
        with self._lock:
            return self._tasks.get(task_id)

    def find_result(self, token: str) -> SimulatedTask | None:
        """Return the completed task whose result link carries the token."""
        with self._lock:
            task = self._by_token.get(token)
            return task if task is not None and task.at(self.now()).status == "completed" else None

    def charges(self) -> tuple[Charge, ...]:
        """List what was charged, in order of submission."""
        with self._lock:
            now = self.now()
            return tuple(Charge(task=task.id, credits=task.price_at(now)) for task in self._tasks.values())

    def take_finished(self) -> tuple[SimulatedTask, ...]:
        """Return the tasks that ended since the last call."""
        with self._lock:
            now = self.now()
            ended = tuple(
                task for task in self._tasks.values() if task.at(now).is_final and task.id not in self._delivered
            )
            self._delivered.update(task.id for task in ended)
            return ended

    def _unused(self, new_id: Callable[[random.Random, float], str], now: float) -> str:
        while (task_id := new_id(self._random, now)) in self._tasks:
            pass
        return task_id


def _digest(request: JsonObject) -> str:
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
