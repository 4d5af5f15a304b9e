"""Procrastinate as we use it: three tasks, a slot per item in flight, and the jobs of lost workers taken up.

`max_in_flight` is the engine's own lock. A slot is a lock that only one job holds at a time; the job that polls has a
higher priority than one that submits, and the engine lets no job of a lock overtake such a one even before its time
has come. So a slot's next item is submitted when the task of the one before has ended.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy
from procrastinate.schema import SchemaManager

from vidgate import errors
from vidgate.cluster._jobs import STEPS, STRANGER_PAUSE, Again, Ended, Order, Then
from vidgate.cluster._journal import lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from vidgate.cluster._jobs import Move, Step, Work
    from vidgate.cluster._journal import PostgresJournal

QUEUE: Final = "vidgate"
PRIORITIES: Final[dict[Step, int]] = {"submit": 0, "poll": 1, "download": 2}
SWEEP: Final = "vidgate.sweep"


class Later(Exception):
    """The same job once more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:g} seconds")
        self.seconds = seconds


class OnRequest(BaseRetryStrategy):
    """A job is run again when it asks for it, and when the end of its worker cut it off; a bug of ours is not."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        if isinstance(exception, Later):
            # The engine takes whole units only.
            return RetryDecision(retry_in={"milliseconds": max(0, round(exception.seconds * 1000))})
        return None if isinstance(exception, Exception) else RetryDecision(retry_in={"seconds": 0})


class Connector(PsycopgConnector):
    """Tells the worker when the outcome of a job may not have reached the engine.

    Such a job would stay this worker's for ever; only a worker that gives up its number leaves it to be found.
    """

    def __init__(self, *, lost: Callable[[], object], **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType] - its own annotations are partial
        self._lost = lost

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        try:
            await super().execute_query_async(query, **arguments)
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.OperationalError):
                self._lost()
            raise


def prepare(journal: PostgresJournal) -> None:
    """Make the engine's tables where there are none; later versions of them are the engine's own migrations."""
    journal.patiently(_make)


def _make(connection: Connection) -> None:
    lock(connection, "engine")
    if connection.exec_driver_sql("SELECT to_regclass('procrastinate_jobs')").scalar() is None:
        connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def make_app(journal: PostgresJournal, *, lost: Callable[[], object], connections: int) -> App:
    """The engine of a worker, without tasks."""
    options = {"conninfo": journal.conninfo, "min_size": 1, "max_size": connections}
    return App(connector=Connector(lost=lost, **options))


def add_tasks(app: App, work: Work, *, stalled_after: float, tell: Callable[[str], object]) -> None:
    """The three jobs, and the one that takes up what lost workers left."""
    for step in STEPS:
        _add_step(app, step, work, tell)

    seconds = max(1, min(30, round(stalled_after / 2)))

    @app.periodic(cron=f"* * * * * */{seconds}")
    @app.task(name=SWEEP, queue=QUEUE, pass_context=True, priority=10, queueing_lock=SWEEP)
    async def sweep(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the engine's signature
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=stalled_after):
            # Another sweep may have been quicker; a job that runs twice does no harm.
            with contextlib.suppress(ConnectorException):
                if job.task_name == SWEEP:
                    await manager.finish_job(job, Status.FAILED, delete_job=True)
                else:
                    await manager.retry_job(job)


def _add_step(app: App, step: Step, work: Work, tell: Callable[[str], object]) -> None:
    @app.task(name=f"vidgate.{step}", queue=QUEUE, pass_context=True, retry=OnRequest())
    async def run(context: JobContext, order: dict[str, Any]) -> None:
        this = Order(**order)
        try:
            move: Move = await STEPS[step](work, this, context.job.attempts)
            if isinstance(move, Then):
                await app.job_manager.defer_job_async(job_of(move.step, move.order, seconds=move.seconds))
        except errors.ConfigurationError as error:
            move = Again(seconds=STRANGER_PAUSE, why=str(error))
        except (errors.JournalError, ConnectorException) as error:
            move = Again(seconds=5.0, why=str(error))
        if isinstance(move, Again):
            if move.why:
                tell(f"{this.item}: {move.why}")
            raise Later(move.seconds)
        if isinstance(move, Ended):
            tell(f"{this.item}: {move.text}")


def job_of(step: Step, order: Order, *, seconds: float = 0.0) -> Job:
    """A job as the engine takes it."""
    return Job(
        queue=QUEUE,
        task_name=f"vidgate.{step}",
        priority=PRIORITIES[step],
        # Saving a result is nobody's slot, but two must not write one file.
        lock=f"{order.slot} {order.item}" if step == "download" else order.slot,
        queueing_lock=None,
        task_kwargs={"order": order.dump()},
        scheduled_at=datetime.now(UTC) + timedelta(seconds=seconds) if seconds > 0 else None,
    )
