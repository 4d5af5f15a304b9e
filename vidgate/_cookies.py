"""The clients of httpx that are made here: as httpx's own, but looking for cookies only where an answer sets one.

httpx translates each request and each answer for `http.cookiejar` to find out, which takes as long as all the rest of
what it does for a call. APIs hardly ever set a cookie; the one of a load balancer is kept and sent as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from httpx._types import CookieTypes

_SETTING = frozenset({b"set-cookie", b"set-cookie2"})


class _Cookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        if any(name.lower() in _SETTING for name, _ in response.headers.raw):
            super().extract_cookies(response)


class _Own:
    def __init__(self, *, cookies: CookieTypes | None = None, **settings: Any) -> None:
        self._own_cookies = _Cookies(cookies)
        super().__init__(**settings)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._own_cookies

    @cookies.setter
    def cookies(self, cookies: CookieTypes) -> None:
        self._own_cookies = _Cookies(cookies)


class OwnClient(_Own, httpx.Client):
    """`httpx.Client`, but for cookies that nobody sets."""


class OwnAsyncClient(_Own, httpx.AsyncClient):
    """`httpx.AsyncClient`, but for cookies that nobody sets."""
