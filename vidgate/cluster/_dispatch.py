"""Handing a batch to the engine, and seeing what became of it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException

from vidgate import errors
from vidgate._batch.run import DEFAULT_TIMEOUT, TEMPLATE, saving_at
from vidgate._batch.state import BatchState, name_fault
from vidgate._options import check_seconds
from vidgate.cluster._engine import QUEUE, job_of, prepare
from vidgate.cluster._jobs import Order
from vidgate.cluster._journal import PostgresJournal

if TYPE_CHECKING:
    import os
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from vidgate import APIMart, EvoLink
    from vidgate._journal.records import Entry

AT_ONCE: Final = 500
"""Jobs in one statement."""

Standing: TypeAlias = Literal["waiting", "running", "done", "failed", "unknown", "left"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How it stands with an item; `entry` is what the journal has of it.

    `waiting` (to be submitted) and `running` (submitted) are in the engine's hands. `left`: nobody works on it, and
    dispatching it again takes it up. `unknown`: nobody knows whether it was accepted; `hint` says how to settle it.
    """

    item: str
    standing: Standing
    entry: Entry | None = None
    hint: str = ""


class Cluster:
    """Batches of a client whose journal is a PostgresJournal."""

    def __init__(self, client: EvoLink | APIMart) -> None:
        journal = client.journal
        if not isinstance(journal, PostgresJournal):
            raise errors.ConfigurationError(
                "This client's journal is in no database.", hint='Give it one: journal="postgresql://user@host/name".'
            )
        self._client = client
        self._journal = journal

    @property
    def place(self) -> str:
        """The database, for people; no password is in it."""
        return self._journal.place

    def dispatch(
        self,
        name: str,
        items: Iterable[tuple[str, Mapping[str, Any]]],
        *,
        max_in_flight: int = 4,
        max_credits: float | None = None,
        credits_per_item: float | None = None,
        into: str | os.PathLike[str] | None = None,
        template: str = TEMPLATE,
        overwrite: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> int:
        """Hand the engine a job for each item that is neither finished nor in its hands; how many there were.

        Items whose outcome nobody knows are left alone; `progress` says how to settle them. The parameters are those of
        `client.batch` and its `run`; `into` is a folder of the workers.
        """
        state = BatchState(
            self._client,
            name,
            max_in_flight=max_in_flight,
            max_credits=max_credits,
            credits_per_item=credits_per_item,
        )
        saving_at(into, template, overwrite=overwrite)
        check_seconds("timeout", timeout)
        pairs = list(items)
        _check(pairs)
        progress = self.progress(name, [item for item, _ in pairs], saving=into is not None)
        for (item, request), one in zip(pairs, progress, strict=True):
            if one.entry is not None and one.entry.state != "rejected":
                state.advise(item, one.entry, request)
        # What is unknown goes to a worker only where asking again is safe by the provider's own word.
        open_ones = {"left", "unknown"} if self._client.provider.resend.basis == "stated" else {"left"}
        jobs = [
            job_of(
                "submit",
                Order(
                    provider=self._client.provider.name,
                    base_url=self._client.base_url,
                    account=self._client.kept().account(),
                    batch=name,
                    item=item,
                    slot=f"vidgate {name} {number % max_in_flight}",
                    timeout=timeout,
                    into=None if into is None else str(into),
                    template=template,
                    overwrite=overwrite,
                    max_credits=max_credits,
                    credits_per_item=credits_per_item,
                    request=dict(request),
                ),
            )
            for number, ((item, request), one) in enumerate(zip(pairs, progress, strict=True))
            if one.standing in open_ones
        ]
        with self._app() as app:
            for start in range(0, len(jobs), AT_ONCE):
                app.job_manager.batch_defer_jobs(jobs[start : start + AT_ONCE])
        return len(jobs)

    def progress(self, name: str, items: Iterable[str], *, saving: bool) -> tuple[Progress, ...]:
        """How it stands with each item. `saving`: an item is done when its results are saved."""
        busy = self._busy(name)  # before the journal is read: what ends in between is seen as done, not as left
        entries: dict[str | None, Entry] = {}
        for entry in self._client.kept().entries(batch=name):
            if entry.state != "rejected" or entry.item not in entries:
                entries[entry.item] = entry
        return tuple(self._standing(item, entries.get(item), busy=item in busy, saving=saving) for item in items)

    def _standing(self, item: str, entry: Entry | None, *, busy: bool, saving: bool) -> Progress:
        if entry is None or entry.state == "rejected":
            return Progress(item=item, standing="waiting" if busy else "left", entry=entry)
        if entry.state in {"failed", "cancelled"}:
            return Progress(item=item, standing="failed", entry=entry)
        if entry.state == "downloaded" or (entry.state == "completed" and not saving):
            return Progress(item=item, standing="done", entry=entry)
        if entry.task_id is None and not busy:
            advice = self._client.provider.resend.advice(entry.submit_id)
            return Progress(item=item, standing="unknown", entry=entry, hint=advice)
        return Progress(item=item, standing="running" if busy else "left", entry=entry)

    def _busy(self, name: str) -> set[str]:
        """The items that the engine has a job for."""
        with self._app() as app:
            orders = [
                job.task_kwargs.get("order")
                for status in ("todo", "doing")
                for job in app.job_manager.list_jobs(queue=QUEUE, status=status)
            ]
        return {str(order["item"]) for order in orders if isinstance(order, dict) and order.get("batch") == name}

    @contextlib.contextmanager
    def _app(self) -> Generator[App]:
        prepare(self._journal)
        app = App(connector=SyncPsycopgConnector(conninfo=self._journal.conninfo, min_size=1, max_size=1))
        try:
            with app.open():
                yield app
        except (ConnectorException, psycopg.Error) as error:
            cause = str(error.__cause__ or error).partition("\n")[0]
        else:
            return
        raise errors.JournalError(f"The engine at {self._journal.place} cannot be used: {cause}")


def _check(pairs: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Refuse what the engine's tables cannot hold, before it has any of the batch; raises ConfigurationError."""
    seen: set[str] = set()
    for item, request in pairs:
        fault = "is there twice" if item in seen else name_fault(item)
        if fault is None and "\\u0000" in json.dumps(request):
            fault = "has a NUL in its request, which PostgreSQL does not keep"
        if fault is not None:
            raise errors.ConfigurationError(f"The item {item!a:.80} {fault}.", hint="Nothing was handed over.")
        seen.add(item)
