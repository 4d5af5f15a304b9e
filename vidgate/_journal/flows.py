"""When the journal is written: flows around flows, without I/O.

Before a POST leaves, its intent is on the disk; if that fails, nothing is sent. Whatever fails afterwards never hides
the outcome: an accepted task's id travels on the error.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from vidgate import errors
from vidgate._effects import Changed, Failure, Keep
from vidgate._journal import claims
from vidgate._journal.ceiling import CeilingReached
from vidgate._journal.records import Accepted, Intent, NotAccepted, Saved, Seen, Ticket
from vidgate._state import TaskState
from vidgate._warn import warn

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._effects import Effect, Flow
    from vidgate._providers import Provider

T = TypeVar("T")


def recorded(flow: Flow[TaskState], intent: Intent, provider: Provider) -> Flow[TaskState]:
    """Submit with the intent written before and the outcome after; without a journal, just submit."""
    # Made here and not where it is written, so that a cancellation meanwhile leaves none behind.
    claim = claims.new_claim()
    try:
        ticket: Ticket | Failure | None = yield Keep(replace(intent, claim=claim))
        if isinstance(ticket, Failure):
            flow.close()
            raise ticket.error
        if ticket is None:
            return (yield from flow)
        if ticket.objection is not None:
            flow.close()
            raise CeilingReached(ticket.objection)
        return (yield from _outcome_of(flow, ticket, intent, provider))
    finally:
        claims.release(claim)


def _outcome_of(flow: Flow[TaskState], ticket: Ticket, intent: Intent, provider: Provider) -> Flow[TaskState]:
    submit_id = ticket.submit_id
    try:
        state = yield from flow
    except errors.SubmitUnknown as error:
        # The intent is on the disk already, so a failure to add to it loses nothing.
        yield Keep(NotAccepted(submit_id=submit_id, certain=False, error=error.message))
        error.name_submission(submit_id, unknown_advice(provider, submit_id, has_nonce=intent.nonce is not None))
        raise
    except errors.VidgateError as error:
        # A refusal of a second attempt proves nothing about the first one.
        yield Keep(NotAccepted(submit_id=submit_id, certain=ticket.fresh, error=error.message))
        raise
    failure: Failure | None = yield Keep(
        Accepted(
            submit_id=submit_id,
            task=state,
            credits_reserved=provider.reserved_credits(state.payload),
            links_expire=None
            if state.created is None or provider.link_seconds is None
            else state.created + provider.link_seconds,
        )
    )
    if isinstance(failure, Failure):
        lost = failure.error
        lost.task_id = state.id
        lost.hint = (
            f'The task runs and is paid: client.tasks.get("{state.id}") reads it. Note its id, because the journal '
            f"does not have it. {lost.hint}"
        )
        raise lost
    return state


def unknown_advice(provider: Provider, submit_id: str, *, has_nonce: bool) -> str:
    """How to settle a submission of unknown outcome: by its callback, which is free, else as the provider allows."""
    wait = "If it was accepted, its callback names the task to whoever receives it with this journal. "
    return (wait if has_nonce else "") + provider.resend.advice(submit_id)


def named(flow: Flow[T]) -> Flow[tuple[T, str | None]]:
    """What a submission returns, and its name in the journal; None without one."""
    submit_id: str | None = None
    answer: object = None
    with contextlib.closing(flow):
        while True:
            try:
                effect: Effect = flow.send(answer)
            except StopIteration as stop:
                return stop.value, submit_id
            answer = yield effect
            if isinstance(answer, Ticket):
                submit_id = answer.submit_id


def observed(flow: Flow[T]) -> Flow[T]:
    """Pass a flow's effects on, and keep what it learns of a task."""
    known: TaskState | None = None
    answer: object = None
    with contextlib.closing(flow):
        while True:
            try:
                effect: Effect = flow.send(answer)
            except StopIteration as stop:
                value: T = stop.value
                break
            answer = yield effect
            if isinstance(effect, Changed):
                known = yield from _seen(effect.state, known)
    if isinstance(value, TaskState) and not value.submitted:
        yield from _seen(value, known)
    return value


def saved(flow: Flow[Path], state: TaskState, index: int) -> Flow[Path]:
    """Keep where a download ended up."""
    path = yield from flow
    answer: Failure | None = yield Keep(Saved(task_id=state.id, index=index, of=len(state.results), path=path))
    _warn_of(answer)
    return path


def _seen(state: TaskState, known: TaskState | None) -> Flow[TaskState]:
    if known is None or (state.status, state.results) != (known.status, known.results):
        answer: Failure | None = yield Keep(Seen(replace(state, payload={})))
        _warn_of(answer)
    return state


def _warn_of(answer: Failure | None) -> None:
    # The task's id is in the journal since it was accepted: nothing is lost, so a wait or a download goes on.
    if isinstance(answer, Failure):
        warn(answer.error.message, errors.JournalWarning)
