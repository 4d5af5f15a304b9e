"""Broken transfers go on where they broke, but only when it is certain that the bytes belong together."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import errors
from vidgate._partial import Note

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

ID = "task-unified-1-abc"
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 2048
OTHER = bytes(reversed(FILM))
LINK = "https://files.example/v.mp4?sig=abc"
FRESH = "https://files.example/v.mp4?sig=new"
MOVED = "https://cdn.example/moved.mp4?sig=new"
TAG = '"film-1"'
LATER = "Wed, 21 Oct 2015 07:28:00 GMT"
NOW = "Wed, 21 Oct 2015 09:28:00 GMT"


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Bytes, and then the connection breaks."""

    def __init__(self, data: bytes, size: int = 60_000) -> None:
        self._pieces = [data[start : start + size] for start in range(0, len(data), size)]

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        raise httpx.ReadError("reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        raise httpx.ReadError("reset")


class Host:
    """A host that knows Range; `breaks` says after how many bytes each of the first answers breaks."""

    def __init__(self, *breaks: int, **headers: str) -> None:
        self.film = FILM
        self.breaks = list(breaks)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.asked: list[tuple[str | None, str | None]] = []
        self.ranges = True
        self.expired: set[str] = set()
        self.links = [LINK]
        self.reads = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.evolink.ai":
            assert request.headers["authorization"]
            self.reads += 1
            body = {"id": ID, "status": "completed", "type": "video", "results": self.links}
            return httpx.Response(200, json=body)
        assert "authorization" not in request.headers
        wanted, condition = request.headers.get("range"), request.headers.get("if-range")
        self.asked.append((wanted, condition))
        if str(request.url) in self.expired:
            return httpx.Response(403)
        headers = {"content-type": "video/mp4", **self.headers}
        start, status = 0, 200
        named = condition in {self.headers.get("etag"), self.headers.get("last-modified")}
        if wanted and self.ranges and named:
            start, status = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]), 206  # type: ignore[index]
            headers["content-range"] = f"bytes {start}-{len(self.film) - 1}/{len(self.film)}"
        content = self.film[start:]
        headers["content-length"] = str(len(content))
        if self.breaks:
            content = content[: self.breaks.pop(0)]
            return httpx.Response(status, headers=headers, stream=Broken(content))
        return httpx.Response(status, headers=headers, content=content)


