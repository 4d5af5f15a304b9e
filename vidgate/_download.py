"""Save one result: the conversation with the host of the link, written once. No I/O here; see `_effects`.

The host is not the provider: it never gets the API key. The file appears under its name only when it is whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from vidgate import errors
from vidgate._effects import (
    Advanced,
    CheckTarget,
    CommitPart,
    DiscardPart,
    Failure,
    Head,
    Limits,
    OpenPart,
    OpenStream,
    ReadChunk,
    Request,
    Sleep,
    WriteChunk,
)
from vidgate._replies import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vidgate._effects import Flow

MOST_REDIRECTS = 5
LARGEST = 4 * 1024**3
"""Bytes; no result is near this, but a disk is finite."""

GONE = frozenset({403, 404, 410})
PASSING = frozenset({408, 425, 429})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOT_MEDIA = ("text/", "application/json", "application/xml", "application/xhtml", "application/problem")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What to fetch and within which bounds (bytes, seconds, tries)."""

    url: str
    task_id: str
    limits: Limits
    max_bytes: int
    attempts: int
    pause: Callable[[int], float]


def download(source: Source, path: Path, *, overwrite: bool) -> Flow[Path]:
    """Save the result at `path`; a broken transfer starts anew, because reading a result costs nothing."""
    _refuse((yield CheckTarget(path, overwrite)))
    part = path.with_name(path.name + ".part")
    attempt = 0
    while True:
        attempt += 1
        problem: errors.VidgateError | None = yield from _fetch(source, part)
        if problem is None:
            _refuse((yield CommitPart(path, overwrite)), source)
            return path
        yield DiscardPart()
        if not problem.retryable or attempt >= source.attempts:
            raise problem
        yield Sleep(source.pause(attempt))


def _fetch(source: Source, part: Path) -> Flow[errors.VidgateError | None]:
    """One try, up to a whole partial file; what went wrong otherwise."""
    head = yield from _open(source)
    if isinstance(head, errors.VidgateError):
        return head
    expected = _length(head)
    if expected is not None and expected > source.max_bytes:
        return _too_large(source, expected)
    _refuse((yield OpenPart(part)), source)
    received = 0
    while True:
        chunk: bytes | Failure = yield ReadChunk()
        if isinstance(chunk, Failure):
            return _told(chunk.error, source)
        if not chunk:
            break
        if received == 0 and chunk.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
            return _not_media(source, "a web page")
        received += len(chunk)
        if received > source.max_bytes:
            return _too_large(source, received)
        _refuse((yield WriteChunk(chunk)), source)
        yield Advanced(received, expected)
    if received == 0 or (expected is not None and received != expected):
        return errors.DownloadError(
            f"The transfer ended after {received} of {'some' if expected is None else expected} bytes.",
            url=_bare(source.url),
            task_id=source.task_id,
            retryable=True,
            hint="Download it again; the result itself is not lost.",
        )
    return None


def _open(source: Source) -> Flow[Head | errors.VidgateError]:
    """Follow redirects, a few and to http(s) only, up to an answer that holds the result."""
    url = source.url
    for _ in range(MOST_REDIRECTS + 1):
        parts = _split(url)
        if parts is None:
            return _not_web(source, url)
        headers = {"accept": "*/*", "accept-encoding": "identity"}
        request = Request(method="GET", url=url, limits=source.limits, headers=headers, authorized=False)
        head: Head | Failure = yield OpenStream(request)
        if isinstance(head, Failure):
            # A redirect to what is no web address fails inside httpx.
            bad_address = isinstance(head.error, errors.ConfigurationError)
            return _not_web(source, url) if bad_address else _told(head.error, source)
        if head.status not in REDIRECTS or not head.headers.get("location"):
            return _judged(source, head)
        url = _joined(url, head.headers["location"])
    return errors.DownloadRefused(
        f"The link redirects more than {MOST_REDIRECTS} times.",
        url=_bare(source.url),
        task_id=source.task_id,
        hint="Read the task anew; if its link stays like this, ask the provider.",
    )


def _judged(source: Source, head: Head) -> Head | errors.VidgateError:
    status = head.status
    if status in GONE:
        return errors.LinkExpired(
            "The link does not give the result any more.",
            url=_bare(source.url),
            status=status,
            task_id=source.task_id,
            hint=f'Read the task anew, client.tasks.get("{source.task_id}"), and download at once; '
            "links are good for a day or so.",
        )
    if status != 200:  # noqa: PLR2004 - no part was asked for, so nothing but 200 is the result
        return errors.DownloadError(
            "The host of the link does not give the result now.",
            url=_bare(source.url),
            status=status,
            task_id=source.task_id,
            retryable=status >= 500 or status in PASSING,  # noqa: PLR2004 - HTTP's own boundary
            hint="Download it again later; the result itself is not lost.",
        )
    kind = head.headers.get("content-type", "").strip().lower()
    if kind.startswith(NOT_MEDIA):
        return _not_media(source, clean(kind.partition(";")[0]))
    return head


def _refuse(answer: Failure | None, source: Source | None = None) -> None:
    if answer is not None:
        raise _told(answer.error, source) if source else answer.error


def _told(error: errors.VidgateError, source: Source) -> errors.VidgateError:
    error.task_id = source.task_id
    return error


def _length(head: Head) -> int | None:
    """Content-Length, where it counts the bytes that will be saved."""
    encoding = head.headers.get("content-encoding", "identity").strip().lower()
    value = head.headers.get("content-length", "").strip()
    return int(value) if encoding in {"", "identity"} and value.isascii() and value.isdigit() else None


def _not_web(source: Source, url: str) -> errors.DownloadRefused:
    return errors.DownloadRefused(
        "The link does not lead to a web server.",
        url=_bare(url),
        task_id=source.task_id,
        hint="Read the task anew; if its link stays like this, ask the provider.",
    )


def _too_large(source: Source, size: int) -> errors.DownloadRefused:
    return errors.DownloadRefused(
        f"The result is larger than allowed: {size} bytes or more, {source.max_bytes} allowed.",
        url=_bare(source.url),
        task_id=source.task_id,
        hint="Give download a larger max_bytes.",
    )


def _not_media(source: Source, what: str) -> errors.DownloadRefused:
    return errors.DownloadRefused(
        f"The link gives {what} instead of the result.",
        url=_bare(source.url),
        task_id=source.task_id,
        hint="Open the link in a browser to see what it says; read the task anew for a fresh one.",
    )


def _split(url: str) -> str | None:
    """The host, when the URL is one that may be fetched."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in {"http", "https"} else None


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location  # no URL at all, which the next round says


def _bare(url: str) -> str:
    """The link without its query, which is often a signature."""
    return clean(url.partition("?")[0].partition("#")[0])
