"""What a journal does, wherever its rows are: one row per paid submission, and the rules by which rows change.

Once a call returns, its row is safe. A place of rows gives transactions, and in them the five operations of `Rows`.
"""

from __future__ import annotations

import abc
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypedDict, TypeVar, Unpack, get_args

from vidgate import errors
from vidgate._journal.records import SUBMIT_PREFIX, Entry, State, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from vidgate._journal.records import Accepted, NotAccepted, Saved
    from vidgate._state import TaskState

T = TypeVar("T")

KeepRequests: TypeAlias = Literal["unsettled", "always", "never"]

_ENDED = {"completed": "completed", "failed": "failed", "cancelled": "cancelled"}
_FINAL = frozenset({"failed", "cancelled", "downloaded"})


class Choice(TypedDict, total=False):
    """Which submissions."""

    batch: str
    item: str
    state: State


class Rows(Protocol):
    """The rows within one transaction."""

    def claim(self, *names: str | None) -> None:
        """Keep others who claim the same names out until the transaction is over."""
        ...

    def select(self, **equal: str | None) -> tuple[Entry, ...]:
        """The submissions with these values, all of them without any, oldest first."""
        ...

    def insert(self, **facts: Any) -> None: ...

    def update(self, submit_id: str, **facts: Any) -> None: ...

    def add_file(self, submit_id: str, **facts: Any) -> int:
        """Write where a result is; how many results of the submission are somewhere."""
        ...

    def salt(self) -> bytes:
        """32 random bytes, made on first use."""
        ...


