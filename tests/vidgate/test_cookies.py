"""Our own httpx clients keep and send cookies as httpx's do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import AsyncEvoLink, EvoLink
from vidgate._cookies import OwnAsyncClient, OwnClient

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENTS: dict[str, tuple[Any, Any]] = {
    "sync": (httpx.Client, OwnClient),
    "async": (httpx.AsyncClient, OwnAsyncClient),
}

# What each answer sets; the request after the last one shows what is left.
ANSWERS: dict[str, list[list[str]]] = {
    "none": [[], []],
    "one": [["lb=7; Path=/; Secure; HttpOnly"], []],
    "several at once": [["a=1", "b=2; Path=/v1"], []],
    "another value": [["lb=7"], ["lb=8"], []],
    "taken back": [["lb=7"], [], ["lb=; Max-Age=0"]],
    "of another host": [["x=1; Domain=other.example"], []],
    "of the domain": [["x=1; Domain=example"], ["y=2; Domain=api.example"]],
    "another path": [["x=1; Path=/elsewhere"], []],
}


def sent(kind: Any, answers: Sequence[Sequence[str]]) -> list[str | None]:
    """The Cookie header of each request."""
    found: list[str | None] = []
    waiting = iter(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        found.append(request.headers.get("cookie"))
        return httpx.Response(200, headers=[("Set-Cookie", value) for value in next(waiting, ())])

    async def in_loop() -> None:
        async with kind(transport=httpx.MockTransport(handler)) as http:
            for _ in range(len(answers) + 1):
                await http.get("https://api.example/v1/tasks/1")

    if issubclass(kind, httpx.AsyncClient):
        asyncio.run(in_loop())
        return found
    with kind(transport=httpx.MockTransport(handler)) as http:
        for _ in range(len(answers) + 1):
            http.get("https://api.example/v1/tasks/1")
    return found


@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_cookies_come_and_go_as_in_httpx(colour: str, answers: list[list[str]]) -> None:
    """Request by request."""
    theirs, ours = CLIENTS[colour]
    assert sent(ours, answers) == sent(theirs, answers)


def test_the_cases_are_not_empty() -> None:
    """Some cookies are sent, and one is taken back."""
    assert sent(OwnClient, ANSWERS["several at once"])[1:] == ["a=1; b=2", "a=1; b=2"]
    assert sent(OwnClient, ANSWERS["taken back"]) == [None, "lb=7", "lb=7", None]


@pytest.mark.parametrize("kind", [OwnClient, OwnAsyncClient], ids=["sync", "async"])
def test_cookies_can_be_given_and_replaced(kind: type[OwnClient | OwnAsyncClient]) -> None:
    """As in httpx, at the making and later."""
    http = kind(cookies={"a": "1"})
    assert http.build_request("GET", "https://api.example/").headers["cookie"] == "a=1"
    http.cookies = httpx.Cookies({"b": "2"})
    assert http.build_request("GET", "https://api.example/").headers["cookie"] == "b=2"
    http.cookies.set("c", "3")
    assert http.build_request("GET", "https://api.example/").headers["cookie"] == "b=2; c=3"


def test_a_provider_gets_its_cookies_back(colour: str) -> None:
    """The client as people use it: what a load balancer sets with one answer comes back with the next request."""
    found: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        found.append(request.headers.get("cookie"))
        return httpx.Response(200, json={"id": "task-1", "status": "pending"}, headers={"set-cookie": "lb=7; Path=/"})

    transport = httpx.MockTransport(handler)
    if colour == "sync":
        with EvoLink("sk-0123456789", transport=transport) as client:
            for _ in range(3):
                client.tasks.get("task-1")
    else:

        async def in_loop() -> None:
            async with AsyncEvoLink("sk-0123456789", transport=transport) as client:
                for _ in range(3):
                    await client.tasks.get("task-1")

        asyncio.run(in_loop())
    assert found == [None, "lb=7", "lb=7"]


@pytest.mark.parametrize(("ours", "name"), [(EvoLink, "Client"), (AsyncEvoLink, "AsyncClient")], ids=["sync", "async"])
def test_a_class_in_the_place_of_that_of_httpx_is_used(ours: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some tools for tracing work in this way."""
    made: list[object] = []

    class Watched(getattr(httpx, name)):  # type: ignore[misc] # pyright: ignore[reportUntypedBaseClass]
        def __init__(self, **settings: Any) -> None:
            made.append(self)
            super().__init__(**settings)

    monkeypatch.setattr(httpx, name, Watched)
    ours("sk-0123456789", transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    assert len(made) == 1
