"""What holds over the whole life of a task, reading by reading."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from ..._checks import check
from ..._json import is_array, is_number, is_object
from ..._lives import FINAL, links_of
from ..._verdict import Unreachable
from ._told import told, was_taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..._json import Json
    from ..._lives import Life
    from ..._run import Run
    from ...observe import Exchange

ORDER = {"submitted": 0, "pending": 1, "processing": 2} | dict.fromkeys(FINAL, 3)
REFUSED = 400
CLOCKS = 60.0
"""Seconds by which two clocks may differ."""


@check("TASK-INITIAL-STATUS")
def check_a_new_task_has_not_ended(run: Run) -> None:
    """The answer to a submission is given before the work."""
    for one in run.lives.every():
        status = _fresh(run, one.submission).get("status")
        if isinstance(status, str):
            run.saw("TASK-INITIAL-STATUS", 1, one.submission)
            allowed = {"submitted"} if run.provider == "apimart" else {"pending", "processing"}
            if status not in allowed and status in ORDER:
                run.broken("TASK-INITIAL-STATUS", f"a new task is {status}", one.submission)


@check("TASK-INITIAL-PROGRESS")
def check_a_new_task_has_made_no_progress(run: Run) -> None:
    """As in every example."""
    for one in run.lives.every():
        progress = _fresh(run, one.submission).get("progress")
        if is_number(progress):
            run.saw("TASK-INITIAL-PROGRESS", 1, one.submission)
            if progress > 0:
                run.broken("TASK-INITIAL-PROGRESS", f"a new task has a progress of {progress}", one.submission)


@check("TASK-ID-FORM")
def check_the_id_has_the_documented_form(run: Run) -> None:
    """Whatever stands behind the documented beginning is the server's own."""
    start = "task_" if run.provider == "apimart" else "task-unified-"
    member = "task_id" if run.provider == "apimart" else "id"
    for submission in _submissions(run):
        task_id = _fresh(run, submission).get(member)
        if isinstance(task_id, str):
            run.saw("TASK-ID-FORM", 1, submission)
            if not task_id.startswith(start) or task_id == start:
                run.broken("TASK-ID-FORM", f"the id {task_id!r} does not begin with {start}", submission)


@check("TASK-MODEL-REQUESTED")
def check_the_model_is_the_one_asked_for(run: Run) -> None:
    """From the submission on."""
    for one in run.lives.every():
        model = _fresh(run, one.submission).get("model")
        if isinstance(model, str):
            run.saw("TASK-MODEL-REQUESTED", 1, one.submission)
            if model != one.plan.body["model"]:
                asked = one.plan.body["model"]
                run.broken("TASK-MODEL-REQUESTED", f"{model} works on a task for {asked}", one.submission)


@check("TASK-KIND")
def check_a_video_is_made(run: Run) -> None:
    """The list of kinds knows others; what was asked for is a video."""
    for _, answer, task in _tellings(run):
        for name, expected in (("object", "video.generation.task"), ("type", "video")):
            if isinstance(task.get(name), str):
                run.saw("TASK-KIND")
                if task[name] != expected:
                    run.broken("TASK-KIND", f"{name} is {task[name]} for a video", answer)


@check("TASK-CREATED-NOW")
def check_the_time_of_creation_is_now(run: Run) -> None:
    """Seconds since 1970, at the moment of the submission."""
    for one in run.lives.every():
        for answer in (one.submission, *one.readings[:1]):
            created = _fresh(run, answer).get("created")
            if is_number(created):
                run.saw("TASK-CREATED-NOW", 1, answer)
                begun, ended = one.submission.started, one.submission.ended
                if not begun - CLOCKS <= created <= ended + CLOCKS:
                    message = f"created is {created}, and the submission was at {begun:.0f}"
                    run.broken("TASK-CREATED-NOW", message, answer)


@check("TASK-CODE")
def check_the_code_of_success(run: Run) -> None:
    """Beside HTTP 200 the envelope says 200."""
    for one in run.lives.every():
        for answer in (one.submission, *one.readings):
            body = answer.json
            code: Json = body.get("code") if is_object(body) and answer.ok else None
            if code is not None:
                run.saw("TASK-CODE", 1, answer)
                if is_number(code) and code != 200:  # noqa: PLR2004 - the documented code
                    run.broken("TASK-CODE", f"code is {code} in a good answer", answer)


