"""The journal in a SQLite file: its rows as SQL; see `base` for what is written, `database` for the file."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from vidgate._journal.base import BaseJournal
from vidgate._journal.database import Database
from vidgate._journal.records import Entry, Heard

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from vidgate._journal.base import KeepRequests, Rows

T = TypeVar("T")

_COLUMNS = (
    "submit_id, provider, base_url, account, model, idempotency_key, request_hash, request, state, task_id, status, "
    "credits_reserved, links_expire, error, created, updated, batch, item, nonce_hash, holder, held_until, number"
)


class Journal(BaseJournal):
    """A journal in one file, opened when it is first needed.

    `timeout`: seconds to wait while another process writes. `keep_requests`: whether bodies, and with them prompts,
    stay in the file: `unsettled` (until the outcome is known), `always`, or `never` (an open outcome can then not be
    settled by sending the same request again). A new file can be read by its owner only.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, timeout: float = 10.0, keep_requests: KeepRequests = "unsettled"
    ) -> None:
        super().__init__(keep_requests=keep_requests)
        self._database = Database(path, timeout=timeout)

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    @property
    def place(self) -> str:
        """The file, for people."""
        return str(self.path)

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self._database.is_there

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._database.close()

    def _transact(
        self, kind: Literal["read", "write"], function: Callable[[Rows], T], *, within: float | None = None
    ) -> T:
        with self._database.transaction(kind, within) as connection:
            return function(_SQLiteRows(connection))

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"


class _SQLiteRows:
    """Rows over one connection. Names of columns are our own words, so they stand in the text of statements."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def claim(self, *names: str | None) -> None:
        """A transaction that writes has the whole file for itself."""

    def select(self, **equal: str | None) -> tuple[Entry, ...]:
        condition = " AND ".join(f"{name} = ?" for name in equal) or "1"
        values = tuple(equal.values())
        files: dict[int, list[str]] = {}
        query = "SELECT submission, path FROM files WHERE submission IN (SELECT number FROM submissions WHERE {}) "
        for number, path in self._connection.execute(query.format(condition) + "ORDER BY submission, result", values):
            files.setdefault(number, []).append(path)
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM submissions WHERE {condition} ORDER BY number",  # noqa: S608 - our own words
            values,
        ).fetchall()
        names = _COLUMNS.split(", ")[:-1]
        return tuple(Entry(**dict(zip(names, row, strict=False)), files=tuple(files.get(row[-1], ()))) for row in rows)

    def insert(self, **facts: Any) -> None:
        marks = ", ".join("?" * len(facts))
        self._connection.execute(
            f"INSERT INTO submissions ({', '.join(facts)}) VALUES ({marks})",  # noqa: S608 - our own words
            tuple(facts.values()),
        )

    def update(self, submit_id: str, **facts: Any) -> None:
        settings = ", ".join(f"{name} = ?" for name in facts)
        self._connection.execute(
            f"UPDATE submissions SET {settings} WHERE submit_id = ?",  # noqa: S608 - our own words
            (*facts.values(), submit_id),
        )

    def add_file(self, submit_id: str, **facts: Any) -> int:
        (number,) = self._connection.execute(
            "SELECT number FROM submissions WHERE submit_id = ?", (submit_id,)
        ).fetchone()
        self._connection.execute(
            f"INSERT OR REPLACE INTO files (submission, {', '.join(facts)}) "  # noqa: S608 - our own words
            f"VALUES ({', '.join('?' * (len(facts) + 1))})",
            (number, *facts.values()),
        )
        (count,) = self._connection.execute("SELECT count(*) FROM files WHERE submission = ?", (number,)).fetchone()
        return int(count)

    def heard(self, nonce_hash: str) -> tuple[Heard, ...]:
        query = "SELECT task_id, verdict, heard FROM callbacks WHERE nonce_hash = ? ORDER BY heard"
        return tuple(
            Heard(nonce_hash=nonce_hash, task_id=task_id, verdict=verdict, at=at)
            for task_id, verdict, at in self._connection.execute(query, (nonce_hash,))
        )

    def add_heard(self, news: Heard) -> None:
        self._connection.execute(
            "INSERT INTO callbacks (nonce_hash, task_id, verdict, heard) VALUES (?, ?, ?, ?)",
            (news.nonce_hash, news.task_id, news.verdict, news.at),
        )

    def drop_heard(self, nonce_hash: str, task_id: str) -> None:
        self._connection.execute("DELETE FROM callbacks WHERE nonce_hash = ? AND task_id = ?", (nonce_hash, task_id))

    def spent(self, states: Sequence[str], unknown: float, **equal: str | None) -> float:
        condition = " AND ".join(f"{name} = ?" for name in equal)
        (spent,) = self._connection.execute(
            f"SELECT total(coalesce(credits_reserved, ?)) FROM submissions WHERE {condition} "  # noqa: S608 - our words
            f"AND state IN ({', '.join('?' * len(states))})",
            (unknown, *equal.values(), *states),
        ).fetchone()
        return float(spent)

    def salt(self) -> bytes:
        self._connection.execute(
            "INSERT OR IGNORE INTO facts (name, value) VALUES ('salt', ?)", (secrets.token_bytes(32),)
        )
        (salt,) = self._connection.execute("SELECT value FROM facts WHERE name = 'salt'").fetchone()
        return bytes(salt)