class BaseJournal(abc.ABC):
    """The rules; `Journal` keeps its rows in a file.

    `keep_requests`: whether bodies, and with them prompts, stay: `unsettled` (until the outcome is known), `always`, or
    `never` (an open outcome can then not be settled by sending the same request again).
    """

    def __init__(self, *, keep_requests: KeepRequests) -> None:
        if keep_requests not in get_args(KeepRequests):
            raise errors.ConfigurationError(
                f"keep_requests is {keep_requests!r}.", hint="Give unsettled, always or never."
            )
        self._keep_requests = keep_requests
        self._salt: bytes | None = None

    @property
    @abc.abstractmethod
    def place(self) -> str:
        """Where it is, for people; no secret is in it."""

    @property
    @abc.abstractmethod
    def is_there(self) -> bool:
        """Whether there is anything to read; looking makes nothing."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of the place; the next call takes it up again."""

    @abc.abstractmethod
    def _transact(self, kind: Literal["read", "write"], function: Callable[[Rows], T]) -> T:
        """Call the function in one transaction; raises JournalError. It may be called again if that broke."""

    def entries(self, **equal: Unpack[Choice]) -> tuple[Entry, ...]:
        """All submissions, or those of a batch, an item, a state; oldest first. Where no journal is, none is made."""
        values = {name: str(value) for name, value in equal.items()}
        return self._transact("read", lambda rows: rows.select(**values)) if self.is_there else ()

    def find(self, name: str, *, provider: str | None = None, base_url: str | None = None) -> Entry | None:
        """The submission with this submit id or, the latest one, with this task id (of a provider, at an address)."""

        def look(rows: Rows) -> Entry | None:
            found = rows.select(submit_id=name) or tuple(
                entry
                for entry in rows.select(task_id=name)
                if provider in {None, entry.provider} and base_url in {None, entry.base_url}
            )
            return found[-1] if found else None

        return self._transact("read", look) if self.is_there else None

    def fingerprint(self, data: bytes) -> str:
        """A hash salted with a random value of this journal."""
        if self._salt is None:
            self._salt = self._transact("write", lambda rows: rows.salt())
        return hmac.new(self._salt, data, hashlib.sha256).hexdigest()[:32]

    def begin(
        self,
        *,
        provider: str,
        base_url: str,
        account: str,
        model: str | None,
        idempotency_key: str,
        content: bytes,
        keep: bool,
        now: float,
        batch: str | None = None,
        item: str | None = None,
    ) -> Ticket:
        """Write the intent of a submission; another attempt with the same key continues the first one's row.

        An item of a batch is submitted once: AlreadySubmitted is raised unless what there is was rejected.
        """
        request = content if keep and self._keep_requests != "never" else None
        request_hash = self.fingerprint(content)
        submit_id = SUBMIT_PREFIX + secrets.token_hex(8)
        owner = {"provider": provider, "base_url": base_url, "account": account}

        def write(rows: Rows) -> Ticket:
            rows.claim(*owner.values(), idempotency_key)
            earlier = rows.select(**owner, idempotency_key=idempotency_key)
            if any(entry.submit_id == submit_id for entry in earlier):
                return Ticket(submit_id=submit_id, fresh=True)  # the transaction had succeeded, and nobody had said so
            if item is not None:
                rows.claim(*owner.values(), batch, item)
                _refuse_second(rows.select(**owner, batch=batch, item=item))
            if earlier:
                last = earlier[-1]
                fresh = last.state == "rejected"
                if fresh:
                    rows.update(
                        last.submit_id,
                        state="intent",
                        error="",
                        model=model,
                        request=request,
                        request_hash=request_hash,
                        updated=now,
                    )
                return Ticket(submit_id=last.submit_id, fresh=fresh)
            rows.insert(
                **owner,
                submit_id=submit_id,
                model=model,
                idempotency_key=idempotency_key,
                request_hash=request_hash,
                request=request,
                state="intent",
                batch=batch,
                item=item,
                created=now,
                updated=now,
            )
            return Ticket(submit_id=submit_id, fresh=True)

        return self._transact("write", write)

    def accept(self, record: Accepted, now: float) -> None:
        """Write the id of the task that a submission became."""
        task = record.task
        facts: dict[str, Any] = {
            "task_id": task.id,
            "status": task.status,
            "credits_reserved": record.credits_reserved,
            "links_expire": record.links_expire,
            "updated": now,
        }
        second = SUBMIT_PREFIX + secrets.token_hex(8)

        def write(rows: Rows) -> None:
            (row,) = rows.select(submit_id=record.submit_id) or (None,)
            if row is None:
                raise errors.JournalError(
                    f"Submission {record.submit_id} is no longer in the journal.", submit_id=record.submit_id
                )
            if row.task_id == task.id or rows.select(submit_id=second):
                return  # the provider answered for the first attempt, or this is written already
            if row.task_id is not None:
                # The same key, yet another task: the provider forgot the first one. Both are paid, so both are kept.
                rows.insert(
                    submit_id=second,
                    provider=row.provider,
                    base_url=row.base_url,
                    account=row.account,
                    model=row.model,
                    idempotency_key=row.idempotency_key,
                    request_hash=row.request_hash,
                    state="submitted",
                    created=now,
                    **facts,
                )
                return
            settled = {} if self._keep_requests == "always" else {"request": None}
            rows.update(record.submit_id, state="submitted", error="", **facts, **settled)

        self._transact("write", write)

    def refuse(self, record: NotAccepted, now: float) -> None:
        """Write that no task came of a submission, or that nobody knows; a known task is never forgotten for it."""
        facts: dict[str, Any] = {"error": record.error, "updated": now}
        if record.certain and self._keep_requests != "always":
            facts["request"] = None

        def write(rows: Rows) -> None:
            (row,) = rows.select(submit_id=record.submit_id) or (None,)
            if row is not None and row.task_id is None:
                rows.update(record.submit_id, state="rejected" if record.certain else "unknown", **facts)

        self._transact("write", write)

    def see(self, provider: str, base_url: str, task: TaskState, now: float) -> None:
        """Write what a reading of a task says; tasks of others are not kept."""
        entry = self.find(task.id, provider=provider, base_url=base_url)
        if entry is None:
            return
        ended = _ENDED.get(task.verdict)
        # A state that was final stays so, whatever a late answer or another process says.
        state = entry.state if entry.state in _FINAL else ended or "submitted"
        expiries = [result.expires_at for result in task.results if result.expires_at is not None]
        expire = min(expiries, default=entry.links_expire)
        if (entry.status, entry.state, entry.links_expire) == (task.status, state, expire):
            return

        def write(rows: Rows) -> None:
            for row in rows.select(submit_id=entry.submit_id):
                new = row.state if row.state == "downloaded" else state
                rows.update(row.submit_id, status=task.status, links_expire=expire, updated=now, state=new)

        self._transact("write", write)

    def save(self, provider: str, base_url: str, record: Saved, path: str, now: float) -> None:
        """Write where a result was saved."""
        entry = self.find(record.task_id, provider=provider, base_url=base_url)
        if entry is None:
            return
        try:
            size = record.path.stat().st_size
        except OSError:
            size = None  # moved away already

        def write(rows: Rows) -> None:
            if rows.add_file(entry.submit_id, result=record.index, path=path, bytes=size, saved=now) >= record.of:
                rows.update(entry.submit_id, state="downloaded", updated=now)

        self._transact("write", write)


def _refuse_second(known: tuple[Entry, ...]) -> None:
    """Others who claim the item wait, so of several processes one submits and the others are refused."""
    alive = [entry for entry in known if entry.state != "rejected"]
    if alive:
        raise errors.AlreadySubmitted(
            f"The item was submitted already, as {alive[-1].submit_id}.",
            submit_id=alive[-1].submit_id,
            task_id=alive[-1].task_id,
            hint="Somebody else works on this batch; run it again later to see what became of it.",
        )
