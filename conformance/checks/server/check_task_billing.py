"""What tasks cost, as the ledger and the answers tell it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..._bodies import shortest
from ..._checks import check
from ..._json import is_number, is_object
from ..._lives import FINAL
from ..._verdict import NotApplicable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..._lives import Life
    from ..._run import Run

CENT = 1e-6
ABOUT = 0.45
"""By so much of itself an estimate may miss what is charged in the end."""


@check("BILL-ONCE")
def check_a_task_is_charged_once(run: Run) -> None:
    """The same amount stands in the ledger once for a task, and reading a task that has ended adds nothing."""
    run.lives.every()
    ids = {one.task_id: one for one in run.lives.lived.values()}
    counted = Counter((task, credits_) for task, credits_ in run.ledger.rows() if credits_ > 0 and task in ids)
    if not counted:
        message = "nothing was charged"
        raise Unreachable(message)
    run.saw("BILL-ONCE", len(counted))
    for (task, credits_), times in counted.items():
        if times > 1:
            run.broken("BILL-ONCE", f"{credits_:g} credits were charged {times} times", ids[task].submission)
    for one in _completed(run):
        before = run.ledger.charges().get(one.task_id, 0.0)
        again = run.client(one.plan.role).poll(one.task_id, purpose="reading what has been paid for")
        after = run.ledger.charges().get(one.task_id, 0.0)
        if abs(after - before) > CENT:
            message = f"{before:g} credits before it was read again, {after:g} after"
            run.broken("BILL-ONCE", message, one.submission, again)
        return


@check("BILL-CHARGED")
def check_a_completed_task_is_charged(run: Run) -> None:
    """What was announced as its price is above nothing, and so is the charge."""
    run.lives.every()
    charges = run.ledger.charges()
    for one in _completed(run):
        announced = number_of(usage_of(one), "credits_reserved") or number_of(
            run.task(one.readings[-1]), "credits_cost"
        )
        if not announced:
            continue
        run.saw("BILL-CHARGED", 1, one.submission)
        if charges.get(one.task_id, 0.0) <= 0:
            run.broken("BILL-CHARGED", "nothing was charged for a completed task", one.submission, one.readings[-1])


@check("BILL-REFUSED-FREE")
def check_a_refused_request_costs_nothing(run: Run) -> None:
    """Refusals of every kind add nothing to the ledger."""
    run.lives.every()
    before = run.ledger.charges()
    body = shortest(run)
    refusals = [
        run.client().submit({**body, "model": "no-such-model"}, purpose="a refusal that must be free"),
        run.client().submit({"model": body["model"]}, purpose="a refusal that must be free"),
        run.client("wrong").submit(body, purpose="a refusal that must be free"),
    ]
    for role, status in (("no_quota", 402), ("no_model", 403), ("limited", 429)):
        if role in run.subject.tokens and status in run.submitting.statuses:
            refusals.append(run.client(role).submit(body, purpose="a refusal that must be free"))
    refused = [one for one in refusals if not one.ok]
    if len(refused) < len(refusals):
        message = "a request that must be refused was taken"
        raise Unreachable(message)
    run.saw("BILL-REFUSED-FREE", len(refused))
    after = run.ledger.charges()
    known = {run.task_id(one) for one in run.paid}
    for task, credits_ in after.items():
        if credits_ > before.get(task, 0.0) + CENT and task not in known:
            run.broken("BILL-REFUSED-FREE", f"{credits_:g} credits were charged for refused requests", *refused)


@check("BILL-FAILED-FREE")
def check_a_failed_task_costs_nothing(run: Run) -> None:
    """In the ledger, and in what the answers say of it."""
    one = run.lives["failing"]
    last = run.task(one.readings[-1])
    if last.get("status") != "failed":
        message = "the task that is to fail did not"
        raise Unreachable(message)
    told = [name for name in ("cost", "credits_cost") if number_of(last, name) is not None]
    for name in told:
        run.saw("BILL-FAILED-FREE", 1, one.readings[-1])
        if last[name] > 0:
            run.broken("BILL-FAILED-FREE", f"{name} of a failed task is {last[name]}", one.readings[-1])
    try:
        charged = run.ledger.charges().get(one.task_id, 0.0)
    except NotApplicable:
        if not told:
            raise
        return
    run.saw("BILL-FAILED-FREE", 1, one.readings[-1])
    if charged > CENT:
        run.broken("BILL-FAILED-FREE", f"{charged:g} credits for a failed task", one.submission, one.readings[-1])


@check("BILL-RESERVED")
def check_the_estimate_is_about_the_price(run: Run) -> None:
    """Where the length is stated, nothing is left to guess."""
    run.lives.of("default")
    charges = run.ledger.charges()
    for one in _completed(run):
        reserved = number_of(usage_of(one), "credits_reserved")
        charged = charges.get(one.task_id, 0.0)
        if reserved is None or charged <= 0 or not isinstance(one.plan.body.get("duration"), int):
            continue
        run.saw("BILL-RESERVED", 1, one.submission)
        if abs(charged - reserved) > ABOUT * max(charged, reserved):
            message = f"{reserved:g} credits were reserved, {charged:g} charged"
            run.broken("BILL-RESERVED", message, one.submission)


@check("BILL-COST")
def check_the_answer_and_the_ledger_agree(run: Run) -> None:
    """credits_cost of a task that has ended."""
    run.lives.every()
    charges = run.ledger.charges()
    for one in _ended(run):
        cost = number_of(run.task(one.readings[-1]), "credits_cost")
        if cost is not None:
            run.saw("BILL-COST", 1, one.readings[-1])
            if abs(cost - charges.get(one.task_id, 0.0)) > CENT:
                message = f"credits_cost is {cost:g}, the ledger has {charges.get(one.task_id, 0.0):g}"
                run.broken("BILL-COST", message, one.readings[-1])


@check("BILL-COST-TENTH")
def check_cost_is_a_tenth(run: Run) -> None:
    """Of credits_cost."""
    for one in _ended(run):
        last = run.task(one.readings[-1])
        cost, credits_ = number_of(last, "cost"), number_of(last, "credits_cost")
        if cost is not None and credits_ is not None:
            run.saw("BILL-COST-TENTH", 1, one.readings[-1])
            if abs(cost - credits_ / 10) > 1e-4 + abs(cost) * 1e-3:
                run.broken("BILL-COST-TENTH", f"cost is {cost:g}, credits_cost {credits_:g}", one.readings[-1])


def usage_of(one: Life) -> dict[str, Any]:
    body = one.submission.json
    usage = body.get("usage") if is_object(body) else None
    return usage if is_object(usage) else {}


def _ended(run: Run) -> Iterator[Life]:
    return (one for one in run.lives.every() if run.task(one.readings[-1]).get("status") in FINAL)


def _completed(run: Run) -> Iterator[Life]:
    return (one for one in run.lives.every() if run.task(one.readings[-1]).get("status") == "completed")


def number_of(holder: dict[str, Any], name: str, least: float = 0.0) -> float | None:
    value = holder.get(name)
    return float(value) if is_number(value) and value >= least else None
