"""What a task carries when it has ended, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._checks import check
from ..._json import is_array, is_number, is_object
from ..._lives import FINAL, links_of
from ..._verdict import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..._json import Json
    from ..._lives import Life
    from ..._run import Run
    from ...observe import Exchange

FULL = 100
CLOCKS = 60.0


@check("TASK-COMPLETED-PROGRESS")
def check_a_completed_task_is_done_to_the_full(run: Run) -> None:
    """Percent of what was to be done."""
    for _, reading, task in _seen(run, "completed"):
        progress = task.get("progress")
        run.saw("TASK-COMPLETED-PROGRESS", 1, reading)
        if isinstance(progress, int | float) and progress < FULL:
            run.broken("TASK-COMPLETED-PROGRESS", f"completed with a progress of {progress}", reading)


@check("TASK-RESULTS")
def check_a_completed_task_has_a_link(run: Run) -> None:
    """That results are there at all, the contract says; here they have to hold something."""
    for _, reading, task in _seen(run, "completed"):
        held = task.get("results", task.get("result"))
        if held is None:
            continue
        run.saw("TASK-RESULTS", 1, reading)
        if not links_of(task) and not _has_text(held):
            run.broken("TASK-RESULTS", f"completed with no link in {held!r}", reading)


@check("TASK-RESULTS-ONLY-COMPLETED")
def check_results_come_with_completion(run: Run) -> None:
    """Before the end, and after a failure, there is nothing to fetch."""
    for reading, task in _all(run):
        run.saw("TASK-RESULTS-ONLY-COMPLETED")
        held = task.get("results") or task.get("result")
        if held and task.get("status") in {"submitted", "pending", "processing", "failed", "cancelled"}:
            run.broken("TASK-RESULTS-ONLY-COMPLETED", f"results while the task is {task['status']}", reading)


@check("TASK-FAILED-ERROR")
def check_a_failed_task_says_why(run: Run) -> None:
    """As an object with code and message, neither of them empty."""
    for _, reading, task in _seen(run, "failed"):
        run.saw("TASK-FAILED-ERROR", 1, reading)
        error = task.get("error")
        if not is_object(error):
            run.broken("TASK-FAILED-ERROR", f"failed with the error {error!r}", reading)
            continue
        for name in ("code", "message"):
            if name not in error or error[name] in ("", None):
                run.broken("TASK-FAILED-ERROR", f"the error of a failed task has no {name}", reading)


@check("TASK-ERROR-TYPE")
def check_the_error_of_a_task_is_a_task_error(run: Run) -> None:
    """Where the type is given."""
    for _, reading, task in _seen(run, "failed"):
        error = task.get("error")
        if is_object(error) and "type" in error:
            run.saw("TASK-ERROR-TYPE", 1, reading)
            if error["type"] != "task_error":
                run.broken("TASK-ERROR-TYPE", f"the error of a failed task has the type {error['type']!r}", reading)


@check("TASK-ERROR-ONLY-FAILED")
def check_an_error_means_failure(run: Run) -> None:
    """A task that is well has none, or a null."""
    for reading, task in _all(run):
        run.saw("TASK-ERROR-ONLY-FAILED")
        if task.get("error") and task.get("status") in {"submitted", "pending", "processing", "completed"}:
            run.broken("TASK-ERROR-ONLY-FAILED", f"an error while the task is {task.get('status')}", reading)


@check("TASK-COMPLETED-TIME")
def check_the_time_of_the_end(run: Run) -> None:
    """In seconds, between the creation and now."""
    for one, reading, task in _seen(run, *FINAL):
        ended, created = task.get("completed"), task.get("created")
        run.saw("TASK-COMPLETED-TIME", 1, reading)
        if ended is None:
            run.broken("TASK-COMPLETED-TIME", f"{task['status']} without a time of the end", reading)
        elif is_number(ended) and is_number(created) and ended < created:
            run.broken("TASK-COMPLETED-TIME", f"ended at {ended}, created at {created}", reading)
        elif is_number(ended) and one.ended is not None and ended > one.ended + CLOCKS:
            run.broken("TASK-COMPLETED-TIME", f"ended at {ended}, which is still to come", reading)
    for reading, task in _all(run):
        if task.get("completed") is not None and task.get("status") in {"submitted", "pending", "processing"}:
            run.broken("TASK-COMPLETED-TIME", f"a time of the end while the task is {task['status']}", reading)


@check("TASK-ACTUAL-TIME")
def check_the_time_it_took(run: Run) -> None:
    """Both times are whole seconds, so one more or less is the same."""
    for _, reading, task in _seen(run, *FINAL):
        took, ended, created = task.get("actual_time"), task.get("completed"), task.get("created")
        if is_number(took) and is_number(ended) and is_number(created):
            run.saw("TASK-ACTUAL-TIME", 1, reading)
            if abs(took - (ended - created)) > 1:
                message = f"actual_time is {took}, and the task lasted from {created} to {ended}"
                run.broken("TASK-ACTUAL-TIME", message, reading)


def _seen(run: Run, *statuses: str) -> Iterator[tuple[Life, Exchange, dict[str, Any]]]:
    """Readings of tasks that stood so; raises Unreachable when none did."""
    wanted = (run.lives["failing"],) if statuses == ("failed",) else run.lives.every()
    found = 0
    for one in wanted:
        for reading in one.readings:
            task = run.task(reading)
            if task.get("status") in statuses:
                found += 1
                yield one, reading, task
    if not found:
        message = f"no task was {' or '.join(statuses)}"
        raise Unreachable(message)


def _all(run: Run) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    for one in run.lives.every():
        for reading in one.readings:
            yield reading, run.task(reading)


def _has_text(held: Json) -> bool:
    """Whether a text stands anywhere in it; what is wrong with its form, the contract says."""
    if is_object(held):
        return any(_has_text(value) for value in held.values())
    return any(_has_text(value) for value in held) if is_array(held) else isinstance(held, str) and held != ""
