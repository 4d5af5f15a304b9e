"""Not a test: a process that forks children which submit, wait and download until somebody kills them.

Imports are done once, here, so that a child starts within milliseconds. One line of JSON on standard input starts a
child. Lines of standard output answer: its id, `ready` (by the child, about to submit), `there` (by a child with a
stage, when it has come to it and stands still), and its exit code.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink
from vidgate.webhooks import callback_url, new_nonce

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

CLIENTS: dict[tuple[str, str], Any] = {
    ("evolink", "sync"): EvoLink,
    ("evolink", "async"): AsyncEvoLink,
    ("apimart", "sync"): APIMart,
    ("apimart", "async"): AsyncAPIMart,
}
REQUESTS: dict[str, dict[str, Any]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "duration": 6},
    "apimart": {"model": "Omni-Flash-Ext", "duration": 6},
}
CALLBACK_FIELDS = {"evolink": "callback_url", "apimart": "webhook"}
STAGES = ("unsent", "submit", "poll", "download")
"""Where a child can be made to stand still: before the POST leaves, when it was answered, when the task was read, and
with a piece of the film on the disk. None of them is known to the client yet."""


class HastyClock:
    """The time of day, but hardly a pause."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(min(seconds, 0.003))

    async def asleep(self, seconds: float, /) -> None:
        await asyncio.sleep(min(seconds, 0.003))


def stand_still() -> None:
    print("there", flush=True)  # noqa: T201 - the protocol
    time.sleep(3_600)


def step_of(request: httpx.Request) -> str:
    """What a request is for."""
    if request.method == "POST":
        return "submit"
    return "poll" if "/tasks/" in request.url.path else "download"


class Half(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The beginning of a body, and then nothing for ever."""

    def __init__(self, content: bytes) -> None:
        self.beginning = content[: len(content) // 2]

    def __iter__(self) -> Iterator[bytes]:
        yield self.beginning
        stand_still()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.beginning
        stand_still()


class Staged(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A network on which the child stands still at its stage."""

    def __init__(self, stage: str | None) -> None:
        self.stage = stage
        self.sync, self.other = httpx.HTTPTransport(), httpx.AsyncHTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.before(request)
        response = self.sync.handle_request(request)
        if step_of(request) == self.stage:
            response.read()
        return self.after(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.before(request)
        response = await self.other.handle_async_request(request)
        if step_of(request) == self.stage:
            await response.aread()
        return self.after(request, response)

    def before(self, request: httpx.Request) -> None:
        if self.stage == "unsent" and step_of(request) == "submit":
            stand_still()

    def after(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if step_of(request) != self.stage:
            return response
        if self.stage == "download":
            return httpx.Response(response.status_code, headers=response.headers, stream=Half(response.content))
        stand_still()
        return response


def work(order: dict[str, Any]) -> None:
    """Make one video after the other, each with a prompt of its own."""
    client = CLIENTS[order["provider"], order["colour"]](
        "sim-key",
        base_url=order["url"],
        journal=order["journal"],
        clock=HastyClock(),
        transport=Staged(order["stage"]),
        validate=not order["callback"] or order["provider"] == "evolink",
    )
    print("ready", flush=True)  # noqa: T201 - the protocol
    asyncio.run(make_async(client, order)) if order["colour"] == "async" else make(client, order)


def request_of(order: dict[str, Any], name: str) -> dict[str, Any]:
    """A request that no other one is like."""
    request = {**REQUESTS[order["provider"]], "prompt": name}
    if order["callback"]:
        request[CALLBACK_FIELDS[order["provider"]]] = callback_url("https://example.com/hooks", new_nonce())
    return request


def make(client: Any, order: dict[str, Any]) -> None:
    for number in range(1_000_000):
        name = f"{order['run']}-{number}"
        task = client.videos.create(**request_of(order, name))
        task.wait().download(Path(order["folder"]) / f"{name}.mp4")


async def make_async(client: Any, order: dict[str, Any]) -> None:
    for number in range(1_000_000):
        name = f"{order['run']}-{number}"
        task = await client.videos.create(**request_of(order, name))
        await (await task.wait()).download(Path(order["folder"]) / f"{name}.mp4")


def main() -> None:
    for (provider, colour), kind in CLIENTS.items():
        if colour == "sync":
            kind("sim-key").check(**REQUESTS[provider], prompt="warm")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                print(os.getpid(), flush=True)  # noqa: T201 - the protocol
                work(json.loads(line))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the protocol


if __name__ == "__main__":
    main()
