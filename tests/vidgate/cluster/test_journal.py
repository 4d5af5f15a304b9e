"""The journal in PostgreSQL: the rules of the one in a file, with many processes and a server that may go away."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from vidgate import EvoLink, errors
from vidgate._journal.place import choose, open_journal
from vidgate._journal.records import Accepted, NotAccepted, Saved
from vidgate._state import Result, TaskState
from vidgate.cluster import PostgresJournal
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.vidgate.cluster.conftest import Server
    from vidgate._journal.base import BaseJournal

pytestmark = pytest.mark.cluster

OWNER = {"provider": "evolink", "base_url": "https://api.example.com", "account": "abc"}


def begin(journal: BaseJournal, key: str = "key-0123456789abcdef", **more: Any) -> str:
    """Write an intent."""
    facts: dict[str, Any] = {**OWNER, "model": "m", "content": b"{}", "keep": True, "now": 1.0, **more}
    return journal.begin(idempotency_key=key, **facts).submit_id


def task(name: str, **more: Any) -> TaskState:
    """A running task."""
    facts: dict[str, Any] = {"status": "processing", "verdict": "running", **more}
    return TaskState(provider="evolink", id=name, **facts)


def accept(journal: BaseJournal, submit_id: str, name: str) -> None:
    """Write that it became a task."""
    journal.accept(Accepted(submit_id=submit_id, task=task(name), credits_reserved=6.5, links_expire=99.5), 2.0)


def test_a_submission_from_its_intent_to_its_file(journal: BaseJournal, tmp_path: Path) -> None:
    """Every fact comes back as it was written, and the request goes when the outcome is known."""
    assert journal.entries() == ()
    assert journal.find("sub-1") is None
    submit_id = begin(journal, content=b'{"prompt": "\xc3\xa4"}', batch="posters", item="a")
    (entry,) = journal.entries()
    assert (entry.state, entry.request, entry.created) == ("intent", b'{"prompt": "\xc3\xa4"}', 1.0)
    accept(journal, submit_id, "task-1")
    found = journal.find("task-1", provider="evolink", base_url=OWNER["base_url"])
    assert found is not None
    assert (found.state, found.request, found.credits_reserved, found.links_expire) == ("submitted", None, 6.5, 99.5)
    result = Result(url="https://example.com/a.mp4", kind="video", expires_at=50.0)
    journal.see(**_address(), task=task("task-1", verdict="completed", status="completed", results=(result,)), now=3.0)
    (entry,) = journal.entries(batch="posters", item="a", state="completed")
    assert (entry.links_expire, entry.updated) == (50.0, 3.0)
    film = tmp_path / "a.mp4"
    film.write_bytes(b"film")
    for index, state in ((0, "completed"), (0, "completed"), (1, "downloaded")):
        saved = Saved(task_id="task-1", index=index, of=2, path=film)
        journal.save(**_address(), record=saved, path=f"/films/{index}", now=4.0)
        assert journal.entries()[0].state == state
    journal.see(**_address(), task=task("task-1"), now=5.0)
    assert (journal.entries()[0].state, journal.entries()[0].files) == ("downloaded", ("/films/0", "/films/1"))
    assert journal.entries(batch="leaflets") == ()


def _address() -> dict[str, str]:
    return {"provider": OWNER["provider"], "base_url": OWNER["base_url"]}


def test_an_item_is_begun_once_unless_it_was_rejected(journal: BaseJournal) -> None:
    """The second one learns what the first one is; what was certainly refused is tried again in the same row."""
    first = begin(journal, batch="posters", item="a")
    with pytest.raises(errors.AlreadySubmitted) as caught:
        begin(journal, batch="posters", item="a")
    assert caught.value.submit_id == first
    begin(journal, "other-0123456789abcdef", batch="leaflets", item="a")
    journal.refuse(NotAccepted(submit_id=first, certain=True, error="no"), 2.0)
    assert begin(journal, batch="posters", item="a") == first
    journal.refuse(NotAccepted(submit_id=first, certain=False, error="?"), 2.0)
    assert [entry.state for entry in journal.entries(batch="posters")] == ["unknown"]
    with pytest.raises(errors.AlreadySubmitted):
        begin(journal, "new-0123456789abcdefg", batch="posters", item="a")


def test_a_second_task_for_one_key_is_kept_as_well(journal: BaseJournal) -> None:
    """Both are paid; a later refusal does not make either forgotten."""
    submit_id = begin(journal)
    for name in ("task-1", "task-1", "task-2"):
        accept(journal, submit_id, name)
    journal.refuse(NotAccepted(submit_id=submit_id, certain=True, error="no"), 2.0)
    assert [(entry.task_id, entry.state) for entry in journal.entries()] == [
        ("task-1", "submitted"),
        ("task-2", "submitted"),
    ]
    with pytest.raises(errors.JournalError, match="no longer in the journal"):
        accept(journal, "sub-missing", "task-3")


def test_many_at_once_begin_an_item_once(url: str) -> None:
    """Eight connections, each with a key of its own: one intent, seven refusals."""

    def one(number: int) -> str:
        mine = PostgresJournal(url)
        try:
            return begin(mine, f"key-0123456789abcde{number}", batch="posters", item="a")
        except errors.AlreadySubmitted:
            return "refused"
        finally:
            mine.close()

    with ThreadPoolExecutor(8) as threads:
        found = sorted(threads.map(one, range(8)))
    assert found.count("refused") == 7
    journal = PostgresJournal(url)
    assert len(journal.entries()) == 1
    assert journal.fingerprint(b"x") == PostgresJournal(url).fingerprint(b"x")
    journal.close()


STEPS: dict[str, Callable[[BaseJournal, str], object]] = {
    "begin": lambda journal, _: begin(journal, batch="posters", item="a"),
    "accept": lambda journal, submit_id: accept(journal, submit_id, "task-1"),
    "refuse": lambda journal, submit_id: journal.refuse(
        NotAccepted(submit_id=submit_id, certain=False, error="?"), 2.0
    ),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", ["before the commit", "after the commit"])
def test_a_connection_that_breaks_costs_no_row(
    url: str, step: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction is done again, also when it had succeeded and only the answer was lost."""
    journal = PostgresJournal(url)
    submit_id = begin(journal, "first-0123456789abcdef")
    engine = journal._opened()
    commit, broken = engine.dialect.do_commit, list[str]()

    def breaking(connection: Any) -> None:
        if not broken:
            broken.append(step)
            if after == "after the commit":
                commit(connection)
            with psycopg.connect(journal.conninfo, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (connection.driver_connection.info.backend_pid,))
            if after == "after the commit":
                connection.driver_connection.execute("SELECT 1")  # as the answer of the commit would have been
        commit(connection)

    monkeypatch.setattr(engine.dialect, "do_commit", breaking)
    STEPS[step](journal, submit_id)
    assert broken == [step]
    states = [(entry.state, entry.task_id) for entry in journal.entries()]
    assert (
        states
        == {
            "begin": [("intent", None), ("intent", None)],
            "accept": [("submitted", "task-1")],
            "refuse": [("unknown", None)],
        }[step]
    )
    journal.close()


