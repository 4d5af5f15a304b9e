"""Refusals: each documented status where it is documented, with the documented type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._bodies import shortest
from ..._checks import check, check_each
from ..._preflight import sample_id
from ..._rules import refused
from ..._verdict import NotApplicable, Unreachable
from ...observe.watchers._refusals import error_of
from ._told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..._run import Run
    from ...observe import Exchange
    from ...requirements import Requirement

ATTEMPTS = 5
"""So many requests are sent until a limited key must have been refused."""
BAD_REQUEST = 400
FAULTS = frozenset({500, 502})


@check_each("error")
def check_the_documented_status_is_answered(run: Run, requirement: Requirement) -> None:
    """Provoke the refusal, and look at its status."""
    status = requirement.derived.status if requirement.derived else None
    provoke = PROVOKED.get(status or 0)
    if provoke is None:
        message = f"no request provokes HTTP {status}"
        raise Unreachable(message)
    seen = 0
    for answer in provoke(run):
        if status in FAULTS and answer.status in FAULTS - {status} and _documents(answer):
            continue  # a fault of the server is one of these, and no page says when which
        seen += 1
        run.saw(requirement.id, 1, answer)
        if answer.status != status:
            run.broken(requirement.id, f"{answer.purpose}: {told(answer)} instead of {status}", answer)
    if not seen:
        message = f"nothing was refused with HTTP {status}"
        raise Unreachable(message)


@check("TASK-UNKNOWN")
def check_an_unknown_task_is_refused(run: Run) -> None:
    """There is no task that nobody made."""
    for answer in _unknown(run):
        run.saw("TASK-UNKNOWN", 1, answer)
        if answer.ok:
            run.broken("TASK-UNKNOWN", f"a task that nobody made is {told(answer)}", answer)


@check_each("error-type", rules=("CONST",))
def check_the_error_has_the_type_of_its_reason(run: Run, requirement: Requirement) -> None:
    """The refusals that a row of the error table speaks of."""
    expected = str(requirement.derived.cases[0].value["type"]) if requirement.derived else ""
    if not sum(_compare(run, requirement, answer, {expected}) for answer in _of_type(run, expected)):
        message = "nothing was refused so"
        raise Unreachable(message)


@check_each("error-type", rules=("EXAMPLE",), last=True)
def check_the_error_has_a_documented_type(run: Run, requirement: Requirement) -> None:
    """Over all refusals with the status: type and code of an example."""
    derived = requirement.derived
    if derived is None:
        return
    provoke = PROVOKED.get(derived.status or 0)
    if run.few and provoke is not None:
        for _ in provoke(run):
            pass
    shown = [example["error"] for case in derived.cases for example in case.value]
    types, codes = {error["type"] for error in shown}, {error["code"] for error in shown}
    types |= {str(row["type"]) for operation in run.contract.operations for row in operation.documented_errors}
    found = [answer for answer in run.exchanges if answer.status == derived.status]
    if not sum(_compare(run, requirement, answer, types, _names(codes, derived.status)) for answer in found):
        message = "nothing was refused so"
        raise Unreachable(message)


def _documents(answer: Exchange) -> bool:
    return answer.operation is not None and answer.status in answer.operation.statuses


def _compare(
    run: Run, requirement: Requirement, answer: Exchange, types: set[str], codes: frozenset[str] = frozenset()
) -> int:
    error = error_of(answer)
    if error is None or "type" not in error:
        return 0
    run.saw(requirement.id)
    if error["type"] not in types:
        run.broken(requirement.id, f"type is {error['type']!r} where {_any(types)} is documented", answer)
    elif codes and error.get("code") not in codes:
        run.broken(requirement.id, f"code is {error.get('code')!r} where {_any(codes)} is documented", answer)
    return 1


def _names(codes: set[Any], status: int | None) -> frozenset[str]:
    """Codes that are names; a wrong request has more of them than any page shows."""
    if status == BAD_REQUEST or not all(isinstance(code, str) for code in codes):
        return frozenset()
    return frozenset(codes)


def _any(words: set[str] | frozenset[str]) -> str:
    return " or ".join(sorted(words))


def _of_type(run: Run, expected: str) -> Iterator[Exchange]:
    """Refusals for the reason that a row of the error table gives."""
    rules = {
        "invalid_duration": ("REQ-DURATION-ENUM",),
        "invalid_resolution": ("REQ-RESOLUTION-PATTERN",),
        "unsupported_image_count": ("REQ-IMAGE-URLS-CONDITION", "REQ-GENERATION-TYPE-FRAME-CONDITION"),
        "unsupported_video_count": ("REQ-VIDEO-URLS-MAX-ITEMS",),
        "invalid_request_error": ("REQ-MODEL-CONST", "REQ-PROMPT-MIN-LENGTH"),
    }
    statuses = {"authentication_error": 401, "payment_required": 402, "rate_limit_error": 429}
    if expected in statuses:
        yield from PROVOKED[statuses[expected]](run)
    for name in rules.get(expected, ()):
        for case, body in refused(run, run.requirements[run.identity(name)]):
            answer = run.client().submit(body, purpose=f"{expected}: {case}")
            if answer.status == BAD_REQUEST:
                yield answer
    if expected == "invalid_request_error":
        answer = run.client().submit(b'{"model": ', purpose=f"{expected}: no JSON")
        if answer.status == BAD_REQUEST:
            yield answer


def _bad_requests(run: Run) -> Iterator[Exchange]:
    for missing in ("prompt", "model"):
        body = {name: value for name, value in shortest(run).items() if name != missing}
        yield run.client().submit(body, purpose=f"a request without {missing}")
    if 404 not in run.reading.statuses:  # noqa: PLR2004 - then the status of what is not found is 400
        yield from _unknown(run)


def _unauthorized(run: Run) -> Iterator[Exchange]:
    yield run.client("wrong").submit(shortest(run), purpose="a submission with a wrong key")
    yield run.client("wrong").poll(sample_id(run), purpose="a query with a wrong key")


def _without_quota(run: Run) -> Iterator[Exchange]:
    yield run.client("no_quota").submit(shortest(run), purpose="a submission without credits")


def _forbidden(run: Run) -> Iterator[Exchange]:
    reasons: list[NotApplicable] = []
    if 403 in run.submitting.statuses:  # noqa: PLR2004 - the status in question
        try:
            channel = run.client("no_model")
            yield channel.submit(shortest(run), purpose="a model that the key has no access to")
        except NotApplicable as reason:
            reasons.append(reason)
    try:
        other = run.client("other")
    except NotApplicable as reason:
        reasons.append(reason)
    else:
        yield other.poll(run.lives["plain"].task_id, purpose="the task of another account")
    if reasons:
        raise reasons[0]


def _unknown(run: Run) -> Iterator[Exchange]:
    yield run.client().poll(sample_id(run), purpose="a task that nobody made")


def _limited(run: Run) -> Iterator[Exchange]:
    """The first refusal, or the last answer when none comes."""
    channel = run.client("limited")
    answer = channel.submit(shortest(run), purpose="a submission with a limited key")
    for _ in range(ATTEMPTS - 1):
        if not answer.ok:
            break
        answer = channel.submit(shortest(run), purpose="a submission with a limited key")
    yield answer


def _broken(run: Run) -> Iterator[Exchange]:
    channel = run.client("broken")
    if 500 in run.submitting.statuses:  # noqa: PLR2004 - the status in question
        yield channel.submit(shortest(run), purpose="a submission that meets a fault of the server")
    yield channel.poll(sample_id(run), purpose="a query that meets a fault of the server")


PROVOKED: Mapping[int, Callable[[Run], Iterator[Exchange]]] = {
    400: _bad_requests,
    401: _unauthorized,
    402: _without_quota,
    403: _forbidden,
    404: _unknown,
    429: _limited,
    500: _broken,
    502: _broken,
}
