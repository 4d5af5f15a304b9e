"""One POST to a callback address: what to answer, and what was learned.

No I/O here but what the application hands in, a journal and a store: what they take longer than the provider waits,
they take from it.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from vidgate import errors
from vidgate._clock import SystemClock
from vidgate._webhooks.address import nonce_of, verify
from vidgate._webhooks.event import Event, ProviderName, parse, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vidgate._client import AsyncProviderClient, SyncProviderClient
    from vidgate._clock import Clock
    from vidgate._effects import Flow
    from vidgate._journal.base import BaseJournal
    from vidgate._journal.records import Entry
    from vidgate._state import TaskState
    from vidgate._tasks import AsyncTask, Task
    from vidgate._webhooks.store import Store

CLOCK: Clock = SystemClock()

logger = logging.getLogger("vidgate.webhooks")

Nonce: TypeAlias = "str | Callable[[str], bool]"
"""The expected nonce, or a function that tells whether one is known."""

LARGEST_BODY: Final = 1024**2
"""Bytes; a task is a few kilobytes."""


class Headers(Protocol):
    """A request's headers, as a dictionary or as any framework has them."""

    def items(self) -> Iterable[tuple[str, str]]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What to answer, and what was learned; `event` is None when the request was refused."""

    status: int
    body: bytes
    event: Event | None = None
    duplicate: bool = False
    headers: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"content-type": "application/json", "cache-control": "no-store"})
    )


def handle(
    body: bytes,
    headers: Headers,
    *,
    url: str = "",
    nonce: Nonce | None = None,
    provider: ProviderName | None = None,
    journal: BaseJournal | None = None,
    store: Store | None = None,
    max_bytes: int = LARGEST_BODY,
) -> Outcome:
    """Judge one POST and say what to answer; never raises, whatever was sent.

    With `nonce` the `url` (or path) that was called must carry it; with a `journal` and no `nonce`, that of a
    submission in it. The journal keeps the event before it is answered, and a submission whose outcome is unknown has
    its task by that. Repetitions of a terminal state are marked as duplicates by the `store`, else by the journal; they
    are answered like the first. What either raises becomes a 500, after which the provider delivers again; the journal
    gives up after a few seconds.

    What cannot be read is refused with a 4xx. At an address that only the provider knows it was damaged on its way: a
    wrong content type is overlooked there, and the answer to anything else is 503, because APIMart does not deliver
    again after a 4xx.
    """
    found = nonce_of(url)
    is_secret = False
    try:
        sender = journal.addressee(found) if journal is not None and found is not None else None
        if not _is_known(url, found, nonce, is_open=journal is None or sender is not None):
            return refusal_of(403, "this address is not known")
        is_secret = nonce is not None or sender is not None
        _check_headers(headers, any_type=is_secret)
        if len(body) > max_bytes:
            return refusal_of(413, f"the body is longer than {max_bytes} bytes")
        event = parse(body, provider=provider or _provider_of(sender), nonce=found)
        fresh = True
        if journal is not None and sender is not None and found is not None:
            fresh = journal.hear(found, event.task_id, event.verdict, CLOCK.now()) or not event.done
        if store is not None:
            fresh = not event.done or store.add(event.key)
    except errors.CallbackRefused as refusal:
        return refusal_of(503 if is_secret else refusal.status, refusal.message)
    except Exception as error:  # noqa: BLE001 - a function or store of the application; its text may hold secrets
        logger.error("a callback could not be judged: %s", type(error).__name__)  # noqa: TRY400 - the same
        return refusal_of(500, "the callback could not be judged")
    return Outcome(status=200, body=b'{"ok":true}', event=event, duplicate=not fresh)


def confirm(client: SyncProviderClient, event: Event) -> Task:
    """Ask the provider how the task stands; what it says counts, whatever the event claimed.

    The journal of the client has the answer, also for a submission whose outcome was unknown. Raises what
    `client.tasks.get` raises: NotFound, say, for a task that this key never made.
    """
    from vidgate._tasks import Task

    return Task(client.run(_confirmation(client, event)), client)


async def aconfirm(client: AsyncProviderClient, event: Event) -> AsyncTask:
    """`confirm` for an async client."""
    from vidgate._tasks import AsyncTask

    return AsyncTask(await client.run(_confirmation(client, event)), client)


def _confirmation(client: SyncProviderClient | AsyncProviderClient, event: Event) -> Flow[TaskState]:
    from vidgate._journal.recovery import identified

    _check_client(client.target.provider.name, event)
    return identified(client.target, event.task_id, event.nonce)


def _is_known(url: str, found: str | None, nonce: Nonce | None, *, is_open: bool) -> bool:
    """Whether the address that was called is one that was given away."""
    if nonce is None:
        return is_open
    return verify(url, nonce) if isinstance(nonce, str) else found is not None and nonce(found)


def _provider_of(entry: Entry | None) -> ProviderName | None:
    """Whose callback it is, by the submission that gave the address."""
    return None if entry is None else cast("ProviderName", entry.provider)


def _check_headers(headers: Headers, *, any_type: bool) -> None:
    lowered = {str(name).lower(): str(value).strip().lower() for name, value in headers.items()}
    media, _, parameters = lowered.get("content-type", "").partition(";")
    charset = re.search(r"charset=\"?([^\";\s]+)", parameters)
    media = media.strip()
    # A provider that leaves the header out still sends JSON.
    is_json = media in {"", "application/json"} or (media.startswith("application/") and media.endswith("+json"))
    if not is_json and not any_type:
        raise refused(415, "Callbacks are application/json.")
    if charset is not None and charset[1] not in {"utf-8", "utf8"}:
        raise refused(415, "Callbacks are in UTF-8.")
    if lowered.get("content-encoding", "identity") not in {"", "identity"}:
        raise refused(415, "Callbacks are not compressed.")  # a small body could unpack to a huge one


def _check_client(name: str, event: Event) -> None:
    if name != event.provider:
        raise errors.ConfigurationError(
            f"The event is of {event.provider}, the client of {name}.", hint="Give the client of the same provider."
        )


def refusal_of(status: int, message: str, **headers: str) -> Outcome:
    """A refusal in our own words: nothing that was sent comes back."""
    plain = Outcome(status=status, body=json.dumps({"error": message}).encode())
    if not headers:
        return plain
    return Outcome(status=status, body=plain.body, headers=MappingProxyType({**plain.headers, **headers}))
