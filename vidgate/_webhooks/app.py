"""The ASGI app that receives callbacks."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final

from vidgate._webhooks.judge import LARGEST_BODY, Outcome, handle, logger, refusal_of
from vidgate._webhooks.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from vidgate._webhooks.event import Event, ProviderName
    from vidgate._webhooks.judge import Nonce
    from vidgate._webhooks.store import Store

LONGEST_READ: Final = 5.0
"""Seconds for a whole request: the providers give up after ten."""


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
            return refusal_of(405, "callbacks come by POST", allow="POST")
        try:
            async with asyncio.timeout(LONGEST_READ):
                body = await self._read(receive)
        except TimeoutError:
            return refusal_of(408, "the request did not arrive in time")
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
            logger.error("on_event failed for task %s: %s", event.task_id, type(error).__name__)
            if event.done:
                await asyncio.to_thread(self._store.discard, event.key)


async def _live(
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
