"""Requests that keep every rule are taken: the values on the bounds, those that are named, those that pages show."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..._accepted import alone, rows
from ..._checks import check, check_each
from ..._verdict import NotApplicable, Unreachable
from ._told import told, was_taken

if TYPE_CHECKING:
    from ..._lives import Lives, Plan
    from ..._run import Run
    from ...observe import Exchange
    from ...requirements import Requirement

BOUNDS = ("MIN", "MAX", "ENUM", "MIN-ITEMS", "MAX-ITEMS", "MIN-LENGTH", "MAX-LENGTH", "PATTERN", "EXAMPLE")
PROMISES = (
    *("REQ-PROMPT-LANGUAGES", "REQ-IMAGE-URLS-FORMS", "REQ-CALLBACK-URL-PUBLIC", "REQ-SIZE-ACCEPTED"),
    *("REQ-IMAGE-URLS-NONE", "REQ-IMAGE-URLS-COUNTS", "REQ-IMAGES-WITH-VIDEO"),
)
FAMILIES = ("default", "example", "accepted")
LONGEST = 160


@dataclass(slots=True)
class Acceptance:
    """What was taken and what was not, by the name of the requirement that it speaks for."""

    taken: dict[str, int] = field(default_factory=dict[str, int])
    refused: dict[str, list[tuple[str, Exchange]]] = field(default_factory=dict[str, "list[tuple[str, Exchange]]"])

    def note(self, names: tuple[str, ...], answer: Exchange, what: str = "") -> None:
        """Keep an answer under each of the names."""
        for name in names:
            if what:
                self.refused.setdefault(name, []).append((what, answer))
            else:
                self.taken[name] = self.taken.get(name, 0) + 1


_KNOWN: weakref.WeakKeyDictionary[Lives, Acceptance] = weakref.WeakKeyDictionary()


@check_each("request", rules=BOUNDS)
def check_a_value_on_the_bound_is_taken(run: Run, requirement: Requirement) -> None:
    """Each value that a rule allows is taken."""
    if requirement.ambiguous:
        return
    if not _report(run, requirement.name):
        message = "no request of this run has such a value"
        raise Unreachable(message)


@check(*PROMISES)
def check_what_prose_promises_is_taken(run: Run) -> None:
    """Values that prose alone names are taken."""
    for name in PROMISES:
        if run.has(name):
            _report(run, name)


@check("REQ-VALID-ACCEPTED")
def check_a_request_without_fault_is_taken(run: Run) -> None:
    """No request that keeps every rule is refused."""
    _report(run, "REQ-VALID-ACCEPTED")
    run.lives.of("together")
    smallest = run.lives.submission("together/0")
    if smallest is not None:
        run.saw("REQ-VALID-ACCEPTED", 1, smallest)
        if not was_taken(smallest):
            run.broken("REQ-VALID-ACCEPTED", f"the smallest request is {told(smallest)} instead of taken", smallest)


def _report(run: Run, name: str) -> bool:
    found = _acceptance(run)
    run.saw(name, found.taken.get(name, 0))
    for message, answer in found.refused.get(name, []):
        run.broken(name, message, answer)
    return name in found.taken or name in found.refused


def _acceptance(run: Run) -> Acceptance:
    if run.lives not in _KNOWN:
        _KNOWN[run.lives] = _look(run)
    return _KNOWN[run.lives]


def _look(run: Run) -> Acceptance:
    found = Acceptance()
    for family in FAMILIES:
        try:
            submissions = run.lives.submissions(family)
        except NotApplicable:
            continue
        for plan, answer in submissions:
            if was_taken(answer):
                found.note(tuple({*plan.serves, "REQ-VALID-ACCEPTED"}), answer)
            elif family == "accepted":
                _blame(run, found, plan, answer)
            else:
                found.note(plan.serves, answer, f"{_named(plan.body)}: {told(answer)} instead of taken")
    return found


def _blame(run: Run, found: Acceptance, plan: Plan, answer: Exchange) -> None:
    """Send the values of a refused request one by one; together they are to blame when each alone is taken."""
    guilty = False
    row = next(row for row in rows(run) if row.body == plan.body)
    for value in row.values:
        body = alone(run, value)
        again = run.client().submit(body, purpose=f"accepted alone: {', '.join(value.members)}")
        if was_taken(again):
            found.note(value.serves, again)
        else:
            guilty = True
            found.note(value.serves, again, f"{value.model}, {_named(value.members)}: {told(again)} instead of taken")
    if not guilty:
        found.note(("REQ-VALID-ACCEPTED",), answer, f"{_named(plan.body)}: {told(answer)} instead of taken")


def _named(members: dict[str, object]) -> str:
    text = ", ".join(f"{name} {value!r}" for name, value in members.items())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
