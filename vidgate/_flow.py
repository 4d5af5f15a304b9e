"""Submit, read, wait: the conversation with a provider, written once. No I/O here; see `_effects`.

A POST costs money. It is sent again only when it certainly did not arrive (no connection) or was certainly rejected
(429 with Retry-After), with the same idempotency key, within bounds of attempts and time. Whatever leaves the outcome
open becomes `SubmitUnknown`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vidgate import errors
from vidgate._effects import Changed, Failure, Limits, Now, Reply, Request, Send, Sleep
from vidgate._json import is_object
from vidgate._observe.observer import watched
from vidgate._replies import error_from, read_complaint, request_id, retry_after, unreadable
from vidgate._warn import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vidgate._effects import Flow
    from vidgate._observe.observer import Observer
    from vidgate._providers import Provider
    from vidgate._state import TaskState

SUCCESS = range(200, 300)
REFUSED = range(400, 500)
FAILED = range(500, 600)

# A gateway may give up on a request that it has already handed on.
AMBIGUOUS_STATUSES = frozenset({408, 425, 499})

# Whoever answers so has not done it. After 302 and 303 people look elsewhere for what was done.
MOVED = frozenset({301, 307, 308})

# An answer that a later one can put right; everything else in 4xx will stay as it is.
PASSING_STATUSES = frozenset({408, 425, 429})

LONGEST_BACKOFF = 60.0
SHORTEST_READ = 0.5
"""Seconds kept for the last reading before a deadline."""

NOT_FOUND_GRACE = 60.0
"""Seconds during which a task that was just created may not be found yet."""

SHORTEST_PACE = 1.0
"""Seconds between two readings of the shortest task."""

MOST_STRETCH = 4.0
"""How many times longer than usual a pause may be when a task is expected to take long."""

_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~@+=-]{0,511}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One provider at one address, and what a call may take: `attempts` in number, `patience` in seconds."""

    provider: Provider
    base_url: str
    read: Limits
    submit: Limits
    attempts: int
    patience: float
    jitter: Callable[[], float]
    observer: Observer | None = None

    def pause(self, attempt: int) -> float:
        """Seconds before another attempt: half a second, doubled each time, with jitter."""
        return min(LONGEST_BACKOFF, 0.5 * 2.0 ** min(attempt, 10)) * (0.75 + 0.5 * self.jitter())


def check_task_id(task_id: object) -> str:
    """The id, if it can stand in a path: no empty one, no `..`, no slash, no control character."""
    if not isinstance(task_id, str) or not _TASK_ID.fullmatch(task_id):
        raise errors.ConfigurationError(
            f"{ascii(task_id)[:80]} is no task id.", hint="Use the id of a task, as task.id gives it."
        )
    return task_id


def submit(target: Target, kind: str, body: Mapping[str, object], content: bytes, key: str) -> Flow[TaskState]:
    """Submit a paid request; `content` is `body` as it goes over the wire, `key` the idempotency key.

    `kind` is what it makes, `image`, `audio` or `video`: that decides the operation.
    """
    provider = target.provider
    arguments = provider.create_arguments(kind, body)
    request = Request(
        method=arguments["method"].upper(),
        url=target.base_url + arguments["url"],
        headers={"content-type": "application/json", "idempotency-key": key},
        content=content,
        limits=target.submit,
    )
    started: float = yield Now()
    attempt = 0
    while True:
        attempt += 1
        answer: Reply | Failure = yield Send(request)
        now: float = yield Now()
        if isinstance(answer, Failure):
            if answer.arrived:
                raise errors.SubmitUnknown(
                    f"The request was sent, but no answer tells what became of it: {answer.error.message}",
                    idempotency_key=key,
                    request_id=answer.error.request_id,
                )
            pause, refusal = target.pause(attempt), answer.error
            if not answer.error.retryable:
                raise refusal
        elif isinstance(outcome := _submitted(target, kind, answer, key, now), errors.VidgateError):
            wait = retry_after(answer, now=now)
            if not isinstance(outcome, errors.RateLimited) or wait is None:
                raise outcome
            pause, refusal = wait, outcome
        else:
            return outcome
        if attempt >= target.attempts or now + pause > started + target.patience:
            raise refusal
        yield Sleep(pause)