@check("TASK-FOUND", "TASK-STAYS")
def check_a_task_is_found_again(run: Run) -> None:
    """With the first reading, and with every one after it; without an id nobody finds it."""
    for submission in _submissions(run):
        run.saw("TASK-FOUND", 1, submission)
        if run.task_id(submission) is None:
            run.broken("TASK-FOUND", "the answer to a submission has no id to query", submission)
    for one in run.lives.lived.values():
        found = False
        for reading in one.readings:
            name = "TASK-STAYS" if found else "TASK-FOUND"
            run.saw(name, 1, reading)
            found = found or reading.ok
            if reading.status >= REFUSED:
                run.broken(name, f"the query of {one.task_id} is {told(reading)}", one.submission, reading)
                break


@check("TASK-PROGRESS-MONOTONIC")
def check_progress_never_falls(run: Run) -> None:
    """Reading by reading, from the submission on, `progress` stays or grows."""
    for before, after, earlier, later in _steps(run, "progress"):
        run.saw("TASK-PROGRESS-MONOTONIC")
        if is_number(before) and is_number(after) and after < before:
            run.broken("TASK-PROGRESS-MONOTONIC", f"progress fell from {before} to {after}", earlier, later)


@check("TASK-STATUS-ORDER", "TASK-TERMINAL")
def check_a_task_goes_forward_only(run: Run) -> None:
    """It is not queued again once it is under way, and what has ended has ended."""
    for before, after, earlier, later in _steps(run, "status"):
        name = "TASK-TERMINAL" if before in FINAL else "TASK-STATUS-ORDER"
        run.saw(name)
        left = before in FINAL and before != after
        if left or ORDER.get(after, ORDER.get(before, 0)) < ORDER.get(before, 0):
            run.broken(name, f"status went from {before} to {after}", earlier, later)
    for one in run.lives.every():
        for delivery in run.callbacks.at(one.plan.callback) if one.plan.callback else ():
            body = delivery.json
            ended: Json = body.get("status") if is_object(body) else None
            for reading in one.readings:
                now = run.task(reading).get("status")
                if ended in FINAL and reading.started > delivery.at and now in FINAL and now != ended:
                    run.broken("TASK-TERMINAL", f"called back as {ended}, and {now} afterwards", reading)
                    break


@check("TASK-LIVENESS")
def check_a_task_ends(run: Run) -> None:
    """Within several times what a task takes."""
    for one in run.lives.every():
        run.saw("TASK-LIVENESS", 1, one.readings[-1])
        statuses = [run.task(reading).get("status") for reading in one.readings]
        if one.ended is None and statuses[-1] in ORDER:
            last = one.readings[-1]
            waited = last.ended - one.submission.ended
            run.broken("TASK-LIVENESS", f"still {statuses[-1]} after {waited:.1f} s", one.submission, last)


@check("TASK-ID-STABLE")
def check_the_asked_task_is_answered(run: Run) -> None:
    """The id in the answer is the id in the address."""
    for one in run.lives.every():
        for reading in one.readings:
            told_id = run.task(reading).get("id")
            if isinstance(told_id, str):
                run.saw("TASK-ID-STABLE", 1, reading)
                if told_id != one.task_id:
                    run.broken("TASK-ID-STABLE", f"{one.task_id} was asked for, {told_id} came", reading)


@check("TASK-CREATED-STABLE")
def check_the_creation_never_moves(run: Run) -> None:
    """Also not between the submission and the first reading."""
    _stable(run, "TASK-CREATED-STABLE", "created")


@check("TASK-MODEL-STABLE")
def check_the_model_never_changes(run: Run) -> None:
    """Also not between the submission and the first reading."""
    _stable(run, "TASK-MODEL-STABLE", "model")


@check("TASK-TYPE-STABLE")
def check_what_is_made_never_changes(run: Run) -> None:
    """Type and object."""
    _stable(run, "TASK-TYPE-STABLE", "type")
    _stable(run, "TASK-TYPE-STABLE", "object")


