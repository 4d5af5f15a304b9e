"""The address of a callback and the nonce in it: unsigned news is believed only where nobody else knows the address."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from vidgate import errors
from vidgate._callbacks import callback_fault

LONGEST_URL: Final = 2048
"""Characters; EvoLink's pages name this limit."""

APIMART_SUFFIX: Final = "callback"
"""What APIMart appends to the path of the address it is given."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")


def new_nonce() -> str:
    """A nonce that nobody can guess: 192 bits, fit for a path."""
    return secrets.token_urlsafe(24)


def callback_url(base: str, nonce: str) -> str:
    """The address to give to a provider: `base` with the nonce as its last path segment.

    Raises ConfigurationError when a provider would refuse the address: no https, a private host, a query, too long.
    """
    if not _NONCE.fullmatch(nonce):
        raise errors.ConfigurationError(
            "This nonce is not one.", hint="Take new_nonce(), or 16 to 128 characters of A-Z, a-z, 0-9, _ and -."
        )
    fault = callback_fault(base)
    if fault is not None:
        raise errors.ConfigurationError(f"The callback address cannot be used: {fault[1]}", hint=fault[2])
    parts = urlsplit(base)
    if parts.query or parts.fragment or base.endswith(("?", "#")):
        # APIMart appends to what it is given, which would end up inside the query.
        raise errors.ConfigurationError("The callback address has a query or a fragment.", hint="Leave it out.")
    url = f"{base.rstrip('/')}/{nonce}"
    if len(url) > LONGEST_URL - len(APIMART_SUFFIX) - 1:
        raise errors.ConfigurationError(f"The callback address has {len(url)} characters.", hint="Use a shorter one.")
    return url


def nonce_of(url: str) -> str | None:
    """The nonce in an address or path that was called, with or without what APIMart appends; None without one."""
    path = url.partition("?")[0].partition("#")[0].rstrip("/")
    last = path.removesuffix(f"/{APIMART_SUFFIX}").rpartition("/")[2]
    return last if _NONCE.fullmatch(last) else None


def verify(url: str, nonce: str) -> bool:
    """Whether the address or path that was called carries this nonce; takes the same time whatever is wrong."""
    found = nonce_of(url) or ""
    return hmac.compare_digest(found.encode(), nonce.encode()) and bool(found)
