"""The address of a callback: one that works, with a nonce that nobody guesses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vidgate.webhooks.deliveries import EVOLINK, JSON, NONCE, encoded
from vidgate import errors
from vidgate.webhooks import callback_url, handle, new_nonce, nonce_of, verify


def test_an_address_with_a_nonce() -> None:
    """The nonce is found again in what either provider calls."""
    nonce = new_nonce()
    url = callback_url("https://example.com/hooks/", nonce)
    assert url == f"https://example.com/hooks/{nonce}"
    for called in (url, f"{url}/callback", f"/hooks/{nonce}", f"/hooks/{nonce}/callback?x=1", f"/{nonce}/"):
        assert nonce_of(called) == nonce
        assert verify(called, nonce)
        assert not verify(called, new_nonce())
    for called in ("", "/", "/callback", "https://example.com/hooks", f"/{nonce}/x", f"/?n={nonce}", f"/{nonce[:-1]}"):
        assert not verify(called, nonce)
    assert not verify("/", "")
    assert new_nonce() != nonce


@pytest.mark.parametrize(
    ("base", "nonce", "text"),
    [
        ("http://example.com", NONCE, "https only"),
        ("https://localhost/x", NONCE, "this machine"),
        ("https://10.0.0.1/x", NONCE, "private network"),
        ("https://example.com/x?y=1", NONCE, "query"),
        ("https://example.com/x#y", NONCE, "fragment"),
        ("https://example.com/x?", NONCE, "query"),
        ("https://example.com/" + "x" * 2_048, NONCE, "characters"),
        ("https://example.com", "short", "nonce"),
        ("https://example.com", "a/" * 16, "nonce"),
    ],
)
def test_addresses_that_would_not_work(base: str, nonce: str, text: str) -> None:
    """Refused here rather than by the provider, or never called at all."""
    with pytest.raises(errors.ConfigurationError, match=text):
        callback_url(base, nonce)


@pytest.mark.parametrize("nonce", [NONCE, lambda found: found == NONCE], ids=["text", "function"])
def test_only_the_nonce_opens(nonce: Any) -> None:
    """Without it nothing is read, not even the body."""
    good = handle(encoded(EVOLINK), JSON, url=f"/hooks/{NONCE}/callback", nonce=nonce)
    assert (good.status, good.event and good.event.nonce) == (200, NONCE)
    for url in ("", "/hooks", f"/hooks/{'b' * 32}", f"/hooks?{NONCE}"):
        assert handle(b"{", {}, url=url, nonce=nonce).status == 403


@pytest.mark.parametrize(
    ("body", "headers"),
    [(encoded(EVOLINK)[:-9], JSON), (b"\xff", JSON), (encoded(EVOLINK), {"content-encoding": "gzip"})],
    ids=["truncated", "not UTF-8", "another coding"],
)
def test_what_is_damaged_on_its_way_is_asked_for_again(body: bytes, headers: dict[str, str]) -> None:
    """Only the provider knows the address, and APIMart takes a 4xx for the end of it; elsewhere it is refused."""
    assert handle(body, headers, url=f"/hooks/{NONCE}", nonce=NONCE).status == 503
    assert handle(body, headers, url=f"/hooks/{NONCE}").status in {400, 415}


def test_a_wrong_content_type_matters_where_anybody_may_post() -> None:
    """What only the provider can have sent is read all the same, if it can be."""
    page = {"content-type": "text/html"}
    assert handle(encoded(EVOLINK), page, url=f"/hooks/{NONCE}", nonce=NONCE).status == 200
    assert handle(encoded(EVOLINK), page, url=f"/hooks/{NONCE}").status == 415
