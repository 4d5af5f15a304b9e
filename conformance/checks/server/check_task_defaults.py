"""What is left out counts as its default: it has the same effect as the default said aloud, wherever that shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._bodies import shortest
from ..._checks import check_each
from ..._json import is_array, is_object
from ..._plans import defaults_of
from ..._verdict import Unreachable
from ._told import told, was_taken
from .check_task_billing import number_of, usage_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..._lives import Life
    from ..._run import Run
    from ...observe import Exchange
    from ...requirements import Requirement


@check_each("request", rules=("DEFAULT",))
def check_a_default_may_be_left_out(run: Run, requirement: Requirement) -> None:
    """A request without the field is taken; when it is not, one with all other defaults tells which field it was."""
    name = requirement.derived.field[1:] if requirement.derived else ""
    run.lives.of("default")
    run.lives.of("together")
    for model, values in defaults_of(run).items():
        omitted = _submission(run, model, "omitted")
        if name not in values or omitted is None:
            continue
        run.saw(requirement.id, 1, omitted)
        if was_taken(omitted):
            continue
        body = shortest(run, model) | {other: value for other, value in values.items() if other != name}
        again = run.client().submit(body, purpose=f"without {name}, but with every other default")
        if not was_taken(again):
            run.broken(requirement.id, f"{model} without {name}: {told(again)} instead of taken", omitted, again)


@check_each("request", rules=("DEFAULT",))
def check_what_is_left_out_counts_as_the_default(run: Run, requirement: Requirement) -> None:
    """For every model; which effects a field has, other values of it tell."""
    name = requirement.derived.field[1:] if requirement.derived else ""
    lives = {one.name.removeprefix("default/"): one for one in run.lives.of("default")}
    silent = [one for one in (*run.lives.of("together"), *_plain(run)) if name not in one.plan.body]
    shown = _shown(run, lives, silent)
    seen = 0
    for model, values in defaults_of(run).items():
        same = [one for one in silent if one.plan.body["model"] == model]
        omitted = lives.get(f"{model}/omitted") or (same[0] if same else None)
        stated = lives.get(f"{model}/stated")
        if name not in values or omitted is None or stated is None:
            continue
        left_out, said = dict(_effects(run, omitted, values)), dict(_effects(run, stated, values))
        for effect in sorted(left_out.keys() & said.keys() & shown.keys()):
            if name not in shown[effect]:
                continue
            seen += 1
            run.saw(requirement.id, 1, omitted.submission, stated.submission)
            if left_out[effect] != said[effect]:
                message = f"{model}: {effect} is {left_out[effect]!r} without {name}, {said[effect]!r} with the default"
                run.broken(requirement.id, message, omitted.submission, stated.submission)
    if not seen:
        message = f"nothing that the server tells depends on {name}"
        raise Unreachable(message)


def _shown(run: Run, lives: dict[str, Life], silent: list[Life]) -> dict[str, set[str]]:
    """Effect → the fields that it depends on; without effects that differ between equal requests."""
    found: dict[str, set[str]] = {}
    alike = [dict(_effects(run, one, {})) for one in silent]
    for key, other in lives.items():
        model, _, name = key.partition("/other/")
        stated = lives.get(f"{model}/stated")
        if not name or stated is None:
            continue
        values = defaults_of(run)[model]
        before, after = dict(_effects(run, stated, values)), dict(_effects(run, other, values))
        for effect in before.keys() & after.keys():
            if before[effect] != after[effect] and len({repr(one.get(effect)) for one in alike}) <= 1:
                found.setdefault(effect, set()).add(name)
    return found


def _effects(run: Run, one: Life, names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What tells which value was taken: credits, and the fields themselves wherever they are repeated."""
    reserved = number_of(usage_of(one), "credits_reserved")
    if reserved is not None:
        yield "credits_reserved", reserved
    last = run.task(one.readings[-1])
    if last.get("status") == "completed":
        cost = number_of(last, "credits_cost")
        if cost is not None:
            yield "credits_cost", cost
        if run.subject.ledger is not None:
            yield "the ledger", run.ledger.charges().get(one.task_id)
    for name in names:
        for place, body in (("the submission's", one.submission.json), ("the task's", last)):
            for value in _named(body, name):
                yield f"{place} {name}", value


def _submission(run: Run, model: str, part: str) -> Exchange | None:
    """For the plain model one of the requests that say nothing."""
    found = run.lives.submission(f"default/{model}/{part}")
    if found is None and shortest(run)["model"] == model:
        return run.lives.submission("together/0")
    return found


def _plain(run: Run) -> tuple[Life, ...]:
    return tuple(one for name, one in run.lives.lived.items() if name == "plain")


def _named(body: Any, name: str) -> Iterator[Any]:
    if is_object(body):
        if name in body:
            yield body[name]
        for value in body.values():
            yield from _named(value, name)
    elif is_array(body):
        for value in body:
            yield from _named(value, name)
