"""What the pages show a server answering must arrive whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vidgate import errors

from ..._answers import answers, bad_answers, good_answers, parse, question, status_of
from ..._expected import expected_error
from ..._json import differences, follow
from ..._settings import requirement
from ..._subject import TEST_KEY
from ..._verdict import NonConformance, demand, demand_none, judged
from ..._wire import REQUEST_ID, demand_unchanged, mocked

if TYPE_CHECKING:
    from ..._contract import Example
    from ..._subject import Colour, Subject


@requirement("client-response-examples", cases=answers)
def check_generated_client_keeps_answers(subject: Subject, case: Example) -> None:
    """A documented answer parses and re-serialises without loss."""
    demand_unchanged(case.value, parse(subject, case.operation, status_of(case), case.value), case.id)


@requirement("facade-response-examples", cases=good_answers)
def check_facade_makes_tasks_of_good_answers(subject: Subject, case: Example, colour: Colour) -> None:
    """A documented good answer becomes a task with its id, its status and its whole payload."""
    ask = question(subject, case.operation)
    with mocked(case.operation, status_of(case), case.value), subject.facade(colour) as facade:
        with judged("the facade"):
            task = ask(facade)
            payload, raw = dict(task.payload), task.raw
        demand_unchanged(case.value, raw, f"task.raw of {case.id}")
    problems = list(differences(case.value, payload))
    pointer = case.operation.task_pointer
    if pointer is not None and task.id != follow(case.value, pointer):
        problems.append(f"task.id is {task.id!r}, the contract's link leads to {follow(case.value, pointer)!r}")
    if task.status not in str(case.value):
        problems.append(f"task.status is {task.status!r}, which the answer does not say")
    if not task.status:
        problems.append("task.status is empty")
    demand_none(problems, f"{case.id} ({colour})")


@requirement("facade-documented-errors", cases=bad_answers)
def check_facade_raises_the_documented_error(subject: Subject, case: Example, colour: Colour) -> None:
    """A documented error becomes the class of its status, with code, type and request id, without the key."""
    ask = question(subject, case.operation)
    with mocked(case.operation, status_of(case), case.value), subject.facade(colour) as facade:
        try:
            with judged("the facade"):
                task = ask(facade)
        except NonConformance as found:
            error = found.__cause__
        else:
            demand(condition=False, message=f"{case.id}: no error, but {task!r}")
            return
    demand_none(error_problems(case, error), f"{case.id} ({colour})")


def error_problems(case: Example, error: BaseException | None) -> list[str]:
    """What is wrong with the error that a documented answer became."""
    wanted = expected_error(case)
    if type(error) is not wanted or not isinstance(error, errors.VidgateError):
        return [f"raised {type(error).__name__} instead of {wanted.__name__}: {error}"]
    problems: list[str] = []
    status = getattr(error, "status", None)
    if status != case.status:
        problems.append(f"error.status is {status!r}")
    if error.request_id != REQUEST_ID:
        problems.append(f"error.request_id is {error.request_id!r}, the answer said {REQUEST_ID!r}")
    if TEST_KEY in f"{error!s}{error!r}{vars(error)!r}":
        problems.append("the error shows the key")
    documented: dict[str, Any] = case.value["error"]
    # A code that repeats the status says nothing, and an error may leave it out.
    if str(documented["code"]) not in {str(case.status), str(getattr(error, "code", None))}:
        problems.append(f"error.code is {getattr(error, 'code', None)!r}, the answer said {documented['code']!r}")
    if isinstance(error, errors.APIError) and documented.get("type") not in {None, error.type}:
        problems.append(f"error.type is {error.type!r}, the answer said {documented['type']!r}")
    return problems
