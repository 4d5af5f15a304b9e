"""What a journal does, wherever its rows are: one row per paid submission, and the rules by which rows change.

Once a call returns, its row is safe. A place of rows gives transactions, and in them the five operations of `Rows`.
"""

from __future__ import annotations

import abc
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, TypedDict, TypeVar, Unpack, get_args

from vidgate import errors
from vidgate._journal import claims, hearing
from vidgate._journal.ceiling import objection_to
from vidgate._journal.records import SUBMIT_PREFIX, Entry, Heard, State, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vidgate._journal.ceiling import Ceiling
    from vidgate._journal.records import Accepted, Disproved, NotAccepted, Saved
    from vidgate._state import TaskState

T = TypeVar("T")

KeepRequests: TypeAlias = Literal["unsettled", "always", "never"]

_ENDED = {"completed": "completed", "failed": "failed", "cancelled": "cancelled"}
_FINAL = frozenset({"failed", "cancelled", "downloaded"})

PROMPTLY: Final = 3.0
"""Seconds that a callback may wait for others: the providers give up after ten, and its body may have taken five."""


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

    def heard(self, nonce_hash: str) -> tuple[Heard, ...]:
        """What callbacks to the address with this nonce have said, oldest first."""
        ...

    def add_heard(self, news: Heard) -> None: ...

    def drop_heard(self, nonce_hash: str, task_id: str) -> None: ...

    def spent(self, states: Sequence[str], unknown: float, **equal: str | None) -> float:
        """Credits reserved by submissions in these states; one that does not say counts as `unknown`."""
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
    def _transact(
        self, kind: Literal["read", "write"], function: Callable[[Rows], T], *, within: float | None = None
    ) -> T:
        """Call the function in one transaction; raises JournalError. It may be called again if that broke.

        `within`: seconds to wait for others, where that is less than the usual.
        """

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
        nonce: str | None = None,
        within: float = 0.0,
        claim: str | None = None,
        ceiling: Ceiling | None = None,
    ) -> Ticket:
        """Write the intent of a submission; another attempt with the same key continues the first one's row.

        `within`: seconds in which nobody else may send under this key, unless the `claim` is released before.
        AlreadySubmitted is raised while somebody else does, and for an item of a batch unless what there is was
        rejected. Where the `ceiling` speaks against it, nothing is written, and the ticket says why.
        """
        submit_id = SUBMIT_PREFIX + secrets.token_hex(8)
        owner = {"provider": provider, "base_url": base_url, "account": account}
        facts: dict[str, Any] = {
            "state": "intent",
            "error": "",
            "model": model,
            "request": content if keep and self._keep_requests != "never" else None,
            "request_hash": self.fingerprint(content),
            "nonce_hash": None if nonce is None else self.nonce_hash(nonce),
        }
        held: dict[str, Any] = {"holder": claim, "held_until": now + within, "updated": now}

        def write(rows: Rows) -> Ticket:
            rows.claim(*owner.values(), idempotency_key)
            earlier = rows.select(**owner, idempotency_key=idempotency_key)
            if any(entry.submit_id == submit_id for entry in earlier):
                # The transaction had succeeded, and nobody had said so.
                return Ticket(submit_id=submit_id, fresh=True)
            if item is not None:
                rows.claim(*owner.values(), batch, item)
                _refuse_second(rows.select(**owner, batch=batch, item=item), claim)
            if objection := objection_to(rows, owner, batch, ceiling):
                return Ticket(submit_id="", fresh=True, objection=objection)
            if earlier:
                last = earlier[-1]
                if last.holder != claim and claims.is_held(last, now):
                    raise under_way(last)
                fresh = last.state == "rejected"
                rows.update(last.submit_id, **held, **(facts if fresh else {}))
                return Ticket(submit_id=last.submit_id, fresh=fresh)
            rows.insert(
                **owner,
                **facts,
                **held,
                submit_id=submit_id,
                idempotency_key=idempotency_key,
                batch=batch,
                item=item,
                created=now,
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
        settled: dict[str, Any] = {"state": "submitted", "error": "", "holder": None, **self._settled()}
        second = SUBMIT_PREFIX + secrets.token_hex(8)

        def write(rows: Rows) -> None:
            (row,) = rows.select(submit_id=record.submit_id) or (None,)
            if row is None:
                raise errors.JournalError(
                    f"Submission {record.submit_id} is no longer in the journal.", submit_id=record.submit_id
                )
            if (row.task_id == task.id and row.state != "named") or rows.select(submit_id=second):
                rows.update(row.submit_id, holder=None)
                return  # the provider answered for the first attempt, or this is written already
            if row.task_id in {None, task.id}:
                rows.update(row.submit_id, **facts, **settled)
            elif row.state == "named":
                # An answer outweighs a callback, whose task may exist all the same.
                rows.insert(**hearing.second_of(row, now, second), state="named", task_id=row.task_id, updated=now)
                rows.update(row.submit_id, **facts, **settled)
            else:
                # The same key, yet another task: the provider forgot the first one. Both are paid, so both are kept.
                rows.insert(**hearing.second_of(row, now, second), state="submitted", **facts)
                rows.update(row.submit_id, holder=None)

        self._transact("write", write)

    def refuse(self, record: NotAccepted, now: float) -> None:
        """Write that no task came of a submission, or that nobody knows; a known task is never forgotten for it."""
        facts: dict[str, Any] = {"error": record.error, "holder": None, "updated": now}
        if record.certain and self._keep_requests != "always":
            facts["request"] = None

        def write(rows: Rows) -> None:
            (row,) = rows.select(submit_id=record.submit_id) or (None,)
            if row is None:
                return
            if row.task_id is None:
                rows.update(record.submit_id, state="rejected" if record.certain else "unknown", **facts)
            else:
                rows.update(record.submit_id, holder=None)

        self._transact("write", write)

    def see(self, provider: str, base_url: str, task: TaskState, now: float) -> None:
        """Write what a reading of a task says; tasks of others are not kept."""
        entry = self.find(task.id, provider=provider, base_url=base_url)
        if entry is None:
            return
        ended = _ENDED.get(task.verdict)
        # A state that was final stays so, whatever a late answer or another process says.
        state = entry.state if entry.state in _FINAL else ended or "submitted"
        expire = _first_end(task, entry.links_expire)
        if (entry.status, entry.state, entry.links_expire) == (task.status, state, expire):
            return
        settled = self._settled() if entry.state == "named" else {}

        def write(rows: Rows) -> None:
            for row in rows.select(submit_id=entry.submit_id):
                new = row.state if row.state == "downloaded" else state
                rows.update(row.submit_id, status=task.status, links_expire=expire, updated=now, state=new, **settled)

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

    def nonce_hash(self, nonce: str) -> str:
        """What stands for the nonce of a callback address: only who was called there can tell it."""
        return self.fingerprint(b"nonce\0" + nonce.encode())

    def addressee(self, nonce: str) -> Entry | None:
        """The latest submission whose callback address has this nonce."""
        if not self.is_there:
            return None
        mark = self.nonce_hash(nonce)
        found = self._transact("read", lambda rows: rows.select(nonce_hash=mark), within=PROMPTLY)
        return found[-1] if found else None

    def hear(self, nonce: str, task_id: str, verdict: str, now: float) -> bool:
        """Keep what a callback says, before it is answered; False when it was heard before.

        A submission of unknown outcome whose address has this nonce has its task by that.
        """
        news = Heard(nonce_hash=self.nonce_hash(nonce), task_id=task_id, verdict=verdict, at=now)
        return self._transact("write", lambda rows: hearing.hear(rows, news), within=PROMPTLY)

    def unhear(self, nonce: str, task_id: str) -> None:
        """Forget what a callback said, so that the next one counts; what it has named stays."""
        mark = self.nonce_hash(nonce)
        self._transact("write", lambda rows: rows.drop_heard(mark, task_id))

    def heard(self, entry: Entry) -> tuple[Heard, ...] | None:
        """What callbacks have said of a submission, oldest first; None when its address is that of others as well."""
        mark = entry.nonce_hash
        if mark is None:
            return ()

        def look(rows: Rows) -> tuple[Heard, ...] | None:
            return rows.heard(mark) if len(rows.select(nonce_hash=mark)) == 1 else None

        return self._transact("read", look)

    def identify(self, *, provider: str, base_url: str, account: str, nonce: str, task: TaskState, now: float) -> None:
        """Write that a task, which the provider has shown to this key, is that of the submission with this nonce."""
        owner = {"provider": provider, "base_url": base_url, "account": account}
        mark = self.nonce_hash(nonce)
        facts: dict[str, Any] = {
            "state": _ENDED.get(task.verdict, "submitted"),
            "status": task.status,
            "links_expire": _first_end(task),
            "error": "",
            "updated": now,
            **self._settled(),
        }
        self._transact("write", lambda rows: hearing.identify(rows, owner, mark, task.id, facts))

    def disprove(self, record: Disproved, now: float) -> None:
        """Write that the provider does not know the task that a callback had named."""
        self._transact("write", lambda rows: hearing.disprove(rows, record.submit_id, record.task_id, now))

    def _settled(self) -> dict[str, Any]:
        """The outcome is known, so the request is not needed any more."""
        return {} if self._keep_requests == "always" else {"request": None}


def under_way(entry: Entry) -> errors.AlreadySubmitted:
    """Somebody else is sending it: what comes of that is known soon."""
    return errors.AlreadySubmitted(
        f"Submission {entry.submit_id} is being sent by another process or thread right now.",
        submit_id=entry.submit_id,
        hint="Its outcome is in the journal as soon as it is known; try again then.",
    )


def _first_end(task: TaskState, otherwise: float | None = None) -> float | None:
    """When the first of its links ends."""
    return min((result.expires_at for result in task.results if result.expires_at is not None), default=otherwise)


def _refuse_second(known: tuple[Entry, ...], claim: str | None) -> None:
    """Others who claim the item wait, so of several processes one submits and the others are refused."""
    alive = [entry for entry in known if entry.state != "rejected" and (claim is None or entry.holder != claim)]
    if alive:
        raise errors.AlreadySubmitted(
            f"The item was submitted already, as {alive[-1].submit_id}.",
            submit_id=alive[-1].submit_id,
            task_id=alive[-1].task_id,
            hint="Somebody else works on this batch; run it again later to see what became of it.",
        )