def _submitted(target: Target, kind: str, reply: Reply, key: str, now: float) -> TaskState | errors.VidgateError:
    """What an answer to a submission means."""
    provider = target.provider
    complaint = read_complaint(reply.body)
    names = complaint.names if complaint else frozenset[str]()
    rejected = bool(names & provider.rejected_before_charge)
    if not names & provider.outcome_unknown:
        if reply.status in SUCCESS:
            answer = reply.body
            state = provider.read_submitted(answer, request_id(reply), kind=kind) if is_object(answer) else None
            if state is not None and _TASK_ID.fullmatch(state.id):
                return state
            if rejected:
                return error_from(reply, provider, now=now)
        elif (reply.status in REFUSED and reply.status not in AMBIGUOUS_STATUSES) or (
            reply.status in FAILED and rejected
        ):
            return error_from(reply, provider, now=now)
        elif reply.status in MOVED:
            return unreadable(reply, provider)
    return errors.SubmitUnknown(
        f"{provider.title} answers in a way that does not tell whether the task was created.",
        idempotency_key=key,
        status=reply.status,
        code=complaint.code if complaint else None,
        request_id=request_id(reply, complaint),
    )


def read(target: Target, task_id: str) -> Flow[TaskState]:
    """Read a task once; a passing fault is tried again within the bounds of `target`."""
    return watched(target.observer, reading(target, task_id), target.provider, "read", task_id=task_id)


def reading(target: Target, task_id: str) -> Flow[TaskState]:
    """As `read`, as a part of another operation."""
    started: float = yield Now()
    attempt = 0
    while True:
        attempt += 1
        outcome, pause = yield from _read_once(target, task_id, target.read)
        if not isinstance(outcome, errors.VidgateError):
            return outcome
        now: float = yield Now()
        pause = target.pause(attempt) if pause is None else pause
        if not outcome.retryable or attempt >= target.attempts or now + pause > started + target.patience:
            raise outcome
        yield Sleep(pause)


def wait(target: Target, state: TaskState, timeout: float) -> Flow[TaskState]:
    """Read until the task has ended, for at most `timeout` seconds.

    Broken connections, 5xx, pages instead of JSON, statuses nobody documents and, at first, 404 are waited out.
    """
    return watched(target.observer, _waiting(target, state, timeout), target.provider, "wait", state=state)


def _waiting(target: Target, state: TaskState, timeout: float) -> Flow[TaskState]:
    provider = target.provider
    started: float = yield Now()
    deadline = started + timeout
    latest, faults, warned = state, 0, False
    last_error: errors.VidgateError | None = None
    pause = 0.0 if provider.reads_at_once else _pace(target, latest, _age(latest, started, started))
    while not ended(latest):
        now: float = yield Now()
        remaining = deadline - now
        # The last reading happens just before the deadline, not whole seconds earlier.
        final = pause >= remaining - SHORTEST_READ
        yield Sleep(max(0.0, min(pause, remaining - SHORTEST_READ)))
        outcome, asked = yield from _read_once(target, latest.id, _within(target.read, deadline - (yield Now())))
        if isinstance(outcome, errors.VidgateError):
            now = yield Now()
            early = isinstance(outcome, errors.NotFound) and now < started + NOT_FOUND_GRACE
            if not outcome.retryable and not early:
                raise outcome
            last_error = outcome
            faults += 1
            pause = min(LONGEST_BACKOFF, _pace(target, latest, _age(latest, started, now)) * 2.0 ** min(faults - 1, 6))
        else:
            last_error, faults = None, 0
            if outcome.verdict == "unknown" and not warned:
                warned = True
                warn(
                    f"{provider.title} gives task {outcome.id} the status {outcome.status!r}, which nobody documents; "
                    "it counts as running.",
                    errors.UnknownStatus,
                )
            changed = outcome.changed_from(latest)
            latest = _filled(outcome, latest)
            if changed:
                yield Changed(latest)
            pause = _pace(target, latest, _age(latest, started, (yield Now())))
        pause = max(pause, asked or 0.0)
        if final and not ended(latest):
            raise errors.TaskTimeout(
                f"The task is still {latest.status or 'running'} after {timeout:g} seconds.",
                task_id=latest.id,
                timeout=timeout,
                status=latest.status,
                progress=latest.progress,
                last_error=last_error,
                request_id=latest.request_id if last_error is None else last_error.request_id,
                hint=f'It goes on and can still be waited for: client.tasks.get("{latest.id}").wait().'
                + (f" The latest reading failed: {last_error.message}" if last_error else ""),
            )
    return completed(target, latest)


