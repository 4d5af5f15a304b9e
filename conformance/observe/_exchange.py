"""One request and its answer, as bytes and headers; reading them as JSON is lazy and never raises."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from .._contract import Operation
    from .._json import Json

Fault: TypeAlias = Literal["", "connect", "tls", "timeout", "reset", "truncated", "protocol", "too long"]
NOTHING = object()


@dataclass(kw_only=True, slots=True, eq=False)
class Exchange:
    """One request and what came back.

    Header names are lower case, in their order, repeated ones repeated; the key in `request_headers` is redacted.
    `started` and `ended` are seconds on the run's clock. `fault`: how the answer ended early; then `status` is 0, or
    the one that had come. `operation`: that of the contract, None for other addresses. `purpose`: why it was sent.
    """

    number: int
    role: str
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: bytes = b""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    started: float = 0.0
    ended: float = 0.0
    fault: Fault = ""
    fault_text: str = ""
    operation: Operation | None = None
    purpose: str = ""
    key: str = field(default="", repr=False)
    """What was sent as the key, so that an echo can be told; never written to a report."""
    _json: Json = field(default=NOTHING, repr=False)

    @property
    def ok(self) -> bool:
        """Whether a whole answer with a good status came."""
        return not self.fault and 200 <= self.status < 300  # noqa: PLR2004 - the good statuses

    @property
    def json(self) -> Json:
        """The body as JSON, leniently; None when it is none (or `null`)."""
        if self._json is NOTHING:
            try:
                self._json = json.loads(self.body.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                self._json = None
        return self._json

    @property
    def request_json(self) -> Json:
        """The request's body as JSON; None when it is none."""
        try:
            return json.loads(self.request_body) if self.request_body else None
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """The first value of an answer's header."""
        return next((value for known, value in self.headers if known == name.lower()), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        """All values of an answer's header."""
        return tuple(value for known, value in self.headers if known == name.lower())

    def __str__(self) -> str:
        told = self.fault_text or self.fault if self.fault else f"HTTP {self.status}"
        return f"#{self.number} {self.method} {self.url} as {self.role}: {told}"
