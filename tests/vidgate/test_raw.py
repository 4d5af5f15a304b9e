"""`with_raw_response`: the answer as it came, and the usual result from `parse`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from vidgate import AsyncClient, Client, EvoLink, RawResponse, errors
from vidgate._secret import MASK

if TYPE_CHECKING:
    from collections.abc import Callable

KEY: Final = "sk-0123456789abcdefSECRET"
ID: Final = "task-unified-1-abc"
REQUEST: Final[dict[str, Any]] = {"model": "gemini-omni-flash-text-to-video", "prompt": "a cat"}
CREATED: Final = {"id": ID, "status": "pending", "type": "video", "new_field": {"kept": True}}


def created(_: httpx.Request) -> httpx.Response:
    headers = {"X-Request-Id": "req-1", "X-RateLimit-Remaining": "9", "set-cookie": "session=secret", "x-echo": KEY}
    return httpx.Response(202, content=json.dumps(CREATED, indent=3).encode(), headers=headers)


@pytest.mark.parametrize("call", ["create", "create_from", "get"])
def test_the_answer_and_its_result(call: str, open_world: Callable[..., Any]) -> None:
    """Status, headers, request id, the bytes as they came; `parse` gives what the plain call gives."""
    world = open_world("evolink", created)
    client = world.client
    if call == "create":
        raw = world.do(client.videos.with_raw_response.create, **REQUEST)
        plain = world.do(client.videos.create, **REQUEST)
    elif call == "create_from":
        raw = world.do(client.videos.with_raw_response.create_from, REQUEST)
        plain = world.do(client.videos.create_from, REQUEST)
    else:
        raw = world.do(client.tasks.with_raw_response.get, ID)
        plain = world.do(client.tasks.get, ID)
    assert isinstance(raw, RawResponse)
    assert (raw.status, raw.request_id, raw.attempts) == (202, "req-1", 1)
    assert raw.url == str(world.requests[0].url)
    assert raw.method == world.requests[0].method
    assert raw.headers["x-ratelimit-remaining"] == "9"
    assert raw.content == json.dumps(CREATED, indent=3).encode()
    assert raw.text == raw.content.decode()
    assert raw.json() == CREATED
    assert raw.parse() == plain
    assert type(raw.parse()) is type(plain)
    assert raw.parse().request_id == "req-1"


def test_nothing_secret_is_in_it(open_world: Callable[..., Any]) -> None:
    """The key is masked in headers and body, in escapes as well; cookies and signed queries are left out."""
    for written in (json.dumps({**CREATED, "echo": KEY}), json.dumps({**CREATED, "echo": KEY}).replace("S", "\\u0053")):
        headers = {"x-echo": KEY, "set-cookie": "session=secret", "location": "https://x.example/a?Signature=s"}
        answer = httpx.Response(200, content=written.encode(), headers=headers)
        world = open_world("evolink", [answer])
        raw = world.do(world.client.tasks.with_raw_response.get, ID)
        assert raw.headers["x-echo"] == raw.headers["set-cookie"] == MASK
        assert raw.headers["location"] == "https://x.example/a"
        assert KEY not in repr(raw) + raw.text + json.dumps(raw.json())
        assert raw.json()["echo"] == MASK


def test_the_last_of_several_attempts(open_world: Callable[..., Any]) -> None:
    """Attempts are counted; status and time are the last one's."""
    world = open_world("evolink", [httpx.ConnectError("refused"), (503, "<html>"), (200, CREATED)])
    raw = world.do(world.client.tasks.with_raw_response.get, ID)
    assert (raw.status, raw.attempts, raw.elapsed) == (200, 3, 0.0)


def test_it_takes_the_time_of_the_exchange(open_world: Callable[..., Any]) -> None:
    """`elapsed` is in seconds of the client's clock, without the pause before."""

    def slow(request: httpx.Request) -> httpx.Response:
        world.clock.time += 2.5
        return httpx.Response(502) if len(world.requests) == 1 else httpx.Response(200, json=CREATED)

    world = open_world("evolink", slow)
    raw = world.do(world.client.tasks.with_raw_response.get, ID)
    assert (raw.attempts, raw.elapsed) == (2, 2.5)
    assert world.clock.slept


def test_errors_stay_errors(open_world: Callable[..., Any]) -> None:
    """What the plain call raises is raised, with what the answer said."""
    refusal = httpx.Response(
        403,
        json={"error": {"code": "permission_denied", "message": "no"}},
        headers={"x-request-id": "req-9", "set-cookie": "session=secret", "x-why": "because"},
    )
    world = open_world("evolink", [refusal])
    with pytest.raises(errors.PermissionDenied) as caught:
        world.do(world.client.tasks.with_raw_response.get, ID)
    assert (caught.value.status, caught.value.request_id) == (403, "req-9")
    assert caught.value.headers["x-why"] == "because"
    assert caught.value.headers["set-cookie"] == MASK
    with pytest.raises(errors.ConfigurationError):
        world.do(world.client.videos.with_raw_response.create, REQUEST)


def test_the_journal_has_it_too(open_world: Callable[..., Any], tmp_path: Any) -> None:
    """A raw submission is as paid as any other."""
    world = open_world("evolink", created, journal=tmp_path / "journal.sqlite3")
    world.do(world.client.videos.with_raw_response.create, **REQUEST)
    (entry,) = world.do(world.client.pending)
    assert entry.task_id == ID


def test_the_answer_of_the_provider_that_took_it(open_world: Callable[..., Any]) -> None:
    """Behind several providers it is the answer of the one that accepted; a task is read at its own."""
    submitted = {"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]}
    done = {"code": 200, "data": {"id": "task_1", "status": "processing"}}
    refusing = open_world("evolink", [(402, {"error": {"code": "insufficient_quota", "message": "no"}})])
    taking = open_world("apimart", [(200, submitted), (200, done)])
    kind: Any = Client if isinstance(refusing.client, EvoLink) else AsyncClient
    client = kind([refusing.client, taking.client])
    raw = taking.do(client.videos.with_raw_response.create, model="omni-flash", prompt="a cat", duration=6)
    assert (raw.json(), raw.parse().id, len(refusing.requests)) == (submitted, "task_1", 1)
    raw = taking.do(client.tasks.with_raw_response.get, "task_1")
    assert (raw.json(), raw.parse().status) == (done, "processing")
