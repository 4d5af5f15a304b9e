"""Keys, addresses and limits are checked before the first request."""

from __future__ import annotations

from typing import Any

import pytest

from vidgate import APIMart, EvoLink, Timeouts, errors

KEY = "sk-0123456789"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com/",
        "https://api.example.com:8443/evolink",
        "http://127.0.0.1:8080/evolink",
        "http://localhost",
        "http://sim.localhost:1",
        "http://[::1]:8080",
    ],
)
def test_addresses_that_pass(url: str) -> None:
    """Https anywhere, http on this machine; a slash at the end does not matter."""
    assert EvoLink(KEY, base_url=url).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "file:///etc/passwd",
        "http://api.example.com",
        "http://192.168.1.5:8080",
        "http://127.0.0.1.evil.example",
        "https://",
        "https://user:secret@api.example.com",
        "https://api.example.com?x=1",
        "https://api.example.com#x",
        "https://api.example.com/v1",
        "https://api.example.com/v1/",
        "https://api.exa mple.com",
        "https://api.example.com\n",
        "https://[::1",
        "https://api.example.com:99999",
        "https://апи.example",
        5,
    ],
    ids=ascii,
)
def test_addresses_that_do_not(url: Any) -> None:
    """What would send the key astray, or nowhere, is refused with a remedy."""
    with pytest.raises(errors.ConfigurationError, match="base_url") as caught:
        EvoLink(KEY, base_url=url)
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def test_the_environment_speaks_when_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key and address come from variables of the provider's own name; arguments win."""
    monkeypatch.setenv("APIMART_API_KEY", "sk-from-env")
    monkeypatch.setenv("APIMART_BASE_URL", "https://env.example")
    assert APIMart().base_url == "https://env.example"
    assert APIMart(base_url="https://argument.example").base_url == "https://argument.example"
    monkeypatch.setenv("APIMART_BASE_URL", "http://env.example")
    with pytest.raises(errors.ConfigurationError, match="APIMART_BASE_URL"):
        APIMart()
    monkeypatch.setenv("APIMART_BASE_URL", "")
    assert APIMart().base_url == "https://api.apimart.ai"


def test_the_contract_names_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without argument and variable, requests go where the contract says."""
    monkeypatch.delenv("EVOLINK_BASE_URL", raising=False)
    assert EvoLink(KEY).base_url == "https://api.evolink.ai"


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": float("inf")},
        {"timeout": None},
        {"timeout": "5"},
        {"attempts": 0},
        {"attempts": True},
        {"patience": -1},
        {"patience": float("nan")},
    ],
    ids=str,
)
def test_limits_that_are_none(options: dict[str, Any]) -> None:
    """There is no unlimited waiting and no zero attempts."""
    client: Any = EvoLink
    with pytest.raises(errors.ConfigurationError):
        client(KEY, **options)


def test_timeouts_are_checked() -> None:
    """The parts of a Timeouts are checked where it is made."""
    with pytest.raises(errors.ConfigurationError, match=r"Timeouts\.read"):
        Timeouts(read=0)


@pytest.mark.parametrize("key", ["short", "x" * 97, "with space 0123456789", "schlüssel-0123456789", ""], ids=ascii)
def test_idempotency_keys_have_a_form(key: str) -> None:
    """The providers take 16 to 96 characters of a small alphabet."""
    with pytest.raises(errors.ConfigurationError):
        EvoLink(KEY).with_options(idempotency_key=key)
