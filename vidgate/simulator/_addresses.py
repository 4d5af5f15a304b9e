"""Where callbacks may go. No name is looked up: what a public name points at is not the simulator's to know."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

# The ranges that the pages list, and those that their "and so on" can only mean. Ranges kept for documentation are
# as good as public here: examples use them.
PRIVATE: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("127.0.0.0/8", "::1/128"),
        *("0.0.0.0/8", "::/128"),
        *("169.254.0.0/16", "fe80::/10"),
        *("100.64.0.0/10", "fc00::/7"),
    )
)


def fault(url: str, *, https_only: bool, ports: frozenset[int]) -> str | None:
    """Say what is wrong with an address for callbacks, None when nothing is; no ports mean any."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "it must be a URL"
    scheme = parts.scheme.lower()
    if scheme not in {"https"} | (set() if https_only else {"http"}):
        return "it must be an https URL" if https_only else "it must be an http or https URL"
    if not host:
        return "it must be a URL with a host"
    if ports and (port or (443 if scheme == "https" else 80)) not in ports:
        return "its port must be " + " or ".join(map(str, sorted(ports)))
    if _is_private(host.rstrip(".")):
        return "it must not be a private address"
    return None


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # Other writings of an IPv4 address (one number, hexadecimal, octal), which most programs would follow.
        if not host[-1:].isdigit() and "0x" not in host:
            return False
        try:
            address = ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in PRIVATE if network.version == address.version)
