"""Many tasks at once: `wait_all`, `as_completed` and `download_all` of the clients.

What is asked when is decided in `_schedule`; here it is carried out, in one thread or on one event loop.
Whatever becomes of one task is in its `Outcome`; nothing that happens to one of them loses another.
"""

from __future__ import annotations

import contextlib
import math
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from vidgate import errors
from vidgate._connections import check_loop
from vidgate._engine import Engine
from vidgate._flow import wait
from vidgate._options import LARGEST, check_seconds
from vidgate._outcome import Outcome
from vidgate._schedule import Budget, Scheduler, Turn, next_ended, sending, telling
from vidgate._tasks import DEFAULT_TIMEOUT, AsyncTask, Task, TaskView

if TYPE_CHECKING:
    import asyncio
    import os
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from vidgate._client import AsyncProviderClient, SyncProviderClient
    from vidgate._effects import Failure, Reply
    from vidgate._schedule import Ended, Wait
    from vidgate._state import TaskState

TaskT = TypeVar("TaskT", Task, AsyncTask)
ViewT = TypeVar("ViewT", bound=TaskView)

REQUESTS_PER_SECOND = 10.0
"""What waits for many tasks may ask together; the providers' limits are not published."""

IN_FLIGHT = 64
"""Readings under way at a time on one event loop; less than the connections that httpx keeps."""

CONCURRENCY = 4
TEMPLATE = "{model}-{id}.{ext}"


class SyncMany(Engine):
    """What a sync client does with many tasks."""

    _budget: Budget

    def as_completed(
        self,
        tasks: Iterable[Task],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        requests_per_second: float = REQUESTS_PER_SECOND,
        on_update: Callable[[Task], object] | None = None,
    ) -> Iterator[Outcome[Task]]:
        """Give the outcome of each task, as soon as it has ended; a task that is given twice comes once.

        No task's failure is raised: it is the `error` of its outcome, TaskTimeout after `timeout` seconds for those
        that still run. All waits of a client share its budget of `requests_per_second`; after a 429 all pause.
        Tasks are read while the iterator is asked for the next outcome.
        """
        client = cast("SyncProviderClient", self)
        chosen = _distinct(tasks, self, Task)
        scheduler = _scheduler(self, self._budget, chosen, timeout, requests_per_second)

        def tell(state: TaskState) -> None:
            if on_update is not None:
                on_update(Task(state, client))

        def outcomes() -> Iterator[Outcome[Task]]:
            with contextlib.closing(scheduler):
                while (ended := client.run(next_ended(scheduler), on_update=tell)) is not None:
                    yield Outcome(task=_told(chosen[ended.number], ended, client), error=ended.error)

        return outcomes()

    def wait_all(
        self,
        tasks: Iterable[Task],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        requests_per_second: float = REQUESTS_PER_SECOND,
        on_update: Callable[[Task], object] | None = None,
    ) -> list[Outcome[Task]]:
        """Wait until all tasks have ended and give one outcome for each, in the order given; see `as_completed`."""
        given = list(tasks)
        found = {
            outcome.task.id: outcome
            for outcome in self.as_completed(
                given, timeout=timeout, requests_per_second=requests_per_second, on_update=on_update
            )
        }
        return [found[task.id] for task in given]

    def download_all(
        self,
        tasks: Iterable[Task],
        directory: str | os.PathLike[str],
        *,
        template: str = TEMPLATE,
        concurrency: int = CONCURRENCY,
        overwrite: bool = False,
        max_bytes: int = LARGEST,
        on_progress: Callable[[Path, int, int | None], object] | None = None,
    ) -> list[Outcome[Task]]:
        """Save all results under `directory`, those whose links expire first at the head of the queue.

        One outcome for each task, in the order given, with the `paths` that were saved. No task's failure is raised:
        it is the `error` of its outcome. Raises ConfigurationError, before anything is fetched, for a template that
        leads out of the directory or gives two results one name. Folders are created. `on_progress` gets the path,
        the bytes so far and, if known, in total; with `concurrency` above 1 it is called from several threads.
        """
        client = cast("SyncProviderClient", self)
        from vidgate._saves import Plan

        plan = Plan(self, list(tasks), Path(directory), template, max_bytes=max_bytes, overwrite=overwrite)
        if _check_concurrency(concurrency) == 1 or len(plan.saves) < 2:  # noqa: PLR2004 - threads for one are for nothing
            for save in plan.saves:
                with save.noted():
                    client.run(save.flow(), on_progress=save.meter(on_progress))
        else:
            from vidgate._saves import save_in_threads

            save_in_threads(client, plan, concurrency, on_progress)
        return plan.outcomes()


