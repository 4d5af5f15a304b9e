"""The ASGI app: it answers in time, whatever comes, and hands on each piece of news once."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.webhooks.deliveries import EVOLINK, JSON, NONCE, encoded
from vidgate._webhooks import app
from vidgate.journal import Journal
from vidgate.webhooks import App, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vidgate import webhooks


def post(app: App, *requests: tuple[str, bytes], method: str = "POST") -> list[httpx.Response]:
    """Send requests to the app, one after the other."""

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://example.com") as client:
            return [await client.request(method, path, content=body, headers=JSON) for path, body in requests]

    return asyncio.run(run())


@pytest.mark.parametrize("kind", ["function", "coroutine function", "callable with await"])
def test_the_app_hands_on_each_event_once(kind: str) -> None:
    """Answers 200 to every delivery, and calls back once."""
    events: list[webhooks.Event] = []

    async def coroutine(event: webhooks.Event) -> None:
        events.append(event)

    hooks: dict[str, Callable[[webhooks.Event], Any]] = {
        "function": events.append,
        "coroutine function": coroutine,
        "callable with await": lambda event: coroutine(event),  # noqa: PLW0108 - no coroutine function itself
    }
    app = App(hooks[kind], nonce=NONCE)
    first, second, wrong = post(
        app, (f"/{NONCE}", encoded(EVOLINK)), (f"/{NONCE}/callback", encoded(EVOLINK)), ("/x", encoded(EVOLINK))
    )
    assert [first.status_code, second.status_code, wrong.status_code] == [200, 200, 403]
    assert first.json() == {"ok": True}
    assert first.headers["content-type"] == "application/json"
    assert [(event.task_id, event.nonce) for event in events] == [(EVOLINK["id"], NONCE)]


def test_the_app_answers_before_it_hands_on() -> None:
    """However long the application takes, the provider has its answer."""
    order: list[str] = []

    async def run() -> None:
        messages = iter([{"type": "http.request", "body": encoded(EVOLINK), "more_body": False}])

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            order.append(message["type"])

        async def slow(event: webhooks.Event) -> None:
            order.append("event")

        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await App(slow)(scope, receive, send)

    asyncio.run(run())
    assert order == ["http.response.start", "http.response.body", "event"]


def test_a_handler_that_fails_is_not_the_end(caplog: pytest.LogCaptureFixture) -> None:
    """The answer stands, the log names the kind of error only, and the next delivery counts anew."""
    calls: list[str] = []

    def fail(event: webhooks.Event) -> None:
        calls.append(event.task_id)
        raise RuntimeError("hunter2")

    with caplog.at_level(logging.ERROR):
        answers = post(App(fail), ("/", encoded(EVOLINK)), ("/", encoded(EVOLINK)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(calls) == 2
    assert "RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text


def test_the_app_refuses_other_methods_and_long_bodies() -> None:
    """405 with Allow, and 413 without reading to the end."""
    (answer,) = post(App(print), ("/", b""), method="GET")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    read = 0

    async def run() -> int:
        statuses: list[int] = []

        async def receive() -> Any:
            nonlocal read
            read += 1
            return {"type": "http.request", "body": b"x" * 600, "more_body": True}

        async def send(message: Any) -> None:
            statuses.append(message.get("status", 0))

        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await App(print, max_bytes=1_000)(scope, receive, send)
        return statuses[0]

    assert asyncio.run(run()) == 413
    assert read == 2


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """503 within the time that is left for an answer, so that it comes again; a caller who goes away gets none."""
    monkeypatch.setattr(app, "LONGEST_READ", 0.01)
    sent: list[Any] = []

    async def run(message: Any) -> None:
        async def receive() -> Any:
            return message or await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await App(print)(scope, receive, send)

    asyncio.run(run(None))
    assert sent[0]["status"] == 503
    sent.clear()
    asyncio.run(run({"type": "http.disconnect"}))
    assert sent == []


def test_the_app_runs_by_itself() -> None:
    """A server's start and end are acknowledged."""

    async def run() -> list[str]:
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[str] = []

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await App(print)({"type": "lifespan"}, receive, send)
        return sent

    assert asyncio.run(run()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_slow_judgement_is_answered_in_time_and_counts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """503 while the store is still at it; its late verdict hands the news on, and what comes again is a repetition."""
    monkeypatch.setattr(app, "LONGEST_JUDGING", 0.01)
    answered = threading.Event()

    class SlowStore(MemoryStore):
        def add(self, key: str, /) -> bool:
            assert answered.wait(20)
            return super().add(key)

    events: list[webhooks.Event] = []
    statuses: list[int] = []
    receiver = App(events.append, store=SlowStore())

    async def deliver() -> None:
        async def receive() -> Any:
            return {"type": "http.request", "body": encoded(EVOLINK), "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                answered.set()

        await receiver({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send)

    asyncio.run(deliver())
    assert (statuses, len(events)) == ([503], 1)
    monkeypatch.setattr(app, "LONGEST_JUDGING", 20.0)
    asyncio.run(deliver())
    assert (statuses, len(events)) == ([503, 200], 1)


def test_news_counts_when_nobody_takes_the_answer() -> None:
    """The caller has gone while it was judged: the provider comes again, and is a repetition then."""
    events: list[webhooks.Event] = []

    async def run() -> None:
        async def receive() -> Any:
            return {"type": "http.request", "body": encoded(EVOLINK), "more_body": False}

        async def send(message: Any) -> None:
            raise OSError("the connection is closed")

        await App(events.append)({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send)

    with pytest.raises(OSError, match="closed"):
        asyncio.run(run())
    assert len(events) == 1


def test_the_journal_counts_for_the_app(tmp_path: Path) -> None:
    """Across processes, and anew after a handler that failed; what the callback has named stays named."""
    journal = Journal(tmp_path / "journal.sqlite3")
    facts: dict[str, Any] = {"provider": "evolink", "base_url": "b", "account": "a", "model": "m", "content": b"{}"}
    journal.begin(**facts, idempotency_key="key-0123456789abcdef", keep=True, now=1.0, nonce=NONCE)
    outcomes: list[Exception | None] = [RuntimeError("not now"), None, None]
    events: list[webhooks.Event] = []

    def take(event: webhooks.Event) -> None:
        events.append(event)
        problem = outcomes.pop(0)
        if problem is not None:
            raise problem

    for expected in (1, 2, 2):
        (answer,) = post(App(take, journal=journal), (f"/hooks/{NONCE}", encoded(EVOLINK)))
        assert (answer.status_code, len(events)) == (200, expected)
    assert [(entry.state, entry.task_id) for entry in journal.entries()] == [("named", EVOLINK["id"])]
    (stranger,) = post(App(take, journal=journal), (f"/hooks/{'b' * 32}", encoded(EVOLINK)))
    assert stranger.status_code == 403
    journal.close()
