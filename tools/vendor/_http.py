"""Asks a site for one text, within limits: host, redirects, bytes, time. Whatever it answers is judged here."""

from __future__ import annotations

import asyncio
import random
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias
from urllib.parse import urljoin

import httpx

from tools.errors import Unreachable
from tools.vendor._index import Origin, origin_of
from tools.vendor._pace import Clock, Manners, Pace, is_transient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

Outcome: TypeAlias = Literal["text", "same", "gone", "away", "html", "strange", "large", "refused", "endless"]
"""What came back: `same` is a 304, `away` a redirect to another host, `endless` more redirects than are followed."""

_OK, _NOT_MODIFIED = 200, 304
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({404, 410})
_TEXT: Final = ("text/", "application/octet-stream")
_HTML: Final = ("text/html", "application/xhtml")
_HTML_START: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<!--.{0,2000}?-->\s*+)?<(?:!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL
)
_TAG_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<")
_GZIP_WINDOW: Final = 31
_VALIDATOR: Final = 500
"""Characters of an ETag we send back; servers use a few dozen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Validators:
    """What a site said to recognise a version of a page by."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """For a conditional request."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the site has to say about a URL: `url` is where the last redirect led, `detail` is for people."""

    outcome: Outcome
    url: str
    content: bytes = b""
    validators: Validators = Validators()
    detail: str = ""


class _TryAgainError(Exception):
    """The request may succeed later; `asked` is how many seconds the site wants to be left alone."""

    def __init__(self, problem: str, asked: float | None = None) -> None:
        super().__init__(problem)
        self.asked = asked


class Browser:
    """One connection pool to one origin."""

    def __init__(self, origin: Origin, *, clock: Clock, manners: Manners) -> None:
        self.requests = 0
        self._origin = origin
        self._manners = manners
        # Not for secrets: workers that failed together must not all come back together.
        self._pace = Pace(clock=clock, manners=manners, chance=random.random)
        self._client = httpx.AsyncClient(
            headers={"User-Agent": manners.agent, "Accept": "text/markdown, text/plain, */*;q=0.1"},
            follow_redirects=False,
            timeout=httpx.Timeout(manners.page_timeout, connect=manners.connect_timeout),
            limits=httpx.Limits(max_connections=manners.concurrency),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, url: str, *, limit: int, known: Validators | None = None) -> Answer:
        """The answer to a GET, after as many attempts as manners allow; raises Unreachable."""
        attempt = 0
        while True:
            attempt += 1
            await self._pace.turn()
            try:
                return await self._follow(url, limit, known or Validators())
            except _TryAgainError as error:
                problem, asked = str(error), error.asked
            fix = "Run again: the pages this run has brought are not asked for again."
            if asked is not None and asked > self._manners.patience:
                raise Unreachable(f"{url}: the site asks to be left alone for {asked:.0f} s", fix=fix) from None
            if attempt >= self._manners.attempts:
                raise Unreachable(f"{url}: {problem}, {attempt} times", fix=fix) from None
            await self._pace.pause(attempt, asked)

    async def _follow(self, url: str, limit: int, known: Validators) -> Answer:
        for _ in range(self._manners.redirects + 1):
            step = await self._once(url, limit, known)
            if isinstance(step, Answer):
                return step
            target = urljoin(url, step)
            if not self._origin.admits(origin_of(target)):
                return Answer(outcome="away", url=target, detail=f"redirects to {target[:200]}")
            url = target
        return Answer(outcome="endless", url=url, detail=f"redirects more than {self._manners.redirects} times")

    async def _once(self, url: str, limit: int, known: Validators) -> Answer | str:
        """The answer to one request, or where it redirects to."""
        self.requests += 1
        # Our own decoder is bounded; httpx's would inflate a bomb before anybody could look at it.
        headers = {"Accept-Encoding": "gzip", **known.headers()}
        try:
            async with (
                asyncio.timeout(self._manners.page_timeout),
                self._client.stream("GET", url, headers=headers) as response,
            ):
                return await self._judge(response, url, limit, known)
        except TimeoutError:
            raise _TryAgainError(f"no whole answer within {self._manners.page_timeout:g} s") from None
        except httpx.InvalidURL as error:
            return Answer(outcome="away", url=url, detail=f"redirects to no address ({error})")
        except httpx.TransportError as error:
            raise _TryAgainError(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from None

    async def _judge(self, response: httpx.Response, url: str, limit: int, known: Validators) -> Answer | str:
        status = response.status_code
        if is_transient(status):
            asked = self._pace.asked_for(response.headers.get("Retry-After"))
            raise _TryAgainError(f"the site answers {status}", asked)
        location: str | None = response.headers.get("Location")
        if status in _REDIRECTS and location:
            return location
        if status == _NOT_MODIFIED and known.headers():
            return Answer(outcome="same", url=url, validators=known)
        if status in _GONE:
            return Answer(outcome="gone", url=url, detail=f"answers {status}")
        if status != _OK:
            return Answer(outcome="refused", url=url, detail=f"answers {status}")
        content = await self._content(response, limit)
        if content is None:
            return Answer(outcome="large", url=url, detail=f"has more than {limit:,} bytes")
        return _text(response.headers, url, content)

    async def _content(self, response: httpx.Response, limit: int) -> bytes | None:
        """The whole body; None when it is larger than `limit`, on the wire or inflated."""
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and int(length[:19]) > limit:
            return None
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
        raw = b"".join(parts)
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding in ("identity", ""):
            return raw
        if encoding not in ("gzip", "x-gzip"):
            raise _TryAgainError(f"the body is encoded as {encoding[:40]!r}, which was not asked for")
        return _inflate(raw, limit)


def _inflate(raw: bytes, limit: int) -> bytes | None:
    inflater = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        content = inflater.decompress(raw, limit + 1)
    except zlib.error as error:
        raise _TryAgainError(f"the body is no sound gzip ({error})") from None
    if len(content) > limit:
        return None
    if not inflater.eof:
        raise _TryAgainError("the body ends too early")
    return content


def _text(headers: Mapping[str, str], url: str, content: bytes) -> Answer:
    kind = headers.get("Content-Type", _TEXT[0]).strip().lower()
    if _HTML_START.match(content) or (kind.startswith(_HTML) and _TAG_START.match(content)):
        return Answer(outcome="html", url=url, detail="is HTML, not Markdown")
    if not kind.startswith(_TEXT):
        return Answer(outcome="strange", url=url, detail=f"is {kind[:60]!r}, not text")
    if not content.strip():
        return Answer(outcome="strange", url=url, detail="is empty")
    validators = Validators(etag=_plain(headers.get("ETag")), last_modified=_plain(headers.get("Last-Modified")))
    return Answer(outcome="text", url=url, content=content, validators=validators)


def _plain(value: str | None) -> str | None:
    """A header that may be sent back as it came; None for one that no client could send."""
    return value if value and len(value) <= _VALIDATOR and value.isascii() and value.isprintable() else None