def reread(target: Target, earlier: TaskState) -> Flow[TaskState]:
    """Read a task again; what only an earlier answer said stays."""
    return _filled((yield from read(target, earlier.id)), earlier)


def until_next(target: Target, state: TaskState, now: float) -> float:
    """Seconds until a running task is worth another reading."""
    return _pace(target, state, _age(state, now, now))


def ended(state: TaskState) -> bool:
    """Whether no further reading can change the task."""
    return state.verdict in {"completed", "failed", "cancelled"}


def completed(target: Target, state: TaskState) -> TaskState:
    """The state, if the task ended with a result; else the error that says how it ended."""
    if state.verdict == "completed":
        if state.results:
            return state
        raise errors.ResultMissing(
            "The task is completed, but its answer names no result.",
            task_id=state.id,
            request_id=state.request_id,
            hint="Read it once more with client.tasks.get; if nothing comes, ask the provider.",
        )
    if state.verdict == "cancelled":
        raise errors.TaskCancelled(
            "The task was cancelled.",
            task_id=state.id,
            request_id=state.request_id,
            hint="Submit the request anew if it is still wanted.",
        )
    fault = state.error
    code = fault.code if fault else None
    known = target.provider.task_codes.get(code or "")
    raise errors.TaskFailed(
        f"The task failed: {fault.message if fault else 'the provider gives no reason'}",
        task_id=state.id,
        code=code,
        request_id=state.request_id,
        hint=known.hint if known else "Change what the reason names, then submit anew; this task will not recover.",
        retryable=fault is not None and fault.retryable,
    )


def _read_once(
    target: Target, task_id: str, limits: Limits
) -> Flow[tuple[TaskState | errors.VidgateError, float | None]]:
    """One reading: the task or what went wrong, and how many seconds the server asks to wait."""
    arguments = target.provider.task_arguments(check_task_id(task_id))
    request = Request(method=arguments["method"].upper(), url=target.base_url + arguments["url"], limits=limits)
    answer: Reply | Failure = yield Send(request)
    if isinstance(answer, Failure):
        answer.error.task_id = task_id
        return answer.error, None
    now: float = yield Now()
    asked = retry_after(answer, now=now)
    if answer.status in SUCCESS:
        state = target.provider.read_task(answer.body, task_id, request_id(answer)) if is_object(answer.body) else None
        if state is not None:
            return state, asked
        if read_complaint(answer.body) is None:
            return unreadable(answer, target.provider, task_id=task_id), asked
    error = error_from(answer, target.provider, now=now, task_id=task_id)
    # A page is no word of the provider's: something on the way speaks, and may be silent again in a moment.
    error.retryable = error.retryable or answer.text.lstrip().startswith("<")
    return error, asked


def _pace(target: Target, state: TaskState, age: float) -> float:
    """Seconds between two readings, ±10 %: by what the task makes and by how far its estimate is away.

    `age` in seconds. The reading aims at the end of the estimate; behind it, a short task is asked for more often than
    usual, in steps of a quarter of its age, and a long one as usual.
    """
    pace = target.provider.pace.get(state.kind or "", target.provider.default_pace)
    estimate = state.estimated_seconds or 0.0
    if estimate > 0.0:
        left = estimate - age
        if left > pace:
            pace = min(MOST_STRETCH * pace, max(pace, left / 4.0))
        else:
            pace = min(pace, max(SHORTEST_PACE, left if left > 0.0 else age / 4.0))
    return pace * (0.9 + 0.2 * target.jitter())


def _age(state: TaskState, started: float, now: float) -> float:
    """How long a task has run: since the wait began, or longer, if the provider's clock can be believed."""
    return max(now - started, now - state.created if state.created is not None else 0.0)


def _within(limits: Limits, remaining: float) -> Limits:
    """`limits`, cut so that one reading does not outlast the deadline."""
    most = max(remaining, SHORTEST_READ)
    return Limits(
        connect=min(limits.connect, most),
        read=min(limits.read, most),
        write=min(limits.write, most),
        total=min(limits.total, most),
    )


def _filled(state: TaskState, earlier: TaskState) -> TaskState:
    """A query may leave out what the submission said."""
    return replace(
        state,
        model=state.model or earlier.model,
        kind=state.kind or earlier.kind,
        created=earlier.created if state.created is None else state.created,
        estimated_seconds=earlier.estimated_seconds if state.estimated_seconds is None else state.estimated_seconds,
    )
