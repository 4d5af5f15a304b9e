"""Save one result: the conversation with the host of the link, written once. No I/O here; see `_effects`.

The host is not the provider: it never gets the API key. The file appears under its name only when it is whole.

A broken transfer goes on where it broke, in this run or a later one, when it is certain that the rest belongs to the
same bytes: the host named them by a strong validator (ETag, else Last-Modified), which goes back as If-Range, and the
note beside the partial file says which result, link, validator and length it was. In all other cases it starts anew,
because reading a result costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from vidgate import errors
from vidgate._address import bare_url
from vidgate._effects import (
    Advanced,
    BeginPart,
    CheckTarget,
    ClaimPart,
    CommitPart,
    DiscardPart,
    Failure,
    Head,
    Limits,
    Now,
    OpenStream,
    Part,
    ReadChunk,
    Request,
    Sleep,
    WriteChunk,
)
from vidgate._flow import reading
from vidgate._observe.observer import watched
from vidgate._partial import PARTIAL, Partial, goes_beyond, goes_on, is_plain, length_of, note_of, total_of
from vidgate._replies import clean, request_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vidgate._effects import Flow
    from vidgate._flow import Target
    from vidgate._state import TaskState

MOST_REDIRECTS = 5
ADVANCE = 1024**2
"""Bytes that a try must bring for the next one not to count: a large result may break more often than `attempts`."""

SLOWEST = 1024
"""Bytes in a second; a host that gives less, for as long as it may be silent, is taken for one that broke off."""

GONE = frozenset({403, 404, 410})
PASSING = frozenset({408, 425, 429})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WHOLE, NO_SUCH_RANGE = 200, 416
NOT_MEDIA = ("text/", "application/json", "application/xml", "application/xhtml", "application/problem")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What to fetch and within which bounds (bytes, seconds); `target` is asked when the link has expired."""

    url: str
    task_id: str
    index: int
    limits: Limits
    max_bytes: int
    target: Target


def download(source: Source, path: Path, *, overwrite: bool) -> Flow[Path]:
    """Save the result at `path`; passing faults are tried again, an expired link is asked for anew, once."""
    target = source.target
    flow = _saving(source, path, overwrite=overwrite)
    return watched(target.observer, flow, target.provider, "download", task_id=source.task_id)


def _saving(source: Source, path: Path, *, overwrite: bool) -> Flow[Path]:
    _refuse((yield CheckTarget(path, overwrite)))
    found: Part | Failure = yield ClaimPart(path.with_name(path.name + ".part"))
    if isinstance(found, Failure):
        raise _told(found.error, source)
    partial = Partial(found)
    attempt, renewed = 0, False
    while True:
        attempt += 1
        before = partial.size
        problem: errors.VidgateError | None = yield from _fetch(source, partial)
        if problem is None:
            _refuse((yield CommitPart(path, overwrite)), source)
            return path
        if isinstance(problem, errors.LinkExpired) and not renewed:
            renewed = True
            link = yield from _read_link(source)
            if link is not None and link != source.url:
                source = replace(source, url=link)
                attempt -= 1
                continue
        if isinstance(problem, errors.DownloadRefused):
            yield DiscardPart()
        if partial.note is not None and partial.size - before >= ADVANCE:
            attempt = 1
        if not problem.retryable or attempt >= source.target.attempts:
            raise problem
        yield Sleep(source.target.pause(attempt))


def _read_link(source: Source) -> Flow[str | None]:
    """The link that the task names now."""
    try:
        state: TaskState = yield from reading(source.target, source.task_id)
    except errors.VidgateError:
        return None  # the expired link is the news; the reading was only a try to mend it
    return state.results[source.index].url if source.index < len(state.results) else None


def _fetch(source: Source, partial: Partial) -> Flow[errors.VidgateError | None]:
    """One try, up to a whole partial file; what went wrong otherwise."""
    head = yield from _open_rest(source, partial)
    if isinstance(head, errors.VidgateError):
        return head
    if head.status == WHOLE:
        partial.forget()
        partial.note = note_of(source, head)
        expected = length_of(head)
    else:
        expected = total_of(head)
    if expected is not None and expected > source.max_bytes:
        return _identified(_too_large(source, expected), head)
    _refuse((yield BeginPart(partial.size, partial.note.dump() if partial.note else None)), source)
    if partial.size:
        yield Advanced(partial.size, expected)
    problem = yield from _receive(source, partial, expected)
    if problem is None and expected is None and is_plain(head) and "transfer-encoding" not in head.headers:
        problem = yield from _confirm(source, partial)
    return None if problem is None else _identified(problem, head)


