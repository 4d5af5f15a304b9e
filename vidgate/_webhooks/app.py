"""The ASGI app that receives callbacks."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final

from vidgate._webhooks.judge import LARGEST_BODY, Outcome, handle, logger, refusal_of
from vidgate._webhooks.store import MemoryStore

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, MutableMapping

    from vidgate._journal.base import BaseJournal
    from vidgate._webhooks.event import Event, ProviderName
    from vidgate._webhooks.judge import Nonce
    from vidgate._webhooks.store import Store

LONGEST_READ: Final = 5.0
"""Seconds for a whole request: the providers give up after ten."""

LONGEST_JUDGING: Final = 4.0
"""Seconds for the journal and the store, after which the answer is 503 and the provider comes again."""


class App:
    """An ASGI app: mount it under the path of `callback_url`'s base, or run it by itself.

    It answers at once, and gives the event to `on_event` afterwards, each terminal state once. A plain function runs in
    a thread. When `on_event` raises, the news counts as not seen; the provider has its answer already, so make sure
    that somebody waits for the task as well.

    With a `journal`, the one of the clients that submit, only addresses of its submissions are answered (unless `nonce`
    says which), repetitions are known to all processes that share it, and a submission whose answer was lost has its
    task as soon as its callback comes. Without one, `store` remembers what came before, by default in this process.
    """

    def __init__(
        self,
        on_event: Callable[[Event], Awaitable[object] | object],
        *,
        nonce: Nonce | None = None,
        provider: ProviderName | None = None,
        journal: BaseJournal | None = None,
        store: Store | None = None,
        max_bytes: int = LARGEST_BODY,
    ) -> None:
        self._on_event = on_event
        self._nonce = nonce
        self._provider: ProviderName | None = provider
        self._journal = journal
        self._store: Store | None = MemoryStore() if store is None and journal is None else store
        self._max_bytes = max_bytes

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve one request, or the start and end of the server."""
        import asyncio

        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        body = await self._body(scope, receive)
        if body is None:
            return
        if isinstance(body, Outcome):
            await _answer(send, body)
            return
        judging = self._judge(scope, body)
        done, _ = await asyncio.wait({judging}, timeout=LONGEST_JUDGING)
        if not done:
            await _answer(send, refusal_of(503, "the callback could not be judged in time"))
        outcome = await judging  # late news is news all the same: what comes again will be a repetition
        try:
            if done:
                await _answer(send, outcome)
        finally:
            if outcome.event is not None and not outcome.duplicate:
                await self._hand_on(outcome.event)

    async def _body(
        self, scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[MutableMapping[str, Any]]]
    ) -> bytes | Outcome | None:
        """The body, or why it is not read; None when the caller has gone."""
        import asyncio

        if scope["method"] != "POST":
            return refusal_of(405, "callbacks come by POST", allow="POST")
        try:
            async with asyncio.timeout(LONGEST_READ):
                return await self._read(receive)
        except TimeoutError:
            return refusal_of(503, "the request did not arrive in time")  # APIMart would not come again after a 408

    def _judge(self, scope: MutableMapping[str, Any], body: bytes) -> asyncio.Task[Outcome]:
        """What to answer, found out in a thread: a journal or a store may be a database."""
        import asyncio

        return asyncio.create_task(
            asyncio.to_thread(
                handle,
                body,
                {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
                url=scope["path"],
                nonce=self._nonce,
                provider=self._provider,
                journal=self._journal,
                store=self._store,
                max_bytes=self._max_bytes,
            )
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
            logger.error("on_event failed for task %s: %s", event.task_id, type(error).__name__)
            await asyncio.to_thread(self._forget, event)

    def _forget(self, event: Event) -> None:
        """Let the next delivery of this news count."""
        if not event.done:
            return
        if self._store is not None:
            self._store.discard(event.key)
        if self._journal is not None and event.nonce is not None:
            self._journal.unhear(event.nonce, event.task_id)


async def _answer(send: Callable[[MutableMapping[str, Any]], Awaitable[None]], outcome: Outcome) -> None:
    headers = [(name.encode(), value.encode()) for name, value in outcome.headers.items()]
    headers.append((b"content-length", str(len(outcome.body)).encode()))
    await send({"type": "http.response.start", "status": outcome.status, "headers": headers})
    await send({"type": "http.response.body", "body": outcome.body})


async def _live(
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
