"""Mutants of the facade: faults of the wire, waiting, downloads."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import httpx

from tests.conformance.mutant_clients.patches import Mutant, means, replaces
from vidgate import (
    _download,
    _flow,
    _foreign,
    _incoming,
    _state,
    _tasks,
    _transfer,
    errors,
)

if TYPE_CHECKING:
    from tests.conformance.mutant_clients.patches import Patch
    from vidgate._effects import Failure, Limits


def failure(kind: type[Exception], **facts: Any) -> Patch:
    """A driver with another opinion of what a broken connection means."""
    return replaces(_foreign, "FOREIGN", lambda honest: {**honest, kind: dataclasses.replace(honest[kind], **facts)})


def sends_again(honest: Any) -> Any:
    """Take whatever broke for a request that did not arrive."""
    return lambda error, secret: dataclasses.replace(honest(error, secret), arrived=False)


def never_arrives(honest: Any) -> Any:
    """Take a refused connection for a request that may have arrived."""
    return lambda error, secret: dataclasses.replace(honest(error, secret), arrived=True)


def tells_key(honest: Any) -> Any:
    """Write the key into what went wrong."""

    def translate(error: Exception, secret: Any) -> Failure:
        found: Failure = honest(error, secret)
        found.error.message += " for conformance-test-key"
        return found

    return translate


def trusts_answers(honest: Any) -> Any:
    """Take an answer that cannot be read for a refusal, after which one may submit anew."""

    def submitted(aim: Any, reply: Any, *given: Any) -> Any:
        outcome = honest(aim, reply, *given)
        if isinstance(outcome, errors.SubmitUnknown) and reply.status == 200:
            return errors.ServerError(outcome.message, status=200)
        return outcome

    return submitted


def forgets_reason(honest: Any) -> Any:
    """Say that a task failed, not why."""

    def completed(aim: Any, state: Any) -> Any:
        return honest(aim, dataclasses.replace(state, error=None))

    return completed


def takes_anything(honest: Any) -> Any:
    """Take a completed task without a result for a good one."""
    return lambda aim, state: state if state.verdict == "completed" else honest(aim, state)


def waits_longer(honest: Any) -> Any:
    """Wait twice as long as told."""
    return lambda aim, state, timeout: honest(aim, state, 2 * timeout)


def gives_up(honest: Any) -> Any:
    """Take the first broken reading for the last."""

    def read_once(aim: Any, task_id: str, limits: Limits) -> Any:
        outcome, asked = yield from honest(aim, task_id, limits)
        if isinstance(outcome, errors.VidgateError):
            outcome.retryable = False
        return outcome, asked

    return read_once


def never_stops(honest: Any) -> Any:
    """Take every refusal for a passing one."""

    def read_once(aim: Any, task_id: str, limits: Limits) -> Any:
        outcome, asked = yield from honest(aim, task_id, limits)
        if isinstance(outcome, errors.VidgateError):
            outcome.retryable = True
        return outcome, asked

    return read_once


def forgets_key(honest: Any) -> Any:
    """Say that nobody knows, but not under which key."""

    def init(self: Any, message: str, *, idempotency_key: str, **facts: Any) -> None:
        honest(self, message, idempotency_key="", **facts)

    return init


def raises_foreign(error: Exception, secret: Any) -> Any:
    """Let another library's exception through."""
    raise error


def shows_key(honest: Any) -> Any:
    """Send the key wherever a link leads."""

    def anonymous(request: Any) -> httpx.Request:
        sent: httpx.Request = honest(request)
        sent.headers["authorization"] = "Bearer conformance-test-key"
        return sent

    return anonymous