def test_a_server_that_is_restarted_is_waited_for(server: Server, url: str) -> None:
    """Nothing is asked of the caller."""
    journal = PostgresJournal(url)
    begin(journal)
    server.stop("immediate")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(journal.entries)
        server.start()
        assert len(waiting.result()) == 1
    journal.close()


def test_a_server_that_is_not_there_is_named_without_its_password(server: Server) -> None:
    """Neither in the error nor in anything that is shown."""
    journal = PostgresJournal(f"postgresql://tests:s3cret@/nowhere?host={server.place}/none", patience=0.0)
    with pytest.raises(errors.JournalError) as caught:
        journal.entries()
    assert "cannot be used" in str(caught.value)
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__} {journal!r}"
    assert "s3cret" in journal.conninfo


def test_tables_of_a_newer_version_are_left_alone(url: str) -> None:
    """The hint is to update."""
    journal = PostgresJournal(url)
    begin(journal)
    journal.close()
    with psycopg.connect(journal.conninfo) as connection:
        connection.execute("UPDATE vidgate_facts SET value = '9' WHERE name = 'version'")
    with pytest.raises(errors.JournalError, match="newer vidgate"):
        PostgresJournal(url).entries()


def test_looking_makes_no_tables(url: str) -> None:
    """As with a file."""
    journal = PostgresJournal(url)
    assert journal.entries() == ()
    with psycopg.connect(journal.conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'vidgate%'").fetchone() == (0,)
    journal.close()


def test_a_client_keeps_its_journal_in_the_database_it_is_given(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an argument, as an object, or in the environment; the client closes what it has opened."""
    with EvoLink("sk-0123456789", journal=url) as client:
        assert isinstance(client.journal, PostgresJournal)
    given = PostgresJournal(url)
    assert choose(given, base_url="", transport=None) == (given, False)
    monkeypatch.setenv("VIDGATE_JOURNAL", url)
    found, owned = choose(True, base_url="", transport=None)  # noqa: FBT003 - as the client calls it
    assert isinstance(found, PostgresJournal)
    assert owned


def test_an_address_that_is_none_is_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(errors.ConfigurationError, match="no address of a database"):
        open_journal("postgresql://host:port/x")


def test_a_path_is_still_a_file(tmp_path: Path) -> None:
    """Whatever does not begin like an address."""
    assert isinstance(open_journal(tmp_path / "postgresql"), Journal)


def test_a_fork_opens_connections_of_its_own(url: str) -> None:
    """Two processes on one connection would read each other's answers."""
    source = f"""
import os
from vidgate.cluster import PostgresJournal
journal = PostgresJournal({url!r})
journal.fingerprint(b"")
def begin(name):
    facts = {{"model": None, "content": b"", "keep": True, "now": 1.0}}
    journal.begin(provider="p", base_url="b", account="a", idempotency_key=name, **facts)
children = []
for child in range(4):
    pid = os.fork()
    if pid == 0:
        for number in range(20):
            begin(f"{{child}}-{{number}}-0123456789")
        os._exit(0)
    children.append(pid)
for number in range(20):
    begin(f"parent-{{number}}-0123456789")
assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
assert len(journal.entries()) == 100
"""
    done = subprocess.run((sys.executable, "-W", "ignore", "-c", source), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
