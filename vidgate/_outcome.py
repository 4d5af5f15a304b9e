"""How one task of many ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._tasks import AsyncTask, Task
    from vidgate.errors import VidgateError

TaskT = TypeVar("TaskT", "Task", "AsyncTask")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(Generic[TaskT]):
    """One task of `wait_all`, `as_completed` or `download_all`: true when it went well.

    `task` is what is known last. `error` is what `task.wait` or `task.download` would have raised, None when it went
    well. `paths` are the files that were saved, in the order of the task's results.
    """

    task: TaskT
    error: VidgateError | None = None
    paths: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return self.error is None

    def unwrap(self) -> TaskT:
        """The task, if it went well; else its error is raised."""
        if self.error is not None:
            raise self.error
        return self.task
