"""Callbacks received: read, verified, confirmed, counted once, and never a traceback."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import vidgate
from vidgate import errors, webhooks
from vidgate._webhooks import app
from vidgate.webhooks import App, MemoryStore, callback_url, confirm, handle, new_nonce, nonce_of, parse, verify

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(vidgate.__file__).parents[1]
NONCE = "n0nce-" + "a" * 26
JSON = {"Content-Type": "application/json"}
EVOLINK: dict[str, Any] = {
    "created": 1_767_225_600,
    "id": "task-unified-1767225600-abcdefgh",
    "model": "gemini-omni-flash-text-to-video",
    "object": "video.generation.task",
    "progress": 100,
    "results": ["https://files.example.com/v.mp4"],
    "status": "completed",
    "task_info": {"can_cancel": False},
    "type": "video",
}
APIMART: dict[str, Any] = {
    "id": "task_01KA040M0HP1GJWBJYZMKX8XS2",
    "status": "completed",
    "progress": 100,
    "created": 1_767_225_600,
    "completed": 1_767_225_660,
    "cost": 0.3,
    "result": {"videos": [{"url": ["https://files.example.com/v.mp4"], "expires_at": 1_767_312_060}]},
}
BODIES = {"evolink": EVOLINK, "apimart": APIMART}


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("provider", BODIES)
@pytest.mark.parametrize("named", [True, False], ids=["named", "guessed"])
def test_a_callback_is_read(*, provider: Any, named: bool) -> None:
    """Either provider's body becomes the same kind of event, also when nobody says whose it is."""
    event = parse(encoded(BODIES[provider]), provider=provider if named else None)
    assert (event.provider, event.task_id, event.verdict, event.done) == (
        provider,
        BODIES[provider]["id"],
        "completed",
        True,
    )
    assert [result.url for result in event.results] == ["https://files.example.com/v.mp4"]
    assert event.payload == BODIES[provider]
    assert "payload" not in repr(event)


@pytest.mark.parametrize("body", [{"code": 200, "data": APIMART}, {"code": 200, "data": [APIMART]}])
def test_an_envelope_is_tolerated(body: Any) -> None:
    """No page has one around a callback, but the query has."""
    assert parse(body) == parse(APIMART)


@pytest.mark.parametrize(
    ("change", "verdict", "done"),
    [
        ({"status": "failed", "error": {"code": "x", "message": "no"}}, "failed", True),
        ({"status": "CANCELLED"}, "cancelled", True),
        ({"status": "processing"}, "running", False),
        ({"status": "levitating", "new": [1]}, "unknown", False),
        ({"results": None, "result": None, "progress": None}, "completed", True),
    ],
)
@pytest.mark.parametrize("provider", BODIES)
def test_other_states(*, provider: str, change: Any, verdict: str, done: bool) -> None:
    """Every status is told; an unknown one, or an unknown member, is no fault."""
    event = parse(BODIES[provider] | change)
    assert (event.provider, event.verdict, event.done) == (provider, verdict, done)


