"""What exceptions of other libraries mean: one table, through which all of them come, and nothing else does.

They are not chained: an httpx exception holds the request, and the request holds the key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import httpx

from vidgate import errors
from vidgate._address import bare_url
from vidgate._effects import Failure
from vidgate._replies import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._effects import Request
    from vidgate._secret import Secret


@dataclass(frozen=True, slots=True)
class Foreign:
    """What an exception of another library means. `arrived`: False when nothing can have reached the server."""

    error: type[errors.VidgateError]
    text: str
    arrived: bool
    retryable: bool = True
    hint: str = "Try again in a moment; check the network if it goes on."


_ADDRESS = r"https?://[^\s'\"]+"
"""A link in a message, as of `raise_for_status`; its query may be a signature."""

_CONFIGURE = "Check base_url and the http_client or transport that was handed in."

# Every class of httpx has a row of its own, so that the most specific one wins and a new one is noticed by the tests.
FOREIGN: Mapping[type[Exception], Foreign] = MappingProxyType(
    {
        # Before anything was sent: no connection, so nothing arrived.
        httpx.ConnectError: Foreign(errors.ConnectionFailed, "no connection", arrived=False),
        httpx.ConnectTimeout: Foreign(errors.ConnectionFailed, "no connection in time", arrived=False),
        httpx.PoolTimeout: Foreign(errors.ConnectionFailed, "no free connection in time", arrived=False),
        httpx.ProxyError: Foreign(errors.ConnectionFailed, "the proxy refuses", arrived=False),
        httpx.UnsupportedProtocol: Foreign(
            errors.ConfigurationError,
            "the URL is not of http or https",
            arrived=False,
            retryable=False,
            hint=_CONFIGURE,
        ),
        # Somewhere on the way: the server may have the request.
        # httpx builds the next request of a redirect even when it is not to follow it, and fails on odd addresses.
        httpx.InvalidURL: Foreign(
            errors.ConfigurationError, "a URL is not valid", arrived=True, retryable=False, hint=_CONFIGURE
        ),
        httpx.ReadTimeout: Foreign(errors.RequestTimeout, "no answer in time", arrived=True),
        httpx.WriteTimeout: Foreign(errors.RequestTimeout, "the request could not be sent in time", arrived=True),
        httpx.TimeoutException: Foreign(errors.RequestTimeout, "no answer in time", arrived=True),
        httpx.ReadError: Foreign(errors.ConnectionLost, "the connection broke", arrived=True),
        httpx.WriteError: Foreign(errors.ConnectionLost, "the connection broke", arrived=True),
        httpx.CloseError: Foreign(errors.ConnectionLost, "the connection did not close cleanly", arrived=True),
        httpx.NetworkError: Foreign(errors.ConnectionLost, "the network failed", arrived=True),
        httpx.RemoteProtocolError: Foreign(errors.ConnectionLost, "the server broke off", arrived=True),
        # Also raised in the middle of a conversation, so it proves nothing.
        httpx.LocalProtocolError: Foreign(errors.ConnectionLost, "the request breaks HTTP's rules", arrived=True),
        httpx.ProtocolError: Foreign(errors.ConnectionLost, "the answer breaks HTTP's rules", arrived=True),
        httpx.TransportError: Foreign(errors.ConnectionLost, "the transport failed", arrived=True),
        httpx.DecodingError: Foreign(errors.ConnectionLost, "the answer cannot be decoded", arrived=True),
        # Of a handed-in client's own hooks and settings.
        httpx.TooManyRedirects: Foreign(errors.ConnectionLost, "too many redirects", arrived=True, retryable=False),
        httpx.HTTPStatusError: Foreign(
            errors.ConnectionLost, "a hook of the http_client refused the answer", arrived=True, hint=_CONFIGURE
        ),
        httpx.RequestError: Foreign(errors.ConnectionLost, "the request failed", arrived=True),
        httpx.HTTPError: Foreign(errors.ConnectionLost, "the request failed", arrived=True),
        httpx.CookieConflict: Foreign(errors.ConnectionLost, "cookies are in conflict", arrived=True, hint=_CONFIGURE),
        httpx.StreamConsumed: Foreign(
            errors.ConnectionLost, "the answer was read twice", arrived=True, hint=_CONFIGURE
        ),
        httpx.StreamClosed: Foreign(errors.ConnectionLost, "the answer was closed early", arrived=True),
        httpx.ResponseNotRead: Foreign(errors.ConnectionLost, "the answer was not read", arrived=True, hint=_CONFIGURE),
        httpx.RequestNotRead: Foreign(errors.ConnectionLost, "the request was not read", arrived=True, hint=_CONFIGURE),
        httpx.StreamError: Foreign(errors.ConnectionLost, "the answer's stream failed", arrived=True),
        # Of asyncio's deadline for an exchange.
        TimeoutError: Foreign(errors.RequestTimeout, "the exchange takes too long", arrived=True),
        # A handed-in transport may raise anything; for a paid request silence would be worse than this row.
        Exception: Foreign(
            errors.ConnectionLost, "the http_client or transport failed", arrived=True, retryable=False, hint=_CONFIGURE
        ),
    }
)


def translate(error: Exception, secret: Secret) -> Failure:
    """The one way from another library's exception to ours; the most specific row wins."""
    row = next(FOREIGN[kind] for kind in type(error).__mro__ if kind in FOREIGN)
    text = secret.redact(str(error))  # masked before it is cut: half a key is still half a key
    detail = clean(re.sub(_ADDRESS, lambda found: bare_url(found[0]), text))
    text = f"{row.text}: {detail or type(error).__name__}"
    return Failure(
        error=row.error(text[:1].upper() + text[1:], hint=row.hint, retryable=row.retryable), arrived=row.arrived
    )


def leave_key(error: BaseException, under_way: Request | None) -> None:
    """Ctrl-C and cancellation leave a paid request behind, too, unless what became of it is written down."""
    if under_way is None or isinstance(error, Exception):
        return
    if key := under_way.headers.get("idempotency-key"):
        error.add_note(f"A paid request was under way; its outcome is not known. Idempotency key: {key}")
