"""The simulator on a real port."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import uvicorn

from vidgate.simulator._faults import WIRE, PlainWire, disconnected

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Generator, MutableMapping

    from starlette.types import ASGIApp, Receive, Scope, Send

START_SECONDS = 10.0
STOP_SECONDS = 1  # what still hangs by then was meant to hang
# Closing with a linger of zero seconds sends RST instead of FIN.
NO_LINGER = struct.pack("ii", 1, 0)


class _ServerWire(PlainWire):
    """Cuts the connection beneath uvicorn."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._started = False

    def watch(self, send: Send) -> Send:
        """Notice when an answer begins: then its pieces are to arrive before the end does."""

        async def watched(message: MutableMapping[str, Any]) -> None:
            self._started = True
            await send(message)

        return watched

    async def reset(self, receive: Receive) -> None:
        """Send RST, or in the middle of an answer end early; then wait until the server has noticed."""
        if self._started:
            self._transport.close()
        else:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            self._transport.abort()
        await disconnected(receive)


def _wired(app: ASGIApp) -> ASGIApp:
    """Give each request of uvicorn the means to cut its connection, which ASGI has no word for."""

    async def serve_one(scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn hands in methods of the object that also holds the connection.
        transport: asyncio.Transport | None = getattr(getattr(send, "__self__", None), "transport", None)
        if scope["type"] != "http" or transport is None:
            await app(scope, receive, send)
            return
        wire = _ServerWire(transport)
        extensions: dict[str, Any] = {**(scope.get("extensions") or {}), WIRE: wire}
        await app({**scope, "extensions": extensions}, receive, wire.watch(send))

    return serve_one


class _Server(uvicorn.Server):
    """A server that tells when it listens, and when it gave up."""

    def __init__(self, app: ASGIApp, *, on_listening: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                _wired(app),
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening."""
        await super().startup(sockets)
        self._on_listening()


def listen(host: str, port: int) -> socket.socket:
    """Bind a socket; raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # asyncio sets it only on sockets that name their protocol; without it each answer waits 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def address(listener: socket.socket) -> str:
    """Return the base URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: ASGIApp, host: str, port: int, on_listening: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted; `on_listening` gets the base URL once requests are answered."""
    with listen(host, port) as listener:
        url = address(listener)

        def announce() -> None:
            if on_listening is not None:
                on_listening(url)

        _Server(app, on_listening=announce).run(sockets=[listener])


@contextlib.contextmanager
def running(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Generator[str]:
    """Serve in a thread, yield the base URL, and stop again; port 0 takes any free one."""
    listening = threading.Event()
    with listen(host, port) as listener:
        server = _Server(app, on_listening=listening.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            if not listening.wait(START_SECONDS):
                message = f"the simulator did not start within {START_SECONDS:g} seconds"
                raise RuntimeError(message)
            yield address(listener)
        finally:
            server.should_exit = True
            thread.join()
