"""The journal in PostgreSQL: what `vidgate._journal.base` decides, in rows that all workers share.

A transaction whose connection broke is done again, because nobody knows whether it was over: each of them finds what
it has written itself. So a server that is restarted costs seconds, not the id of a paid task.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from sqlalchemy import create_engine, delete, func, insert, inspect, make_url, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from vidgate import errors
from vidgate._journal.base import BaseJournal
from vidgate._journal.records import Entry, Heard
from vidgate.cluster._tables import CALLBACKS, FACTS, FILES, METADATA, STEPS, SUBMISSIONS, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from sqlalchemy import URL, Connection, Engine

    from vidgate._journal.base import KeepRequests, Rows

T = TypeVar("T")

PATIENCE: Final = 10.0
"""Seconds to wait for a server that does not answer."""

PAUSE: Final = 0.25
CONNECTIONS: Final = 5


class PostgresJournal(BaseJournal):
    """A journal at a `postgresql://` address; its tables are made when it is first written to.

    `patience`: seconds to wait for a server that does not answer. `keep_requests` as for `Journal`.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE, keep_requests: KeepRequests = "unsettled") -> None:
        super().__init__(keep_requests=keep_requests)
        self._url = address_of(url)
        self._patience = patience
        self._engine: Engine | None = None
        self._process = 0
        self._made = False

    def __del__(self) -> None:
        # Clients that nobody closes are common; what was written is safe.
        with contextlib.suppress(Exception):
            self.close()

    @property
    def place(self) -> str:
        """The address, without a password."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    @property
    def is_there(self) -> bool:
        """Whether the tables are there."""
        if not self._made:
            version = self.patiently(_look)
            if 0 < version < VERSION:
                self.patiently(_make)
            self._made = version > 0
        return self._made

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose(close=self._process == os.getpid())  # a parent's connections stay the parent's

    @contextlib.contextmanager
    def alone(self, *names: str) -> Generator[None]:
        """Wait for everybody else who names the same, in whichever process; a killed one lets go."""
        with self._opened().begin() as connection:
            lock(connection, "alone", *names)
            yield

    def _transact(
        self, kind: Literal["read", "write"], function: Callable[[Rows], T], *, within: float | None = None
    ) -> T:
        if kind == "write" and not self.is_there:
            self.patiently(_make)
            self._made = True
        locking = kind == "write"
        return self.patiently(lambda connection: function(_PostgresRows(connection, locking=locking)), within)

    @property
    def conninfo(self) -> str:
        """The address as psycopg takes it, with its password."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    def patiently(self, function: Callable[[Connection], T], within: float | None = None) -> T:
        """Call the function in one transaction, again when that broke; raises JournalError.

        `within`: seconds to wait for the server, or for others, where that is less than the journal's patience.
        """
        until = time.monotonic() + (self._patience if within is None else min(within, self._patience))
        while True:
            try:
                with self._opened().begin() as connection:
                    if within is not None:
                        connection.execute(text(f"SET LOCAL lock_timeout = {round(within * 1000)}"))
                    return function(connection)
            except SQLAlchemyError as error:
                if not _is_passing(error) or time.monotonic() > until:
                    problem = _problem(self.place, error)
                    break
            time.sleep(PAUSE)
        # Outside of `except`: a driver's error shows the statement's values, and among them requests.
        raise problem

    def _opened(self) -> Engine:
        if self._process != os.getpid():
            self.close()
        if self._engine is None:
            self._engine = create_engine(
                self._url,
                pool_pre_ping=True,
                pool_size=CONNECTIONS,
                hide_parameters=True,
                isolation_level="READ COMMITTED",
            )
            self._process = os.getpid()
        return self._engine

    def __repr__(self) -> str:
        return f"PostgresJournal({self.place!r})"


