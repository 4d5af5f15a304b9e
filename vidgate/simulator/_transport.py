"""An httpx transport that runs the app in process: no event loop, no thread, no socket.

The app never waits for anything (its clock is asked, not slept on), so its coroutine runs to the end in one step;
that is why one class serves sync and async clients alike, inside a running event loop too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers httpx requests from an ASGI app that never suspends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer for a sync client."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer for an async client."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        coroutine = self._app(_scope(request), receive, send)
        steps = coroutine.__await__()
        try:
            next(steps)
        except StopIteration:
            pass
        else:
            message = "the app waited for something, which an in-process transport cannot do; serve it on a port"
            raise RuntimeError(message)
        start = next(message for message in sent if message["type"] == "http.response.start")
        content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        return httpx.Response(start["status"], headers=start["headers"], content=content, request=request)


def _scope(request: httpx.Request) -> Scope:
    raw_path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": unquote(raw_path.decode("ascii")),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
    }
