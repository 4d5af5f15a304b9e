"""A callback's body is read, of either provider, and what is none is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import vidgate
from tests.vidgate.webhooks.deliveries import APIMART, BODIES, EVOLINK, JSON, encoded
from vidgate import errors, webhooks
from vidgate.webhooks import handle, parse

ROOT = Path(vidgate.__file__).parents[1]


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
