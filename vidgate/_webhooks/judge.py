"""One POST to a callback address: what to answer, and what was learned. No I/O here but the application's own store."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from vidgate import errors
from vidgate._webhooks.address import nonce_of, verify
from vidgate._webhooks.event import Event, ProviderName, parse, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vidgate._client import AsyncProviderClient, SyncProviderClient
    from vidgate._tasks import AsyncTask, Task
    from vidgate._webhooks.store import Store

logger = logging.getLogger("vidgate.webhooks")

Nonce: TypeAlias = "str | Callable[[str], bool]"
"""The expected nonce, or a function that tells whether one is known."""

LARGEST_BODY: Final = 1024**2
"""Bytes; a task is a few kilobytes."""


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
    headers: Mapping[str, str],
    *,
    url: str = "",
    nonce: Nonce | None = None,
    provider: ProviderName | None = None,
    store: Store | None = None,
    max_bytes: int = LARGEST_BODY,
) -> Outcome:
    """Judge one POST and say what to answer; never raises, never waits, whatever was sent.

    With `nonce` the `url` (or path) that was called must carry it. With a `store` the repetitions of a terminal state
    are marked as duplicates; they are answered like the first. What the store raises becomes a 500, after which the
    provider delivers again.
    """
    found = nonce_of(url)
    try:
        if nonce is not None:
            known = verify(url, nonce) if isinstance(nonce, str) else found is not None and nonce(found)
            if not known:
                return refusal_of(403, "this address is not known")
        _check_headers(headers)
        if len(body) > max_bytes:
            return refusal_of(413, f"the body is longer than {max_bytes} bytes")
        event = parse(body, provider=provider, nonce=found)
        fresh = not event.done or store is None or store.add(event.key)
    except errors.CallbackRefused as refusal:
        return refusal_of(refusal.status, refusal.message)
    except Exception as error:  # noqa: BLE001 - a function or store of the application; its text may hold secrets
        logger.error("a callback could not be judged: %s", type(error).__name__)  # noqa: TRY400 - the same
        return refusal_of(500, "the callback could not be judged")
    return Outcome(status=200, body=b'{"ok":true}', event=event, duplicate=not fresh)


def confirm(client: SyncProviderClient, event: Event) -> Task:
    """Ask the provider how the task stands; what it says counts, whatever the event claimed.

    Raises what `client.tasks.get` raises: NotFound, say, for a task that this key never made.
    """
    _check_client(client.target.provider.name, event)
    return client.tasks.get(event.task_id)


async def aconfirm(client: AsyncProviderClient, event: Event) -> AsyncTask:
    """`confirm` for an async client."""
    _check_client(client.target.provider.name, event)
    return await client.tasks.get(event.task_id)


def _check_headers(headers: Mapping[str, str]) -> None:
    lowered = {str(name).lower(): str(value).strip().lower() for name, value in headers.items()}
    media, _, parameters = lowered.get("content-type", "").partition(";")
    charset = re.search(r"charset=\"?([^\";\s]+)", parameters)
    media = media.strip()
    # A provider that leaves the header out still sends JSON.
    if media not in {"", "application/json"} and not (media.startswith("application/") and media.endswith("+json")):
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
