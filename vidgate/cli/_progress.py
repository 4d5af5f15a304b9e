"""Waiting and saving, with a bar on a terminal and with lines elsewhere; both on standard error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from vidgate import Task
from vidgate.cli._screen import Screen, plain


def wait(screen: Screen, task: Task, *, timeout: float) -> Task:
    """Wait for a task; `timeout` in seconds."""
    if not screen.err.is_terminal:
        return task.wait(timeout=timeout, on_update=lambda seen: screen.note(_line(seen)))
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[share]}"))
    with Progress(*columns, TimeElapsedColumn(), console=screen.err, transient=True) as bar:
        row = bar.add_task(plain(task.status), total=100, share="")

        def show(seen: Task) -> None:
            known = seen.progress is not None
            bar.update(
                row,
                description=plain(seen.status),
                total=100 if known else None,
                completed=seen.progress or 0,
                share=f"{seen.progress}%" if known else "",
            )

        show(task)
        return task.wait(timeout=timeout, on_update=show)


class Save(Protocol):
    """A download that reports the bytes so far, and in total if known."""

    def __call__(self, *, on_progress: Callable[[int, int | None], object]) -> Path: ...


def download(screen: Screen, save: Save) -> Path:
    """Run a download."""
    if not screen.err.is_terminal:
        return save(on_progress=_silent)
    with Progress(TextColumn("saving"), BarColumn(), DownloadColumn(), console=screen.err, transient=True) as bar:
        row = bar.add_task("saving", total=None)
        return save(on_progress=lambda done, total: bar.update(row, completed=done, total=total))


def _silent(done: int, total: int | None) -> None:
    """Report nothing: a download is short beside the wait, and a log needs no bar."""


def _line(task: Task) -> str:
    return task.status if task.progress is None else f"{task.status} {task.progress}%"
