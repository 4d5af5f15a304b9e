"""The `httpx` client under a client: made here, or handed in.

Proxies and certificates are httpx's affair: its environment variables (HTTPS_PROXY, SSL_CERT_FILE, …) hold for what is
made here, and `http_client=httpx.Client(proxy=…, verify=…)` says the same in code.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import httpx

from vidgate._cookies import OwnAsyncClient, OwnClient
from vidgate._deadline import obey
from vidgate._journal.place import stays_inside
from vidgate._outgoing import USER_AGENT
from vidgate._replies import clean
from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

HttpT = TypeVar("HttpT", httpx.Client, httpx.AsyncClient)

_OWN: Final[Mapping[type, type]] = MappingProxyType({httpx.Client: OwnClient, httpx.AsyncClient: OwnAsyncClient})
_WORDS: Final = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")


@dataclass(frozen=True, slots=True)
class Opened(Generic[HttpT]):
    """An httpx client; `renew` makes another one like it, None: it was handed in. `inside`: it has no network."""

    http: HttpT
    renew: Callable[[], HttpT] | None
    inside: bool
    owned: bool


def open_http(kind: type[HttpT], http_client: object, transport: object, user_agent: object) -> Opened[HttpT]:
    """Make one, unless one was handed in. Callers without a type checker hand in anything."""
    _check_handed_in(http_client, kind, transport, _transport_of(kind))
    headers = {"user-agent": _named(user_agent)}
    if isinstance(http_client, kind):
        if user_agent is not None:
            raise ConfigurationError(
                "Both http_client and user_agent were given.", hint="Give the http_client the header."
            )
        inside = stays_inside(getattr(http_client, "_transport", None))
        return Opened(http_client, renew=None, inside=inside, owned=False)
    own: type[HttpT] = _OWN.get(kind, kind)  # some tools put a class of theirs in the place of httpx's, to watch it
    if transport is not None:
        given: Any = transport
        return Opened(own(transport=given, headers=headers), renew=None, inside=stays_inside(transport), owned=True)
    try:
        # Reading the certificates takes longer than all the rest, so another client shares them.
        renew = functools.partial(_made, own, headers, httpx.create_ssl_context())
        return Opened(renew(), renew=renew, inside=False, owned=True)
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        # Of an address that cannot be read, anything may be the password.
        problem = "the address of a proxy is not valid" if isinstance(error, httpx.InvalidURL) else clean(str(error))
    # Outside of `except`, because a traceback shows the whole chain.
    raise ConfigurationError(
        f"httpx cannot be set up: {problem}",
        hint="Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.",
    )


def _made(kind: type[HttpT], headers: dict[str, str], certificates: ssl.SSLContext) -> HttpT:
    http = kind(headers=headers, verify=certificates)
    if isinstance(http, httpx.Client):
        obey(http)
    return http


def _named(user_agent: object) -> str:
    """Ours, and what the caller appends."""
    if user_agent is None:
        return USER_AGENT
    if not isinstance(user_agent, str) or not _WORDS.fullmatch(user_agent):
        raise ConfigurationError(
            f"user_agent is {ascii(user_agent)[:80]}.", hint='Give words of ASCII, such as "my-program/1.2".'
        )
    return f"{USER_AGENT} {user_agent}"


def _transport_of(kind: type) -> type:
    return httpx.AsyncBaseTransport if issubclass(kind, httpx.AsyncClient) else httpx.BaseTransport


def _check_handed_in(http_client: object, client_kind: type, transport: object, transport_kind: type) -> None:
    if http_client is not None and transport is not None:
        raise ConfigurationError(
            "Both http_client and transport were given.", hint="Give the transport to the http_client."
        )
    for name, value, kind in (("http_client", http_client, client_kind), ("transport", transport, transport_kind)):
        if value is not None and not isinstance(value, kind):
            raise ConfigurationError(
                f"{name} is {type(value).__name__}.", hint=f"Give httpx.{kind.__name__} or something made from it."
            )
