"""Callback addresses that no JSON Schema pattern can judge: hosts that mean this machine or a private network.

The provider refuses them after the submission, or worse, calls them. No DNS look-ups: what a public name points at is
the provider's to check.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

_HOST_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
_PLAIN_IPV4 = re.compile(r"(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}")


def callback_fault(url: str) -> tuple[str, str, str] | None:
    """`(rule, message, fix)` for an address that cannot be called back, None when nothing speaks against it."""
    if any(map(_is_forbidden, url)):
        return "callback-characters", "the URL has white space, a backslash or a control character.", "Remove it."
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "callback-url", "this is no URL.", "Write one like https://example.com/hook."
    if parts.scheme.lower() != "https":
        return "callback-scheme", "callbacks go to https only.", "Write https://…"
    if not host:
        return "callback-url", "the URL has no host.", "Write one like https://example.com/hook."
    if "@" in parts.netloc:
        return "callback-userinfo", "the URL has a user name or password in it.", "Put a secret into the path instead."
    return _host_fault(host)


def _is_forbidden(character: str) -> bool:
    return character.isspace() or character == "\\" or unicodedata.category(character).startswith("C")


def _host_fault(host: str) -> tuple[str, str, str] | None:
    public = "Use a host that the internet can reach."
    if "%" in host:
        return "callback-host", "the host has an escaped character or a zone in it.", "Write the host plainly."
    # Full-width digits and dots become plain ones on the way to an address.
    name = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".").lower()
    if not name:
        return "callback-host", "the URL has no host.", "Write one like https://example.com/hook."
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return "callback-host", f"{name} is a name of this machine or a private network.", public
    if ":" in name:
        return _address_fault(name, public)
    last = name.rpartition(".")[2]
    if not _HOST_NUMBER.fullmatch(last):
        return None
    # A host whose last label is a number is an IPv4 address, in whatever writing.
    if not _PLAIN_IPV4.fullmatch(name):
        return (
            "callback-host",
            f"{name} is an unusual way to write an IPv4 address.",
            "Write four decimal numbers, or better a name.",
        )
    return _address_fault(name, public)


def _address_fault(text: str, fix: str) -> tuple[str, str, str] | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "callback-url", f"{text} is no IP address.", fix
    inner: ipaddress.IPv4Address | ipaddress.IPv6Address = address
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _translated(address) or address
        if address.teredo is not None:
            return "callback-host", f"{text} is a tunnel's address.", fix
    if not inner.is_global or inner.is_multicast or inner.is_reserved:
        return "callback-host", f"{text} is an address of this machine or a private network.", fix
    return None


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside `64:ff9b::/96` (NAT64) or the long-retired `::/96`."""
    value = int(address)
    if value >> 32 in {0x0064_FF9B << 64, 0}:
        return ipaddress.IPv4Address(value & 0xFFFF_FFFF)
    return None
