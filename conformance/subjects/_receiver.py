"""Receives callbacks, in process or on a port, records each, and answers what a check has asked for."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from .._verdict import SubjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from .._json import Json
    from ._reach import Clock

ORIGINAL_URL = "x-original-url"
LONGEST = 4 * 2**20
GOOD = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One callback as it came: `at` in seconds on the run's clock, `url` the address that had been asked for."""

    number: int
    at: float
    url: str
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    answered: int = GOOD
    delayed: float = 0.0
    seen: object = None
    """What `look` returned while the server waited for our answer."""

    @property
    def json(self) -> Json:
        """The body, leniently; None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for known, value in self.headers if known == name.lower()), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the receiver does with one delivery: wait `delay` seconds on the clock, then answer `status`."""

    status: int = GOOD
    delay: float = 0.0


@dataclass(slots=True)
class Receiver:
    """Everything under `public_url` is ours: `url("a")` is an address for one purpose, with answers of its own."""

    clock: Clock
    public_url: str
    received: list[Received] = field(default_factory=list[Received])
    _scripts: dict[str, list[Answer]] = field(default_factory=dict[str, list[Answer]])
    _looks: dict[str, Callable[[], object]] = field(default_factory=dict[str, "Callable[[], object]"])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, name: str, answers: Iterable[Answer] = (), look: Callable[[], object] | None = None) -> str:
        """An address whose deliveries get `answers` in turn, and 200 after them; `look` is called with each."""
        address = f"{self.public_url.rstrip('/')}/{name}"
        with self._lock:
            self._scripts[address] = list(answers)
            if look is not None:
                self._looks[address] = look
        return address

    def at(self, address: str) -> tuple[Received, ...]:
        """What has come for an address; for one that the server extends (`/callback`) as well."""
        with self._lock:
            return tuple(one for one in self.received if _belongs(one.url, address))

    def handle(self, body: bytes, headers: Mapping[str, str], url: str, method: str = "POST") -> int:
        """Take one delivery; returns the status. This is what a simulator in process calls."""
        at = self.clock.now()
        with self._lock:
            address = next((known for known in self._scripts if _belongs(url, known)), url)
            script = self._scripts.get(address, [])
            answer = script.pop(0) if script else Answer()
            look = self._looks.get(address)
        seen = look() if look is not None else None
        with self._lock:
            self.received.append(
                Received(
                    number=len(self.received) + 1,
                    at=at,
                    url=url,
                    method=method,
                    headers=tuple((name.lower(), value) for name, value in headers.items()),
                    body=body,
                    answered=answer.status,
                    delayed=answer.delay,
                    seen=seen,
                )
            )
        if answer.delay:
            self.clock.sleep(answer.delay)
        return answer.status

    @contextlib.contextmanager
    def listening(self, address: str) -> Generator[None]:
        """Listen on `host:port` while the context lasts; raises SubjectError when that is not possible."""
        host, _, port = address.rpartition(":")
        try:
            server = ThreadingHTTPServer((host, int(port)), _handler(self))
        except (OSError, ValueError, OverflowError) as error:
            message = f"[callbacks] listen: {address} cannot be listened on ({error}); free it or name another port"
            raise SubjectError(message) from None
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _belongs(url: str, address: str) -> bool:
    """Whether a delivery's address is the one that was sent, or lies below it."""
    plain = url.partition("?")[0]
    return plain == address or plain.startswith(f"{address}/")


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Speaks HTTP/1.0: whoever delivers keeps no connection open to a receiver that goes away."""

        def take(self) -> None:
            length = self.headers.get("content-length", "0")
            size = min(int(length), LONGEST) if length.isdecimal() else 0
            body = self.rfile.read(size)
            headers: dict[str, str] = {str(name).lower(): str(value) for name, value in self.headers.items()}
            url = headers.get(ORIGINAL_URL) or f"{receiver.public_url.rstrip('/')}{self.path}"
            status = receiver.handle(body, headers, url, self.command)
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

        do_POST = do_GET = do_PUT = do_PATCH = do_DELETE = do_HEAD = take  # noqa: N815 - its names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its signature
            """Say nothing: a callback is no news."""

    return Handler
