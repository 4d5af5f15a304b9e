"""A client over an in-memory server, sync and async behind one face, on a clock that moves only when it is slept on."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "sk-0123456789abcdefSECRET"
CLIENTS = {
    ("evolink", "sync"): EvoLink,
    ("evolink", "async"): AsyncEvoLink,
    ("apimart", "sync"): APIMart,
    ("apimart", "async"): AsyncAPIMart,
}


class StillClock:
    """Moves when slept on; `slept` tells how long each time."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, /) -> None:
        self.slept.append(seconds)
        self.time += seconds

    async def asleep(self, seconds: float, /) -> None:
        self.sleep(seconds)


class World:
    """One client and the server it talks to; calls of an async client are run to their end."""

    def __init__(self, provider: str, colour: str, answer: Any, **options: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.clock = StillClock()
        self.key = KEY
        handler: Any = answer
        self._answers: Iterator[Any] | None = None if callable(answer) else iter(handler)
        self._handler = handler
        self._runner = asyncio.Runner() if colour == "async" else None
        transport = httpx.MockTransport(self._handle)
        kind: Any = CLIENTS[provider, colour]
        self.client: Any = kind(KEY, **{"transport": transport, "clock": self.clock, **options})

    def _handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self._handler(request) if self._answers is None else next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        status, body = answer
        if isinstance(body, (str, bytes)):
            return httpx.Response(status, content=body)
        return httpx.Response(status, json=body)

    def do(self, call: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Call a method of the client or of one of its tasks."""
        if self._runner is None:
            return call(*arguments, **keywords)

        async def run() -> Any:
            answer = call(*arguments, **keywords)
            return await answer if inspect.isawaitable(answer) else answer

        return self._runner.run(run())

    @property
    def posts(self) -> list[httpx.Request]:
        return [request for request in self.requests if request.method == "POST"]

    def close(self) -> None:
        self.do(self.client.close if self._runner is None else self.client.aclose)
        if self._runner is not None:
            self._runner.close()


@pytest.fixture(autouse=True)
def keep_no_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into anybody's home; one that needs a journal names its own."""
    monkeypatch.setenv("VIDGATE_JOURNAL", "none")


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def open_world(colour: str) -> Iterator[Callable[..., World]]:
    """Make a world from a provider, an answer (function of the request, or a list in order) and client options."""
    worlds: list[World] = []

    def make(provider: str, answer: Any, **options: Any) -> World:
        world = World(provider, colour, answer, **options)
        worlds.append(world)
        return world

    yield make
    for world in worlds:
        world.close()
