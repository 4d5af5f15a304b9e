"""From an answer of httpx to a flow's: bounded, decoded, and with the key masked wherever it stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from vidgate._effects import Head, Reply
from vidgate._foreign import translate
from vidgate._replies import request_id

if TYPE_CHECKING:
    from vidgate._clock import Clock
    from vidgate._effects import Failure
    from vidgate._secret import Secret

LARGEST_REPLY = 16 * 1024**2
"""Bytes of an answer that is read into memory; a task is a few kilobytes."""

EXCERPT = 2_000
"""Characters of an answer that is no JSON; several times what a message shows."""


class Body:
    """An answer's body, bounded in size and time: a server that drips would outlast every read timeout."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._clock = clock
        self._until = clock.now() + seconds

    def add(self, chunk: bytes) -> None:
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > LARGEST_REPLY:
            raise httpx.DecodingError(f"larger than {LARGEST_REPLY} bytes")
        if self._clock.now() > self._until:
            raise httpx.ReadTimeout("the answer drips")

    def read(self) -> bytes:
        return b"".join(self._parts)


def reply(response: httpx.Response, content: bytes, secret: Secret) -> Reply:
    """An answer that is here as a whole."""
    headers = _headers(response, secret)
    encoding = json.detect_encoding(content)
    try:
        body = _JSON.decode(content.decode(encoding, "surrogatepass"))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number of 5,000 digits, brackets without end
        content = secret.redact_bytes(content)
        text = content.decode("utf-8", errors="replace")[:EXCERPT]  # in this order: half a key is a leak
        return Reply(status=response.status_code, headers=headers, text=text, content=content)
    if encoding == "utf-8" and secret.is_absent_from(content):
        return Reply(status=response.status_code, headers=headers, body=body, content=content)
    try:
        clean = secret.redact_json(body)
        # What is spelled in escapes can be masked in the values only.
        content = content if clean == body else json.dumps(clean).encode()
        return Reply(status=response.status_code, headers=headers, body=clean, content=content)
    except RecursionError:
        return Reply(status=response.status_code, headers=headers, text="JSON nested too deeply")


def broken(error: Exception, response: httpx.Response | None, secret: Secret) -> Failure:
    """What became of a request; where the beginning of an answer came, it said which request that was."""
    failure = translate(error, secret)
    if response is not None:
        failure.error.request_id = request_id(head(response, secret))
    return failure


def head(response: httpx.Response, secret: Secret) -> Head:
    """The beginning of an answer that is still to be read."""
    return Head(status=response.status_code, headers=_headers(response, secret), url=str(response.url))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that gives a member twice, differently, says nothing that could be relied on."""
    members = dict(pairs)
    if len(members) != len(pairs) and any(members[name] != value for name, value in pairs):
        raise ValueError("a member stands there twice")
    return members


_JSON = json.JSONDecoder(object_pairs_hook=_members)


def _headers(response: httpx.Response, secret: Secret) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): secret.redact(value.decode("latin-1")) for name, value in response.headers.raw
    }