MUTANTS = (
    Mutant(
        id="facade sends anew what may have arrived",
        breaks="FAULT-SUBMIT-UNSURE",
        also=("FAULT-SUBMIT-ANSWER",),
        patch=replaces(_incoming, "translate", sends_again),
    ),
    Mutant(
        id="facade forgets the key of an open submission",
        breaks="FAULT-SUBMIT-UNSURE",
        also=("FAULT-SUBMIT-ANSWER",),
        patch=replaces(errors.SubmitUnknown, "__init__", forgets_key),
    ),
    Mutant(
        id="facade is unsure without a connection",
        breaks="FAULT-SUBMIT-NOT-ARRIVED",
        patch=replaces(_incoming, "translate", never_arrives),
    ),
    Mutant(
        id="facade takes a broken answer for a refusal",
        breaks="FAULT-SUBMIT-ANSWER",
        patch=replaces(_flow, "_submitted", trusts_answers),
    ),
    Mutant(
        id="facade takes a timeout for a refusal",
        breaks="FAULT-READ-BROKEN",
        patch=failure(httpx.ReadTimeout, error=errors.ConfigurationError),
    ),
    Mutant(
        id="facade lets a foreign exception through",
        breaks="FAULT-READ-BROKEN",
        also=(
            "FAULT-READ-ANSWER",
            "FAULT-READ-PASSING",
            "FAULT-SUBMIT-ANSWER",
            "FAULT-SUBMIT-NOT-ARRIVED",
            "FAULT-SUBMIT-UNSURE",
        ),
        patch=replaces(_incoming, "translate", lambda honest: raises_foreign),
    ),
    Mutant(
        id="facade chokes on an array",
        breaks="FAULT-READ-ANSWER",
        also=(
            "FAULT-READ-PASSING",
            "FAULT-SUBMIT-ANSWER",
        ),
        patch=replaces(_flow, "read_complaint", lambda honest: lambda body: body.get("error") and honest(body)),
    ),
    Mutant(id="facade asks once", breaks="FAULT-READ-PASSING", patch=replaces(_flow, "_read_once", gives_up)),
    Mutant(
        id="facade tells the key of a broken connection",
        breaks="FAULT-SECRET",
        patch=replaces(_incoming, "translate", tells_key),
    ),
    Mutant(
        id="facade waits for ever",
        breaks="WAIT-COMPLETED",
        also=(
            "WAIT-NO-RESULT",
            "WAIT-OUTAGE",
            "WAIT-UNKNOWN-STATUS",
        ),
        patch=replaces(_flow, "ended", lambda _: lambda state: state.verdict in {"failed", "cancelled"}),
    ),
    Mutant(
        id="facade tells nobody of progress",
        breaks="WAIT-COMPLETED",
        patch=replaces(_state.TaskState, "changed_from", lambda _: lambda self, earlier: False),
    ),
    Mutant(id="facade forgets why", breaks="WAIT-FAILED", patch=replaces(_flow, "completed", forgets_reason)),
    Mutant(id="facade forgets cancelled", breaks="WAIT-CANCELLED", patch=means("cancelled", "running")),
    Mutant(id="facade waits twice as long", breaks="WAIT-TIMEOUT", patch=replaces(_tasks, "wait", waits_longer)),
    Mutant(
        id="facade takes an empty end for good",
        breaks="WAIT-NO-RESULT",
        patch=replaces(_flow, "completed", takes_anything),
    ),
    Mutant(
        id="facade says nothing of the unknown",
        breaks="WAIT-UNKNOWN-STATUS",
        patch=replaces(_flow, "warn", lambda _: lambda *given: None),
    ),
    Mutant(id="facade gives up at the first 502", breaks="WAIT-OUTAGE", patch=replaces(_flow, "_read_once", gives_up)),
    Mutant(id="facade waits out a refusal", breaks="WAIT-STOPS", patch=replaces(_flow, "_read_once", never_stops)),
    Mutant(
        id="facade saves half of it",
        breaks="DOWNLOAD-WHOLE",
        patch=replaces(_download, "WriteChunk", lambda honest: lambda data: honest(data[: len(data) // 2])),
    ),
    Mutant(
        id="facade saves whatever a link gives",
        breaks="DOWNLOAD-ATOMIC",
        patch=replaces(_download, "_judged", lambda _: lambda source, head, *, ranged: None),
    ),
    Mutant(
        id="facade sends the key to the host",
        breaks="DOWNLOAD-WITHOUT-KEY",
        patch=replaces(_transfer, "anonymous", shows_key),
    ),
)
