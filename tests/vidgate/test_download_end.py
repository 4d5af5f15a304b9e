"""Where a transfer ends: hosts that drip, and connections whose end is all that tells the end of a result."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

ID = "task-unified-1-abc"
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 1024
LINK = "https://files.example/v.mp4"
HALF = len(FILM) // 2


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces, with so many seconds of the clock before each of them."""

    def __init__(self, *pieces: bytes, wait: Callable[[float], None], seconds: float = 0.0) -> None:
        self._pieces = pieces
        self._wait = wait
        self._seconds = seconds

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._wait(self._seconds)
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Host:
    """Gives `body` to the first questions for everything, and the whole film afterwards; `rest` is about a range."""

    def __init__(self, *first: Callable[[Host], httpx.Response], rest: Callable[[int], httpx.Response]) -> None:
        self.first = list(first)
        self.rest = rest
        self.asked: list[str | None] = []
        self.wait: Callable[[float], None] = lambda _: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.evolink.ai":
            return httpx.Response(200, json={"id": ID, "status": "completed", "type": "video", "results": [LINK]})
        wanted = request.headers.get("range")
        self.asked.append(wanted)
        if wanted:
            return self.rest(int(wanted.removeprefix("bytes=").removesuffix("-")))
        return self.first.pop(0)(self) if self.first else self.whole()

    def whole(self) -> httpx.Response:
        return httpx.Response(200, content=FILM, headers={"content-type": "video/mp4"})

    def body(self, *pieces: bytes, seconds: float = 0.0, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        stream = Pieces(*pieces, wait=self.wait, seconds=seconds)
        return httpx.Response(200, stream=stream, headers={"content-type": "video/mp4", **given})


def rest_of_film(start: int) -> httpx.Response:
    length = len(FILM)
    if start >= length:
        return httpx.Response(416, headers={"content-range": f"bytes */{length}"})
    headers = {"content-type": "video/mp4", "content-range": f"bytes {start}-{length - 1}/{length}"}
    return httpx.Response(206, content=FILM[start:], headers=headers)


def saved(open_world: Callable[..., Any], host: Host, path: Path) -> tuple[Any, bytes]:
    """The world afterwards, and the bytes of the file."""
    world = open_world("evolink", host)
    host.wait = world.clock.sleep
    task = world.do(world.client.tasks.get, ID)
    return world, world.do(task.download, path).read_bytes()


def slow(host: Host) -> httpx.Response:
    """Ten bytes each half minute: never silent for a minute, and never done."""
    pieces = [FILM[start : start + 10] for start in range(0, 200, 10)]
    return host.body(*pieces, seconds=30.0, content_length=str(len(FILM)))


def test_a_host_that_drips_has_broken_off(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """After a minute below a kibibyte in a second the transfer begins anew."""
    host = Host(slow, rest=rest_of_film)
    world, content = saved(open_world, host, tmp_path / "v.mp4")
    assert content == FILM
    assert sum(seconds == 30.0 for seconds in world.clock.slept) == 2


def test_a_host_that_drips_for_ever_is_an_error(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """It ends, with an error that can be tried again, and leaves nothing."""
    host = Host(slow, slow, slow, slow, rest=rest_of_film)
    with pytest.raises(errors.DownloadError, match="ended after 20 of") as caught:
        saved(open_world, host, tmp_path / "v.mp4")
    assert caught.value.retryable
    assert [*tmp_path.iterdir()] == []


def test_what_came_before_does_not_count(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """A host that begins well and then drips is noticed within two minutes, not when the average has sunk."""

    def sinking(host: Host) -> httpx.Response:
        rest = [FILM[start : start + 10] for start in range(len(FILM) - 2000, len(FILM), 10)]
        return host.body(FILM[:-2000], *rest, seconds=30.0, content_length=str(len(FILM)))

    world, content = saved(open_world, Host(sinking, rest=rest_of_film), tmp_path / "v.mp4")
    assert content == FILM
    assert sum(seconds == 30.0 for seconds in world.clock.slept) == 4


def test_a_slow_line_is_no_dripping_host(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """What comes at more than the least speed goes on, however long it takes."""
    pieces = [FILM[start : start + 40_000] for start in range(0, len(FILM), 40_000)]
    host = Host(lambda host: host.body(*pieces, seconds=35.0, content_length=str(len(FILM))), rest=rest_of_film)
    _, content = saved(open_world, host, tmp_path / "v.mp4")
    assert content == FILM
    assert len(host.asked) == 1


def test_the_last_piece_may_be_late(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """A result that is whole is not fetched again for having been slow."""
    host = Host(
        lambda host: host.body(FILM[:500], FILM[500:600], seconds=45.0, content_length="600"), rest=rest_of_film
    )
    _, content = saved(open_world, host, tmp_path / "v.mp4")
    assert content == FILM[:600]


def test_a_connection_that_ends_early_is_noticed(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """Without a length the host is asked whether more follows; if so, what came is not the result."""
    host = Host(lambda host: host.body(FILM[:HALF]), rest=rest_of_film)
    _, content = saved(open_world, host, tmp_path / "v.mp4")
    assert content == FILM
    assert host.asked == [None, f"bytes={HALF}-", None]


def test_a_host_may_say_only_how_long_it_is(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """A refused range with a greater length is evidence enough."""
    answer = httpx.Response(416, headers={"content-range": f"bytes */{len(FILM)}"})
    host = Host(lambda host: host.body(FILM[:HALF]), rest=lambda _: answer)
    _, content = saved(open_world, host, tmp_path / "v.mp4")
    assert content == FILM


NO_EVIDENCE: dict[str, Callable[[int], httpx.Response]] = {
    "the end": rest_of_film,
    "no ranges": lambda _: httpx.Response(200, content=FILM, headers={"content-type": "video/mp4"}),
    "refused": lambda _: httpx.Response(403),
    "bare 416": lambda _: httpx.Response(416),
    "other bytes": lambda _: httpx.Response(206, content=FILM, headers={"content-range": f"bytes 0-9/{len(FILM)}"}),
    "down": lambda _: httpx.Response(503),
}


@pytest.mark.parametrize("name", NO_EVIDENCE)
def test_silence_is_no_evidence(name: str, open_world: Callable[..., Any], tmp_path: Path) -> None:
    """A host that says neither length nor range has given what it gave: it is asked once, and believed."""
    host = Host(lambda host: host.body(FILM), rest=NO_EVIDENCE[name])
    _, content = saved(open_world, host, tmp_path / "v.mp4")
    assert content == FILM
    assert host.asked == [None, f"bytes={len(FILM)}-"]


@pytest.mark.parametrize("headers", [{"transfer_encoding": "chunked"}, {"content_length": str(len(FILM))}])
def test_a_known_end_is_not_asked_for(headers: dict[str, Any], open_world: Callable[..., Any], tmp_path: Path) -> None:
    """A length or chunks say where a result ends."""
    host = Host(lambda host: host.body(FILM, **headers), rest=rest_of_film)
    saved(open_world, host, tmp_path / "v.mp4")
    assert host.asked == [None]


def test_a_range_of_something_compressed_says_nothing(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """Ranges count compressed bytes and files count plain ones, so that nobody is asked."""
    packed = gzip.compress(FILM, compresslevel=0)
    assert len(packed) > len(FILM)
    host = Host(lambda host: host.body(packed, content_encoding="gzip"), rest=lambda _: rest_of_film(0))
    _, content = saved(open_world, host, tmp_path / "v.mp4")
    assert content == FILM
    assert host.asked == [None]
