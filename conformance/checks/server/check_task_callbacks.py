"""Callbacks: that they come, when, how often, with what, and what makes them come again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from ..._checks import check
from ..._json import is_object
from ..._plans import QUERY, margin
from ..._verdict import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..._json import Json
    from ..._lives import Life
    from ..._run import Run
    from ...subjects import Received

PAUSES = (1.0, 2.0, 4.0)
UNDER_WAY = ("submitted", "pending", "processing")
LIVES = ("called", "failing", "refusing", "odd", "slow")
SAME = ("id", "status", "model", "created", "object", "type")


@check("CB-COMPLETED")
def check_a_completed_task_is_called_back(run: Run) -> None:
    """Soon after its end."""
    _came(run, "CB-COMPLETED", "called")


@check("CB-FAILED")
def check_a_failed_task_is_called_back(run: Run) -> None:
    """As soon as a completed one."""
    _came(run, "CB-FAILED", "failing")


@check("CB-AFTER-END")
def check_the_callback_comes_after_the_end(run: Run) -> None:
    """No reading after a delivery shows a task that has not ended."""
    for name, one, received in _deliveries(run):
        for delivery in received:
            run.saw("CB-AFTER-END")
            for reading in one.readings:
                status = run.task(reading).get("status")
                if reading.started > delivery.at and status in UNDER_WAY:
                    message = f"{name}: called back at {delivery.at:.2f}, and still {status} at {reading.started:.2f}"
                    run.broken("CB-AFTER-END", message, reading)
                    break


@check("CB-AFTER-BILLING")
def check_billing_is_settled_before(run: Run) -> None:
    """The ledger at the moment of the delivery and the ledger now agree on the task."""
    for name in ("called", "failing"):
        one, received = _of(run, name)
        now = run.ledger.charges()
        for delivery in received:
            then: Json = delivery.seen
            if not is_object(then):
                continue
            run.saw("CB-AFTER-BILLING")
            before, after = then.get(one.task_id, 0.0), now.get(one.task_id, 0.0)
            if abs(before - after) > 1e-9:  # noqa: PLR2004 - sums of decimals
                message = f"{name}: {before:g} credits when the callback came, {after:g} in the end"
                run.broken("CB-AFTER-BILLING", message, one.submission)


@check("CB-ONCE")
def check_a_taken_callback_is_not_repeated(run: Run) -> None:
    """One delivery is enough when it was answered with 2xx."""
    for name in ("called", "failing"):
        one, received = _of(run, name)
        run.saw("CB-ONCE")
        if len(received) > 1:
            run.broken("CB-ONCE", f"{name}: {len(received)} deliveries of what was taken at once", one.submission)


@check("CB-ANY-2XX", "CB-RETRY-ANY")
def check_which_statuses_count(run: Run) -> None:
    """404 and 302 are followed by another delivery, 204 by none."""
    one, received = _of(run, "odd")
    for delivery, following in itertools.zip_longest(received, received[1:]):
        name = "CB-ANY-2XX" if 200 <= delivery.answered < 300 else "CB-RETRY-ANY"  # noqa: PLR2004 - the good ones
        run.saw(name)
        if name == "CB-ANY-2XX" and following is not None:
            run.broken(name, f"repeated although it was answered with {delivery.answered}", one.submission)
            break
        if name == "CB-RETRY-ANY" and following is None:
            run.broken(name, f"not repeated although it was answered with {delivery.answered}", one.submission)


@check("CB-RETRY", "CB-RETRY-COUNT", "CB-RETRY-PAUSES")
def check_a_refused_callback_is_repeated(run: Run) -> None:
    """Three times, 1, 2 and 4 seconds after each failure."""
    one, received = _of(run, "refusing")
    run.saw("CB-RETRY")
    if len(received) == 1:
        run.broken("CB-RETRY", "not repeated although it was answered with 500", one.submission)
        return
    run.saw("CB-RETRY-COUNT")
    if len(received) != 1 + len(PAUSES):
        message = f"repeated {len(received) - 1} times, not {len(PAUSES)}"
        run.broken("CB-RETRY-COUNT", message, one.submission)
    late = 0.12 / run.scaled(1.0)
    for pause, (earlier, later) in zip(PAUSES, itertools.pairwise(received), strict=False):
        run.saw("CB-RETRY-PAUSES")
        waited = (later.at - earlier.at) / run.scaled(1.0)
        if not pause * 0.85 - 0.01 / run.scaled(1.0) <= waited <= pause * 1.25 + late:
            message = f"repeated after {waited:.2f} s where {pause:g} s are documented"
            run.broken("CB-RETRY-PAUSES", message, one.submission)


@check("CB-TIMEOUT")
def check_ten_seconds_are_waited(run: Run) -> None:
    """An answer that comes too late counts as none, one that comes just in time counts."""
    one, received = _of(run, "slow")
    run.saw("CB-TIMEOUT", len(received))
    spare = margin(run)
    if len(received) == 1:
        message = f"not repeated although the answer took {10 + spare:g} s"
        run.broken("CB-TIMEOUT", message, one.submission)
    elif len(received) > 2:  # noqa: PLR2004 - the one too late and the one in time
        message = f"repeated although the answer took {10 - spare:g} s only"
        run.broken("CB-TIMEOUT", message, one.submission)


@check("CB-BODY")
def check_the_body_is_the_query_s(run: Run) -> None:
    """It fits the schema of the query's answer, and tells what the query tells of the same task in the end."""
    schema = run.reading.response_schema(200) or {}
    for name, one, received in _deliveries(run):
        last = run.task(one.readings[-1])
        for delivery in received:
            run.saw("CB-BODY")
            body = delivery.json
            problems = run.contract.violations(schema, body)
            if is_object(body) and not problems:
                problems = [
                    f"{member} is {body.get(member)!r}, and the query says {last[member]!r}"
                    for member in SAME
                    if member in last and body.get(member) != last[member]
                ]
                problems += [
                    f"{member} is missing, and the query has it"
                    for member in ("results", "error")
                    if last.get(member) and not body.get(member)
                ]
            for problem in problems:
                run.broken("CB-BODY", f"{name}: {problem}", one.submission, one.readings[-1])