class AsyncMany(Engine):
    """What an async client does with many tasks."""

    _budget: Budget

    def as_completed(
        self,
        tasks: Iterable[AsyncTask],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        requests_per_second: float = REQUESTS_PER_SECOND,
        on_update: Callable[[AsyncTask], Awaitable[object] | object] | None = None,
    ) -> AsyncIterator[Outcome[AsyncTask]]:
        """Give the outcome of each task, as soon as it has ended; a task that is given twice comes once.

        No task's failure is raised: it is the `error` of its outcome, TaskTimeout after `timeout` seconds for those
        that still run. All waits of a client share its budget of `requests_per_second`; after a 429 all pause.
        Tasks are read while the iterator is asked for the next outcome.
        """
        client = cast("AsyncProviderClient", self)
        chosen = _distinct(tasks, self, AsyncTask)
        scheduler = _scheduler(self, self._budget, chosen, timeout, requests_per_second)

        def tell(state: TaskState) -> object:
            return None if on_update is None else on_update(AsyncTask(state, client))

        async def outcomes() -> AsyncIterator[Outcome[AsyncTask]]:
            async with _Readings(client, scheduler) as readings:
                while not scheduler.finished or scheduler.ended or scheduler.changes:
                    if scheduler.changes:
                        states = tuple(scheduler.changes)
                        scheduler.changes.clear()
                        await client.run(telling(states), on_update=tell)
                    elif scheduler.ended:
                        ended = scheduler.ended.popleft()
                        yield Outcome(task=_told(chosen[ended.number], ended, client), error=ended.error)
                    else:
                        await readings.go_on(self._clock.now())

        return outcomes()

    async def wait_all(
        self,
        tasks: Iterable[AsyncTask],
        *,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - the clock is the client's, which may not be asyncio's
        requests_per_second: float = REQUESTS_PER_SECOND,
        on_update: Callable[[AsyncTask], Awaitable[object] | object] | None = None,
    ) -> list[Outcome[AsyncTask]]:
        """Wait until all tasks have ended and give one outcome for each, in the order given; see `as_completed`."""
        given = list(tasks)
        found = {
            outcome.task.id: outcome
            async for outcome in self.as_completed(
                given, timeout=timeout, requests_per_second=requests_per_second, on_update=on_update
            )
        }
        return [found[task.id] for task in given]

    async def download_all(
        self,
        tasks: Iterable[AsyncTask],
        directory: str | os.PathLike[str],
        *,
        template: str = TEMPLATE,
        concurrency: int = CONCURRENCY,
        overwrite: bool = False,
        max_bytes: int = LARGEST,
        on_progress: Callable[[Path, int, int | None], Awaitable[object] | object] | None = None,
    ) -> list[Outcome[AsyncTask]]:
        """Save all results under `directory`, those whose links expire first at the head of the queue.

        One outcome for each task, in the order given, with the `paths` that were saved. No task's failure is raised:
        it is the `error` of its outcome. Raises ConfigurationError, before anything is fetched, for a template that
        leads out of the directory or gives two results one name. Folders are created. `on_progress` gets the path,
        the bytes so far and, if known, in total.
        """
        import asyncio

        check_loop()
        client = cast("AsyncProviderClient", self)
        from vidgate._saves import Plan

        plan = Plan(self, list(tasks), Path(directory), template, max_bytes=max_bytes, overwrite=overwrite)
        queue = deque(plan.saves)

        async def work() -> None:
            while queue:
                save = queue.popleft()
                with save.noted():
                    await client.run(save.flow(), on_progress=save.meter(on_progress))

        workers = [asyncio.create_task(work()) for _ in range(min(_check_concurrency(concurrency), len(queue)))]
        try:
            await asyncio.gather(*workers)
        finally:
            await _cancel(workers)
        return plan.outcomes()


