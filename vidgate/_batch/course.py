"""One run over the items of a batch, as a flow: what is submitted, waited for and saved next. No I/O here."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vidgate import errors
from vidgate._batch.state import name_fault
from vidgate._effects import Sleep
from vidgate._filename import file_name
from vidgate._flow import read, wait
from vidgate._journal.ceiling import CeilingReached
from vidgate._journal.flows import named
from vidgate._options import LARGEST
from vidgate._saves import Save
from vidgate._schedule import Budget, Scheduler, next_ended
from vidgate._state import TaskState
from vidgate._tasks import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vidgate._batch.state import BatchState
    from vidgate._effects import Flow
    from vidgate._engine import Engine
    from vidgate._flow import Target
    from vidgate._journal.records import Entry
    from vidgate._schedule import Ended

MOST_UNKNOWN: Final = 3
"""Submissions of unknown outcome in one run, after which no more are sent: each may have been paid."""

OF_THIS_ITEM: Final = (errors.InvalidRequest, errors.BadRequest, errors.AlreadySubmitted, errors.SubmitUnknown)
"""What says nothing about the next item; whatever else a submission raises would happen to that one, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saving:
    """Where results go; `template` may name the fields of `download_all` and `item`."""

    root: Path
    template: str
    overwrite: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """An item's outcome before it has a task of one colour."""

    item: str
    state: TaskState | None = None
    error: errors.VidgateError | None = None
    paths: tuple[Path, ...] = ()
    submit_id: str | None = None
    credits: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Running:
    """An item whose task is waited for. `early`: an earlier run submitted it."""

    item: str
    credits: float | None
    submit_id: str | None = None
    early: bool = False


