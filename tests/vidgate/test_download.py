"""Saving results: whole or not at all, from the right place, never with the key."""

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
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 4096
HOST = "files.example"
LINK = f"https://{HOST}/v.mp4?sig=abc"


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces; an exception among them breaks the connection there."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def film(content: bytes = FILM, status: int = 200, kind: str = "video/mp4", **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers={"content-type": kind, **given})


def streamed(*pieces: bytes | Exception, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, stream=Body(*pieces), headers={"content-type": "video/mp4", **given})


@pytest.fixture
def open_task(open_world: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """A completed task whose links lead to the given answers, in order; the last one for ever."""

    def make(*answers: Any, links: tuple[str, ...] = (LINK,), **options: Any) -> tuple[Any, Any]:
        queue = list(answers)

        def answer(request: httpx.Request) -> Any:
            if request.url.host == "api.evolink.ai":
                body = {"id": ID, "status": "completed", "type": "video", "results": list(links)}
                return httpx.Response(200, json=body)
            return queue.pop(0) if len(queue) > 1 else queue[0]

        world = open_world("evolink", answer, **options)
        return world, world.do(world.client.tasks.get, ID)

    return make


def test_a_result_is_saved(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """The file has the bytes of the result, progress is told, and nothing else is left in the folder."""
    world, task = open_task(film())
    seen: list[tuple[int, int | None]] = []
    path = world.do(task.download, tmp_path / "v.mp4", on_progress=lambda *now: seen.append(now))
    assert path == tmp_path / "v.mp4"
    assert path.read_bytes() == FILM
    assert seen[-1] == (len(FILM), len(FILM))
    assert [received for received, _ in seen] == sorted({received for received, _ in seen})
    assert [file.name for file in tmp_path.iterdir()] == ["v.mp4"]


def test_the_path_may_be_text(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A plain string is as good as a Path."""
    world, task = open_task(film())
    assert world.do(task.download, str(tmp_path / "v.mp4")).read_bytes() == FILM


def test_one_of_several_results(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """`index` chooses; one that is not there says how many there are."""
    world, task = open_task(film(b"two"), links=(LINK, f"https://{HOST}/2.mp4"))
    world.do(task.download, tmp_path / "v.mp4", index=1)
    assert world.requests[-1].url.path == "/2.mp4"
    for index in (2, -1):
        with pytest.raises(errors.ResultMissing, match="has 2"):
            world.do(task.download, tmp_path / "w.mp4", index=index)


def test_a_running_task_has_nothing_to_download(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """The remedy is to wait."""
    world = open_world("evolink", [(200, {"id": ID, "status": "processing"})])
    task = world.do(world.client.tasks.get, ID)
    with pytest.raises(errors.ResultMissing, match="wait"):
        world.do(task.download, tmp_path / "v.mp4")


BROKEN: dict[str, Callable[[], httpx.Response]] = {
    "reset in the middle": lambda: streamed(FILM[:5000], httpx.ReadError("reset"), content_length=str(len(FILM))),
    "cut short": lambda: streamed(FILM[:5000], content_length=str(len(FILM))),
    "too long": lambda: streamed(FILM, b"more", content_length=str(len(FILM))),
    "empty": lambda: film(b""),
    "hang": lambda: streamed(FILM[:10], httpx.ReadTimeout("hang")),
    "503": lambda: film(b"", status=503),
    "429": lambda: film(b"", status=429),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_transfer_starts_anew(name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """Reading a result costs nothing, so it is tried again; in the end the file is whole."""
    world, task = open_task(BROKEN[name](), film())
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM
    assert [file.name for file in tmp_path.iterdir()] == ["v.mp4"]


@pytest.mark.parametrize("name", BROKEN)
def test_a_transfer_that_stays_broken_leaves_nothing(
    name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path
) -> None:
    """Neither a partial file nor one under the final name is left, and an older file is untouched."""
    world, task = open_task(*[BROKEN[name]() for _ in range(4)])
    (tmp_path / "v.mp4").write_bytes(b"older")
    with pytest.raises(errors.VidgateError) as caught:
        world.do(task.download, tmp_path / "v.mp4", overwrite=True)
    assert caught.value.task_id == ID
    assert caught.value.retryable
    assert caught.value.hint
    assert len(world.requests) == 1 + 3
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("v.mp4", b"older")]


FINAL: dict[str, tuple[Callable[[], Any], type[errors.DownloadError]]] = {
    "403": (lambda: film(b"<Error/>", status=403), errors.LinkExpired),
    "404": (lambda: film(b"", status=404), errors.LinkExpired),
    "410": (lambda: film(b"", status=410), errors.LinkExpired),
    "400": (lambda: film(b"", status=400), errors.DownloadError),
    "204": (lambda: film(b"", status=204), errors.DownloadError),
    "206": (lambda: film(b"half", status=206), errors.DownloadError),
    "page": (lambda: film(b"<html>login</html>", kind="text/html; charset=utf-8"), errors.DownloadRefused),
    "page in disguise": (lambda: film(b"\n<!DOCTYPE html><html>"), errors.DownloadRefused),
    "JSON": (lambda: film(b'{"error": "x"}', kind="application/json"), errors.DownloadRefused),
    "XML": (lambda: film(b"<Error/>", kind="application/xml"), errors.DownloadRefused),
    "redirects without end": (lambda: film(b"", status=302, location=LINK), errors.DownloadRefused),
    "redirect to a file": (lambda: film(b"", status=302, location="file:///etc/passwd"), errors.DownloadRefused),
    "redirect to ftp": (lambda: film(b"", status=307, location="ftp://files.example/v"), errors.DownloadRefused),
    "redirect to the mail": (lambda: film(b"", status=301, location="mailto:x@example.com"), errors.DownloadRefused),
}


@pytest.mark.parametrize("name", FINAL)
def test_what_is_not_the_result_is_refused(
    name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path
) -> None:
    """An expired link, a page or a redirect away from the web is an error, and no file appears."""
    make, kind = FINAL[name]
    world, task = open_task(make())
    with pytest.raises(errors.DownloadError) as caught:
        world.do(task.download, tmp_path / "v.mp4")
    assert type(caught.value) is kind
    assert caught.value.task_id == ID
    assert caught.value.hint
    assert "sig=" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert len(world.requests) <= 1 + 6


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "ftp://files.example/v", "data:video/mp4;base64,AA", "//x/v", "x"]
)
def test_links_lead_to_the_web_only(link: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A link of another scheme is not even asked for."""
    world, task = open_task(film(), links=(link,))
    with pytest.raises(errors.DownloadRefused):
        world.do(task.download, tmp_path / "v.mp4")
    assert len(world.requests) == 1


def test_an_expired_link_says_to_read_the_task_anew(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """The remedy names the call and the task."""
    world, task = open_task(film(b"", status=403))
    with pytest.raises(errors.LinkExpired) as caught:
        world.do(task.download, tmp_path / "v.mp4")
    assert f'client.tasks.get("{ID}")' in caught.value.hint


@pytest.mark.parametrize("answer", [film, lambda: streamed(FILM)], ids=["announced", "not announced"])
def test_a_result_may_not_fill_the_disk(
    answer: Callable[[], httpx.Response], open_task: Callable[..., tuple[Any, Any]], tmp_path: Path
) -> None:
    """`max_bytes` holds whether the size is announced or not."""
    world, task = open_task(answer())
    with pytest.raises(errors.DownloadRefused, match="larger"):
        world.do(task.download, tmp_path / "v.mp4", max_bytes=1000)
    assert list(tmp_path.iterdir()) == []


def test_redirects_are_followed_a_few_times(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """A relative and an absolute redirect lead to the result."""
    world, task = open_task(
        film(b"", status=302, location="/other.mp4"), film(b"", status=307, location="https://cdn.example/v"), film()
    )
    world.do(task.download, tmp_path / "v.mp4")
    assert [str(request.url) for request in world.requests[2:]] == [
        f"https://{HOST}/other.mp4",
        "https://cdn.example/v",
    ]


def test_a_compressed_answer_is_unpacked(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """Content-Length counts the packed bytes then, and is not compared with the file."""
    packed = gzip.compress(FILM)
    world, task = open_task(film(packed, content_encoding="gzip", content_length=str(len(packed))))
    assert world.do(task.download, tmp_path / "v.mp4").read_bytes() == FILM


PLACES: dict[str, Callable[[Path], Path]] = {
    "folder": lambda folder: folder,
    "missing folder": lambda folder: folder / "no" / "v.mp4",
    "existing file": lambda folder: folder / "there.mp4",
    "file as folder": lambda folder: folder / "there.mp4" / "v.mp4",
    "name too long": lambda folder: folder / ("x" * 300),
    "name with NUL": lambda folder: folder / "a\0b",
    "half a surrogate pair": lambda folder: folder / "a\ud800",
}


@pytest.mark.parametrize("name", PLACES)
def test_bad_places_are_named(name: str, open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """What is wrong with the path is said, before anything is fetched where it can be known."""
    (tmp_path / "there.mp4").write_bytes(b"mine")
    world, task = open_task(film())
    with pytest.raises(errors.FileProblem) as caught:
        world.do(task.download, PLACES[name](tmp_path))
    assert caught.value.hint
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"mine"]
    assert len(world.requests) <= 2


def test_overwriting_is_asked_for(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """With overwrite=True the older file is replaced."""
    (tmp_path / "v.mp4").write_bytes(b"older")
    world, task = open_task(film())
    assert world.do(task.download, tmp_path / "v.mp4", overwrite=True).read_bytes() == FILM


def test_a_file_that_appears_meanwhile_is_kept(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """Somebody else's file under that name is not replaced unasked."""
    world, task = open_task(film())

    def meddle(*_: object) -> None:
        (tmp_path / "v.mp4").write_bytes(b"theirs")

    with pytest.raises(errors.FileProblem):
        world.do(task.download, tmp_path / "v.mp4", on_progress=meddle)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("v.mp4", b"theirs")]


def test_an_interrupt_leaves_no_partial_file(open_task: Callable[..., tuple[Any, Any]], tmp_path: Path) -> None:
    """What stops the transfer from outside cleans up as well."""
    world, task = open_task(film())

    def stop(*_: object) -> None:
        assert [file.name for file in tmp_path.iterdir()] == ["v.mp4.part"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.do(task.download, tmp_path / "v.mp4", on_progress=stop)
    assert list(tmp_path.iterdir()) == []
