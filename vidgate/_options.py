"""What a client is set up with: key, address, limits. Everything is checked before the first request."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    from vidgate._providers import Provider

_KEY = re.compile(r"[\x21-\x7e]+")
_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9._-]{16,96}")


LARGEST = 4 * 1024**3
"""Bytes of a download; no result is near this, but a disk is finite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """Seconds of waiting for one call.

    `read` and `submit` bound the answer to a query and to a submission, `download` the gap between two pieces of a
    result. The submission has time: giving up on it early leaves its outcome unknown.
    """

    connect: float = 10.0
    read: float = 15.0
    submit: float = 30.0
    write: float = 120.0
    download: float = 60.0

    def __post_init__(self) -> None:
        for name in ("connect", "read", "submit", "write", "download"):
            check_seconds(f"Timeouts.{name}", getattr(self, name))


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What one call may differ in; `attempts` in number, `patience` in seconds."""

    timeouts: Timeouts
    validate: bool
    attempts: int
    patience: float
    idempotency_key: str | None

    def __post_init__(self) -> None:
        if isinstance(self.attempts, bool) or self.attempts < 1:
            raise ConfigurationError(f"attempts is {self.attempts!r}.", hint="Give a whole number, 1 or more.")
        check_seconds("patience", self.patience, least=0.0)
        key = self.idempotency_key
        if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
            raise ConfigurationError(
                "This idempotency key is not one.", hint="Use 16 to 96 characters of A-Z, a-z, 0-9, dot, _ and -."
            )


def timeouts_from(value: float | Timeouts) -> Timeouts:
    """One number stands for the answer's time, whatever the call."""
    if isinstance(value, Timeouts):
        return value
    seconds = check_seconds("timeout", value)
    return Timeouts(connect=min(10.0, seconds), read=seconds, submit=seconds, write=seconds, download=seconds)


def check_seconds(name: str, value: object, *, least: float = 0.001) -> float:
    """A finite number of seconds; there is no way to wait for ever."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < least:
        raise ConfigurationError(
            f"{name} is {value!r}.",
            hint=f"Give a finite number of seconds, {'0 or more' if least == 0 else 'more than 0'}.",
        )
    return float(value)


def resolve_key(api_key: str | None, provider: Provider) -> str:
    """The key from the argument or the environment. No message shows what it is."""
    source = "api_key" if api_key is not None else provider.key_variable
    value = _given(api_key, provider.key_variable)
    if value is None:
        raise ConfigurationError(
            f"There is no API key for {provider.title}.",
            hint=f"Give api_key, or set {provider.key_variable}; keys are made at {provider.dashboard}.",
        )
    if not isinstance(value, str):
        raise ConfigurationError(f"{source} is no text.", hint="Give the key as str.")
    if not _KEY.fullmatch(value):
        if not value.strip():
            fault = "is empty"
        elif value != value.strip():
            fault = "has white space around it"
        else:
            fault = "has a character that no key has (white space, control or beyond ASCII)"
        raise ConfigurationError(f"{source} {fault}.", hint="Copy the key anew, without quotes or line breaks.")
    return value


def _given(argument: object, variable: str) -> object:
    """Callers without a type checker hand in anything."""
    return os.environ.get(variable) if argument is None else argument


def resolve_base_url(base_url: str | None, provider: Provider) -> str | None:
    """The address from the argument or the environment, without a slash at its end; None: the contract's own."""
    source = "base_url" if base_url is not None else provider.base_url_variable
    value = _given(base_url, provider.base_url_variable)
    if value is None or (base_url is None and value == ""):
        return None
    fault = _base_url_fault(value)
    if fault is not None:
        raise ConfigurationError(f"{source} {fault}.", hint="Give something like https://api.example.com.")
    return str(value).rstrip("/")


def _base_url_fault(value: object) -> str | None:
    if not isinstance(value, str):
        return "is no text"
    if not value.isascii() or any(character <= " " or character in '\\"<>\x7f' for character in value):
        return "has a character that no URL has"
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is no http or https URL"
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it"
    if parts.query or parts.fragment:
        return "has a query or a fragment"
    if parts.path.rstrip("/").endswith("/v1"):
        return "ends with /v1, which the paths of the API begin with; leave it out"
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        return "is plain http: the key would travel in the clear; http is for this machine only"
    return None


def is_loopback_url(url: str) -> bool:
    """Whether an address that passed leads to this machine."""
    return _is_loopback(urlsplit(url).hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