def _receive(source: Source, partial: Partial, expected: int | None) -> Flow[errors.VidgateError | None]:
    """Write what comes behind what is there, and judge the length at the end."""
    received = mark = partial.size
    since: float = yield Now()
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
        partial.size = received
        yield Advanced(received, expected)
        now: float = yield Now()
        if now - since >= source.limits.read:
            if received - mark < SLOWEST * (now - since) and received != expected:
                return _broken_off(source, received, expected)
            since, mark = now, received
    if received == 0 or (expected is not None and received != expected):
        if expected is not None and received > expected:
            # Bytes too many are no beginning of anything.
            partial.forget()
            _refuse((yield BeginPart(0, None)), source)
        return _broken_off(source, received, expected)
    return None


def _confirm(source: Source, partial: Partial) -> Flow[errors.VidgateError | None]:
    """Ask whether bytes follow, where the end of a connection was all that told the end; silence is no evidence."""
    head = yield from _open(source, {"range": f"bytes={partial.size}-"})
    if isinstance(head, Head) and goes_beyond(head, partial.size):
        return _broken_off(source, partial.size, total_of(head))
    return None


def _open_rest(source: Source, partial: Partial) -> Flow[Head | errors.VidgateError]:
    """Ask for what is missing; for everything, when there is nothing to go on with or the host answers oddly."""
    offset = partial.offset(source)
    if offset and partial.note is not None:
        wanted = {"range": f"bytes={offset}-", "if-range": partial.note.validator}
        head = yield from _open(source, wanted)
        if isinstance(head, errors.VidgateError) or head.status == WHOLE or goes_on(head, offset, partial.note):
            partial.size = offset
            return head
    partial.forget()
    return (yield from _open(source, {}))


def _open(source: Source, wanted: Mapping[str, str]) -> Flow[Head | errors.VidgateError]:
    """Follow redirects, a few and to http(s) only, up to an answer that holds the result, or `wanted` of it."""
    url = source.url
    for _ in range(MOST_REDIRECTS + 1):
        parts = _split(url)
        if parts is None:
            return _not_web(source, url)
        headers = {"accept": "*/*", "accept-encoding": "identity", **wanted}
        request = Request(method="GET", url=url, limits=source.limits, headers=headers)
        head: Head | Failure = yield OpenStream(request)
        if isinstance(head, Failure):
            # A redirect to what is no web address fails inside httpx.
            bad_address = isinstance(head.error, errors.ConfigurationError)
            return _not_web(source, url) if bad_address else _told(head.error, source)
        if head.status not in REDIRECTS or not head.headers.get("location"):
            problem = _judged(source, head, ranged=bool(wanted))
            return head if problem is None else _identified(problem, head)
        url = _joined(url, head.headers["location"])
    return errors.DownloadRefused(
        f"The link redirects more than {MOST_REDIRECTS} times.",
        url=_bare(source.url),
        task_id=source.task_id,
        hint="Read the task anew; if its link stays like this, ask the provider.",
    )


def _identified(problem: errors.VidgateError, head: Head) -> errors.VidgateError:
    """The problem with the id that the host gave the request."""
    problem.request_id = request_id(head)
    return problem


def _judged(source: Source, head: Head, *, ranged: bool) -> errors.VidgateError | None:
    """What is wrong with an answer that is not redirected."""
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
    if ranged and status == NO_SUCH_RANGE:
        return None  # the caller asks for everything
    if status != WHOLE and not (ranged and status == PARTIAL):
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
    return None


def _refuse(answer: Failure | None, source: Source | None = None) -> None:
    if answer is not None:
        raise _told(answer.error, source) if source else answer.error


def _told(error: errors.VidgateError, source: Source) -> errors.VidgateError:
    error.task_id = source.task_id
    return error


def _not_web(source: Source, url: str) -> errors.DownloadRefused:
    return errors.DownloadRefused(
        "The link does not lead to a web server.",
        url=_bare(url),
        task_id=source.task_id,
        hint="Read the task anew; if its link stays like this, ask the provider.",
    )


def _broken_off(source: Source, received: int, expected: int | None) -> errors.DownloadError:
    return errors.DownloadError(
        f"The transfer ended after {received} of {'some' if expected is None else expected} bytes.",
        url=_bare(source.url),
        task_id=source.task_id,
        retryable=True,
        hint="Download it again; the result itself is not lost.",
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
    return clean(bare_url(url))
