"""Receive the providers' callbacks, with any web framework or none.

A callback is not signed: whoever knows the address can post to it. So an event is a hint that it is time to look, and
two things make it worth something: a nonce in the address (`callback_url`, `verify`), and asking the provider about
the task (`confirm`). Nothing here fetches a URL out of a payload. Needs no web framework.

    address = callback_url("https://example.com/hooks/evolink", nonce := new_nonce())
    task = client.videos.create(model="…", prompt="…", callback_url=address)

    outcome = handle(request.body, request.headers, url=request.path, nonce=nonce, store=seen)
    if outcome.event and not outcome.duplicate:
        task = confirm(client, outcome.event)
    return outcome.body, outcome.status, outcome.headers
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

from vidgate import errors
from vidgate._callbacks import callback_fault
from vidgate._flow import check_task_id
from vidgate._json import is_list, is_object
from vidgate._providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, MutableMapping

    from vidgate._client import AsyncProviderClient, SyncProviderClient
    from vidgate._state import Result, TaskFault, TaskState, Verdict
    from vidgate._tasks import AsyncTask, Task

__all__ = [
    "App",
    "Event",
    "MemoryStore",
    "Outcome",
    "Store",
    "aconfirm",
    "callback_url",
    "confirm",
    "handle",
    "new_nonce",
    "nonce_of",
    "parse",
    "verify",
]

logger = logging.getLogger("vidgate.webhooks")

ProviderName: TypeAlias = Literal["evolink", "apimart"]
Nonce: TypeAlias = "str | Callable[[str], bool]"
"""The expected nonce, or a function that tells whether one is known."""

LARGEST_BODY: Final = 1024**2
"""Bytes; a task is a few kilobytes."""

LONGEST_READ: Final = 5.0
"""Seconds for a whole request: the providers give up after ten."""

LONGEST_URL: Final = 2048
"""Characters; EvoLink's pages name this limit."""

APIMART_SUFFIX: Final = "callback"
"""What APIMart appends to the path of the address it is given."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_TERMINAL = frozenset({"completed", "failed", "cancelled"})
_EVOLINK_MARKS = frozenset({"object", "task_info", "results"})
_APIMART_MARKS = frozenset({"result", "credits_cost", "actual_time", "cost", "estimated_time", "completed"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What a callback says of a task; true only once `confirm` says so too.

    `nonce` is the one in the address that was called, if any; it leads back to the submission.
    """

    provider: str
    task_id: str
    status: str
    verdict: Verdict
    progress: int | None = None
    results: tuple[Result, ...] = ()
    error: TaskFault | None = None
    model: str | None = None
    nonce: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def done(self) -> bool:
        """Whether it tells how the task ended."""
        return self.verdict in _TERMINAL

    @property
    def key(self) -> str:
        """The same for every delivery of the same news."""
        return f"{self.provider}:{self.task_id}:{self.verdict}"


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


class Store(Protocol):
    """Remembers which news arrived before; a table with a unique column will do."""

    def add(self, key: str, /) -> bool:
        """Remember a key; False when it was there already. Must be atomic."""
        ...

    def discard(self, key: str, /) -> None:
        """Forget a key, so that the next delivery counts."""
        ...


class MemoryStore:
    """A store within one process; the oldest keys are forgotten first. Safe to share between threads."""

    def __init__(self, limit: int = 10_000) -> None:
        if limit < 1:
            raise errors.ConfigurationError(f"limit is {limit!r}.", hint="Give a whole number, 1 or more.")
        self._limit = limit
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, key: str, /) -> bool:
        """Remember a key; False when it was there already."""
        with self._lock:
            if key in self._keys:
                self._keys.move_to_end(key)
                return False
            self._keys[key] = None
            if len(self._keys) > self._limit:
                self._keys.popitem(last=False)
            return True

    def discard(self, key: str, /) -> None:
        """Forget a key."""
        with self._lock:
            self._keys.pop(key, None)

    def __len__(self) -> int:
        return len(self._keys)


def new_nonce() -> str:
    """A nonce that nobody can guess: 192 bits, fit for a path."""
    return secrets.token_urlsafe(24)


