"""From a flow's request to one of httpx.

A provider gets the key and what the `httpx.Client` adds to each of its requests; any other host gets nothing of either.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, TypeAlias

import httpx

from vidgate._effects import Failure
from vidgate._foreign import translate
from vidgate._version import VERSION

if TYPE_CHECKING:
    from vidgate._effects import Request
    from vidgate._secret import Secret

_PYTHON = ".".join(str(number) for number in sys.version_info[:3])

USER_AGENT = f"vidgate/{VERSION} python/{_PYTHON} httpx/{httpx.__version__}"
"""What a server may know: the versions that a report of a fault needs, and nothing of the machine."""

_BUILD_REQUEST = httpx.Client.build_request
_FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Headers that are about one body; a client that gives them to all of its requests is left to httpx."""

_Kind: TypeAlias = tuple[object, ...]


class Outgoing:
    """Builds the requests of one client, with the key in them.

    `build_request` merges headers one by one and tries encodings on them, which costs a tenth of a whole call. So the
    first request of each kind is left to it, and the next ones take over its headers, as long as nothing has changed
    of what it merges.
    """

    def __init__(self, http: httpx.Client | httpx.AsyncClient, secret: Secret) -> None:
        self._http = http
        self._secret = secret
        self._learned: tuple[list[tuple[bytes, bytes]], dict[_Kind, httpx.Headers]] = ([], {})

    def authorized(self, request: Request) -> httpx.Request | Failure:
        """The request with the key; a handed-in client's own headers, cookies and hooks stay."""
        try:
            return self._built(request)
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return Failure(error=translate(error, self._secret).error, arrived=False)

    def _built(self, request: Request) -> httpx.Request:
        url = _parsed(request.url)
        templates = self._templates()
        if templates is None or not all(map(str.isascii, request.headers.values())):
            return self._merged(url, request)
        content = request.content or b""
        kind = (request.method, url.netloc, not content, *request.headers)
        template = templates.get(kind)
        if template is None:
            built = self._merged(url, request)
            if built.url == url and _FRAMING.isdisjoint(self._http.headers):
                templates[kind] = _template(built.headers)
            return built
        stream = httpx.ByteStream(content)
        built = httpx.Request(request.method, url, headers=template, stream=stream, extensions=_extensions(request))
        headers = built.headers
        for name, value in request.headers.items():
            headers[name] = value
        if content:
            headers["Content-Length"] = str(len(content))
        if template.encoding == "utf-8":
            headers.encoding = "utf-8"
        built.read()  # into memory, where hooks expect it
        return built

    def _templates(self) -> dict[_Kind, httpx.Headers] | None:
        """What was learned for the client's headers as they are; None where cookies or parameters come in, too."""
        http = self._http
        # A client that builds its requests in a way of its own goes on doing so.
        if http.cookies or http.params or getattr(http.build_request, "__func__", None) is not _BUILD_REQUEST:
            return None
        defaults, templates = self._learned
        now = http.headers.raw
        if now != defaults:
            templates = {}
            self._learned = now, templates
        return templates

    def _merged(self, url: httpx.URL, request: Request) -> httpx.Request:
        return self._http.build_request(
            request.method,
            url,
            headers={
                "accept": "application/json",
                **request.headers,
                "authorization": f"Bearer {self._secret.reveal()}",
            },
            content=request.content,
            extensions=_extensions(request),
        )


def anonymous(request: Request) -> httpx.Request:
    """The request without anything of the client: its headers and cookies are for the provider, not for this host."""
    headers = {"user-agent": USER_AGENT, **request.headers}
    return httpx.Request(request.method, request.url, headers=headers, extensions=_extensions(request))


def _template(headers: httpx.Headers) -> httpx.Headers:
    found = httpx.Headers(headers)
    if found.encoding == "ascii":
        # Spares httpx the trying; and the header of a hook may have other letters.
        found.encoding = "utf-8"
    return found


@functools.lru_cache(maxsize=1024)
def _parsed(url: str) -> httpx.URL:
    """A task is read many times, and taking its address apart costs a tenth of a reading."""
    return httpx.URL(url)


def _extensions(request: Request) -> dict[str, dict[str, float]]:
    limits = request.limits
    return {"timeout": {"connect": limits.connect, "read": limits.read, "write": limits.write, "pool": limits.connect}}
