"""Addresses that cannot be called back, however they are written."""

from __future__ import annotations

import pytest

from vidgate._callbacks import callback_fault

REFUSED = {
    "https://localhost/": "callback-host",
    "https://LOCALHOST:8443/": "callback-host",
    "https://localhost./": "callback-host",
    "https://api.localhost/": "callback-host",
    "https://printer.local/": "callback-host",
    "https://metadata.google.internal/": "callback-host",
    "https://127.0.0.1/": "callback-host",
    "https://127.0.0.1./": "callback-host",
    "https://10.1.2.3/": "callback-host",
    "https://172.16.0.1/": "callback-host",
    "https://172.31.255.255/": "callback-host",
    "https://192.168.1.1/": "callback-host",
    "https://169.254.169.254/": "callback-host",
    "https://100.64.0.1/": "callback-host",
    "https://0.0.0.0/": "callback-host",
    "https://224.0.0.1/": "callback-host",
    "https://255.255.255.255/": "callback-host",
    "https://2130706433/": "callback-host",
    "https://0x7f000001/": "callback-host",
    "https://0x7f.1/": "callback-host",
    "https://0177.0.0.1/": "callback-host",
    "https://127.1/": "callback-host",
    "https://127.0.1/": "callback-host",
    "https://0/": "callback-host",
    "https://8.8.8.010/": "callback-host",
    "https://１２７.0.0.1/": "callback-host",
    "https://127。0。0。1/": "callback-host",
    "https://%31%32%37.0.0.1/": "callback-host",
    "https://[::1]/": "callback-host",
    "https://[::]/": "callback-host",
    "https://[fe80::1]/": "callback-host",
    "https://[fe80::1%25eth0]/": "callback-host",
    "https://[fc00::1]/": "callback-host",
    "https://[fd12:3456::1]/": "callback-host",
    "https://[::ffff:127.0.0.1]/": "callback-host",
    "https://[::ffff:a00:1]/": "callback-host",
    "https://[::127.0.0.1]/": "callback-host",
    "https://[64:ff9b::7f00:1]/": "callback-host",
    "https://[2002:7f00:1::]/": "callback-host",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/": "callback-host",
    "https://[ff02::1]/": "callback-host",
    "https://[2001:db8::1]/": "callback-host",
    "https://[::1/": "callback-url",
    "https://[gg::1]/": "callback-url",
    "https:///path": "callback-url",
    "https://": "callback-url",
    "https://example.com:99999/": "callback-url",
    "https://example.com:port/": "callback-url",
    "https://user@example.com/": "callback-userinfo",
    "https://user:secret@example.com/": "callback-userinfo",
    "https://example.com@127.0.0.1/": "callback-userinfo",
    "https://exam ple.com/": "callback-characters",
    " https://example.com/": "callback-characters",
    "https://example.com/\n": "callback-characters",
    "https://example.com\\@127.0.0.1/": "callback-characters",
    "https://exa\u200bmple.com/": "callback-characters",
    "https://exa\u202emple.com/": "callback-characters",
    "http://example.com/": "callback-scheme",
    "ftp://example.com/": "callback-scheme",
    "//example.com/": "callback-scheme",
    "example.com/hook": "callback-scheme",
    "": "callback-scheme",
}

ACCEPTED = [
    "https://example.com/hook",
    "HTTPS://Example.COM/hook",
    "https://example.com:8443/hook?x=1&y=2#z",
    "https://example.com./",
    "https://bücher.example/",
    "https://xn--bcher-kva.example/",
    "https://8.8.8.8/hook",
    "https://172.15.0.1/",
    "https://172.32.0.1/",
    "https://11.0.0.1/",
    "https://[2606:4700:4700::1111]/",
    "https://10.example.com/",
    "https://localhost.example.com/",
    "https://mylocalhost/",
    "https://127.0.0.1.nip.example/",
    "https://example.com/@user",
]


@pytest.mark.parametrize("url", REFUSED, ids=ascii)
def test_refused(url: str) -> None:
    """A private, local or disguised address is refused with its rule and a remedy."""
    fault = callback_fault(url)
    assert fault is not None
    assert fault[0] == REFUSED[url]
    assert all(fault)


@pytest.mark.parametrize("url", ACCEPTED, ids=ascii)
def test_accepted(url: str) -> None:
    """Public hosts pass, also those that only look like private ones."""
    assert callback_fault(url) is None
