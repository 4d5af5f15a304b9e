"""A submission over real sockets, which hang, reset and cut short as no mock does."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.vidgate.client_cases import REQUEST
from vidgate import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class SilentServer:
    """A server on a real socket that reads a request and then does what it is told."""

    def __init__(self, then: str) -> None:
        self._then = then
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.requests = 0
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if connection.recv(65536):
                self.requests += 1
            if self._then == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                connection.close()
            elif self._then == "hang":
                self._open.append(connection)
            else:
                connection.sendall(self._then.encode())
                connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            connection.close()
        self._thread.join(timeout=5)


@pytest.fixture
def serve() -> Iterator[Callable[[str], SilentServer]]:
    servers: list[SilentServer] = []

    def make(then: str) -> SilentServer:
        servers.append(SilentServer(then))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    "then",
    [
        "reset",
        "hang",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    ],
    ids=["reset", "hang", "502", "cut short"],
)
def test_money_is_risked_once_over_real_sockets(
    then: str, serve: Callable[[str], SilentServer], open_world: Callable[..., Any]
) -> None:
    """What a mock cannot show: a real hang, a real reset and a real gateway lead to exactly one POST."""
    server = serve(then)
    world = open_world("evolink", [], transport=None, base_url=server.url, timeout=0.2)
    with pytest.raises(errors.SubmitUnknown):
        world.do(world.client.videos.create, **REQUEST)
    assert server.requests == 1


def test_nothing_listens_over_real_sockets(open_world: Callable[..., Any]) -> None:
    """A refused connection is tried again, and then said to have cost nothing."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    world = open_world("evolink", [], transport=None, base_url=f"http://127.0.0.1:{port}")
    with pytest.raises(errors.ConnectionFailed):
        world.do(world.client.videos.create, **REQUEST)
    assert len(world.clock.slept) == 2
