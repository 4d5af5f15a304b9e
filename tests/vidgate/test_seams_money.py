"""Between a paid answer and the journal: whatever breaks in there, the task or its key stays known."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.vidgate.client_cases import CREATED, ID, REQUEST
from vidgate import AsyncEvoLink, EvoLink, _drive, errors
from vidgate._journal import claims
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vidgate._journal.records import Record

KEY: Final = "sk-0123456789abcdefSECRET"


class Broken(logging.Handler):
    """A handler of the program that raises, as none should."""

    def emit(self, record: logging.LogRecord) -> None:
        raise LookupError(record.getMessage())


@pytest.fixture
def broken_log() -> Iterator[None]:
    logger, handler = logging.getLogger("vidgate"), Broken()
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def accepts(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=CREATED)


@pytest.mark.usefixtures("broken_log")
def test_a_log_that_raises_loses_no_task(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """Its line about the answer comes before the journal's row."""
    logging.getLogger("vidgate").setLevel(logging.DEBUG)
    journal = Journal(tmp_path / "journal.sqlite3")
    world = open_world("evolink", accepts, journal=journal)
    assert world.do(world.client.videos.create_from, REQUEST).id == ID
    assert [entry.task_id for entry in journal.entries()] == [ID]


@pytest.mark.usefixtures("broken_log")
@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING])
def test_a_log_that_raises_hides_no_open_outcome(open_world: Callable[..., Any], level: int) -> None:
    """The error with the key to settle it is what comes out."""
    logging.getLogger("vidgate").setLevel(level)
    world = open_world("evolink", lambda _: httpx.Response(500), journal=False)
    with pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create_from, REQUEST)
    assert caught.value.idempotency_key == world.requests[0].headers["idempotency-key"]


def test_a_hook_that_raises_in_a_broken_log(open_world: Callable[..., Any], broken_log: None) -> None:
    """The complaint about the hook cannot be written; the task is there all the same."""

    def hook(_: object) -> None:
        raise RuntimeError

    world = open_world("evolink", accepts, journal=False, hooks=[hook])
    assert world.do(world.client.videos.create_from, REQUEST).id == ID


def test_cancelled_before_it_was_sent_nobody_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of the intent is written; who was to send it has gone, and the next one need not wait."""
    journal = Journal(tmp_path / "journal.sqlite3")
    begin, begun, told = journal.begin, threading.Event(), threading.Event()
    before = set(claims._UNDER_WAY)

    def slow(**facts: Any) -> Any:
        ticket = begin(**facts)
        begun.set()
        assert told.wait(30)
        return ticket

    async def run() -> str:
        async with AsyncEvoLink(KEY, transport=httpx.MockTransport(accepts), journal=journal) as client:
            monkeypatch.setattr(journal, "begin", slow)
            work = asyncio.ensure_future(client.videos.create_from(REQUEST))
            await asyncio.to_thread(begun.wait, 30)
            work.cancel()
            told.set()
            with pytest.raises(asyncio.CancelledError):
                await work
            monkeypatch.setattr(journal, "begin", begin)
            (left,) = journal.entries()
            return (await client.recover(left.submit_id, replay=True)).id

    assert asyncio.run(run()) == ID
    assert before == claims._UNDER_WAY


def test_an_event_loop_that_ends_loses_no_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cancels all of its tasks, in the very step that begins to write down what was accepted."""
    journal = Journal(tmp_path / "journal.sqlite3")
    written = _drive._written

    async def write_and_stop(recorder: Any, record: Record) -> object:
        if type(record).__name__ == "Accepted":
            asyncio.get_running_loop().stop()
        return await written(recorder, record)

    async def run() -> None:
        client = AsyncEvoLink(KEY, transport=httpx.MockTransport(accepts), journal=journal)
        await client.videos.create_from(REQUEST)

    monkeypatch.setattr(_drive, "_written", write_and_stop)
    with pytest.raises(RuntimeError, match="stopped"):
        asyncio.run(run())
    assert [entry.task_id for entry in journal.entries()] == [ID]


