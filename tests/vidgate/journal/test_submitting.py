"""The journal is written before a paid request leaves and after it, whatever happens to its file."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.journal.submissions import ACCEPTED, ID, KEY, REQUESTS, begin, create, only
from vidgate import AsyncEvoLink, errors
from vidgate._journal.records import Accepted, NotAccepted
from vidgate._state import TaskState
from vidgate.journal import Entry, Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_the_intent_is_on_the_disk_before_the_post(open_world: Callable[..., Any], path: Path, provider: str) -> None:
    """While the provider reads the request, another process can read that it was sent; then its id stands there."""
    during: list[Entry] = []

    def answer(request: httpx.Request) -> Any:
        during.append(only(path))
        assert request.headers["idempotency-key"] == during[0].idempotency_key
        assert request.content == during[0].request
        return 200, ACCEPTED[provider]

    world = open_world(provider, answer, journal=path)
    create(world, provider)
    after = only(path)
    assert (during[0].state, during[0].task_id) == ("intent", None)
    assert (after.state, after.task_id, after.submit_id) == ("submitted", ID, during[0].submit_id)
    assert (after.request, after.request_hash) == (None, during[0].request_hash)
    assert after.model == REQUESTS[provider]["model"]
    assert (after.credits_reserved, after.links_expire) == (
        (12.5, 1_800_086_400.0) if provider == "evolink" else (None, None)
    )


OUTCOMES: dict[str, tuple[Any, str, bool]] = {
    "rejected": ((400, {"error": {"message": "no", "code": "invalid_parameter"}}), "rejected", False),
    "no connection": (httpx.ConnectError("refused"), "rejected", False),
    "no answer": (httpx.ReadTimeout("silence"), "unknown", True),
    "a gateway's page": ((502, "<html>bad gateway</html>"), "unknown", True),
    "no id": ((200, {"status": "pending"}), "unknown", True),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_is_kept(open_world: Callable[..., Any], path: Path, outcome: str) -> None:
    """Certainly rejected or unknown; the request stays only where it is needed for settling."""
    answer, state, kept = OUTCOMES[outcome]
    world = open_world("evolink", [answer], journal=path, attempts=1)
    with pytest.raises(errors.VidgateError) as caught:
        create(world)
    entry = only(path)
    assert (entry.state, entry.request is not None) == (state, kept)
    assert entry.error == caught.value.message
    if isinstance(caught.value, errors.SubmitUnknown):
        assert caught.value.submit_id == entry.submit_id
        assert f"vidgate recover {entry.submit_id}" in caught.value.hint


def garbage(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all, but it is long enough to have a header" * 20)


def another_program(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()


def newer(path: Path) -> None:
    Journal(path).fingerprint(b"")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def in_the_way(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")


def folder(path: Path) -> None:
    path.mkdir(parents=True)


BREAKAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "garbage": (garbage, "not a database"),
    "another program's": (another_program, "another program"),
    "newer": (newer, "newer vidgate"),
    "no folder": (in_the_way, "cannot be used"),
    "a folder": (folder, "cannot be used"),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_nothing_is_sent_without_a_journal(open_world: Callable[..., Any], path: Path, breakage: str) -> None:
    """A journal that cannot be written stops the submission before the POST, and says so."""
    spoil, text = BREAKAGES[breakage]
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    world = open_world("evolink", [], journal=path)
    with pytest.raises(errors.JournalError, match=text) as caught:
        create(world)
    assert caught.value.hint
    assert caught.value.task_id is None
    assert world.posts == []
    if breakage != "newer":
        assert before == (path.read_bytes() if path.is_file() else None), "the file was touched"


def test_nothing_is_sent_while_the_journal_is_locked(open_world: Callable[..., Any], path: Path) -> None:
    """Another process that holds the file for longer than the timeout stops the submission."""
    journal = Journal(path, timeout=0.0)
    journal.fingerprint(b"")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    world = open_world("evolink", [], journal=journal)
    with pytest.raises(errors.JournalError, match="locked"):
        create(world)
    holder.close()
    assert world.posts == []


def fill_up(journal: Journal) -> None:
    """Let the database grow no further, as on a full disk."""
    connection = journal._database._opened()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_nothing_is_sent_when_the_disk_is_full(open_world: Callable[..., Any], path: Path) -> None:
    """No place for the intent, no submission."""
    journal = Journal(path)
    journal.fingerprint(b"")
    fill_up(journal)
    world = open_world("evolink", [], journal=journal)
    with pytest.raises(errors.JournalError, match="full"):
        world.do(
            world.client.videos.create,
            **{**REQUESTS["evolink"], "prompt": "long " * 2_000},
        )
    assert world.posts == []


def spoil(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE submissions RENAME TO gone")
    connection.close()


def test_a_journal_that_breaks_after_the_post_gives_the_task_id(open_world: Callable[..., Any], path: Path) -> None:
    """The task is paid: its id is on the error, and the error says that it runs."""

    def answer(_: httpx.Request) -> Any:
        spoil(path)
        return 200, ACCEPTED["evolink"]

    world = open_world("evolink", answer, journal=path)
    with pytest.raises(errors.JournalError, match=ID) as caught:
        create(world)
    assert caught.value.task_id == ID
    assert "is paid" in caught.value.hint


def test_a_journal_that_breaks_does_not_hide_an_unknown_outcome(open_world: Callable[..., Any], path: Path) -> None:
    """SubmitUnknown with its keys comes through; the intent was written before."""

    def answer(_: httpx.Request) -> Any:
        spoil(path)
        return 502, "<html>"

    world = open_world("evolink", answer, journal=path)
    with pytest.raises(errors.SubmitUnknown) as caught:
        create(world)
    assert caught.value.submit_id
    assert caught.value.idempotency_key


def test_waiting_goes_on_when_the_journal_breaks(open_world: Callable[..., Any], path: Path) -> None:
    """The id is in the file already, so a reading only warns."""

    def answer(request: httpx.Request) -> Any:
        return 200, (ACCEPTED["evolink"] if request.method == "POST" else {"id": ID, "status": "processing"})

    world = open_world("evolink", answer, journal=path)
    create(world)
    spoil(path)
    with pytest.warns(errors.JournalWarning, match="cannot be used"):
        assert world.do(world.client.tasks.get, ID).status == "processing"


def test_two_tasks_under_one_key_are_both_kept(path: Path) -> None:
    """A provider that forgot a key makes a second task: it is paid, so it has a row."""
    journal = Journal(path)
    ticket = begin(journal, "key-0123456789abcdef")
    for number in (1, 2, 2):
        task = TaskState(provider="evolink", id=f"task-{number}", status="pending", verdict="running")
        journal.accept(Accepted(submit_id=ticket.submit_id, task=task, credits_reserved=1.0, links_expire=None), 1.0)
    journal.refuse(NotAccepted(submit_id=ticket.submit_id, certain=False, error="late"), 2.0)
    assert [entry.task_id for entry in journal.entries()][:2] == ["task-1", "task-2"]
    assert {entry.state for entry in journal.entries()} == {"submitted"}


def test_a_cancelled_submission_is_left_as_an_intent(path: Path) -> None:
    """A task group that gives up in the middle of a POST leaves a row that can be settled."""
    import asyncio

    async def run() -> None:
        started = asyncio.Event()

        async def hang(_: httpx.Request) -> httpx.Response:
            started.set()
            await asyncio.Event().wait()
            raise AssertionError

        async with AsyncEvoLink(KEY, transport=httpx.MockTransport(hang), journal=path) as client:
            submission = asyncio.create_task(client.videos.create_from(REQUESTS["evolink"]))
            await started.wait()
            submission.cancel()
            with pytest.raises(asyncio.CancelledError):
                await submission

    asyncio.run(run())
    entry = only(path)
    assert entry.state == "intent"
    assert json.loads(entry.request or b"") == REQUESTS["evolink"]