class _Readings:
    """Sends what the scheduler gives, several at a time, with one timer for all waits."""

    def __init__(self, client: AsyncProviderClient, scheduler: Scheduler) -> None:
        import asyncio

        self._client = client
        self._clock = client._clock  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - part of the client
        self._scheduler = scheduler
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[Reply | Failure], Wait] = {}
        self._answered: deque[asyncio.Task[Reply | Failure]] = deque()
        self._timer: asyncio.Task[None] | None = None
        self._until = 0.0

    async def __aenter__(self) -> Self:
        check_loop()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._scheduler.close()
        await _cancel([*self._under_way, *([] if self._timer is None else [self._timer])])
        await self._client._observer.settle()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - part of the client

    async def go_on(self, now: float) -> None:
        """Send what may be sent now; if nothing may, sleep until something happens."""
        import asyncio

        while self._answered:
            task = self._answered.popleft()
            self._scheduler.answer(self._under_way.pop(task), task.result(), now)
        turn = None if len(self._under_way) >= IN_FLIGHT else self._scheduler.turn(now)
        if isinstance(turn, Turn):
            task = asyncio.create_task(self._client.run(sending(turn.request)))
            self._under_way[task] = turn.wait
            task.add_done_callback(self._answer)
            return
        if turn is None and not self._under_way:
            return
        self._wake.clear()
        if self._answered:
            return
        if turn is not None:
            await self._set_timer(now + turn, turn)
        await self._wake.wait()

    async def _set_timer(self, until: float, seconds: float) -> None:
        """Wake at `until`, or earlier: a timer that is running already is left alone."""
        import asyncio

        if self._timer is not None and not self._timer.done():
            if self._until <= until:
                return
            await _cancel([self._timer])
        self._until = until
        self._timer = asyncio.create_task(self._sleep(seconds))

    async def _sleep(self, seconds: float) -> None:
        await self._clock.asleep(seconds)
        self._wake.set()

    def _answer(self, task: asyncio.Task[Reply | Failure]) -> None:
        self._answered.append(task)
        self._wake.set()


async def _cancel(tasks: list[Any]) -> None:
    import asyncio

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _distinct(tasks: Iterable[ViewT], engine: Engine, kind: type[ViewT]) -> list[ViewT]:
    found: dict[str, ViewT] = {}
    for task in tasks:
        if not isinstance(task, kind):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise errors.ConfigurationError(f"{type(task).__name__} is no {kind.__name__}.", hint="Give tasks.")
        found.setdefault(task.id, task)
    if found:
        from vidgate._saves import state_of

        state_of(next(iter(found.values())), engine)
    return list(found.values())


def _scheduler(engine: Engine, budget: Budget, tasks: list[ViewT], timeout: float, rate: float) -> Scheduler:
    seconds = check_seconds("timeout", timeout)
    if isinstance(rate, bool) or not math.isfinite(rate) or rate <= 0:
        raise errors.ConfigurationError(f"requests_per_second is {rate!r}.", hint="Give a number above 0.")
    target = engine.target
    now = engine._clock.now()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - part of the client
    scheduler = Scheduler(budget, rate=rate, deadline=now + seconds)
    for number, task in enumerate(tasks):
        state = task._state  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the two are one
        scheduler.add(number, state, wait(target, state, seconds), now)
    return scheduler


def _told(task: TaskT, ended: Ended, client: Any) -> TaskT:
    """The task as it is known now."""
    return type(task)(ended.state, client)


def _check_concurrency(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise errors.ConfigurationError(f"concurrency is {value!r}.", hint="Give a whole number, 1 or more.")
    return value