class Course:
    """One run over the items of a batch; `next` is a flow, driven by a client of either colour."""

    def __init__(
        self,
        batch: BatchState,
        items: Iterable[tuple[str, Mapping[str, Any]]],
        *,
        saving: Saving | None,
        timeout: float,
        requests_per_second: float,
    ) -> None:
        self._engine = batch.engine
        self._batch = batch
        self._items = iter(items)
        self._saving = saving
        self._timeout = timeout
        self._ready: deque[Finished] = deque()
        self._running: dict[int, _Running] = {}
        self._started = 0
        self._seen: set[str] = set()
        self._unknown = 0
        self._exhausted = False
        self._scheduler = Scheduler(Budget(), rate=requests_per_second, deadline=math.inf)

    def next(self) -> Flow[Finished | None]:
        """The next outcome; None when there is none left."""
        while True:
            while self._takes_more:
                yield from self._begin_next()
            if self._ready:
                return self._ready.popleft()
            ended = yield from next_ended(self._scheduler)
            if ended is None:
                return None
            return (yield from self._finish(self._running.pop(ended.number), ended))

    def close(self) -> None:
        """Leave the tasks alone: they go on, and the journal has them."""
        self._scheduler.close()

    @property
    def _takes_more(self) -> bool:
        return not (
            self._ready or self._exhausted or self._batch.stopped or len(self._running) >= self._batch.max_in_flight
        )

    def _begin_next(self) -> Flow[None]:
        pair = next(self._items, None)
        if pair is None:
            self._exhausted = True
            return
        item, request = pair
        fault = "is there twice" if item in self._seen else name_fault(item)
        if fault is not None:
            error = errors.ConfigurationError(f"The item {item!a:.80} {fault}.", hint="Give each item its own name.")
            self._ready.append(Finished(item=item, error=error))
            return
        self._seen.add(item)
        entry = self._batch.known.get(item)
        if entry is not None and entry.state != "rejected":
            self._batch.advise(item, entry, request)
            self._take_up(item, entry)
        elif reason := self._batch.ceiling_of(request):
            self._batch.stopped = f"before {item}: {reason}"
        else:
            yield from self._submit(item, request)

    def _submit(self, item: str, request: Mapping[str, Any]) -> Flow[None]:
        try:
            ceiling = self._batch.ceiling(request)
            flow = self._engine.item_submission(self._batch.name, item, request, ceiling=ceiling)
            state, submit_id = yield from named(flow)
        except CeilingReached as error:
            self._batch.stopped = f"before {item}: {error}"
            return
        except errors.VidgateError as error:
            self._ready.append(Finished(item=item, error=error, submit_id=getattr(error, "submit_id", None)))
            if isinstance(error, errors.SubmitUnknown):
                self._batch.spend(request, None)
                self._unknown += 1
                if self._unknown >= MOST_UNKNOWN:
                    self._batch.stopped = f"after {item}: nobody knows the outcome of {self._unknown} submissions"
            elif isinstance(error, errors.AlreadySubmitted):
                self._batch.recount()  # somebody else spends, too
            elif not isinstance(error, OF_THIS_ITEM):
                self._batch.stopped = f"after {item}: {error.message}"
            return
        reserved = self._engine.provider.reserved_credits(state.payload)
        self._batch.spend(request, reserved)
        running = _Running(item=item, credits=reserved, submit_id=submit_id)
        self._watch(running, state, wait(self._engine.target, state, self._timeout))

    def _take_up(self, item: str, entry: Entry) -> None:
        """Go on where an earlier run stopped; nothing is submitted."""
        facts: dict[str, Any] = {"item": item, "submit_id": entry.submit_id, "credits": entry.credits_reserved}
        if entry.task_id is None:
            try:
                self._engine.resumption(entry.submit_id)
            except errors.VidgateError as error:
                self._ready.append(Finished(error=error, **facts))
        elif entry.state == "downloaded" and (self._saving is None or item not in self._batch.lost):
            self._ready.append(Finished(paths=tuple(Path(file) for file in entry.files), **facts))
        else:
            state = known_state(entry, entry.task_id)
            self._watch(_Running(early=True, **facts), state, _again(self._engine.target, state, self._timeout))

    def _watch(self, running: _Running, state: TaskState, flow: Flow[TaskState]) -> None:
        self._started += 1
        self._running[self._started] = running
        self._scheduler.add(self._started, state, flow, self._engine.clock.now())

    def _finish(self, running: _Running, ended: Ended) -> Flow[Finished]:
        """Save what there is to save; one result that cannot be saved does not keep the others."""
        error, paths = ended.error, list[Path]()
        if error is None and self._saving is not None:
            for index in range(len(ended.state.results)):
                try:
                    # What stands under this name was saved by a run that was killed before it could write it down.
                    early = running.early
                    flow = save_result(self._engine, self._saving, running.item, ended.state, index, overwrite=early)
                    paths.append((yield from flow))
                except errors.VidgateError as fault:
                    error = error or fault
        return Finished(
            item=running.item,
            state=ended.state,
            error=error,
            paths=tuple(paths),
            submit_id=running.submit_id,
            credits=running.credits,
        )


def save_result(
    engine: Engine, saving: Saving, item: str, state: TaskState, index: int, *, overwrite: bool
) -> Flow[Path]:
    """Save one result of an item. `overwrite`: also what stands there although nobody asked for it to be replaced."""
    save = Save(
        state=state,
        source=source_of(state, engine, index, LARGEST),
        path=saving.root / file_name(saving.template, state, index, item=item),
        root=saving.root,
        overwrite=saving.overwrite or overwrite,
    )
    yield from save.flow()
    return save.path if save.saved is None else save.saved


def known_state(entry: Entry, task_id: str) -> TaskState:
    """What the journal says of a task."""
    return TaskState(
        provider=entry.provider,
        id=task_id,
        status=entry.status,
        verdict="running",
        model=entry.model,
        created=entry.created,
    )


def _again(target: Target, state: TaskState, timeout: float) -> Flow[TaskState]:
    """Wait for a task of which only the id is known."""
    yield Sleep(0.0)  # a schedule sends nothing before a wait's first pause
    return (yield from wait(target, (yield from read(target, state.id)), timeout))