WRONG: dict[str, tuple[bytes, dict[str, str], int]] = {
    "empty": (b"", JSON, 400),
    "no JSON": (b"{", JSON, 400),
    "a list": (b"[]", JSON, 400),
    "a string": (b'"x"', JSON, 400),
    "not UTF-8": (b'{"id": "\xff"}', JSON, 400),
    "half a character": (b'{"id": "task-1", "status": "completed", "x": "\\ud800"}', JSON, 400),
    "a member twice": (b'{"id": "task-1", "status": "failed", "status": "completed"}', JSON, 400),
    "NaN": (b'{"id": "task-1", "status": "completed", "x": NaN}', JSON, 400),
    "too deep": (b'{"id":' + b"[" * 200_000, JSON, 400),
    "a long number": (b'{"id": "task-1", "status": "completed", "x": ' + b"9" * 5_000 + b"}", JSON, 400),
    "no id": (encoded({"status": "completed"}), JSON, 400),
    "an id that is a path": (encoded(EVOLINK | {"id": "../admin"}), JSON, 400),
    "an id that is a number": (encoded(EVOLINK | {"id": 7}), JSON, 400),
    "no status": (encoded({"id": "task-1"}), JSON, 400),
    "an odd status": (encoded(EVOLINK | {"status": {"a": 1}}), JSON, 400),
    "data that is text": (b'{"data": "x"}', JSON, 400),
    "too long": (b" " * 70_000, JSON, 413),
    "a form": (b"a=b", {"content-type": "application/x-www-form-urlencoded"}, 415),
    "a page": (b"<html>", {"CONTENT-TYPE": "text/html"}, 415),
    "another charset": (encoded(EVOLINK), {"content-type": "application/json; charset=utf-16"}, 415),
    "compressed": (encoded(EVOLINK), JSON | {"content-encoding": "gzip"}, 415),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_callback_is_refused(case: str, caplog: pytest.LogCaptureFixture) -> None:
    """A 4xx in our own words: nothing of what was sent comes back or is logged."""
    body, headers, status = WRONG[case]
    outcome = handle(body, headers, max_bytes=65_536 if case == "too long" else webhooks.LARGEST_BODY)
    assert (outcome.status, outcome.event, outcome.duplicate) == (status, None, False)
    assert list(json.loads(outcome.body)) == ["error"]
    assert b"task-1" not in outcome.body
    assert caplog.records == []


@pytest.mark.parametrize(
    "headers", [{}, JSON, {"content-type": 'Application/JSON; charset="UTF-8"'}, {"content-type": "application/x+json"}]
)
def test_headers_that_do(headers: dict[str, str]) -> None:
    """JSON in UTF-8 in each writing, and none at all."""
    assert handle(encoded(EVOLINK), headers).status == 200


def test_parse_raises_from_the_tree() -> None:
    """The error carries the status to answer with."""
    with pytest.raises(errors.CallbackRefused) as caught:
        parse(b"[]")
    assert caught.value.status == 400
    with pytest.raises(errors.ConfigurationError, match="no provider"):
        parse(EVOLINK, provider="nobody")  # type: ignore[arg-type]


def test_an_address_with_a_nonce() -> None:
    """The nonce is found again in what either provider calls."""
    nonce = new_nonce()
    url = callback_url("https://example.com/hooks/", nonce)
    assert url == f"https://example.com/hooks/{nonce}"
    for called in (url, f"{url}/callback", f"/hooks/{nonce}", f"/hooks/{nonce}/callback?x=1", f"/{nonce}/"):
        assert nonce_of(called) == nonce
        assert verify(called, nonce)
        assert not verify(called, new_nonce())
    for called in ("", "/", "/callback", "https://example.com/hooks", f"/{nonce}/x", f"/?n={nonce}", f"/{nonce[:-1]}"):
        assert not verify(called, nonce)
    assert not verify("/", "")
    assert new_nonce() != nonce


@pytest.mark.parametrize(
    ("base", "nonce", "text"),
    [
        ("http://example.com", NONCE, "https only"),
        ("https://localhost/x", NONCE, "this machine"),
        ("https://10.0.0.1/x", NONCE, "private network"),
        ("https://example.com/x?y=1", NONCE, "query"),
        ("https://example.com/x#y", NONCE, "fragment"),
        ("https://example.com/x?", NONCE, "query"),
        ("https://example.com/" + "x" * 2_048, NONCE, "characters"),
        ("https://example.com", "short", "nonce"),
        ("https://example.com", "a/" * 16, "nonce"),
    ],
)
def test_addresses_that_would_not_work(base: str, nonce: str, text: str) -> None:
    """Refused here rather than by the provider, or never called at all."""
    with pytest.raises(errors.ConfigurationError, match=text):
        callback_url(base, nonce)


@pytest.mark.parametrize("nonce", [NONCE, lambda found: found == NONCE], ids=["text", "function"])
def test_only_the_nonce_opens(nonce: Any) -> None:
    """Without it nothing is read, not even the body."""
    good = handle(encoded(EVOLINK), JSON, url=f"/hooks/{NONCE}/callback", nonce=nonce)
    assert (good.status, good.event and good.event.nonce) == (200, NONCE)
    for url in ("", "/hooks", f"/hooks/{'b' * 32}", f"/hooks?{NONCE}"):
        assert handle(b"{", {}, url=url, nonce=nonce).status == 403


def test_repetitions_are_marked() -> None:
    """Per task and terminal state; what is not terminal is never a repetition."""
    store = MemoryStore()

    def seen(body: dict[str, Any]) -> bool:
        outcome = handle(encoded(body), JSON, store=store)
        assert outcome.status == 200
        return outcome.duplicate

    assert [seen(EVOLINK), seen(EVOLINK | {"progress": 99}), seen(APIMART), seen(APIMART)] == [False, True, False, True]
    assert [seen(EVOLINK | {"status": "failed"}), seen(EVOLINK | {"status": "processing"})] == [False, False]
    assert not seen(EVOLINK | {"status": "processing"})


def test_the_store_is_bounded() -> None:
    """The oldest news is forgotten first; a repetition makes it young again."""
    store = MemoryStore(2)
    assert [store.add(key) for key in ("a", "b", "a", "c", "a", "b")] == [True, True, False, True, False, True]
    assert len(store) == 2
    store.discard("a")
    assert store.add("a")
    with pytest.raises(errors.ConfigurationError, match="limit"):
        MemoryStore(0)


class BrokenStore:
    """A database that is down, and says too much about it."""

    def add(self, key: str, /) -> bool:
        raise RuntimeError("postgresql://user:hunter2@db")

    def discard(self, key: str, /) -> None:
        raise RuntimeError("hunter2")


def test_a_store_that_fails_lets_the_provider_come_again(caplog: pytest.LogCaptureFixture) -> None:
    """A 500, and neither the answer nor the log tells what the store said."""
    outcome = handle(encoded(EVOLINK), JSON, store=BrokenStore())
    assert (outcome.status, outcome.event) == (500, None)
    assert b"hunter2" not in outcome.body
    assert "RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text


def confirming(answer: dict[str, Any], asked: list[str]) -> Any:
    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=answer)

    return httpx.MockTransport(reply)