def callback_url(base: str, nonce: str) -> str:
    """The address to give to a provider: `base` with the nonce as its last path segment.

    Raises ConfigurationError when a provider would refuse the address: no https, a private host, a query, too long.
    """
    if not _NONCE.fullmatch(nonce):
        raise errors.ConfigurationError(
            "This nonce is not one.", hint="Take new_nonce(), or 16 to 128 characters of A-Z, a-z, 0-9, _ and -."
        )
    fault = callback_fault(base)
    if fault is not None:
        raise errors.ConfigurationError(f"The callback address cannot be used: {fault[1]}", hint=fault[2])
    parts = urlsplit(base)
    if parts.query or parts.fragment or base.endswith(("?", "#")):
        # APIMart appends to what it is given, which would end up inside the query.
        raise errors.ConfigurationError("The callback address has a query or a fragment.", hint="Leave it out.")
    url = f"{base.rstrip('/')}/{nonce}"
    if len(url) > LONGEST_URL - len(APIMART_SUFFIX) - 1:
        raise errors.ConfigurationError(f"The callback address has {len(url)} characters.", hint="Use a shorter one.")
    return url


def nonce_of(url: str) -> str | None:
    """The nonce in an address or path that was called, with or without what APIMart appends; None without one."""
    path = url.partition("?")[0].partition("#")[0].rstrip("/")
    last = path.removesuffix(f"/{APIMART_SUFFIX}").rpartition("/")[2]
    return last if _NONCE.fullmatch(last) else None


def verify(url: str, nonce: str) -> bool:
    """Whether the address or path that was called carries this nonce; takes the same time whatever is wrong."""
    found = nonce_of(url) or ""
    return hmac.compare_digest(found.encode(), nonce.encode()) and bool(found)


def parse(
    body: bytes | str | Mapping[str, Any], *, provider: ProviderName | None = None, nonce: str | None = None
) -> Event:
    """Read a callback's body; without `provider` its shape tells whose it is.

    Unknown members and statuses are tolerated. Raises CallbackRefused when it holds no task.
    """
    payload = body if isinstance(body, Mapping) else _loaded(body)
    task: Any = payload
    if "data" in payload and "status" not in payload:  # an envelope, where none is documented
        data: Any = payload["data"]
        task = data[0] if is_list(data) and data else data
        provider = provider or "apimart"
    if not is_object(task):
        raise _refused(400, "The callback holds no task.")
    try:
        task_id = check_task_id(task.get("id") or task.get("task_id"))
    except errors.ConfigurationError:
        raise _refused(400, "The callback names no task id.") from None
    row = PROVIDERS.get(provider or _guess(task, task_id))
    if row is None:
        raise errors.ConfigurationError(f"{provider!r} is no provider.", hint=f"Known are {', '.join(PROVIDERS)}.")
    wrapped = task if not row.task else {"data": task}
    state = row.read_task(wrapped, task_id)
    if state is None or not state.status:
        raise _refused(400, "The callback names no status.")
    return _event(state, task, nonce)


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
                return _answer(403, "this address is not known")
        _check_headers(headers)
        if len(body) > max_bytes:
            return _answer(413, f"the body is longer than {max_bytes} bytes")
        event = parse(body, provider=provider, nonce=found)
        fresh = not event.done or store is None or store.add(event.key)
    except errors.CallbackRefused as refusal:
        return _answer(refusal.status, refusal.message)
    except Exception as error:  # noqa: BLE001 - a function or store of the application; its text may hold secrets
        logger.error("a callback could not be judged: %s", type(error).__name__)  # noqa: TRY400 - the same
        return _answer(500, "the callback could not be judged")
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


