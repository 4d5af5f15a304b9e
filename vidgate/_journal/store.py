"""The journal's file: SQLite, one row per paid submission. All I/O of the journal is here.

Write-ahead log and `synchronous=FULL`: once a call returns, its row survives a killed process and a power cut.
sqlite3 is imported when the file is opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from vidgate import errors
from vidgate._journal.records import SUBMIT_PREFIX, Entry, Ticket

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Generator

    from vidgate._journal.records import Accepted, NotAccepted, Saved
    from vidgate._state import TaskState

KeepRequests: TypeAlias = Literal["unsettled", "always", "never"]

APPLICATION_ID = 0x76696467  # "vidg": tells our file from other people's

# One entry per version: what leads there from the version before. Never change one that was released; add another.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE submissions (
            number INTEGER PRIMARY KEY,
            submit_id TEXT NOT NULL UNIQUE,
            provider TEXT NOT NULL,
            base_url TEXT NOT NULL,
            account TEXT NOT NULL,
            model TEXT,
            idempotency_key TEXT NOT NULL,
            request_hash TEXT NOT NULL,
            request BLOB,
            state TEXT NOT NULL,
            task_id TEXT,
            status TEXT NOT NULL DEFAULT '',
            credits_reserved REAL,
            links_expire REAL,
            error TEXT NOT NULL DEFAULT '',
            created REAL NOT NULL,
            updated REAL NOT NULL
        )
        """,
        "CREATE INDEX submissions_key ON submissions (idempotency_key)",
        "CREATE INDEX submissions_task ON submissions (task_id) WHERE task_id IS NOT NULL",
        """
        CREATE TABLE files (
            submission INTEGER NOT NULL REFERENCES submissions (number),
            result INTEGER NOT NULL,
            path TEXT NOT NULL,
            bytes INTEGER,
            saved REAL NOT NULL,
            PRIMARY KEY (submission, result)
        ) WITHOUT ROWID
        """,
    ),
)

_COLUMNS = (
    "submit_id, provider, base_url, account, model, idempotency_key, request_hash, request, state, task_id, status, "
    "credits_reserved, links_expire, error, created, updated, number"
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
        self.path = Path(path)
        self._timeout = timeout
        self._keep_requests = keep_requests
        self._connection: sqlite3.Connection | None = None
        self._salt: bytes | None = None
        with _LOCK:
            _JOURNALS.add(self)

    def entries(self) -> tuple[Entry, ...]:
        """All submissions, oldest first; none when there is no file yet, and none is made."""
        if self._connection is None and not self.path.exists():
            return ()
        with self._transaction("read") as connection:
            return _entries(connection, "1", ())

    def find(self, name: str, *, provider: str | None = None, base_url: str | None = None) -> Entry | None:
        """The submission with this submit id or, the latest one, with this task id (of a provider, at an address)."""
        if self._connection is None and not self.path.exists():
            return None
        with self._transaction("read") as connection:
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
            with self._transaction("write") as connection:
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
    ) -> Ticket:
        """Write the intent of a submission; another attempt with the same key continues the first one's row."""
        request = content if keep and self._keep_requests != "never" else None
        request_hash = self.fingerprint(content)
        with self._transaction("write") as connection:
            earlier = _entries(
                connection,
                "provider = ? AND base_url = ? AND account = ? AND idempotency_key = ?",
                (provider, base_url, account, idempotency_key),
            )
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
        with self._transaction("write") as connection:
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
        with self._transaction("write") as connection:
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
        with self._transaction("write") as connection:
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
        with self._transaction("write") as connection:
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
        with _LOCK:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def __del__(self) -> None:
        # Clients that nobody closes are common, and nothing is lost by it: every row is on the disk already.
        with contextlib.suppress(Exception):
            if self._connection is not None:
                self._connection.close()

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    @contextlib.contextmanager
    def _transaction(self, kind: Literal["read", "write"]) -> Generator[sqlite3.Connection]:
        """One transaction; whatever SQLite or the disk has to say becomes a JournalError."""
        import sqlite3

        with _LOCK:
            try:
                connection = self._opened()
                connection.execute("BEGIN IMMEDIATE" if kind == "write" else "BEGIN")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, OSError) as error:
                with contextlib.suppress(sqlite3.Error):
                    self.close()  # a damaged connection is not used again
                problem = _problem(self.path, error)
            else:
                return
        raise problem

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        _create(self.path)
        connection = sqlite3.connect(
            self.path, timeout=self._timeout, isolation_level=None, check_same_thread=False, cached_statements=32
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        self._version(connection)  # before anything is changed: it may be another program's file
        _switch_to_wal(connection, self._timeout)
        for setting in ("synchronous = FULL", "fullfsync = ON", "secure_delete = ON", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {setting}")
        if self._version(connection) == len(MIGRATIONS):
            return
        connection.execute("BEGIN IMMEDIATE")  # one process migrates, the others wait and find it done
        try:
            for statements in MIGRATIONS[self._version(connection) :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _version(self, connection: sqlite3.Connection) -> int:
        # The mark comes last: another process that makes the tables meanwhile has set it together with them.
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (mark,) = connection.execute("PRAGMA application_id").fetchone()
        if mark != APPLICATION_ID and (tables or version):
            raise errors.JournalError(
                f"{self.path} is a database of another program.", hint="Name another file in VIDGATE_JOURNAL."
            )
        if version > len(MIGRATIONS):
            raise errors.JournalError(
                f"{self.path} was written by a newer vidgate (version {version} of the journal).",
                hint="Update vidgate, or name another file in VIDGATE_JOURNAL.",
            )
        return int(version)


def _create(path: Path) -> None:
    """Make the file readable by its owner only.

    An existing one is not even opened: closing it would drop the locks that SQLite holds on it in this process.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _switch_to_wal(connection: sqlite3.Connection, timeout: float) -> None:
    """Two processes may open a new file at once, and here SQLite does not wait for the other by itself."""
    import sqlite3

    until = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


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


def _problem(path: Path, error: Exception) -> errors.JournalError:
    text = str(error).partition("\n")[0]
    hint = "Free its disk, or mend its permissions; VIDGATE_JOURNAL names another file, or none."
    if "locked" in text:
        hint = "Another process holds it: try again, or end that process."
    elif "malformed" in text or "not a database" in text:
        hint = "Move the file away and keep it: it may name paid tasks. VIDGATE_JOURNAL names another one, or none."
    return errors.JournalError(f"The journal {path} cannot be used: {text}", hint=hint)


# One lock for all journals of a process, taken before a fork: a child that opened the file anew would share SQLite's
# record of the parent's locks and write without any, so nothing is open and nobody is at work while a process forks.
_LOCK = threading.RLock()
_JOURNALS: weakref.WeakSet[Journal] = weakref.WeakSet()


def _before_fork() -> None:
    _LOCK.acquire()
    for journal in tuple(_JOURNALS):
        with contextlib.suppress(Exception):
            journal.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)