def test_confirming_asks_the_provider_and_nobody_else() -> None:
    """A forged success is seen for what it is, and no link of the payload is fetched."""
    asked: list[str] = []
    event = parse(EVOLINK | {"results": ["http://169.254.169.254/latest"]})
    running = EVOLINK | {"status": "processing", "results": None}
    with vidgate.EvoLink("sim-key-1234", transport=confirming(running, asked)) as client:
        assert confirm(client, event).verdict == "running"
    assert asked == [f"https://api.evolink.ai/v1/tasks/{event.task_id}"]


def test_confirming_in_async_code() -> None:
    """The same with await."""
    asked: list[str] = []

    async def run() -> str:
        transport = confirming({"code": 200, "data": APIMART}, asked)
        async with vidgate.AsyncAPIMart("sim-key-1234", transport=transport) as client:
            return (await webhooks.aconfirm(client, parse(APIMART))).verdict

    assert asyncio.run(run()) == "completed"
    assert len(asked) == 1


def test_confirming_needs_the_right_client() -> None:
    """The ids of one provider mean nothing to the other."""
    with (
        vidgate.APIMart("sim-key-1234") as client,
        pytest.raises(errors.ConfigurationError, match=r"evolink.*apimart"),
    ):
        confirm(client, parse(EVOLINK))


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
    """408 within the time that is left for an answer; a caller who goes away gets none."""
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
    assert sent[0]["status"] == 408
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


def test_importing_it_needs_no_framework() -> None:
    """Nor httpx, before a client is there."""
    code = (
        f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'generated')]!r}\n"
        "import vidgate.webhooks as hooks\n"
        f"assert hooks.handle({encoded(EVOLINK)!r}, {{}}, store=hooks.MemoryStore()).status == 200\n"
        "print(*sys.modules)"
    )
    run = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    heavy = {"starlette", "httpx", "jsonschema_rs", "sqlite3", "respx", "pytest", "evolink_api", "asyncio"}
    assert heavy.isdisjoint(run.stdout.split())
