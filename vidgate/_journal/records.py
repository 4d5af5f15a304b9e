"""What flows ask the journal to write, and what people read from it. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._journal.ceiling import Ceiling
    from vidgate._state import TaskState

State: TypeAlias = Literal[
    "intent", "unknown", "named", "rejected", "submitted", "completed", "failed", "cancelled", "downloaded"
]

SUBMIT_PREFIX = "sub-"
"""How submit ids begin; no provider's task ids do."""

OPEN_STATES = frozenset[State]({"intent", "unknown", "named", "submitted", "completed"})
"""Something is left to do: settle, wait, or download."""

UNSETTLED = frozenset[State]({"intent", "unknown"})
"""Nobody knows whether the provider accepted it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One paid submission; times in seconds since 1970-01-01 UTC.

    `state`: `intent` (about to be sent, or the process died meanwhile), `unknown` (sent, outcome open), `named` (a
    callback gave `task_id`, and nobody has read that task yet), `rejected` (certainly not accepted), `submitted`
    (accepted, `task_id` is known), `completed`, `failed`, `cancelled`, `downloaded` (every result is in `files`).
    `account`, `request_hash` and `nonce_hash` (of the nonce in the callback address, where there is one) are
    fingerprints salted with a value of this journal: they compare, and tell nothing.
    `batch` and `item` are its names where it belongs to a batch.
    `request` is the body, kept until the outcome is known. `links_expire`: the earliest end of a result's link.
    `holder`: who is sending it or was, None once the outcome is known; nobody else sends it before `held_until`.
    """

    submit_id: str
    provider: str
    base_url: str
    account: str
    model: str | None
    idempotency_key: str
    request_hash: str
    request: bytes | None = field(default=None, repr=False)
    state: State
    task_id: str | None
    status: str
    credits_reserved: float | None
    links_expire: float | None
    error: str
    files: tuple[str, ...]
    created: float
    updated: float
    batch: str | None = None
    item: str | None = None
    nonce_hash: str | None = None
    holder: str | None = None
    held_until: float | None = None

    def is_pending(self, now: float) -> bool:
        """Whether something is left to do that can still be done."""
        expired = self.state == "completed" and self.links_expire is not None and self.links_expire <= now
        return self.state in OPEN_STATES and not expired


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """A paid request is about to leave → Ticket.

    `nonce`: that of its callback address; `within`: seconds in which the sending is over; `claim`: who sends it;
    `ceiling`: of its batch.
    """

    model: str | None
    content: bytes = field(repr=False)
    idempotency_key: str
    batch: str | None = None
    item: str | None = None
    nonce: str | None = field(default=None, repr=False)
    within: float = 0.0
    claim: str | None = None
    ceiling: Ceiling | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """The row of an intent. `fresh`: no earlier attempt with this key can have been accepted.

    `objection`: why there is no row, and nothing may be sent.
    """

    submit_id: str
    fresh: bool
    objection: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The provider has created a task."""

    submit_id: str
    task: TaskState
    credits_reserved: float | None
    links_expire: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NotAccepted:
    """No task came of it. `certain` False: one may exist all the same."""

    submit_id: str
    certain: bool
    error: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading of a task."""

    task: TaskState


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """One of a task's results (`of` in number) is whole at `path`."""

    task_id: str
    index: int
    of: int
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What a callback says of a task, before anybody has asked the provider."""

    nonce_hash: str
    task_id: str
    verdict: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Identified:
    """The provider shows a task that a callback with this nonce has named."""

    nonce: str = field(repr=False)
    task: TaskState


@dataclass(frozen=True, kw_only=True, slots=True)
class Disproved:
    """The provider does not know a task that a callback has named."""

    submit_id: str
    task_id: str


Record: TypeAlias = Intent | Accepted | NotAccepted | Seen | Saved | Identified | Disproved
