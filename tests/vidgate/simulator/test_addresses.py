"""Where callbacks may go, judged when the task is submitted."""

from __future__ import annotations

from typing import Any

import pytest

REFUSED = [
    "http://example.com/hook",
    "ftp://example.com/hook",
    "example.com/hook",
    "https://",
    "https://localhost/hook",
    "https://LOCALHOST./hook",
    "https://a.localhost:8443/hook",
    "https://127.0.0.1/hook",
    "https://127.1/hook",
    "https://2130706433/hook",
    "https://0x7f000001/hook",
    "https://0177.0.0.1/hook",
    "https://10.0.0.1:8443/hook",
    "https://172.16.0.1/hook",
    "https://172.31.255.255/hook",
    "https://192.168.0.1/hook",
    "https://user@192.168.0.1/hook",
    "https://169.254.169.254/latest",
    "https://0.0.0.0/hook",
    "https://[::1]/hook",
    "https://[::ffff:10.0.0.1]/hook",
    "https://[fe80::1]/hook",
    "https://[fd00::1]/hook",
    "https://example.com/" + "a" * 2029,
]
ACCEPTED = [
    "https://example.com/hook",
    "HTTPS://example.com/hook?a=b",
    "https://example.com:8443/hook",
    "https://9.255.255.255/hook",
    "https://11.0.0.1/hook",
    "https://172.15.255.255/hook",
    "https://172.32.0.1/hook",
    "https://192.167.255.255/hook",
    "https://192.169.0.1/hook",
    "https://128.0.0.1/hook",
    "https://10.example.com/hook",
    "https://[2001:db8::1]/hook",
    "https://example.com/" + "a" * 2028,
]


@pytest.mark.parametrize("url", REFUSED, ids=lambda url: url[:40])
def test_evolink_refuses(evolink: Any, url: str) -> None:
    """Not https, private in whatever writing, or too long: a 400 that names the parameter, and no charge."""
    response = evolink.create(callback_url=url)
    assert response.status_code == 400
    assert "callback_url" in response.json()["error"]["message"]
    assert evolink.simulator.ledger == ()


@pytest.mark.parametrize("url", ACCEPTED, ids=lambda url: url[:40])
def test_evolink_accepts(evolink: Any, url: str) -> None:
    """Public addresses next to the private ranges are fine, and so are 2,048 characters."""
    assert evolink.create(callback_url=url).status_code == 200


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://example.com/hook", 200),
        ("http://example.com/hook", 200),
        ("https://example.com:80/hook", 200),
        ("https://example.com:8443/hook", 400),
        ("ftp://example.com/hook", 400),
        ("https://[broken/hook", 400),
        (7, 400),
    ],
)
def test_apimart_calls_two_ports_only(apimart: Any, url: object, status: int) -> None:
    """80 and 443, http or https."""
    assert apimart.create(webhook=url).status_code == status
