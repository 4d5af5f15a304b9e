"""What callbacks tell the journal: which task a submission became when its own answer was lost.

A callback names its submission by the nonce in the address that was called, of which the journal has a salted hash
only. It is unsigned, so what it says is hearsay (state `named`) until the provider has shown the task to the key that
submitted it; a name that the provider does not know is dropped, and another one can still take its place.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from vidgate._journal.records import SUBMIT_PREFIX, UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._journal.base import Rows
    from vidgate._journal.records import Entry, Heard

MOST_HEARD: Final = 8
"""Pieces of news kept for each submission: whoever has found out its address cannot fill the disk."""


def hear(rows: Rows, news: Heard) -> bool:
    """Keep what a callback says, and let it name an unsettled submission; False when it was heard before.

    Where several submissions share an address, nobody can tell which of them it is for, and none is named.
    """
    rows.claim("callback", news.nonce_hash)
    submissions = rows.select(nonce_hash=news.nonce_hash)
    heard = rows.heard(news.nonce_hash)
    if any((one.task_id, one.verdict) == (news.task_id, news.verdict) for one in heard):
        return False
    if len(heard) < MOST_HEARD * len(submissions):
        rows.add_heard(news)
    if len(submissions) == 1 and submissions[0].state in UNSETTLED:
        rows.update(submissions[0].submit_id, state="named", task_id=news.task_id, updated=news.at)
    return True


def identify(rows: Rows, owner: Mapping[str, str], nonce_hash: str, task_id: str, facts: Mapping[str, Any]) -> None:
    """Write that a task, which the provider has shown, is that of the submission with this nonce."""
    rows.claim(*owner.values(), task_id)
    if rows.select(**owner, task_id=task_id):
        return
    submissions = rows.select(**owner, nonce_hash=nonce_hash)
    if len(submissions) != 1:
        return  # an address of several submissions tells nothing
    row = submissions[0]
    if row.task_id is None:
        rows.update(row.submit_id, task_id=task_id, **facts)
    else:
        # One submission, yet another task: both are paid, so both are kept.
        rows.insert(**second_of(row, facts["updated"]), task_id=task_id, **facts)


def disprove(rows: Rows, submit_id: str, task_id: str, now: float) -> None:
    """Take a callback's word back: the provider does not know the task. What another one has named takes its place."""
    for row in rows.select(submit_id=submit_id):
        others: tuple[Heard, ...] = ()
        if row.nonce_hash is not None:
            rows.drop_heard(row.nonce_hash, task_id)
            others = rows.heard(row.nonce_hash)
        if row.state == "named" and row.task_id == task_id:
            error = f"A callback named {task_id}, which the provider does not know."
            if others:
                rows.update(submit_id, task_id=others[0].task_id, error=error, updated=now)
                return
            owner = {"provider": row.provider, "base_url": row.base_url, "account": row.account}
            family = rows.select(**owner, idempotency_key=row.idempotency_key)
            answered = any(other.task_id is not None for other in family if other.submit_id != submit_id)
            rows.update(submit_id, state="rejected" if answered else "unknown", task_id=None, error=error, updated=now)


def second_of(row: Entry, now: float, submit_id: str = "") -> dict[str, Any]:
    """Another row for the same submission: its provider made a second task of it."""
    return {
        "submit_id": submit_id or SUBMIT_PREFIX + secrets.token_hex(8),
        "provider": row.provider,
        "base_url": row.base_url,
        "account": row.account,
        "model": row.model,
        "idempotency_key": row.idempotency_key,
        "request_hash": row.request_hash,
        "created": now,
    }
