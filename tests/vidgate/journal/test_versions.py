"""A file of an earlier version is brought forward, whole or not at all."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.vidgate.journal.submissions import begin
from vidgate import errors
from vidgate._journal import database
from vidgate.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path


def test_an_older_file_is_brought_forward(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each version has one step from the one before, done once and together with the number."""
    begin(Journal(path), "key-0123456789abcdef")
    steps = (*database.MIGRATIONS, ("ALTER TABLE submissions ADD COLUMN note TEXT",))
    monkeypatch.setattr(database, "MIGRATIONS", steps)
    for _ in range(2):
        journal = Journal(path)
        assert len(journal.entries()) == 1
        journal.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
    assert connection.execute("SELECT note FROM submissions").fetchall() == [(None,)]
    connection.close()


def test_a_failed_step_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a migration is none."""
    begin(Journal(path), "key-0123456789abcdef")
    steps = (*database.MIGRATIONS, ("ALTER TABLE submissions ADD COLUMN note TEXT", "NO SUCH STATEMENT"))
    with monkeypatch.context() as context:
        context.setattr(database, "MIGRATIONS", steps)
        with pytest.raises(errors.JournalError, match="syntax error"):
            begin(Journal(path), "other-0123456789abcdef")
    assert len(Journal(path).entries()) == 1