@check("LOAD-IDS-UNIQUE")
def check_every_submission_has_an_id_of_its_own(run: Run) -> None:
    """Over all tasks of the run, many of the same second."""
    run.lives.of("together")
    first: dict[str, Exchange] = {}
    for submission in _submissions(run):
        task_id = run.task_id(submission)
        if task_id is None:
            continue
        run.saw("LOAD-IDS-UNIQUE")
        if task_id in first:
            run.broken("LOAD-IDS-UNIQUE", f"{task_id} was given twice", first[task_id], submission)
        first.setdefault(task_id, submission)


@check("LOAD-TASKS-SEPARATE")
def check_tasks_do_not_get_mixed_up(run: Run) -> None:
    """Each task of the same moment is answered as itself: id, model and creation are those of its submission."""
    for one in run.lives.of("together"):
        mine = _fresh(run, one.submission)
        for reading in one.readings:
            task = run.task(reading)
            run.saw("LOAD-TASKS-SEPARATE", 1, reading)
            if isinstance(task.get("id"), str) and task["id"] != one.task_id:
                run.broken("LOAD-TASKS-SEPARATE", f"{one.task_id} is answered as {task['id']}", reading)
            elif "model" in task and mine.get("model", task["model"]) != task["model"]:
                run.broken("LOAD-TASKS-SEPARATE", f"{one.task_id} has another task's model", one.submission, reading)


@check("LOAD-TASKS-SEPARATE")
def check_no_two_tasks_have_one_result(run: Run) -> None:
    """A link belongs to one task; what stands behind the question mark may be anybody's signature."""
    owners: dict[str, tuple[str, Exchange]] = {}
    for one in run.lives.every():
        for reading in one.readings:
            for link in links_of(run.task(reading)):
                place = link.partition("?")[0]
                owner, first = owners.setdefault(place, (one.task_id, reading))
                run.saw("LOAD-TASKS-SEPARATE", 1, reading)
                if owner != one.task_id:
                    run.broken("LOAD-TASKS-SEPARATE", f"{owner} and {one.task_id} have one result", first, reading)


@check("TASK-FAILED")
def check_the_prompt_that_fails_does(run: Run) -> None:
    """The subject file says which prompt makes a task fail."""
    one = run.lives["failing"]
    if one.ended is None:
        message = "the task that is to fail did not end"
        raise Unreachable(message)
    last = one.readings[-1]
    status = run.task(next(reading for reading in one.readings if reading.ended == one.ended)).get("status")
    run.saw("TASK-FAILED", 1, last)
    if status != "failed":
        run.broken("TASK-FAILED", f"the task that is to fail has {status}", one.submission, last)


def _submissions(run: Run) -> tuple[Exchange, ...]:
    """Everything that was taken, also where no task could be told from the answer."""
    with contextlib.suppress(Unreachable):
        run.lives.every()
    found = tuple(answer for answer in run.paid if was_taken(answer))
    if not found:
        message = "nothing was taken"
        raise Unreachable(message)
    return found


def _stable(run: Run, name: str, member: str) -> None:
    for before, after, earlier, later in _steps(run, member):
        run.saw(name)
        if type(before) is type(after) and before != after:
            run.broken(name, f"{member} went from {before} to {after}", earlier, later)


def _steps(run: Run, member: str) -> Iterator[tuple[Any, Any, Exchange, Exchange]]:
    """A member in every two neighbouring answers of a life that have it."""
    for one in run.lives.every():
        told_ = [
            (task[member], answer)
            for answer in (one.submission, *one.readings)
            if member in (task := _fresh(run, answer))
        ]
        for (before, earlier), (after, later) in itertools.pairwise(told_):
            yield before, after, earlier, later


def _tellings(run: Run) -> Iterator[tuple[Life, Exchange, dict[str, Any]]]:
    for one in run.lives.every():
        for answer in (one.submission, *one.readings):
            yield one, answer, _fresh(run, answer)


def _fresh(run: Run, answer: Exchange) -> dict[str, Any]:
    """The task in an answer to a submission, or in one to a query."""
    if answer.operation is run.reading:
        return run.task(answer)
    body = answer.json
    if run.provider == "apimart":
        rows: Json = body.get("data") if is_object(body) else None
        body = rows[0] if is_array(rows) and rows else None
    return body if is_object(body) else {}
