"""Callbacks, claims and ceilings: the same rules in a file and in PostgreSQL, also with many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from vidgate import errors
from vidgate._journal import base
from vidgate._journal.ceiling import Ceiling
from vidgate._journal.claims import new_claim
from vidgate._journal.records import Accepted, Disproved, NotAccepted
from vidgate._state import TaskState
from vidgate.cluster import PostgresJournal
from vidgate.cluster._tables import STEPS, VERSION

if TYPE_CHECKING:
    from vidgate._journal.base import BaseJournal

pytestmark = pytest.mark.cluster

OWNER = {"provider": "evolink", "base_url": "https://api.example.com", "account": "abc"}
NONCE = "n" * 32


def begin(journal: BaseJournal, key: str = "key-0123456789abcdef", **more: Any) -> str:
    """Write an intent with a callback address."""
    facts: dict[str, Any] = {**OWNER, "model": "m", "content": b"{}", "keep": True, "now": 1.0, "nonce": NONCE, **more}
    return journal.begin(idempotency_key=key, **facts).submit_id


def running(name: str) -> TaskState:
    """A running task."""
    return TaskState(provider="evolink", id=name, status="processing", verdict="running")


def standing(journal: BaseJournal) -> list[tuple[str, str | None]]:
    """State and task of each row."""
    return [(entry.state, entry.task_id) for entry in journal.entries()]


def test_a_callback_names_its_submission(journal: BaseJournal) -> None:
    """From the first news to the reading that confirms it; the same news counts once until it is forgotten."""
    assert journal.addressee(NONCE) is None
    submit_id = begin(journal)
    journal.refuse(NotAccepted(submit_id=submit_id, certain=False, error="?"), 2.0)
    found = journal.addressee(NONCE)
    assert found is not None
    assert (found.submit_id, found.nonce_hash) == (submit_id, journal.nonce_hash(NONCE))
    told = [("running", 3.0), ("completed", 3.5), ("completed", 3.6)]
    assert [journal.hear(NONCE, "task-1", verdict, now) for verdict, now in told] == [True, True, False]
    assert standing(journal) == [("named", "task-1")]
    heard = journal.heard(journal.entries()[0])
    assert [(one.task_id, one.verdict, one.at) for one in heard or ()] == [
        ("task-1", "running", 3.0),
        ("task-1", "completed", 3.5),
    ]
    journal.unhear(NONCE, "task-1")
    assert journal.hear(NONCE, "task-1", "completed", 4.0)
    journal.see(provider="evolink", base_url=OWNER["base_url"], task=running("task-1"), now=5.0)
    assert standing(journal) == [("submitted", "task-1")]
    assert journal.entries()[0].request is None


def test_a_name_that_is_taken_back_gives_way_to_another(journal: BaseJournal) -> None:
    """And when none is left, the submission is as unknown as it was."""
    submit_id = begin(journal)
    for name in ("task-1", "task-2"):
        journal.hear(NONCE, name, "completed", 2.0)
    for left in ([("named", "task-2")], [("unknown", None)]):
        named = journal.entries()[0].task_id
        assert named is not None
        journal.disprove(Disproved(submit_id=submit_id, task_id=named), 3.0)
        assert standing(journal) == left
    assert journal.entries()[0].request == b"{}"


def test_an_address_of_several_names_none(journal: BaseJournal) -> None:
    """Neither by hearsay nor when the task was read."""
    begin(journal)
    begin(journal, "another-0123456789abc")
    assert journal.hear(NONCE, "task-1", "completed", 2.0)
    journal.identify(**OWNER, nonce=NONCE, task=running("task-1"), now=3.0)
    assert standing(journal) == [("intent", None)] * 2
    assert journal.heard(journal.entries()[0]) is None


def test_a_second_task_that_was_read_has_a_row(journal: BaseJournal) -> None:
    """One, however often it is read."""
    submit_id = begin(journal)
    journal.accept(Accepted(submit_id=submit_id, task=running("task-1"), credits_reserved=1.0, links_expire=None), 2.0)
    for name in ("task-1", "task-2", "task-2"):
        journal.identify(**OWNER, nonce=NONCE, task=running(name), now=3.0)
    assert standing(journal) == [("submitted", "task-1"), ("submitted", "task-2")]


def test_one_of_many_hears_the_news_first(url: str) -> None:
    """Eight receivers on eight connections: the others are told that it is a repetition."""
    mine = PostgresJournal(url)
    begin(mine)

    def one(_: int) -> bool:
        other = PostgresJournal(url)
        try:
            return other.hear(NONCE, "task-1", "completed", 2.0)
        finally:
            other.close()

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(one, range(8))) == [False] * 7 + [True]
    assert standing(mine) == [("named", "task-1")]
    mine.close()


def test_one_of_many_sends_it_again(url: str) -> None:
    """Eight recoveries of one submission at once: the claim of one of them keeps the others out."""
    mine = PostgresJournal(url)
    submit_id = begin(mine)

    def one(_: int) -> str:
        other = PostgresJournal(url)
        try:
            return begin(other, within=60.0, claim=new_claim())
        except errors.AlreadySubmitted:
            return "refused"
        finally:
            other.close()

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(one, range(8))) == ["refused"] * 7 + [submit_id]
    assert begin(mine, now=62.0, within=60.0, claim=new_claim()) == submit_id
    mine.close()


def test_many_at_once_keep_to_one_ceiling(url: str) -> None:
    """Eight connections with an item each, and credits for four: four tickets, four objections."""

    def one(number: int) -> bool:
        other = PostgresJournal(url)
        facts: dict[str, Any] = {**OWNER, "model": "m", "content": b"{}", "keep": True, "now": 1.0}
        try:
            ticket = other.begin(
                **facts,
                idempotency_key=f"key-0123456789abcde{number}",
                batch="posters",
                item=str(number),
                ceiling=Ceiling(most=45.0, price=10.0),
            )
            return ticket.objection is None
        finally:
            other.close()

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(one, range(8))) == [False] * 4 + [True] * 4
    mine = PostgresJournal(url)
    assert len(mine.entries(batch="posters")) == 4
    mine.close()


def test_a_callback_does_not_wait_for_a_lock(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else holds the row: an error after a moment, for the provider to come again."""
    monkeypatch.setattr(base, "PROMPTLY", 0.05)
    journal = PostgresJournal(url)
    begin(journal)
    journal.nonce_hash(NONCE)
    with psycopg.connect(journal.conninfo) as other:
        other.execute("SELECT * FROM vidgate_submissions FOR UPDATE")
        with pytest.raises(errors.JournalError, match="lock timeout"):
            journal.hear(NONCE, "task-1", "completed", 2.0)
    assert journal.hear(NONCE, "task-1", "completed", 2.0)
    journal.close()


@pytest.mark.parametrize("kind", ["read", "write"])
def test_tables_of_an_older_version_are_brought_forward(url: str, kind: str) -> None:
    """By whoever comes first, also to read; their rows stay."""
    journal = PostgresJournal(url)
    begin(journal, "old-0123456789abcdef", nonce=None)
    journal.close()
    with psycopg.connect(journal.conninfo) as connection:
        connection.execute("DROP TABLE vidgate_callbacks")
        for column in ("nonce_hash", "holder", "held_until"):
            connection.execute(f"ALTER TABLE vidgate_submissions DROP COLUMN {column}")
        connection.execute("UPDATE vidgate_facts SET value = '1' WHERE name = 'version'")
    later = PostgresJournal(url)
    if kind == "write":
        begin(later)
        assert later.hear(NONCE, "task-1", "completed", 2.0)
    assert len(later.entries()) == (1 if kind == "read" else 2)
    with psycopg.connect(journal.conninfo) as connection:
        row = connection.execute("SELECT value FROM vidgate_facts WHERE name = 'version'").fetchone()
    assert row == (str(VERSION).encode(),)
    assert len(STEPS) == VERSION - 1
    later.close()
