"""Batches as people hold them: two iterators that drive one course."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from vidgate import errors
from vidgate._batch.course import Course, Saving
from vidgate._connections import check_loop
from vidgate._filename import BATCH_FIELDS, check_template
from vidgate._options import check_seconds
from vidgate._tasks import AsyncTask, Task

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from vidgate._batch.course import Finished
    from vidgate._batch.state import BatchState
    from vidgate._client import AsyncProviderClient, SyncProviderClient

TaskT = TypeVar("TaskT", Task, AsyncTask)

DEFAULT_TIMEOUT: Final = 3_600.0
REQUESTS_PER_SECOND: Final = 10.0
TEMPLATE: Final = "{item}.{ext}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOutcome(Generic[TaskT]):
    """What became of an item: true when its task is completed and what was to be saved is.

    `task` is None when there is none, or when an earlier run finished it. `error` is what submitting, waiting or saving
    raised. `paths` are the saved files. `credits` is what the provider set aside, None when it does not say.
    """

    item: str
    task: TaskT | None = None
    error: errors.VidgateError | None = None
    paths: tuple[Path, ...] = ()
    submit_id: str | None = None
    credits: float | None = None

    def __bool__(self) -> bool:
        return self.error is None


class _Batch:
    """What batches of both colours share."""

    def __init__(self, state: BatchState) -> None:
        self._state = state

    @property
    def name(self) -> str:
        return self._state.name

    @property
    def spent(self) -> float:
        """Credits that the batch's items have reserved, earlier runs included; failed tasks are refunded."""
        return self._state.spent

    @property
    def stopped(self) -> str | None:
        """Why the latest run submitted no more; None when it came to the end of the items."""
        return self._state.stopped

    def _course(
        self,
        items: Iterable[tuple[str, Mapping[str, Any]]],
        saving: Saving | None,
        timeout: float,
        requests_per_second: float,
    ) -> Course:
        return Course(
            self._state,
            items,
            saving=saving,
            timeout=check_seconds("timeout", timeout),
            requests_per_second=requests_per_second,
        )


class Batch(_Batch):
    """A batch of a sync client."""

    def __init__(self, state: BatchState, client: SyncProviderClient) -> None:
        super().__init__(state)
        self._client = client

    def run(
        self,
        items: Iterable[tuple[str, Mapping[str, Any]]],
        *,
        into: str | os.PathLike[str] | None = None,
        template: str = TEMPLATE,
        overwrite: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
        requests_per_second: float = REQUESTS_PER_SECOND,
    ) -> Iterator[ItemOutcome[Task]]:
        """Submit what was not submitted, wait for all, save under `into`; one outcome for each item, as it ends.

        `items`: pairs of a name and a request (`model` and its parameters), such as `requests.items()` of a dict.
        What the journal has is not submitted again: it is waited for, saved, or reported. No item's failure is raised.
        `timeout` (seconds) is each task's own.
        Raises JournalError when the journal cannot be used: then nothing more is sent.
        """
        course = self._course(items, saving_at(into, template, overwrite=overwrite), timeout, requests_per_second)

        def outcomes() -> Iterator[ItemOutcome[Task]]:
            with contextlib.closing(course):
                self._state.read_journal()
                while (found := self._client.run(course.next())) is not None:
                    task = None if found.state is None else Task(found.state, self._client)
                    yield outcome_of(found, task)

        return outcomes()


class AsyncBatch(_Batch):
    """A batch of an async client."""

    def __init__(self, state: BatchState, client: AsyncProviderClient) -> None:
        super().__init__(state)
        self._client = client

    def run(
        self,
        items: Iterable[tuple[str, Mapping[str, Any]]],
        *,
        into: str | os.PathLike[str] | None = None,
        template: str = TEMPLATE,
        overwrite: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
        requests_per_second: float = REQUESTS_PER_SECOND,
    ) -> AsyncIterator[ItemOutcome[AsyncTask]]:
        """Submit what was not submitted, wait for all, save under `into`; as `Batch.run`."""
        course = self._course(items, saving_at(into, template, overwrite=overwrite), timeout, requests_per_second)

        async def outcomes() -> AsyncIterator[ItemOutcome[AsyncTask]]:
            import asyncio

            check_loop()
            with contextlib.closing(course):
                await asyncio.to_thread(self._state.read_journal)
                while (found := await self._client.run(course.next())) is not None:
                    task = None if found.state is None else AsyncTask(found.state, self._client)
                    yield outcome_of(found, task)

        return outcomes()


def saving_at(into: str | os.PathLike[str] | None, template: str, *, overwrite: bool) -> Saving | None:
    """Where to save; raises ConfigurationError for a template that gives two items one name."""
    if into is None:
        return None
    check_template(template, BATCH_FIELDS)
    if "{item}" not in template and "{id}" not in template:
        raise errors.ConfigurationError(
            f"The template {template!a} gives all items one name.", hint="Put {item} or {id} into it."
        )
    return Saving(root=Path(into), template=template, overwrite=overwrite)


def outcome_of(found: Finished, task: TaskT | None) -> ItemOutcome[TaskT]:
    """The outcome with a task of one colour."""
    return ItemOutcome(
        item=found.item,
        task=task,
        error=found.error,
        paths=found.paths,
        submit_id=found.submit_id,
        credits=found.credits,
    )
