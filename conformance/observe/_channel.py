"""Sends requests for one role and records what comes back. Nothing is retried, redirected or decoded on the way."""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from ._exchange import Exchange, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._contract import Contract, Operation
    from .._json import Json

REDACTED = "Bearer [key]"
LONGEST = 32 * 2**20  # bytes of an answer that are read
FILE_PATIENCE = 60.0
"""Seconds for a file: how large it is and how far away, no page says."""
FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (httpx.ConnectTimeout, "connect"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "connect"),
    (httpx.RemoteProtocolError, "protocol"),
    (httpx.TransportError, "reset"),
    (httpx.RequestError, "protocol"),  # a body that is not what its coding says
)


@dataclass(slots=True)
class Wire:
    """What all channels of a run share: the transport, the clock, and the record.

    `watch` sees every exchange when it is over. `before` is asked before anything is sent, and may refuse by raising.
    """

    transport: httpx.BaseTransport
    contract: Contract
    base_url: str
    now: Callable[[], float]
    timeout: float = 10.0
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    watch: Callable[[Exchange], object] = lambda _: None
    before: Callable[[Exchange], object] = lambda _: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, exchange: Exchange, headers: list[tuple[str, str]], *, timeout: float | None = None) -> Exchange:
        """Send what `exchange` says, fill in what came back, and show it to the watchers."""
        self.before(exchange)
        with self._lock:  # some requests are sent at once, by threads
            self.exchanges.append(exchange)
            exchange.number = len(self.exchanges)
        seconds = self.timeout if timeout is None else timeout
        limits = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
        request = httpx.Request(
            exchange.method,
            exchange.url,
            headers=headers,
            content=exchange.request_body,
            extensions={"timeout": limits},
        )
        exchange.started = self.now()
        self._answer(exchange, request, seconds)
        exchange.ended = self.now()
        self.watch(exchange)
        return exchange

    def _answer(self, exchange: Exchange, request: httpx.Request, seconds: float) -> None:
        pieces: list[bytes] = []
        try:
            response = self.transport.handle_request(request)
            exchange.status = response.status_code
            exchange.headers = tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw
            )
            try:
                self._read(exchange, response, pieces, self.now() + seconds)
            finally:
                response.close()
        except httpx.RequestError as error:
            exchange.fault, exchange.fault_text = _fault(error, pieces_came=exchange.status != 0)
        exchange.body = b"".join(pieces)

    def _read(self, exchange: Exchange, response: httpx.Response, pieces: list[bytes], deadline: float) -> None:
        size = 0
        stream: Any = response.stream
        for piece in stream:
            pieces.append(piece)
            size += len(piece)
            if size > LONGEST:
                exchange.fault, exchange.fault_text = "too long", f"more than {LONGEST} bytes came"
                return
            if self.now() > deadline:
                exchange.fault, exchange.fault_text = "timeout", "the body did not end in time"
                return


@dataclass(slots=True)
class Channel:
    """Requests in one role. Every call returns an exchange, whatever came back."""

    wire: Wire
    role: str
    token: str | None
    """None: no Authorization header."""

    def submit(self, body: Json, *, purpose: str = "", headers: Mapping[str, str] | None = None) -> Exchange:
        """Send a body to the paid operation; `bytes` go out as they are."""
        operation = self.wire.contract.one(paid=True)
        return self.call(operation, body=body, purpose=purpose, headers=headers)

    def poll(self, task_id: str, *, purpose: str = "") -> Exchange:
        """Read a task."""
        return self.call(self.wire.contract.one(paid=False), task_id=task_id, purpose=purpose)

    def call(
        self,
        operation: Operation,
        *,
        task_id: str | None = None,
        body: Json = None,
        purpose: str = "",
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        timeout: float | None = None,
    ) -> Exchange:
        """Call an operation of the contract, with another method if told so."""
        path = operation.path
        if task_id is not None:
            path = path.replace("{task_id}", quote(task_id, safe=""))
        return self.request(
            method or operation.method,
            f"{self.wire.base_url}{path}",
            body=body,
            purpose=purpose,
            headers=headers,
            operation=operation,
            timeout=timeout,
        )

    def fetch(self, url: str, *, purpose: str = "", headers: Mapping[str, str] | None = None) -> Exchange:
        """GET an address such as a result link, without the key."""
        bare = Channel(self.wire, self.role, None)
        return bare.request(
            "GET",
            urljoin(f"{self.wire.base_url}/", url),
            purpose=purpose,
            headers={"accept": "*/*", **(headers or {})},
            timeout=FILE_PATIENCE,
        )

    def request(
        self,
        method: str,
        url: str,
        *,
        body: Json = None,
        purpose: str = "",
        headers: Mapping[str, str] | None = None,
        operation: Operation | None = None,
        timeout: float | None = None,
    ) -> Exchange:
        """Send anything. `headers` replace the usual ones by name, lower case; an empty value leaves one out."""
        content = body if isinstance(body, bytes) else b"" if body is None else encode(body)
        sent: dict[str, str] = {
            "host": urlsplit(url).netloc,
            "accept": "application/json",
            "accept-encoding": "identity",
        }
        if self.token is not None:
            sent["authorization"] = f"Bearer {self.token}"
        if content or method in {"POST", "PUT", "PATCH"}:
            sent["content-type"] = "application/json"
            sent["content-length"] = str(len(content))
        sent.update(headers or {})
        pairs = [(name, value) for name, value in sent.items() if value]
        shown = tuple((name, REDACTED if name == "authorization" else value) for name, value in pairs)
        exchange = Exchange(
            number=0,
            role=self.role,
            method=method,
            url=url,
            request_headers=shown,
            request_body=content,
            operation=operation,
            purpose=purpose,
            key=self.token or "",
        )
        return self.wire.send(exchange, pairs, timeout=timeout)


def encode(body: Json) -> bytes:
    """The bytes of a JSON body."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _fault(error: httpx.RequestError, *, pieces_came: bool) -> tuple[Fault, str]:
    text = str(error) or type(error).__name__
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls", text
        cause = cause.__cause__ or cause.__context__
    kind: Fault = next(kind for known, kind in FAULTS if isinstance(error, known))
    if pieces_came and kind in {"protocol", "reset"}:
        kind = "truncated"
    return kind, text