class _PostgresRows:
    """Rows over one connection. What a transaction that writes has read stays so until it is over."""

    def __init__(self, connection: Connection, *, locking: bool) -> None:
        self._connection = connection
        self._locking = locking

    def claim(self, *names: str | None) -> None:
        lock(self._connection, *(name or "" for name in names))

    def select(self, **equal: str | None) -> tuple[Entry, ...]:
        columns = [column for column in SUBMISSIONS.c if column.name != "number"]
        conditions = [SUBMISSIONS.c[name] == value for name, value in equal.items()]
        query = select(SUBMISSIONS.c.number, *columns).where(*conditions).order_by(SUBMISSIONS.c.number)
        rows = self._connection.execute(query.with_for_update() if self._locking else query).all()
        files: dict[int, list[str]] = {}
        places = (
            select(FILES.c.submission, FILES.c.path)
            .where(FILES.c.submission.in_(select(SUBMISSIONS.c.number).where(*conditions)))
            .order_by(FILES.c.submission, FILES.c.result)
        )
        for number, path in self._connection.execute(places):
            files.setdefault(number, []).append(path)
        return tuple(
            Entry(
                **dict(zip((column.name for column in columns), row[1:], strict=True)),
                files=tuple(files.get(row[0], ())),
            )
            for row in rows
        )

    def insert(self, **facts: Any) -> None:
        self._connection.execute(insert(SUBMISSIONS).values(**facts))

    def update(self, submit_id: str, **facts: Any) -> None:
        self._connection.execute(update(SUBMISSIONS).where(SUBMISSIONS.c.submit_id == submit_id).values(**facts))

    def add_file(self, submit_id: str, **facts: Any) -> int:
        number = self._connection.scalar(select(SUBMISSIONS.c.number).where(SUBMISSIONS.c.submit_id == submit_id))
        row = postgresql.insert(FILES).values(submission=number, **facts)
        self._connection.execute(row.on_conflict_do_update(constraint="vidgate_files_result", set_=facts))
        counted = select(func.count()).select_from(FILES).where(FILES.c.submission == number)
        return self._connection.scalar(counted) or 0

    def heard(self, nonce_hash: str) -> tuple[Heard, ...]:
        query = select(CALLBACKS).where(CALLBACKS.c.nonce_hash == nonce_hash).order_by(CALLBACKS.c.heard)
        return tuple(
            Heard(nonce_hash=row.nonce_hash, task_id=row.task_id, verdict=row.verdict, at=row.heard)
            for row in self._connection.execute(query)
        )

    def add_heard(self, news: Heard) -> None:
        facts = {"nonce_hash": news.nonce_hash, "task_id": news.task_id, "verdict": news.verdict, "heard": news.at}
        self._connection.execute(insert(CALLBACKS).values(**facts))

    def drop_heard(self, nonce_hash: str, task_id: str) -> None:
        ours = (CALLBACKS.c.nonce_hash == nonce_hash) & (CALLBACKS.c.task_id == task_id)
        self._connection.execute(delete(CALLBACKS).where(ours))

    def spent(self, states: Sequence[str], unknown: float, **equal: str | None) -> float:
        conditions = [SUBMISSIONS.c[name] == value for name, value in equal.items()]
        each = func.coalesce(SUBMISSIONS.c.credits_reserved, unknown)
        query = select(func.sum(each)).where(*conditions, SUBMISSIONS.c.state.in_(states))
        return self._connection.scalar(query) or 0.0

    def salt(self) -> bytes:
        row = postgresql.insert(FACTS).values(name="salt", value=secrets.token_bytes(32))
        self._connection.execute(row.on_conflict_do_nothing())
        return bytes(self._connection.execute(select(FACTS.c.value).where(FACTS.c.name == "salt")).scalar_one())


def address_of(url: str) -> URL:
    """The address as SQLAlchemy takes it; raises ConfigurationError for one that is none."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise errors.ConfigurationError(
            "This is no address of a database.", hint="Give one such as postgresql://user@host/database."
        ) from None
    if parsed.drivername not in {"postgresql", "postgres"}:
        raise errors.ConfigurationError(
            f"{parsed.drivername}: is no address of PostgreSQL.",
            hint="Give one such as postgresql://user@host/database.",
        )
    return parsed.set(drivername="postgresql+psycopg")


def _look(connection: Connection) -> int:
    """The version of the tables, 0 where there are none; raises JournalError for a newer one than this program's."""
    if not inspect(connection).has_table(FACTS.name):
        return 0
    found = int(connection.execute(select(FACTS.c.value).where(FACTS.c.name == "version")).scalar_one())
    if found > VERSION:
        raise errors.JournalError(
            f"The journal was written by a newer vidgate (version {found} of its tables).", hint="Update vidgate."
        )
    return found


def _make(connection: Connection) -> None:
    """One process makes the tables, or brings older ones forward; the others wait and find them."""
    lock(connection, "tables")
    version = _look(connection)
    if version == VERSION:
        return
    if version:
        for step in STEPS[version - 1 :]:
            for statement in step:
                connection.execute(text(statement))
    METADATA.create_all(connection)
    row = postgresql.insert(FACTS).values(name="version", value=str(VERSION).encode())
    connection.execute(row.on_conflict_do_update(constraint=FACTS.primary_key, set_={"value": row.excluded.value}))


def lock(connection: Connection, *names: str) -> None:
    """Wait for everybody else who names the same; the database lets go at the end of the transaction."""
    digest = hashlib.sha256("\0".join(("vidgate", *names)).encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    connection.execute(select(func.pg_advisory_xact_lock(number)))


def _is_passing(error: SQLAlchemyError) -> bool:
    """Whether the server went away, is not there yet, or gave up a transaction in favour of another."""
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or not state or state.startswith(("08", "40", "57P"))


def _problem(place: str, error: SQLAlchemyError) -> errors.JournalError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    text = str(cause).partition("\n")[0].strip() or type(error).__name__
    return errors.JournalError(
        f"The journal {place} cannot be used: {text}",
        hint="Check the address, the rights of its user, and that the server runs.",
    )
