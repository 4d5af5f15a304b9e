"""A server that says exactly what a test gives it, byte for byte; nothing of HTTP is done for it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

BETWEEN = 0.02
"""Seconds between two pieces of what drips."""

MOST_PIECES = 1_500
"""After so many, half a minute, a server stops dripping: then it is the server that has ended the exchange."""


class Call:
    """One request, and the connection it came over."""

    def __init__(self, connection: socket.socket, head: bytes) -> None:
        self.connection = connection
        self.method, self.path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        self.head = head

    def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.connection.sendall(piece)

    def drip(self, piece: bytes) -> bool:
        """Say it again and again; whether the client went away before the server was tired of it."""
        try:
            for _ in range(MOST_PIECES):
                self.connection.sendall(piece)
                time.sleep(BETWEEN)
        except OSError:
            return True
        return False

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class RawServer:
    """Calls `answer` with each request, in a thread for each connection, on a free port of this machine."""

    def __init__(self, answer: Callable[[Call], object]) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.calls: list[Call] = []

    def __enter__(self) -> Self:
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for call in self.calls:
            call.hang_up()
        for thread in self._threads:
            thread.join(30)

    def _begin(self, function: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._begin(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while head := _read_request(connection):
                call = Call(connection, head)
                self.calls.append(call)
                self._answer(call)


def _read_request(connection: socket.socket) -> bytes:
    """The head of the next request, with its body read; empty when the client has left."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    missing = int(length.partition(b":")[2]) - len(body)
    while missing > 0:
        missing -= len(connection.recv(65_536)) or missing
    return head


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer with its length."""
    lines = (f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers)
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body