@check("CB-BODY-STABLE")
def check_a_repetition_tells_the_same(run: Run) -> None:
    """Links may be made anew; the facts stay."""
    for name, one, received in _deliveries(run):
        for earlier, later in itertools.pairwise(received):
            run.saw("CB-BODY-STABLE")
            before, after = earlier.json, later.json
            for member in (*SAME, "progress", "error") if is_object(before) and is_object(after) else ():
                if before.get(member) != after.get(member):
                    message = f"{name}: {member} went from {before.get(member)!r} to {after.get(member)!r}"
                    run.broken("CB-BODY-STABLE", message, one.submission)


@check("CB-CONTENT-TYPE")
def check_the_callback_is_json(run: Run) -> None:
    """A POST of application/json."""
    for name, one, received in _deliveries(run):
        for delivery in received:
            run.saw("CB-CONTENT-TYPE")
            media = (delivery.header("content-type") or "none").partition(";")[0].strip().lower()
            if media != "application/json" or delivery.method != "POST":
                run.broken("CB-CONTENT-TYPE", f"{name}: {delivery.method} with {media}", one.submission)


@check("WIRE-KEY-SECRET")
def check_no_callback_has_the_key(run: Run) -> None:
    """Whoever receives it must not be able to spend."""
    if not run.has("CB-COMPLETED"):
        return
    key = run.role("valid")
    for name, one, received in _deliveries(run):
        for delivery in received:
            run.saw("WIRE-KEY-SECRET")
            if key.encode() in delivery.body or any(key in value for _, value in delivery.headers):
                run.broken("WIRE-KEY-SECRET", f"{name}: a callback repeats the key", one.submission)


@check("CB-ADDRESS")
def check_the_address_is_the_one_asked_for(run: Run) -> None:
    """Nothing appended, nothing lost."""
    one, received = _of(run, "called")
    asked = f"{one.plan.callback}{QUERY}"
    for delivery in received:
        run.saw("CB-ADDRESS")
        if delivery.url != asked:
            run.broken("CB-ADDRESS", f"sent to {delivery.url} instead of {asked}", one.submission)


@check("CB-CANCELLED")
def check_a_cancelled_task_is_called_back(run: Run) -> None:
    """No page says how a task is cancelled, so none ever is."""
    message = f"nothing cancels a task of {run.provider}"
    raise Unreachable(message)


def _came(run: Run, name: str, life: str) -> None:
    one = run.lives[life]
    if one.plan.callback is None:
        _ = run.callbacks  # says why there is none
    if one.ended is None:
        message = "the task did not end"
        raise Unreachable(message)
    run.saw(name, 1, one.submission)
    if not run.callbacks.at(one.plan.callback or ""):
        run.broken(name, "no callback came", one.submission, one.readings[-1])


def _of(run: Run, name: str) -> tuple[Life, tuple[Received, ...]]:
    """A life and its deliveries; raises Unreachable when there are none."""
    one = run.lives[name]
    received = run.callbacks.at(one.plan.callback or "")
    if not received:
        message = f"no callback of the life {name} came"
        raise Unreachable(message)
    return one, received


def _deliveries(run: Run) -> Iterator[tuple[str, Life, tuple[Received, ...]]]:
    """Of every life that came into being and was called back; raises Unreachable when none was."""
    found = 0
    for name in LIVES:
        try:
            one, received = _of(run, name)
        except Unreachable:
            continue
        found += 1
        yield name, one, received
    if not found:
        message = "no callback came"
        raise Unreachable(message)
