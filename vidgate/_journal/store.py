"""The journal: one row per paid submission. Once a call returns, its row is on the disk; see `database`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from vidgate import errors
from vidgate._journal.database import Database
from vidgate._journal.records import SUBMIT_PREFIX, Entry, Ticket

if TYPE_CHECKING:
    import os
    import sqlite3
    from pathlib import Path

    from vidgate._journal.records import Accepted, NotAccepted, Saved
    from vidgate._state import TaskState

KeepRequests: TypeAlias = Literal["unsettled", "always", "never"]

_COLUMNS = (
    "submit_id, provider, base_url, account, model, idempotency_key, request_hash, request, state, task_id, status, "
    "credits_reserved, links_expire, error, created, updated, batch, item, number"
)

_ENDED = {"completed": "completed", "failed": "failed", "cancelled": "cancelled"}
_FINAL = frozenset({"failed", "cancelled", "downloaded"})


class Journal:
    """A journal in one file, opened when it is first needed.

    `timeout`: seconds to wait while another process writes. `keep_requests`: whether bodies, and with them prompts,
    stay in the file: `unsettled` (until the outcome is known), `always`, or `never` (an open outcome can then not be
    settled by sending the same request again). A new file can be read by its owner only.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, timeout: float = 10.0, keep_requests: KeepRequests = "unsettled"
    ) -> None:
        if keep_requests not in get_args(KeepRequests):
            raise errors.ConfigurationError(
                f"keep_requests is {keep_requests!r}.", hint="Give unsettled, always or never."
            )
        self._database = Database(path, timeout=timeout)
        self._keep_requests = keep_requests
        self._salt: bytes | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    def entries(self) -> tuple[Entry, ...]:
        """All submissions, oldest first; none when there is no file yet, and none is made."""
        if not self._database.is_there:
            return ()
        with self._database.transaction("read") as connection:
            return _entries(connection, "1", ())

    def find(self, name: str, *, provider: str | None = None, base_url: str | None = None) -> Entry | None:
        """The submission with this submit id or, the latest one, with this task id (of a provider, at an address)."""
        if not self._database.is_there:
            return None
        with self._database.transaction("read") as connection:
            found = _entries(connection, "submit_id = ?", (name,))
            if not found:
                found = _entries(connection, "task_id = ?", (name,))
                found = tuple(
                    entry
                    for entry in found
                    if provider in {None, entry.provider} and base_url in {None, entry.base_url}
                )
            return found[-1] if found else None

    def fingerprint(self, data: bytes) -> str:
        """A hash salted with a random value of this journal."""
        if self._salt is None:
            with self._database.transaction("write") as connection:
                self._salt = _salt(connection)
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
        with self._database.transaction("write") as connection:
            earlier = _entries(
                connection,
                "provider = ? AND base_url = ? AND account = ? AND idempotency_key = ?",
                (provider, base_url, account, idempotency_key),
            )
            if item is not None:
                _refuse_second(connection, (batch, item, provider, base_url, account))
            if earlier:
                last = earlier[-1]
                fresh = last.state == "rejected"
                if fresh:
                    connection.execute(
                        "UPDATE submissions SET state = 'intent', error = '', model = ?, request = ?, "
                        "request_hash = ?, updated = ? WHERE submit_id = ?",
                        (model, request, request_hash, now, last.submit_id),
                    )
                return Ticket(submit_id=last.submit_id, fresh=fresh)
            submit_id = SUBMIT_PREFIX + secrets.token_hex(8)
            _insert(
                connection,
                submit_id=submit_id,
                provider=provider,
                base_url=base_url,
                account=account,
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

    def accept(self, record: Accepted, now: float) -> None:
        """Write the id of the task that a submission became."""
        task = record.task
        facts = {
            "task_id": task.id,
            "status": task.status,
            "credits_reserved": record.credits_reserved,
            "links_expire": record.links_expire,
            "updated": now,
        }
        with self._database.transaction("write") as connection:
            (row,) = _entries(connection, "submit_id = ?", (record.submit_id,)) or (None,)
            if row is None:
                raise errors.JournalError(
                    f"Submission {record.submit_id} is no longer in the journal.", submit_id=record.submit_id
                )
            if row.task_id == task.id:
                return  # the provider answered for the first attempt
            if row.task_id is not None:
                # The same key, yet another task: the provider forgot the first one. Both are paid, so both are kept.
                _insert(
                    connection,
                    submit_id=SUBMIT_PREFIX + secrets.token_hex(8),
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
            if self._keep_requests != "always":
                facts["request"] = None
            _update(connection, record.submit_id, state="submitted", error="", **facts)

    def refuse(self, record: NotAccepted, now: float) -> None:
        """Write that no task came of a submission, or that nobody knows; a known task is never forgotten for it."""
        facts: dict[str, Any] = {"error": record.error, "updated": now}
        if record.certain and self._keep_requests != "always":
            facts["request"] = None
        with self._database.transaction("write") as connection:
            (row,) = _entries(connection, "submit_id = ?", (record.submit_id,)) or (None,)
            if row is not None and row.task_id is None:
                state = "rejected" if record.certain else "unknown"
                _update(connection, record.submit_id, state=state, **facts)

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
        with self._database.transaction("write") as connection:
            connection.execute(
                "UPDATE submissions SET status = ?, links_expire = ?, updated = ?, "
                "state = CASE WHEN state = 'downloaded' THEN state ELSE ? END WHERE submit_id = ?",
                (task.status, expire, now, state, entry.submit_id),
            )

    def save(self, provider: str, base_url: str, record: Saved, path: str, now: float) -> None:
        """Write where a result was saved."""
        entry = self.find(record.task_id, provider=provider, base_url=base_url)
        if entry is None:
            return
        try:
            size = record.path.stat().st_size
        except OSError:
            size = None  # moved away already
        with self._database.transaction("write") as connection:
            (number,) = connection.execute(
                "SELECT number FROM submissions WHERE submit_id = ?", (entry.submit_id,)
            ).fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO files (submission, result, path, bytes, saved) VALUES (?, ?, ?, ?, ?)",
                (number, record.index, path, size, now),
            )
            (count,) = connection.execute("SELECT count(*) FROM files WHERE submission = ?", (number,)).fetchone()
            if count >= record.of:
                _update(connection, entry.submit_id, state="downloaded", updated=now)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._database.close()

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"


def _refuse_second(connection: sqlite3.Connection, item: tuple[object, ...]) -> None:
    """The transaction has the file for itself, so of several processes one submits and the others are refused."""
    known = _entries(
        connection,
        "batch = ? AND item = ? AND provider = ? AND base_url = ? AND account = ? AND state <> 'rejected'",
        item,
    )
    if known:
        raise errors.AlreadySubmitted(
            f"The item was submitted already, as {known[-1].submit_id}.",
            submit_id=known[-1].submit_id,
            task_id=known[-1].task_id,
            hint="Somebody else works on this batch; run it again later to see what became of it.",
        )


def _salt(connection: sqlite3.Connection) -> bytes:
    connection.execute("INSERT OR IGNORE INTO facts (name, value) VALUES ('salt', ?)", (secrets.token_bytes(32),))
    (salt,) = connection.execute("SELECT value FROM facts WHERE name = 'salt'").fetchone()
    return bytes(salt)


def _entries(connection: sqlite3.Connection, condition: str, values: tuple[object, ...]) -> tuple[Entry, ...]:
    files: dict[int, list[str]] = {}
    query = "SELECT submission, path FROM files WHERE submission IN (SELECT number FROM submissions WHERE {}) "
    for number, path in connection.execute(query.format(condition) + "ORDER BY submission, result", values):
        files.setdefault(number, []).append(path)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM submissions WHERE {condition} ORDER BY number",  # noqa: S608 - our own words
        values,
    ).fetchall()
    names = _COLUMNS.split(", ")[:-1]
    return tuple(Entry(**dict(zip(names, row, strict=False)), files=tuple(files.get(row[-1], ()))) for row in rows)


def _insert(connection: sqlite3.Connection, **facts: object) -> None:
    marks = ", ".join("?" * len(facts))
    connection.execute(
        f"INSERT INTO submissions ({', '.join(facts)}) VALUES ({marks})",  # noqa: S608 - our own words
        tuple(facts.values()),
    )


def _update(connection: sqlite3.Connection, submit_id: str, **facts: object) -> None:
    settings = ", ".join(f"{name} = ?" for name in facts)
    connection.execute(
        f"UPDATE submissions SET {settings} WHERE submit_id = ?",  # noqa: S608 - our own words
        (*facts.values(), submit_id),
    )
