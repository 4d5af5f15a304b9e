"""Subjects that cannot be judged: bounded time, no verdict, and a sentence that helps."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

from conformance import _preflight, _run
from conformance._judge import judge_subject
from conformance._results import CODES
from conformance.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

HTML = b"<!doctype html><title>Welcome</title>"


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], object]) -> Generator[str]:
    """A port whose every connection is handed to `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()

        def accept() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        def handle(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def answering(head: str, body: bytes = HTML) -> Callable[[socket.socket], object]:
    """A server that gives one answer to everything."""

    def serve(connection: socket.socket) -> None:
        while connection.recv(65_536):
            connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    return serve


def silent(connection: socket.socket) -> None:
    """Take everything and say nothing."""
    while connection.recv(65_536):
        pass


def dripping(connection: socket.socket) -> None:
    """Begin an answer that never ends."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    pause = threading.Event()
    while True:
        connection.sendall(b" ")
        pause.wait(0.01)


def chatty(connection: socket.socket) -> None:
    """Speak another protocol."""
    connection.sendall(b"220 mail.example.com ESMTP ready\r\n")
    connection.recv(65_536)


def subject(base_url: str) -> Subject:
    """A server at an address."""
    return Subject(provider="evolink", base_url=base_url, profile="simulator", tokens={"valid": "key-1"})


@pytest.mark.parametrize(
    ("serve", "told"),
    [
        pytest.param(
            answering("200 OK\r\nContent-Type: text/html"), "HTTP 200 with text/html where JSON is", id="HTML"
        ),
        pytest.param(answering("404 Not Found"), "HTTP 404 with no content type where JSON is", id="no content type"),
        pytest.param(
            answering("301 Moved\r\nLocation: https://example.com/", b""),
            "base_url must be what stands before /v1/videos/generations",
            id="redirect",
        ),
        pytest.param(silent, "the server takes connections and does not answer: look at its log", id="silent"),
        pytest.param(dripping, "the server takes connections and does not answer: look at its log", id="slow"),
        pytest.param(chatty, "what answers there speaks no HTTP: correct base_url", id="no HTTP"),
    ],
)
def test_a_server_that_cannot_be_judged(
    serve: Callable[[socket.socket], object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests tell; nothing is scored, and the exit code blames the set-up."""
    monkeypatch.setattr(_preflight, "PATIENCE", 0.3)
    with listening(serve) as base_url:
        report = judge_subject(subject(base_url))
    (fault,) = report.faults
    assert told in fault
    assert base_url in fault
    assert CODES[report.state] == 2
    assert len(report.run.exchanges) <= 2
    assert report.judged == ()


def test_a_dead_server() -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    (fault,) = judge_subject(subject(base_url)).faults
    assert "start the server, or correct base_url" in fault


def test_tls_where_there_is_none() -> None:
    """An https address of a server that speaks plain HTTP."""
    with listening(answering("200 OK")) as base_url:
        (fault,) = judge_subject(subject(base_url.replace("http:", "https:"))).faults
    assert "the certificate or the protocol is at fault" in fault


def test_a_handshake_that_fails() -> None:
    """It is told as such, not as a dead server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("aNULL:@SECLEVEL=0")  # no certificate at all: no client accepts that

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True):
            pass

    with listening(serve) as base_url:
        (fault,) = judge_subject(subject(base_url.replace("http:", "https:"))).faults
    assert "the certificate or the protocol is at fault" in fault


def test_a_server_that_dies_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some requests without an answer the run ends; it does not wait for each of hundreds."""
    monkeypatch.setattr(_run, "PATIENCE", 0.1)
    left = [
        b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n" + b'{"error": {}}'
    ] * 20

    def serve(connection: socket.socket) -> None:
        while connection.recv(65_536):
            if left:
                connection.sendall(left.pop())

    with listening(serve) as base_url:
        report = judge_subject(subject(base_url))
    (fault,) = report.faults
    assert "has stopped answering" in fault
    assert CODES[report.state] == 2
    assert len(report.run.exchanges) <= 20 + _run.MOST_FAULTS


def test_a_server_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers each request slowly, but in time, does not keep a run going for hours."""
    monkeypatch.setattr(_run, "LONGEST_RUN", -600.0)
    with listening(answering("404 Not Found\r\nContent-Type: application/json", b"{}")) as base_url:
        (fault,) = judge_subject(subject(base_url)).faults
    assert "is too slow to be judged: 1 requests took 0 s; judge it nearer to where it runs" in fault


def test_a_key_that_is_missing() -> None:
    """Every request needs one."""
    bare = Subject(provider="evolink", base_url="http://127.0.0.1:1", profile="simulator")
    (fault,) = judge_subject(bare).faults
    assert "names no token for the role valid" in fault
