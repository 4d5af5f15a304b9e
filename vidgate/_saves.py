"""Many results to save: which file each becomes, in which order, and what became of each."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from vidgate import errors
from vidgate._download import download
from vidgate._effects import MakeFolder
from vidgate._filename import check_template, file_name
from vidgate._journal.flows import saved
from vidgate._outcome import Outcome
from vidgate._tasks import AsyncTask, Task, TaskView, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from vidgate._client import SyncProviderClient
    from vidgate._download import Source
    from vidgate._effects import Failure, Flow
    from vidgate._engine import Engine
    from vidgate._state import TaskState

TaskT = TypeVar("TaskT", Task, AsyncTask)


@dataclass(kw_only=True, slots=True)
class Save:
    """One result to save, and what became of it."""

    state: TaskState
    source: Source
    path: Path
    root: Path
    overwrite: bool
    saved: Path | None = None
    error: errors.VidgateError | None = None

    @property
    def expires_at(self) -> float:
        """When the link ends; those that do not say come last."""
        expires = self.state.results[self.source.index].expires_at
        return math.inf if expires is None else expires

    def flow(self) -> Flow[None]:
        answer: Failure | None = yield MakeFolder(self.path.parent, self.root)
        if answer is not None:
            answer.error.task_id = self.source.task_id
            raise answer.error
        flow = download(self.source, self.path, overwrite=self.overwrite)
        self.saved = yield from saved(flow, self.state, self.source.index)

    @contextlib.contextmanager
    def noted(self) -> Generator[None, None, None]:
        """Keep what goes wrong with this result to this result."""
        try:
            yield
        except errors.VidgateError as error:
            self.error = error

    def meter(self, function: Callable[[Path, int, int | None], object] | None) -> Callable[[int, int | None], object]:
        def tell(received: int, total: int | None) -> object:
            return None if function is None else function(self.path, received, total)

        return tell


class Plan(Generic[TaskT]):
    """All results to save, in the order of their deadlines; a task that is given twice is saved once."""

    def __init__(
        self, engine: Engine, tasks: list[TaskT], root: Path, template: str, *, max_bytes: int, overwrite: bool
    ) -> None:
        check_template(template)
        self._tasks: list[TaskT] = tasks
        self._refused: dict[str, errors.VidgateError] = {}
        self.saves: list[Save] = []
        for task in {task.id: task for task in tasks}.values():
            state = state_of(task, engine)
            try:
                sources = [source_of(state, engine, index, max_bytes) for index in range(max(1, len(state.results)))]
            except errors.VidgateError as error:
                self._refused[task.id] = error
                continue
            for source in sources:
                path = root / file_name(template, state, source.index)
                self.saves.append(Save(state=state, source=source, path=path, root=root, overwrite=overwrite))
        _refuse_shared_names(self.saves, template)
        self.saves.sort(key=lambda save: save.expires_at)

    def outcomes(self) -> list[Outcome[TaskT]]:
        by_task: dict[str, list[Save]] = {}
        for save in sorted(self.saves, key=lambda save: save.source.index):
            by_task.setdefault(save.source.task_id, []).append(save)
        return [
            Outcome(
                task=task,
                error=self._refused.get(task.id) or next((s.error for s in by_task[task.id] if s.error), None),
                paths=tuple(save.saved for save in by_task.get(task.id, []) if save.saved is not None),
            )
            for task in self._tasks
        ]


def _refuse_shared_names(saves: list[Save], template: str) -> None:
    names: dict[str, Save] = {}
    for save in saves:
        # Some file systems take Film.mp4 and film.mp4 for one file.
        other = names.setdefault(str(save.path).casefold(), save)
        if other is not save:
            raise errors.ConfigurationError(
                f"The template {template!a} gives two results the name {save.path.name}: "
                f"of {other.source.task_id} and {save.source.task_id}.",
                hint="Put {id} into it, and {index} for tasks with several results.",
            )


class _Stopped(BaseException):
    """Ends a thread's transfer at its next piece; the partial file stays, as after any interruption."""


def save_in_threads(
    client: SyncProviderClient,
    plan: Plan[Task],
    concurrency: int,
    on_progress: Callable[[Path, int, int | None], object] | None,
) -> None:
    import threading
    from concurrent.futures import ThreadPoolExecutor

    stop = threading.Event()

    def work(save: Save) -> None:
        told = save.meter(on_progress)

        def tell(received: int, total: int | None) -> None:
            if stop.is_set():
                raise _Stopped
            told(received, total)

        with save.noted(), contextlib.suppress(_Stopped):
            client.run(save.flow(), on_progress=tell)

    with ThreadPoolExecutor(concurrency, "vidgate-download") as threads:
        try:
            for running in [threads.submit(work, save) for save in plan.saves]:
                running.result()
        except BaseException:
            stop.set()
            threads.shutdown(wait=False, cancel_futures=True)
            raise


def state_of(task: TaskView, engine: Engine) -> TaskState:
    """What is known of a task, if it is one of this client's provider."""
    state = task._state  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the two are one
    provider = engine.target.provider
    if state.provider != provider.name:
        raise errors.ConfigurationError(
            f"{state.id} is a task of {state.provider}, and this is a client of {provider.title}.",
            hint="Give each client its own tasks.",
        )
    return state