def test_who_cancels_twice_waits_for_the_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one would leave a thread that writes behind the back of whoever goes on."""
    journal = Journal(tmp_path / "journal.sqlite3")
    accept, begun, told = journal.accept, threading.Event(), threading.Event()

    def slow(*arguments: Any) -> None:
        begun.set()
        assert told.wait(30)
        accept(*arguments)

    async def run() -> None:
        async with AsyncEvoLink(KEY, transport=httpx.MockTransport(accepts), journal=journal) as client:
            monkeypatch.setattr(journal, "accept", slow)
            work = asyncio.ensure_future(client.videos.create_from(REQUEST))
            await asyncio.to_thread(begun.wait, 30)
            for _ in range(3):
                work.cancel()
                await asyncio.sleep(0.01)
            assert not work.done()
            told.set()
            with pytest.raises(asyncio.CancelledError):
                await work
            assert [entry.task_id for entry in journal.entries()] == [ID]

    asyncio.run(run())


@pytest.mark.parametrize("method", ["fingerprint", "accept"])
def test_ctrl_c_before_the_row_is_there_leaves_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Also when it comes behind the answer: the note names what settles it, if anything was sent."""
    journal = Journal(tmp_path / "journal.sqlite3")

    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        return accepts(request)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(journal, method, interrupted)
    with (
        EvoLink(KEY, transport=httpx.MockTransport(answer), journal=journal) as client,
        pytest.raises(KeyboardInterrupt) as caught,
    ):
        client.videos.create_from(REQUEST)
    notes = "".join(getattr(caught.value, "__notes__", []))
    assert [key in notes for key in keys] == ([True] if method == "accept" else [])
    assert bool(notes) == bool(keys)


def test_ctrl_c_while_a_task_is_waited_for_leaves_no_note(open_world: Callable[..., Any]) -> None:
    """What was paid is known: nothing is open any more."""

    class Interrupting:
        def now(self) -> float:
            return 0.0

        def sleep(self, _: float, /) -> None:
            raise KeyboardInterrupt

        async def asleep(self, _: float, /) -> None:
            raise KeyboardInterrupt

    world = open_world("evolink", accepts, journal=False, clock=Interrupting())

    def run() -> Any:
        task = world.do(world.client.videos.create_from, REQUEST)
        return world.do(task.wait)

    with pytest.raises(KeyboardInterrupt) as caught:
        run()
    assert not getattr(caught.value, "__notes__", [])


def test_cancelled_while_hooks_end_the_task_is_named() -> None:
    """The answer is there, and only a hook is slow: who gives up learns what was bought."""

    async def run() -> None:
        slow = asyncio.Event()

        async def hook(event: object) -> None:
            if type(event).__name__ == "SubmissionAccepted":
                slow.set()
                await asyncio.sleep(60)

        async with AsyncEvoLink(KEY, transport=httpx.MockTransport(accepts), journal=False, hooks=[hook]) as client:
            work = asyncio.ensure_future(client.videos.create_from(REQUEST))
            await slow.wait()
            work.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await work
            assert ID in "".join(caught.value.__notes__)

    asyncio.run(run())


def test_a_transaction_interrupted_at_its_beginning_holds_no_lock(tmp_path: Path) -> None:
    """Ctrl-C right behind BEGIN: other processes can write, and so can this one."""
    journal, other = Journal(tmp_path / "journal.sqlite3"), Journal(tmp_path / "journal.sqlite3", timeout=0.2)
    journal.fingerprint(b"")
    database = journal._database
    opened = database._opened()

    class Interrupted:
        def execute(self, statement: str) -> Any:
            answer = opened.execute(statement)
            if statement.startswith("BEGIN"):
                raise KeyboardInterrupt
            return answer

    database._connection = Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt), database.transaction("write"):
        raise AssertionError("it has not begun")
    database._connection = opened
    assert other.fingerprint(b"x") == journal.fingerprint(b"x")
    journal.unhear("nonce-0123456789", "task-1")


def test_a_client_renewed_by_another_thread_is_open() -> None:
    """Two threads of a forked child come at once: the later one finds the connections made."""
    with EvoLink(KEY, journal=False) as client:
        connections = client._driver.connections
        connections.leave_parent()
        connections.open()
        renewed = connections.http
        connections.open()
        assert connections.http is renewed
        connections.close()
        with pytest.raises(errors.ConfigurationError, match="closed"):
            connections.open()
        for left in connections._left:
            left.close()
