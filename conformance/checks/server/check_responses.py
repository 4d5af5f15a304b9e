"""Every answer that came, whoever asked for it, keeps every rule that the contract states for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._checks import check, check_each
from ..._shapes import breaches
from ..._verdict import NotApplicable, Unreachable
from ...observe.watchers import WATCHERS
from .check_errors import PROVOKED

if TYPE_CHECKING:
    from ..._run import Run
    from ...requirements import Requirement

GOOD = 200
LIVES = ("plain", "failing")


@check_each("response", "error-body", last=True)
def check_answers_keep_the_rule(run: Run, requirement: Requirement) -> None:
    """The rule holds wherever an answer says something about it."""
    if run.few:
        _exchange_something(run, requirement.derived.status if requirement.derived else None)
    seen = 0
    for exchange, problems in breaches(run, requirement):
        seen += 1
        for problem in problems:
            run.broken(requirement.id, problem, exchange)
    if not seen:
        message = "no answer had it"
        raise Unreachable(message)
    run.saw(requirement.id, seen)


@check(*WATCHERS, last=True)
def check_something_is_exchanged(run: Run) -> None:
    """Watchers see what others send; where they alone are asked for, somebody has to send."""
    if run.few:
        _exchange_something(run, GOOD)
        _exchange_something(run, None)
    elif not run.exchanges:
        message = "nothing was exchanged"
        raise Unreachable(message)


def _exchange_something(run: Run, status: int | None) -> None:
    """A whole life for good answers, and a refusal of each kind for the others."""
    for name in LIVES if status in {GOOD, None} else ():
        try:
            _ = run.lives[name]
        except (NotApplicable, Unreachable):
            continue
    for known, provoke in PROVOKED.items():
        if status in {known, None} and known in {*run.submitting.statuses, *run.reading.statuses}:
            try:
                for _ in provoke(run):
                    pass
            except (NotApplicable, Unreachable):
                continue
