"""What the jobs do: submit, poll, download. Each may be run again at any time, and twice at once; the journal decides.

Nothing here knows the engine: a step says what comes next.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from vidgate import AsyncAPIMart, AsyncEvoLink, errors
from vidgate._batch.course import MOST_UNKNOWN, Saving, known_state, save_result
from vidgate._batch.state import BatchState
from vidgate._flow import completed, ended, reread, until_next

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from vidgate._client import AsyncProviderClient
    from vidgate._journal.records import Entry
    from vidgate._state import TaskState
    from vidgate.cluster._journal import PostgresJournal

Step: TypeAlias = Literal["submit", "poll", "download"]

CLIENTS: Final[Mapping[str, type[AsyncProviderClient]]] = {"evolink": AsyncEvoLink, "apimart": AsyncAPIMart}

MOST_ATTEMPTS: Final = 20
"""Runs of a job that fails in a way that may pass; with the pauses between, some three hours."""

LONGEST_PAUSE: Final = 600.0
STRANGER_PAUSE: Final = 30.0
"""Seconds after which a job is offered again that a worker with another key or address must not do."""

NOT_FOUND_GRACE: Final = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """An item as the engine keeps it: plain JSON, no key.

    `base_url` and `account` say which address and which key (by its fingerprint) it is for; a worker compares them with
    its own and never takes an address from the database. `request` leaves once it is submitted. `timeout` in seconds
    from the submission on; `estimate` in seconds.
    """

    provider: str
    base_url: str
    account: str
    batch: str
    item: str
    slot: str
    timeout: float
    into: str | None = None
    template: str = ""
    overwrite: bool = False
    max_credits: float | None = None
    credits_per_item: float | None = None
    request: dict[str, Any] | None = None
    estimate: float | None = None

    def dump(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Again:
    """The same job once more, in so many seconds."""

    seconds: float
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Then:
    """Another job goes on."""

    step: Step
    order: Order
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """Nothing is left to do for this item; the journal has the outcome."""

    text: str


Move: TypeAlias = "Again | Then | Ended"


class Work:
    """What the jobs of one worker share: the journal, and a client for each provider, with the environment's keys."""

    def __init__(self, journal: PostgresJournal) -> None:
        self.journal = journal
        self._clients: dict[str, AsyncProviderClient] = {}
        self._turn = asyncio.Lock()

    async def client(self, order: Order) -> AsyncProviderClient:
        """The client that an item is for; raises ConfigurationError when this worker has another key or address."""
        client = self._clients.get(order.provider)
        if client is None:
            client = self._clients[order.provider] = CLIENTS[order.provider](journal=self.journal)
        if client.base_url != order.base_url:
            raise errors.ConfigurationError(
                f"{order.item} is for {order.base_url}, and this worker calls {client.base_url}.",
                hint=f"Set {client.provider.base_url_variable} for the worker.",
            )
        if await asyncio.to_thread(client.kept().account) != order.account:
            raise errors.ConfigurationError(
                f"{order.item} was dispatched with another API key than this worker has.",
                hint=f"Set {client.provider.key_variable} for the worker.",
            )
        return client

    @contextlib.asynccontextmanager
    async def alone(self, order: Order) -> AsyncGenerator[None]:
        """Where a ceiling holds, one item of the batch after the other is counted and submitted."""
        if order.max_credits is None:
            yield
            return
        async with self._turn:  # one thread of this process waits for the others, not all of them
            held = self.journal.alone(order.provider, order.base_url, order.account, order.batch)
            await asyncio.to_thread(held.__enter__)
            try:
                yield
            finally:
                await asyncio.to_thread(held.__exit__, None, None, None)

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self.journal.close()


async def submit(work: Work, order: Order, attempts: int) -> Move:
    """Submit an item that the journal does not know; go on with one that it knows."""
    client = await work.client(order)
    entry = await _entry_of(client, order)
    if entry is None:
        return await _submit_new(work, client, order, attempts)
    if entry.state in {"failed", "cancelled", "downloaded"}:
        return Ended(text=entry.state)
    if entry.task_id is None:
        return await _settle(client, order, entry)
    return _poll_of(order, known_state(entry, entry.task_id), 0.0)


async def poll(work: Work, order: Order, _: int) -> Move:
    """Read the item's task once."""
    client = await work.client(order)
    entry = await _entry_of(client, order)
    if entry is None or entry.task_id is None:
        return Ended(text="its submission is no longer in the journal")
    now = client.clock.now()
    state = replace(known_state(entry, entry.task_id), estimated_seconds=order.estimate)
    pause = until_next(client.target, state, now)
    try:
        state = await client.run(reread(client.target, state))
        if ended(state):
            completed(client.target, state)
    except errors.VidgateError as error:
        early = isinstance(error, errors.NotFound) and now < entry.created + NOT_FOUND_GRACE
        if not (early or (error.retryable and not isinstance(error, errors.TaskFailed))):
            return Ended(text=str(error))
        return _in_time(order, entry, now, Again(seconds=pause, why=str(error)))
    if not ended(state):
        return _in_time(order, entry, now, Again(seconds=until_next(client.target, state, now)))
    return Ended(text="completed") if order.into is None else Then(step="download", order=order)


