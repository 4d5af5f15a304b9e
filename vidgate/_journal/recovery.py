"""Finding out what became of a submission whose answer was lost: by its callback, else by sending it again.

The ways, in their order: a callback with the submission's nonce has named the task, which costs one reading; the same
request under the same idempotency key, which the provider answers for the first one. Where neither applies, the error
says why, and what is left to do.

The provider's list of tasks is no way. EvoLink's `GET /v1/tasks` is read by its own client, but no page states it, so
the contract has no such operation and nothing could notice when it changes. And it would not do: its items carry
neither the idempotency key nor the prompt nor the callback address, so two submissions of one model within a minute
look alike, and to take the wrong one would be to forget a task that was paid. APIMart's pages name no list at all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vidgate import errors
from vidgate._effects import Keep, Now
from vidgate._flow import NOT_FOUND_GRACE, read
from vidgate._journal.base import under_way
from vidgate._journal.claims import is_held
from vidgate._journal.records import Accepted, Disproved, Identified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vidgate._effects import Flow
    from vidgate._engine import Engine
    from vidgate._flow import Target
    from vidgate._journal.records import Entry, Heard
    from vidgate._state import TaskState

    Submission: TypeAlias = Callable[[Mapping[str, Any], bytes, str], Flow[TaskState]]

RESEND_MARGIN: Final = 600.0
"""Seconds before the provider forgets an idempotency key at which we stop relying on it: clocks differ."""

UNKNOWN_TASK: Final = (errors.NotFound, errors.BadRequest, errors.PermissionDenied)
"""How a provider says that there is no such task for this key."""


def resumption(engine: Engine, entry: Entry) -> Flow[TaskState]:
    """The flow that reads the task of a submission; nothing is sent again. Reads the journal."""
    if entry.task_id is not None and entry.state != "named":
        return read(engine.target, entry.task_id)
    _refuse_rejected(entry)
    heard = engine.kept().journal.heard(entry)

    def otherwise() -> Flow[TaskState]:
        if is_held(entry, engine.clock.now()):
            raise under_way(entry)
        raise _unsettled(engine, entry, _advice(engine, entry, heard))

    named = _named(entry, heard)
    return _settled(engine, entry, named, otherwise) if named else otherwise()


def recovery(engine: Engine, entry: Entry, submission: Submission, *, replay: bool) -> Flow[TaskState]:
    """The flow that finds out what became of a submission; `submission` sends one again. Reads the journal."""
    if entry.task_id is not None and entry.state != "named":
        return read(engine.target, entry.task_id)
    heard = engine.kept().journal.heard(entry)

    def otherwise() -> Flow[TaskState]:
        _refuse_rejected(entry)
        return _replayed(engine, entry, heard, submission, replay=replay)

    named = _named(entry, heard)
    return _settled(engine, entry, named, otherwise) if named else otherwise()


def identified(target: Target, task_id: str, nonce: str | None) -> Flow[TaskState]:
    """Read a task that a callback has named; it is that of the submission with this nonce."""
    state = yield from read(target, task_id)
    if nonce is not None:
        yield Keep(Identified(nonce=nonce, task=state))
    return state


def _named(entry: Entry, heard: tuple[Heard, ...] | None) -> dict[str, float]:
    """The tasks that callbacks have named, each with when it was named last."""
    own = {entry.task_id: entry.updated} if entry.task_id is not None else {}
    return own | {news.task_id: news.at for news in heard or ()}


def _settled(
    engine: Engine, entry: Entry, named: Mapping[str, float], otherwise: Callable[[], Flow[TaskState]]
) -> Flow[TaskState]:
    """Ask for the tasks that callbacks have named; the first one that the provider shows to this key is it."""
    for task_id, at in named.items():
        try:
            state = yield from read(engine.target, task_id)
        except UNKNOWN_TASK:
            now: float = yield Now()
            if now < at + NOT_FOUND_GRACE:
                raise  # a provider may not find at once what it has made
            yield Keep(Disproved(submit_id=entry.submit_id, task_id=task_id))
            continue
        reserved = engine.provider.reserved_credits(state.payload)
        yield Keep(Accepted(submit_id=entry.submit_id, task=state, credits_reserved=reserved, links_expire=None))
        return state
    return (yield from otherwise())


def _replayed(
    engine: Engine, entry: Entry, heard: tuple[Heard, ...] | None, submission: Submission, *, replay: bool
) -> Flow[TaskState]:
    """Send the request again under its key, where that is safe by the provider's word or the caller's wish."""
    resend = engine.provider.resend
    now = engine.clock.now()
    if is_held(entry, now):
        raise under_way(entry)
    if resend.basis != "stated" and not replay:
        raise _unsettled(engine, entry, _advice(engine, entry, heard))
    if resend.seconds is not None and now - entry.created > resend.seconds - RESEND_MARGIN:
        raise _unsettled(
            engine,
            entry,
            f"{_silence(engine, entry, heard)}It is older than the {resend.seconds / 3600:g} hours for which "
            f"{engine.provider.title} remembers a key, so sending it again could be paid twice. Look for the task on "
            "the provider's dashboard.",
        )
    if entry.request is None:
        raise _unsettled(
            engine,
            entry,
            f"{_silence(engine, entry, heard)}The journal does not have the request itself, so it cannot be sent again "
            "from here. With the same request at hand, "
            f'client.with_options(idempotency_key="{entry.idempotency_key}") settles it.',
        )
    body: dict[str, Any] = json.loads(entry.request)
    return submission(body, entry.request, entry.idempotency_key)


def _advice(engine: Engine, entry: Entry, heard: tuple[Heard, ...] | None) -> str:
    return _silence(engine, entry, heard) + engine.provider.resend.advice(entry.submit_id)


def _silence(engine: Engine, entry: Entry, heard: tuple[Heard, ...] | None) -> str:
    """Why neither a callback nor a list tells which task it is."""
    if entry.nonce_hash is None:
        callbacks = "No callback can name its task: its request had no callback address with a nonce."
    elif heard is None:
        callbacks = "No callback can name its task: other submissions gave the same callback address."
    else:
        callbacks = "No callback that is in this journal names its task."
    return f"{callbacks} {engine.provider.title}'s pages describe no list of tasks to look in. "


def _unsettled(engine: Engine, entry: Entry, hint: str) -> errors.SubmitUnknown:
    return errors.SubmitUnknown(
        f"Nobody knows whether {engine.provider.title} accepted this submission"
        + (f": {entry.error}" if entry.error else "; the program ended while it was under way."),
        idempotency_key=entry.idempotency_key,
        submit_id=entry.submit_id,
        hint=hint,
    )


def _refuse_rejected(entry: Entry) -> None:
    if entry.state == "rejected":
        raise errors.JournalError(
            f"Submission {entry.submit_id} was rejected, so there is no task: {entry.error}",
            submit_id=entry.submit_id,
            hint="Nothing was charged for it. Submit anew what is still wanted.",
        )