class App:
    """An ASGI app: mount it under the path of `callback_url`'s base, or run it by itself.

    It answers at once, and gives the event to `on_event` afterwards, each terminal state once. A plain function runs in
    a thread. When `on_event` raises, the news counts as not seen; the provider has its answer already, so make sure
    that somebody waits for the task as well.
    """

    def __init__(
        self,
        on_event: Callable[[Event], Awaitable[object] | object],
        *,
        nonce: Nonce | None = None,
        provider: ProviderName | None = None,
        store: Store | None = None,
        max_bytes: int = LARGEST_BODY,
    ) -> None:
        self._on_event = on_event
        self._nonce = nonce
        self._provider: ProviderName | None = provider
        self._store: Store = MemoryStore() if store is None else store
        self._max_bytes = max_bytes

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve one request, or the start and end of the server."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        outcome = await self._judge(scope, receive)
        if outcome is None:
            return
        headers = [(name.encode(), value.encode()) for name, value in outcome.headers.items()]
        headers.append((b"content-length", str(len(outcome.body)).encode()))
        await send({"type": "http.response.start", "status": outcome.status, "headers": headers})
        await send({"type": "http.response.body", "body": outcome.body})
        if outcome.event is not None and not outcome.duplicate:
            await self._hand_on(outcome.event)

    async def _judge(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[MutableMapping[str, Any]]]
    ) -> Outcome | None:
        """The answer; None when the caller has gone."""
        import asyncio

        if scope["method"] != "POST":
            return _answer(405, "callbacks come by POST", allow="POST")
        try:
            async with asyncio.timeout(LONGEST_READ):
                body = await self._read(receive)
        except TimeoutError:
            return _answer(408, "the request did not arrive in time")
        if body is None:
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        # A store may be a database: not on the event loop.
        return await asyncio.to_thread(
            handle,
            body,
            headers,
            url=scope["path"],
            nonce=self._nonce,
            provider=self._provider,
            store=self._store,
            max_bytes=self._max_bytes,
        )

    async def _read(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes | None:
        """The body, or so much of it that it is certainly too long."""
        body = bytearray()
        more = True
        while more and len(body) <= self._max_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return bytes(body)

    async def _hand_on(self, event: Event) -> None:
        import asyncio
        import inspect

        try:
            if inspect.iscoroutinefunction(self._on_event):
                await self._on_event(event)
            else:
                answer = await asyncio.to_thread(self._on_event, event)
                if isawaitable(answer):
                    await answer
        except Exception as error:  # noqa: BLE001 - the application's own; its text may hold anything
            logger.error("on_event failed for task %s: %s", event.task_id, type(error).__name__)  # noqa: TRY400
            if event.done:
                await asyncio.to_thread(self._store.discard, event.key)


async def _live(
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def _loaded(body: bytes | str) -> Mapping[str, Any]:
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        value: Any = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # escapes can spell half a character
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number of 5,000 digits, brackets without end
        raise _refused(400, "The callback is no JSON object in UTF-8.") from None
    if not is_object(value):
        raise _refused(400, "The callback is no JSON object in UTF-8.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands there twice")
    return members


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON number")


def _guess(task: Mapping[str, Any], task_id: str) -> str:
    """Whose body this is, by members that only one of them has, else by the look of its ids."""
    evolink, apimart = len(task.keys() & _EVOLINK_MARKS), len(task.keys() & _APIMART_MARKS)
    if evolink != apimart:
        return "evolink" if evolink > apimart else "apimart"
    return "apimart" if task_id.startswith("task_") else "evolink"


def _event(state: TaskState, payload: Mapping[str, Any], nonce: str | None) -> Event:
    return Event(
        provider=state.provider,
        task_id=state.id,
        status=state.status,
        verdict=state.verdict,
        progress=state.progress,
        results=state.results,
        error=state.error,
        model=state.model,
        nonce=nonce,
        payload=payload,
    )


def _check_headers(headers: Mapping[str, str]) -> None:
    lowered = {str(name).lower(): str(value).strip().lower() for name, value in headers.items()}
    media, _, parameters = lowered.get("content-type", "").partition(";")
    charset = re.search(r"charset=\"?([^\";\s]+)", parameters)
    media = media.strip()
    # A provider that leaves the header out still sends JSON.
    if media not in {"", "application/json"} and not (media.startswith("application/") and media.endswith("+json")):
        raise _refused(415, "Callbacks are application/json.")
    if charset is not None and charset[1] not in {"utf-8", "utf8"}:
        raise _refused(415, "Callbacks are in UTF-8.")
    if lowered.get("content-encoding", "identity") not in {"", "identity"}:
        raise _refused(415, "Callbacks are not compressed.")  # a small body could unpack to a huge one


def _check_client(name: str, event: Event) -> None:
    if name != event.provider:
        raise errors.ConfigurationError(
            f"The event is of {event.provider}, the client of {name}.", hint="Give the client of the same provider."
        )


def _refused(status: int, message: str) -> errors.CallbackRefused:
    return errors.CallbackRefused(
        message, status=status, hint="Answer with this status; if it was the provider, read the task instead."
    )


def _answer(status: int, message: str, **headers: str) -> Outcome:
    """A refusal in our own words: nothing that was sent comes back."""
    plain = Outcome(status=status, body=json.dumps({"error": message}).encode())
    if not headers:
        return plain
    return Outcome(status=status, body=plain.body, headers=MappingProxyType({**plain.headers, **headers}))