async def download(work: Work, order: Order, attempts: int) -> Move:
    """Save the item's results; a run after the first replaces what the one before could not write down."""
    client = await work.client(order)
    entry = await _entry_of(client, order)
    if entry is None or entry.task_id is None or order.into is None:
        return Ended(text="its submission is no longer in the journal")
    if entry.state == "downloaded":
        return Ended(text=entry.state)
    saving = Saving(root=Path(order.into), template=order.template, overwrite=order.overwrite)
    paths: list[str] = []
    try:
        state = await client.run(reread(client.target, known_state(entry, entry.task_id)))
        for index in range(len(completed(client.target, state).results)):
            flow = save_result(client, saving, order.item, state, index, overwrite=attempts > 0)
            paths.append(str(await client.run(flow)))
    except errors.VidgateError as error:
        return _try_again(error, attempts)
    return Ended(text=f"saved {', '.join(paths)}")


STEPS: Final[Mapping[Step, Callable[[Work, Order, int], Awaitable[Move]]]] = {
    "submit": submit,
    "poll": poll,
    "download": download,
}


async def _submit_new(work: Work, client: AsyncProviderClient, order: Order, attempts: int) -> Move:
    async with work.alone(order):
        if reason := await asyncio.to_thread(_stop, client, order):
            return Ended(text=f"not submitted: {reason}")
        try:
            state: TaskState = await client.run(client.item_submission(order.batch, order.item, order.request))
        except errors.AlreadySubmitted as error:
            return Again(seconds=2.0, why=error.message)  # of a worker that was taken for dead, perhaps
        except (errors.InvalidRequest, errors.BadRequest, errors.SubmitUnknown) as error:
            return Ended(text=str(error))
        except errors.VidgateError as error:
            return _try_again(error, attempts, even_so=True)
    return _poll_of(order, state, until_next(client.target, state, client.clock.now()))


def _stop(client: AsyncProviderClient, order: Order) -> str | None:
    """Why nothing more of the batch may be submitted now; reads the journal."""
    unknown = len(client.kept().entries(batch=order.batch, state="unknown"))
    if unknown >= MOST_UNKNOWN:
        return f"nobody knows the outcome of {unknown} submissions; `vidgate recover` settles them"
    if order.max_credits is None:
        return None
    state = BatchState(
        client,
        order.batch,
        max_in_flight=1,
        max_credits=order.max_credits,
        credits_per_item=order.credits_per_item,
    )
    state.read_journal()
    return state.ceiling_of(order.request or {})


async def _settle(client: AsyncProviderClient, order: Order, entry: Entry) -> Move:
    """An earlier run may have submitted it: ask, where the provider says that asking is safe, else say what to do."""
    try:
        if client.provider.resend.basis == "stated":
            flow = await asyncio.to_thread(client.recovery, entry.submit_id, replay=False)
        else:
            flow = await asyncio.to_thread(client.resumption, entry.submit_id)  # raises, with the way to settle it
        state = await client.run(flow)
    except errors.AlreadySubmitted as error:
        return Again(seconds=STRANGER_PAUSE, why=error.message)  # another worker is at it, or was when it was killed
    except errors.VidgateError as error:
        return Ended(text=str(error))
    return _poll_of(order, state, 0.0)


async def _entry_of(client: AsyncProviderClient, order: Order) -> Entry | None:
    """What the journal has of the item: the task of a rejected submission is none."""
    known = await asyncio.to_thread(client.kept().entries, batch=order.batch, item=order.item)
    alive = [entry for entry in known if entry.state != "rejected"]
    return alive[-1] if alive else None


def _poll_of(order: Order, state: TaskState, seconds: float) -> Then:
    return Then(step="poll", order=replace(order, request=None, estimate=state.estimated_seconds), seconds=seconds)


def _in_time(order: Order, entry: Entry, now: float, again: Again) -> Move:
    if now + again.seconds <= entry.created + order.timeout:
        return again
    return Ended(text=f"the task goes on after {order.timeout:g} seconds; `vidgate resume {entry.submit_id}` waits")


def _try_again(error: errors.VidgateError, attempts: int, *, even_so: bool = False) -> Move:
    """`even_so`: also what does not pass by itself, because somebody may mend it: a key, an empty account."""
    if attempts >= MOST_ATTEMPTS or not (error.retryable or even_so):
        return Ended(text=str(error))
    asked = getattr(error, "retry_after", None) or 0.0
    return Again(seconds=max(asked, min(LONGEST_PAUSE, 5.0 * 2.0 ** min(attempts, 10))), why=str(error))
