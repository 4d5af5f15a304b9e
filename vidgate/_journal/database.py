"""The file under the journal: opened when first needed, migrated by one process, closed around forks.

Write-ahead log and `synchronous=FULL`: once a transaction is over, it survives a killed process and a power cut.
sqlite3 is imported when the file is opened.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vidgate import errors

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Generator

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
    (
        # The name of a batch and of an item in it; at most one submission each, whoever works on the batch.
        "ALTER TABLE submissions ADD COLUMN batch TEXT",
        "ALTER TABLE submissions ADD COLUMN item TEXT",
        "CREATE INDEX submissions_item ON submissions (batch, item) WHERE batch IS NOT NULL",
    ),
    (
        # What a submission is found by when its callback comes, and who is sending it.
        "ALTER TABLE submissions ADD COLUMN nonce_hash TEXT",
        "ALTER TABLE submissions ADD COLUMN holder TEXT",
        "ALTER TABLE submissions ADD COLUMN held_until REAL",
        "CREATE INDEX submissions_nonce ON submissions (nonce_hash) WHERE nonce_hash IS NOT NULL",
        """
        CREATE TABLE callbacks (
            nonce_hash TEXT NOT NULL,
            task_id TEXT NOT NULL,
            verdict TEXT NOT NULL,
            heard REAL NOT NULL,
            PRIMARY KEY (nonce_hash, task_id, verdict)
        ) WITHOUT ROWID
        """,
    ),
)


class Database:
    """One file; `timeout`: seconds to wait while another process writes. A new file can be read by its owner only."""

    def __init__(self, path: str | os.PathLike[str], *, timeout: float) -> None:
        self.path = Path(path)
        self._timeout = timeout
        self._connection: sqlite3.Connection | None = None
        with _LOCK:
            _DATABASES.add(self)

    @property
    def is_there(self) -> bool:
        """Whether there is a file to read."""
        try:
            return self._connection is not None or self.path.exists()
        except OSError as error:  # a folder that may not be looked into, a name that no file can have
            problem = _problem(self.path, error)
        raise problem

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def close(self) -> None:
        """Close the file; the next transaction opens it again."""
        with _LOCK:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def __del__(self) -> None:
        # Clients that nobody closes are common, and nothing is lost by it: every row is on the disk already.
        with contextlib.suppress(Exception):
            if self._connection is not None:
                self._connection.close()

    @contextlib.contextmanager
    def transaction(self, kind: Literal["read", "write"], within: float | None = None) -> Generator[sqlite3.Connection]:
        """One transaction; whatever SQLite or the disk has to say becomes a JournalError.

        `within`: seconds to wait for others, in this process or another, where that is less than the usual.
        """
        import sqlite3

        with _locked(self.path, within):
            try:
                connection = self._opened()
                try:
                    if within is not None:
                        connection.execute(f"PRAGMA busy_timeout = {round(min(within, self._timeout) * 1000)}")
                    try:
                        connection.execute("BEGIN IMMEDIATE" if kind == "write" else "BEGIN")
                    finally:
                        if within is not None:
                            connection.execute(f"PRAGMA busy_timeout = {round(self._timeout * 1000)}")
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, OSError, OverflowError, UnicodeError) as error:  # the last two: of a value
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


def _problem(path: Path, error: Exception) -> errors.JournalError:
    text = str(error).partition("\n")[0]
    hint = "Free its disk, or mend its permissions; VIDGATE_JOURNAL names another file, or none."
    if "locked" in text:
        hint = "Another process holds it: try again, or end that process."
    elif "malformed" in text or "not a database" in text:
        hint = "Move the file away and keep it: it may name paid tasks. VIDGATE_JOURNAL names another one, or none."
    return errors.JournalError(f"The journal {path} cannot be used: {text}", hint=hint)


@contextlib.contextmanager
def _locked(path: Path, within: float | None) -> Generator[None]:
    acquired = False
    try:  # from here on, because Ctrl-C may come between any two lines
        acquired = _LOCK.acquire(timeout=-1 if within is None else within)
        if not acquired:
            raise errors.JournalError(f"The journal {path} is busy.", hint="Try again in a moment.")
        yield
    finally:
        if acquired:
            _LOCK.release()


# One lock for all journals of a process, taken before a fork: a child that opened the file anew would share SQLite's
# record of the parent's locks and write without any, so nothing is open and nobody is at work while a process forks.
_LOCK = threading.RLock()
_DATABASES: weakref.WeakSet[Database] = weakref.WeakSet()


def _before_fork() -> None:
    _LOCK.acquire()
    for database in tuple(_DATABASES):
        with contextlib.suppress(Exception):
            database.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)
