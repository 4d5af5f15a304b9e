"""A worker: runs jobs until it is told to stop, whatever happens to the database meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Final

import psycopg
from procrastinate.exceptions import ConnectorException

from vidgate.cluster._engine import QUEUE, add_tasks, make_app, prepare
from vidgate.cluster._jobs import Work
from vidgate.cluster._journal import PostgresJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

PATIENCE: Final = 60.0
"""Seconds that a job waits for a server that is being restarted, before it gives up."""

PAUSE: Final = 1.0
CONCURRENCY: Final = 10
STALLED_AFTER: Final = 30.0


async def run_worker(
    url: str,
    *,
    concurrency: int = CONCURRENCY,
    stalled_after: float = STALLED_AFTER,
    tell: Callable[[str], object] = lambda _: None,
) -> None:
    """Run jobs of the database at `url` until the first SIGINT or SIGTERM; those that run then are finished.

    Keys and addresses of the providers come from this process's environment. `stalled_after`: seconds without a sign of
    life after which a worker counts as lost, the same for all workers. `tell` gets a line for each thing worth knowing.
    Raises JournalError when the database cannot be used from the beginning.
    """
    journal = PostgresJournal(url, patience=PATIENCE)
    await asyncio.to_thread(prepare, journal)
    work, stop = Work(journal), asyncio.Event()
    try:
        with _signals(stop):
            while not stop.is_set():
                try:
                    await _run_once(work, stop, concurrency=concurrency, stalled_after=stalled_after, tell=tell)
                except (ConnectorException, psycopg.Error) as error:
                    cause = str(error.__cause__ or error).partition("\n")[0]
                    tell(f"the database does not answer, trying again: {cause}")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PAUSE)
    finally:
        await work.close()


async def _run_once(
    work: Work, stop: asyncio.Event, *, concurrency: int, stalled_after: float, tell: Callable[[str], object]
) -> None:
    """Run until told to stop, or until what the engine knows of this worker may be wrong."""
    lost = asyncio.Event()
    app = make_app(work.journal, lost=lost.set, connections=min(concurrency, 10) + 2)
    add_tasks(app, work, stalled_after=stalled_after, tell=tell)
    async with app.open_async():
        running = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=stalled_after / 3.0,
                stalled_worker_timeout=stalled_after,
                # What is done is in the journal; so no prompt stays in the engine.
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        watching = [asyncio.create_task(event.wait()) for event in (stop, lost)]
        try:
            await asyncio.wait((running, *watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in watching:
                task.cancel()
            if not running.done():
                running.cancel()  # the engine finishes what runs, then gives up its number
            with contextlib.suppress(asyncio.CancelledError):
                await running


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Generator[None]:
    """The first signal stops, the second one ends at once, as it would have without us."""
    loop = asyncio.get_running_loop()
    names = (signal.SIGINT, signal.SIGTERM)

    def first() -> None:
        stop.set()
        for name in names:
            loop.remove_signal_handler(name)

    for name in names:
        loop.add_signal_handler(name, first)
    try:
        yield
    finally:
        for name in names:
            loop.remove_signal_handler(name)