@pytest.fixture
def open_task(open_world: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    def make(host: Any, **options: Any) -> tuple[Any, Any]:
        world = open_world("evolink", host, **options)
        return world, world.do(world.client.tasks.get, ID)

    return make


def interrupted(world: Any, task: Any, path: Path) -> None:
    """One run that ends in the middle."""
    with pytest.raises(errors.VidgateError):
        world.do(task.download, path)


NAMES = {"etag": {"etag": TAG}, "last-modified": {"last_modified": LATER, "date": NOW}}


@pytest.mark.parametrize("name", NAMES)
def test_the_rest_is_asked_for(name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """Within one run, a second request names the first byte that is missing and the bytes that are here."""
    host = Host(100_000, 50_000, **NAMES[name])
    world, task = open_task(host)
    seen: list[int] = []
    path = world.do(task.download, tmp_path / "v.mp4", on_progress=lambda received, _: seen.append(received))
    assert path.read_bytes() == FILM
    validator = TAG if name == "etag" else LATER
    assert host.asked == [(None, None), ("bytes=100000-", validator), ("bytes=150000-", validator)]
    assert seen == sorted(seen)
    assert [file.name for file in tmp_path.iterdir()] == ["v.mp4"]


def test_a_later_run_goes_on(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """What one run left, another takes up: the partial file and the note beside it, which has no link in it."""
    host = Host(100_000, etag=TAG)
    world, task = open_task(host, attempts=1)
    interrupted(world, task, tmp_path / "v.mp4")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["v.mp4.part", "v.mp4.part.json"]
    assert (tmp_path / "v.mp4.part").read_bytes() == FILM[:100_000]
    note = (tmp_path / "v.mp4.part.json").read_text()
    assert json.loads(note)["total"] == len(FILM)
    assert "files.example" not in note
    assert "sig" not in note
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert host.asked[-1] == ("bytes=100000-", TAG)
    assert [file.name for file in tmp_path.iterdir()] == ["v.mp4"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_an_interrupt_keeps_what_is_there(
    stop: type[BaseException], open_task: Callable[..., tuple[Any, Any]], tmp_path: Path
) -> None:
    """Ctrl-C in the middle is an interruption like any other."""
    host = Host(100_000, etag=TAG)
    world, task = open_task(host)

    def halt(received: int, _: object) -> None:
        if received > 50_000:
            raise stop

    with pytest.raises(stop):
        world.do(task.download, tmp_path / "v.mp4", on_progress=halt)
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert host.asked[1] == ("bytes=60000-", TAG)


def test_a_whole_partial_file_is_confirmed(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A run that was killed just before the renaming costs one byte."""
    host = Host(len(FILM), etag=TAG)
    world, task = open_task(host, attempts=1)
    interrupted(world, task, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4.part").stat().st_size == len(FILM)
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert host.asked[-1] == (f"bytes={len(FILM) - 1}-", TAG)


def change_nothing_but_ranges(host: Host) -> None:
    host.ranges = False


def change_the_film(host: Host) -> None:
    host.film, host.headers["etag"] = OTHER, '"film-2"'


def change_the_link(host: Host) -> None:
    host.links = [MOVED]


RESTARTS: dict[str, Callable[[Host], None]] = {
    "Range is ignored": change_nothing_but_ranges,
    "another film": change_the_film,
    "another link": change_the_link,
}


@pytest.mark.parametrize("name", RESTARTS)
def test_it_starts_anew_when_it_must(name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A host without Range, other bytes and another link each give the whole file from its first byte."""
    host = Host(100_000, etag=TAG)
    world, task = open_task(host, attempts=1)
    interrupted(world, task, tmp_path / "v.mp4")
    RESTARTS[name](host)
    task = world.do(task.refresh)
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == host.film
    assert [file.name for file in tmp_path.iterdir()] == ["v.mp4"]


ODD: dict[str, Callable[[], httpx.Response]] = {
    "another place": lambda: partial(content_range=f"bytes 0-{len(FILM) - 1}/{len(FILM)}"),
    "another length": lambda: partial(content_range=f"bytes 100000-{len(FILM)}/{len(FILM) + 1}"),
    "another tag": lambda: partial(etag='"film-9"'),
    "no range": lambda: partial(content_range=""),
    "several ranges": lambda: partial(content_range="", content_type="multipart/byteranges; boundary=x"),
    "compressed": lambda: partial(content_encoding="gzip"),
    "416": lambda: httpx.Response(416, headers={"content-range": f"bytes */{len(FILM)}"}),
}


def partial(**headers: str) -> httpx.Response:
    given = {"content_range": f"bytes 100000-{len(FILM) - 1}/{len(FILM)}", "content_type": "video/mp4", **headers}
    return httpx.Response(
        206,
        headers={name.replace("_", "-"): value for name, value in given.items() if value},
        stream=Broken(b"not the rest"),
    )


@pytest.mark.parametrize("name", ODD)
def test_odd_partial_answers_are_not_trusted(
    name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path
) -> None:
    """An answer that is not exactly the rest is thrown away, and everything is asked for, without Range."""
    host = Host(100_000, etag=TAG)

    def answer(request: httpx.Request) -> httpx.Response:
        return ODD[name]() if "range" in request.headers else host(request)

    world, task = open_task(answer)
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert host.asked == [(None, None), (None, None)]


NAMELESS: dict[str, dict[str, str]] = {
    "nothing": {},
    "weak tag": {"etag": 'W/"film-1"'},
    "no tag at all": {"etag": "film-1"},
    "header in a tag": {"etag": '"a b"'},
    "just modified": {"last_modified": LATER, "date": LATER},
    "no date": {"last_modified": LATER},
    "odd date": {"last_modified": "yesterday", "date": NOW},
}


@pytest.mark.parametrize("name", NAMELESS)
def test_bytes_without_a_name_are_not_kept(
    name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path
) -> None:
    """Where the host does not name its bytes, a break starts anew and leaves nothing."""
    host = Host(100_000, **NAMELESS[name])
    world, task = open_task(host, attempts=1)
    interrupted(world, task, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert host.asked == [(None, None), (None, None)]


GOOD_NOTE = {"task": ID, "index": 0, "link": "x", "validator": TAG, "total": 5}
NOTES = [
    "",
    "{",
    "[]",
    "null",
    "{}",
    "[" * 5000,
    json.dumps({**GOOD_NOTE, "more": 1}),
    json.dumps({**GOOD_NOTE, "validator": "x\r\nCookie: y"}),
    json.dumps({**GOOD_NOTE, "validator": 5}),
    json.dumps({**GOOD_NOTE, "total": -5}),
    json.dumps({**GOOD_NOTE, "total": True}),
    json.dumps({**GOOD_NOTE, "total": "5"}),
]


@pytest.mark.parametrize("text", NOTES, ids=lambda text: text[:60] or "empty")
def test_a_spoilt_note_is_no_note(text: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A note that was cut short or made up leads to a new start, never into a header."""
    assert Note.load(text) is None
    assert Note.load(json.dumps(GOOD_NOTE)) is not None
    (tmp_path / "v.mp4.part").write_bytes(b"odd")
    (tmp_path / "v.mp4.part.json").write_text(text)
    host = Host(etag=TAG)
    world, task = open_task(host)
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert host.asked == [(None, None)]
    assert [file.name for file in tmp_path.iterdir()] == ["v.mp4"]


def test_another_result_is_not_mixed_in(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A partial file of one result is of no use to another under the same name."""
    host = Host(100_000, etag=TAG)
    host.links = [LINK, "https://files.example/2.mp4"]
    world, task = open_task(host, attempts=1)
    interrupted(world, task, tmp_path / "v.mp4")
    world.do(task.download, tmp_path / "v.mp4", index=1)
    assert host.asked[-1] == (None, None)


def test_progress_outweighs_attempts(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A large result whose connection breaks every megabyte or two arrives nevertheless."""
    film = FILM * 12
    host = Host(*[1_200_000] * 4, etag=TAG)
    host.film = film
    world, task = open_task(host, attempts=2)
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == film
    assert len(host.asked) == 5


def test_no_progress_is_bounded(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A host that breaks after some bytes each time is given up, and what came is kept."""
    host = Host(*[10_000] * 9, etag=TAG)
    world, task = open_task(host, attempts=3)
    interrupted(world, task, tmp_path / "v.mp4")
    assert len(host.asked) == 3
    assert (tmp_path / "v.mp4.part").read_bytes() == FILM[:30_000]


def test_the_size_limit_holds_for_the_whole(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """The rest alone would be small enough, the file is not; nothing of it is kept."""
    host = Host(500_000, etag=TAG)
    world, task = open_task(host, attempts=1)
    interrupted(world, task, tmp_path / "v.mp4")
    with pytest.raises(errors.DownloadRefused, match="larger"):
        world.do(task.download, tmp_path / "v.mp4", max_bytes=510_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("link", "asked"),
    [(FRESH, ("bytes=100000-", TAG)), (MOVED, (None, None))],
    ids=["signed anew", "moved"],
)
def test_an_expired_link_is_asked_for_anew(
    link: str, asked: tuple[str | None, str | None], open_task: Callable[..., tuple[Any, Any]], tmp_path: Path
) -> None:
    """The task is read once more; with a new link the transfer goes on, or starts anew where the path is another."""
    host = Host(100_000, etag=TAG)
    world, task = open_task(host, attempts=1)
    interrupted(world, task, tmp_path / "v.mp4")
    host.expired, host.links, host.reads = {LINK}, [link], 0
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert host.reads == 1
    assert host.asked[-1] == asked


@pytest.mark.parametrize("links", [[LINK], [], [FRESH]], ids=["same link", "no link", "new link, expired too"])
def test_a_link_that_stays_expired(links: list[str], open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """The task is read once, no more; then the error says so."""
    host = Host(etag=TAG)
    world, task = open_task(host)
    host.expired, host.links, host.reads = {LINK, FRESH}, links, 0
    with pytest.raises(errors.LinkExpired):
        world.do(task.download, tmp_path / "v.mp4")
    assert host.reads == 1
    assert list(tmp_path.iterdir()) == []


def test_a_reading_that_fails_leaves_the_link_expired(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """The error is about the link, not about the attempt to mend it."""
    answers = iter([(200, {"id": ID, "status": "completed", "results": [LINK]}), (410, ""), (404, {})])
    world = open_world("evolink", answers)
    task = world.do(world.client.tasks.get, ID)
    with pytest.raises(errors.LinkExpired):
        world.do(task.download, tmp_path / "v.mp4")


def test_runs_side_by_side_do_not_meet(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """While one run writes, another saves the same result under the same name: both files are whole."""
    host = Host(etag=TAG)
    world, task = open_task(host)
    names: list[set[str]] = []

    def other(received: int, _: object) -> None:
        if names:
            return
        names.append(set())
        import threading

        from vidgate import EvoLink

        def save() -> None:
            with EvoLink("sk-0123456789", transport=httpx.MockTransport(host)) as client:
                path = client.tasks.get(ID).download(tmp_path / "v.mp4", on_progress=look)
                names[0].add(f"whole: {path.read_bytes() == FILM}")

        thread = threading.Thread(target=save)
        thread.start()
        thread.join()

    def look(*_: object) -> None:
        names[0].update(file.name for file in tmp_path.iterdir())

    assert world.do(task.download, tmp_path / "v.mp4", overwrite=True, on_progress=other).read_bytes() == FILM
    assert "whole: True" in names[0]
    assert any(re.fullmatch(r"v\.mp4\.[0-9a-f]{8}\.part", name) for name in names[0])
    assert [file.name for file in tmp_path.iterdir()] == ["v.mp4"]
