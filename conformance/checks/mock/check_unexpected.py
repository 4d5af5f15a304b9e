"""What no page says must not crash anybody: servers change before pages do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vidgate import errors

from ..._answers import answers, parse, question, status_of, unexpected
from ..._contract import GOOD
from ..._json import differences
from ..._settings import requirement
from ..._verdict import HarnessError, NonConformance, demand_none, describe
from ..._wire import demand_unchanged, mocked

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..._contract import Example
    from ..._samples import Mutation
    from ..._subject import AnyTask, Colour, Subject


@requirement("client-unexpected-responses", cases=answers)
def check_generated_client_survives(subject: Subject, case: Example, tally: Callable[[int], None]) -> None:
    """Each single change to an answer parses without an exception, and nothing of it is lost."""
    problems: list[str] = []
    changes = [*unexpected(subject, case)]
    for change in changes:
        try:
            demand_unchanged(change.value, parse(subject, case.operation, status_of(case), change.value), "the answer")
        except NonConformance as found:
            problems.append(f"{change.id}: {found}")
    tally(len(changes))
    demand_none(problems, case.id)


@requirement("facade-unexpected-responses", cases=answers)
def check_facade_survives(subject: Subject, case: Example, colour: Colour, tally: Callable[[int], None]) -> None:
    """Each single change to an answer becomes a task that keeps it, or an error of vidgate's own tree."""
    changes = [*unexpected(subject, case)]
    ask = question(subject, case.operation)
    with subject.facade(colour) as facade:
        problems = [problem for change in changes for problem in _problems(lambda: ask(facade), case, change)]
    tally(len(changes))
    demand_none(problems, f"{case.id} ({colour})")


def _problems(ask: Callable[[], AnyTask], case: Example, change: Mutation) -> list[str]:
    with mocked(case.operation, status_of(case), change.value):
        try:
            task = ask()
            payload: dict[str, Any] = dict(task.payload)
            raw: Any = task.raw
        except errors.InvalidRequest as error:
            message = f"the request that asks for {case.id} was refused: {error}"
            raise HarnessError(message) from None
        except errors.VidgateError:
            return []
        except Exception as error:  # noqa: BLE001 - whatever it is, the facade let it escape
            return [f"{change.id}: raised {describe(error)}"]
    if status_of(case) not in GOOD:
        return [f"{change.id}: HTTP {case.status} became a task"]
    found = [*differences(change.value, payload)]
    if raw is None:
        found.append("task.raw is None")
    else:
        found.extend(differences(change.value, raw.to_dict()))
    return [f"{change.id}: {problem}" for problem in found]
