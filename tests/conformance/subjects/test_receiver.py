"""The receiver of callbacks: what comes is kept, and answered as a check has asked."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest

from conformance._verdict import SubjectError
from conformance.subjects import SystemClock
from conformance.subjects._receiver import Answer, Receiver
from vidgate.simulator import ManualClock

PUBLIC = "https://callbacks.example.com/hook"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_answers_in_turn() -> None:
    """The answers that were asked for come first, then 200; other addresses have their own."""
    clock = ManualClock()
    receiver = Receiver(clock, PUBLIC)
    first, second = receiver.url("a", [Answer(status=500), Answer(status=204, delay=11)]), receiver.url("ab")
    began = clock.now()
    statuses = [receiver.handle(b"{}", {}, url) for url in (first, second, first, f"{first}/callback", first)]
    assert statuses == [500, 200, 204, 200, 200]
    assert clock.now() - began == 11
    assert [one.at - began for one in receiver.at(first)] == [0, 0, 11, 11]
    assert [one.url for one in receiver.at(second)] == [second]
    assert [one.number for one in receiver.received] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("headers", "path", "url"),
    [
        pytest.param({"X-Original-Url": f"{PUBLIC}/a?x=1"}, "/", f"{PUBLIC}/a?x=1", id="as the egress says"),
        pytest.param({}, "/a", f"{PUBLIC}/a", id="by its path"),
    ],
)
def test_over_a_port(headers: dict[str, str], path: str, url: str) -> None:
    """Method, headers, body and the original address arrive; the connection is not kept."""
    listen = f"127.0.0.1:{free_port()}"
    receiver = Receiver(SystemClock(), PUBLIC)
    address = receiver.url("a", [Answer(status=503)])
    with receiver.listening(listen):
        answer = httpx.post(f"http://{listen}{path}", json={"id": "x"}, headers=headers, trust_env=False)
    (got,) = receiver.at(address)
    assert answer.status_code == 503
    assert answer.http_version == "HTTP/1.0"
    assert (got.url, got.method, got.json, got.answered) == (url, "POST", {"id": "x"}, 503)
    assert got.header("Content-Type") == "application/json"


def test_a_body_that_is_no_json() -> None:
    """It is kept as it came."""
    receiver = Receiver(ManualClock(), PUBLIC)
    receiver.handle(b"\xff", {}, PUBLIC)
    (got,) = receiver.received
    value: Any = got.json
    assert (got.body, value) == (b"\xff", None)


@pytest.mark.parametrize("listen", ["no-such-host.invalid:1", "127.0.0.1:99999", "127.0.0.1:x"])
def test_where_nobody_can_listen(listen: str) -> None:
    """The subject file's mistake is told with its place."""
    with pytest.raises(SubjectError, match=r"\[callbacks\] listen: .* cannot be listened on"):
        Receiver(ManualClock(), PUBLIC).listening(listen).__enter__()


def test_a_port_that_is_taken() -> None:
    """Two runs at once do not share callbacks."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SubjectError, match="free it or name another port"):
            Receiver(ManualClock(), PUBLIC).listening(listen).__enter__()
