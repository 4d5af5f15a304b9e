"""The lives that a run lives: one or a few paid tasks for each question, in the order of what they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._accepted import CALLBACK, documented, rows
from ._bodies import shortest
from ._json import is_array
from ._lives import Plan, family, life
from ._verdict import NotApplicable
from .subjects import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._json import Json, JsonObject
    from ._run import Run

ODD = (404, 302, 204)
FAILING = (500, 500, 500, 500, 500, 500)
TIMEOUT = 10.0
VALID = ("REQ-VALID-ACCEPTED",)
TOGETHER = 4
QUERY = "?job=17&name=a%20b"


def margin(run: Run) -> float:
    """Documented seconds by which a moment may be missed: machines are slow, and slower when time is scaled down."""
    callbacks = run.subject.callbacks
    return 0.5 if run.is_virtual or callbacks is None else max(0.5, 0.15 / callbacks.time_scale)


@life("plain")
def plain(run: Run) -> Plan:
    """The smallest request, which comes to its end; where it costs money, the shortest video, too."""
    body = shortest(run)
    if run.subject.budget is not None and (named := lengths(run)):
        body["duration"] = min(named)
    return Plan(body=body)


def lengths(run: Run) -> list[int]:
    """The lengths of a video that the contract names for the smallest request."""
    model = shortest(run)["model"]
    found: list[int] = []
    for entry in run.requirements.values():
        derived = entry.derived
        if derived is not None and derived.kind == "request" and derived.field == "/duration":
            for case in derived.cases:
                if case.subject == model and derived.rule in {"MIN", "ENUM"}:
                    named = case.value if is_array(case.value) else [case.value]
                    found += [value for value in named if isinstance(value, int)]
    return found


@life("failing")
def failing(run: Run) -> Plan:
    """A request that is accepted and whose task fails; its callback is kept, too."""
    marker = run.subject.tasks.fail_prompt
    if marker is None:
        message = "the subject file names no [tasks] fail_prompt"
        raise NotApplicable(message)
    body = shortest(run)
    body["prompt"] = f"{body['prompt']} {marker}"
    try:
        plan = _called(run, "failing", look=True)
    except NotApplicable:
        return Plan(body=body, download=False)
    return Plan(body=plan.body | body, callback=plan.callback, download=False)


@life("called")
def called(run: Run) -> Plan:
    """A callback that is taken at once; its address has a query."""
    return _called(run, "called", query=QUERY, look=True)


@life("refusing")
def refusing(run: Run) -> Plan:
    """A callback that is never taken."""
    return _called(run, "refusing", answers=FAILING)


@life("odd")
def odd(run: Run) -> Plan:
    """A callback that meets statuses that are no success, and then a success other than 200."""
    return _called(run, "odd", answers=ODD)


@life("slow")
def slow(run: Run) -> Plan:
    """A callback that is answered too late, and then just in time."""
    late = run.scaled(TIMEOUT + margin(run))
    just = run.scaled(TIMEOUT - margin(run))
    # In process one delivery keeps all others waiting, so it has time for itself.
    return _called(run, "slow", script=(Answer(delay=late), Answer(delay=just)), apart=run.is_virtual)


def _called(
    run: Run,
    name: str,
    *,
    answers: tuple[int, ...] = (),
    script: tuple[Answer, ...] = (),
    query: str = "",
    look: bool = False,
    apart: bool = False,
) -> Plan:
    if not run.has("CB-COMPLETED"):
        message = f"nothing that {run.provider} publishes describes callbacks"
        raise NotApplicable(message)
    try:
        ledger = run.ledger if look else None
    except NotApplicable:
        ledger = None
    address = run.callbacks.url(
        name,
        [*script, *(Answer(status=status) for status in answers)],
        look=None if ledger is None else ledger.charges,
    )
    return Plan(body=shortest(run) | {CALLBACK: address + query}, callback=address, apart=apart)


@family("default")
def defaults(run: Run) -> Mapping[str, Plan]:
    """For each model nothing said, and every default said aloud; for the plain one also another value of each field."""
    plain_model = str(shortest(run)["model"])
    found: dict[str, Plan] = {}
    for model, values in defaults_of(run).items():
        if model != plain_model:
            found[f"{model}/omitted"] = Plan(body=shortest(run, model), download=False)
        found[f"{model}/stated"] = Plan(body=shortest(run, model) | values, download=False, serves=VALID)
        for name in values if model == plain_model else ():
            other = {**values, name: _another(run, model, name, values[name])}
            found[f"{model}/other/{name}"] = Plan(body=shortest(run, model) | other, download=False, serves=VALID)
    return found


def defaults_of(run: Run) -> dict[str, JsonObject]:
    """Model → every field that has a default, with it."""
    found: dict[str, JsonObject] = {}
    for entry in run.requirements.values():
        derived = entry.derived
        if derived is not None and derived.kind == "request" and derived.rule == "DEFAULT":
            for case in derived.cases:
                found.setdefault(case.subject, {})[derived.field[1:]] = case.value
    return found


def _another(run: Run, model: str, name: str, default: Json) -> Json:
    """A value of a field that is not its default."""
    for entry in run.requirements.values():
        derived = entry.derived
        if derived is None or derived.kind != "request" or derived.field != f"/{name}":
            continue
        for case in derived.cases:
            if derived.rule in {"MIN", "ENUM", "EXAMPLE"} and case.subject == model:
                for value in case.value if is_array(case.value) else [case.value]:
                    if value not in (default, "auto"):
                        return value
    message = f"the contract names no other {name} than {default}"
    raise NotApplicable(message)


@family("example")
def shown(run: Run) -> Mapping[str, Plan]:
    """Every request that the pages show."""
    return {
        name: Plan(body=body, download=False, serves=("REQ-BODY-EXAMPLE",)) for name, body in documented(run).items()
    }


@family("accepted")
def accepted(run: Run) -> Mapping[str, Plan]:
    """Every value on a bound, and every value that is named, in few requests."""
    return {
        f"{number}": Plan(
            body=row.body,
            download=False,
            serves=tuple(dict.fromkeys(name for value in row.values for name in value.serves)),
        )
        for number, row in enumerate(rows(run))
    }


@family("together")
def together(run: Run) -> Mapping[str, Plan]:
    """The same request several times at once."""
    return {f"{number}": Plan(body=shortest(run), at_once=True, download=False) for number in range(TOGETHER)}
