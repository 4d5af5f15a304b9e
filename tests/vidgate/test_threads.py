"""Blocking work of async clients: whoever cancels it finds it done, not under way."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import AsyncEvoLink
from vidgate._disk import Disk
from vidgate._effects import MakeFolder
from vidgate._secret import Secret
from vidgate._threads import to_its_end
from vidgate._transfer import AsyncTransfer
from vidgate.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

CREATED = {"id": "task-unified-1", "status": "pending", "created": 1_800_000_000}
REQUEST: dict[str, Any] = {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls", "duration": 6}


class Slow:
    """Work that goes on only when it is told to."""

    def __init__(self, inner: Any = None) -> None:
        self.begun, self.told = threading.Event(), threading.Event()
        self.ended = False
        self._inner = inner

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        self.begun.set()
        assert self.told.wait(30)
        answer = self._inner(*arguments, **keywords) if self._inner else arguments
        self.ended = True
        return answer


async def cancel_during(work: asyncio.Task[Any], slow: Slow) -> None:
    """Cancel while the slow part is under way, and let it go on a little later."""
    await asyncio.to_thread(slow.begun.wait, 30)
    work.cancel()
    await asyncio.sleep(0.01)
    early = work.done()
    slow.told.set()
    assert not early
    with pytest.raises(asyncio.CancelledError):
        await work


def test_what_is_not_cancelled_answers() -> None:
    """The answer of the function is the answer."""
    slow = Slow()
    slow.told.set()
    assert asyncio.run(to_its_end(slow, 1, 2)) == (1, 2)


def test_an_error_comes_through() -> None:
    """As it was raised."""

    def fail() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        asyncio.run(to_its_end(fail))


def test_a_cancelled_one_is_over() -> None:
    """The cancellation arrives when nothing is under way any more."""

    async def run() -> None:
        slow = Slow()
        await cancel_during(asyncio.create_task(to_its_end(slow)), slow)
        assert slow.ended

    asyncio.run(run())


def test_a_second_cancellation_waits_as_well() -> None:
    """Whoever is impatient finds nothing under way either."""

    async def run() -> None:
        slow = Slow()
        work = asyncio.create_task(to_its_end(slow))
        await asyncio.to_thread(slow.begun.wait, 30)
        work.cancel()
        await asyncio.sleep(0.01)
        await cancel_during(work, slow)
        assert slow.ended

    asyncio.run(run())


def test_the_function_sees_the_context_of_its_caller() -> None:
    """Whatever follows a request through a program, such as a span, reaches the thread."""
    followed: ContextVar[str] = ContextVar("followed", default="nobody")

    async def run() -> str:
        followed.set("me")
        return await to_its_end(followed.get)

    assert asyncio.run(run()) == "me"


def test_a_step_on_the_disk_that_is_cancelled_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a download does to files is done when the cancellation arrives, not behind the back of whoever goes on."""

    async def run() -> None:
        slow = Slow(Disk().perform)
        monkeypatch.setattr(Disk, "perform", lambda _, effect: slow(effect))
        async with httpx.AsyncClient() as http:
            transfer = AsyncTransfer(http, Secret("sk-0123456789"))
            work = asyncio.create_task(transfer.perform(MakeFolder(tmp_path / "films", root=tmp_path)))
            await cancel_during(work, slow)
            assert (tmp_path / "films").is_dir()

    asyncio.run(run())


def test_a_submission_cancelled_while_it_is_written_down_is_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider has accepted it: whoever cancels finds its id at once."""

    async def run() -> None:
        journal = Journal(tmp_path / "journal.sqlite3")
        slow = Slow(journal.accept)
        monkeypatch.setattr(journal, "accept", slow)
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=CREATED))
        async with AsyncEvoLink("sk-0123456789", transport=transport, journal=journal) as client:
            await cancel_during(asyncio.create_task(_made(client)), slow)
            assert [entry.task_id for entry in await client.pending()] == ["task-unified-1"]
        journal.close()

    asyncio.run(run())


async def _made(client: AsyncEvoLink) -> Any:
    return await client.videos.create_from(REQUEST)
