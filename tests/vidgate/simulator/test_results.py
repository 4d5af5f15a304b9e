"""The file behind a result link."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import Headers

from vidgate.simulator import _results
from vidgate.simulator._tasks import SimulatedTask


@pytest.fixture
def link(desk: Any) -> str:
    """The result link of a completed task."""
    task_id = desk.task_id(desk.create())
    desk.clock.advance(60)
    return str(desk.link(desk.task(task_id)))


def test_the_file_is_a_video(desk: Any, link: str) -> None:
    """No key is needed; type, length and content are those of an MP4 file."""
    response = desk.client.get(link)
    assert link.startswith(desk.simulator.base_urls[0] + "/results/")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "video/mp4")
    assert response.headers["Content-Length"] == str(len(response.content))
    assert response.content[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=100-", 100, None), ("bytes=-5", -5, None), ("bytes=4000-999999", 4000, None)],
)
def test_a_part_of_the_file(desk: Any, link: str, asked: str, first: int, last: int | None) -> None:
    """A range gives those bytes and says which."""
    whole = desk.client.get(link).content
    response = desk.client.get(link, headers={"Range": asked})
    stop = len(whole) if last is None else last + 1
    start = first % len(whole)
    assert (response.status_code, response.content) == (206, whole[start:stop])
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=5-2", "items=0-1", "bytes=0-1,5-6", "nonsense"])
def test_a_range_that_says_nothing_is_ignored(desk: Any, link: str, asked: str) -> None:
    """A malformed or multiple range gives the whole file."""
    response = desk.client.get(link, headers={"Range": asked})
    assert (response.status_code, len(response.content)) == (200, int(response.headers["Content-Length"]))


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=-0"])
def test_a_range_behind_the_end_is_416(desk: Any, link: str, asked: str) -> None:
    """The length of the file is told with the refusal."""
    response = desk.client.get(link, headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["Content-Range"].startswith("bytes */")


def test_a_range_of_another_version_gives_the_whole_file(desk: Any, link: str) -> None:
    """If-Range protects a resumed download from mixing two files."""
    tag = desk.client.head(link).headers["ETag"]
    codes = [
        desk.client.get(link, headers={"Range": "bytes=0-1", "If-Range": known}).status_code
        for known in (tag, '"other"')
    ]
    assert codes == [206, 200]


def test_head_tells_the_length(desk: Any, link: str) -> None:
    """HEAD has the headers of GET and no body."""
    response = desk.client.head(link)
    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["Content-Length"]) > 1000


def test_a_link_expires(desk: Any, link: str) -> None:
    """A day after completion the link is gone; a moment before it is not."""
    desk.clock.advance(86_399)
    assert desk.client.get(link).status_code == 200
    desk.clock.advance(1)
    response = desk.client.get(link)
    assert response.status_code == 410
    assert "expired" in response.json()["error"]["message"]


def test_apimart_tells_when_a_link_expires(apimart: Any) -> None:
    """`expires_at` is the moment at which the link stops working."""
    task_id = apimart.task_id(apimart.create())
    apimart.clock.advance(60)
    (video,) = apimart.task(task_id)["result"]["videos"]
    apimart.clock.advance(video["expires_at"] - apimart.clock.now())
    assert apimart.client.get(video["url"][0]).status_code == 410


def test_a_link_works_from_completion_on(desk: Any) -> None:
    """The token of an unfinished task opens nothing, nor does an invented one."""
    desk.create()
    (task,) = desk.simulator.tasks._tasks.values()
    assert desk.client.get(f"/results/{task.token}.mp4").status_code == 404
    desk.clock.advance(60)
    assert desk.client.get(f"/results/{task.token}.mp4").status_code == 200
    assert desk.client.get("/results/../video.mp4").status_code == 404


@pytest.mark.parametrize(
    ("host", "origin"),
    [("example.test:8080", "https://example.test:8080"), ("bad host/<x>", "https://api.evolink.ai")],
)
def test_links_lead_to_the_origin_that_was_asked(evolink: Any, host: str, origin: str) -> None:
    """A link uses the Host the client sent, unless that is no host."""
    task_id = evolink.task_id(evolink.create())
    evolink.clock.advance(60)
    headers = {"Authorization": "Bearer sim-key", "Host": host}
    task = evolink.client.get(f"/v1/tasks/{task_id}", headers=headers).json()
    assert task["results"][0].startswith(origin + "/results/")


def task(output: str, **request: Any) -> SimulatedTask:
    """A task that makes something of a request."""
    facts: dict[str, Any] = {"created": 0.0, "seconds": 0.0, "fails": False, "credits": 0.0, "token": "ab12"}
    return SimulatedTask(id="t", account="main", request={"model": "m", **request}, output=output, **facts)


@pytest.mark.parametrize(
    ("made", "found"),
    [
        pytest.param(task("video"), ["ab12.mp4"], id="video"),
        pytest.param(task("video", n=3, format="png"), ["ab12.mp4"], id="a-video-is-one"),
        pytest.param(task("image"), ["ab12.png"], id="image"),
        pytest.param(task("image", n=3), ["ab12.png", "ab12-2.png", "ab12-3.png"], id="several-images"),
        pytest.param(task("image", n=1000), 16, id="not-endlessly-many"),
        pytest.param(task("image", n="3"), ["ab12.png"], id="a-number-in-words"),
        pytest.param(task("image", output_format="jpeg"), ["ab12.jpg"], id="jpeg"),
        pytest.param(task("image", model_params={"output_format": "WEBP"}), ["ab12.webp"], id="inside"),
        pytest.param(task("image", format="tiff"), ["ab12.png"], id="a-format-we-have-not"),
        pytest.param(task("audio"), ["ab12.mp3"], id="audio"),
        pytest.param(task("audio", format="wav"), ["ab12.wav"], id="wav"),
    ],
)
def test_files_are_as_many_and_of_the_type_that_was_asked_for(made: SimulatedTask, found: Any) -> None:
    """Images by number and format, audios by format, also where the format is a parameter of the model."""
    names = _results.names(made)
    assert len(set(names)) == len(names)
    assert all(_results.NAME.fullmatch(name) for name in names)
    assert (len(names) if isinstance(found, int) else list(names)) == found


HEADS = {
    "mp4": b"\0\0\0\x20ftyp",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff\xe0",
    "webp": b"RIFF",
    "mp3": b"ID3",
    "wav": b"RIFF",
}


@pytest.mark.parametrize(
    ("kind", "suffix", "media_type"),
    [(kind, suffix, media_type) for kind, types in _results.TYPES.items() for suffix, media_type in types.items()],
)
def test_every_file_is_what_it_says(kind: str, suffix: str, media_type: str) -> None:
    """Media type, length and first bytes; each file has a tag of its own."""
    response = _results.respond(Headers({}), kind, suffix)
    assert (response.media_type, response.status_code) == (media_type, 200)
    assert bytes(response.body).startswith(HEADS[suffix])
    assert int(response.headers["content-length"]) == len(response.body) < 5_000
    part = _results.respond(Headers({"range": "bytes=1-3"}), kind, suffix)
    assert (part.status_code, bytes(part.body)) == (206, bytes(response.body)[1:4])


def test_no_two_files_have_one_tag() -> None:
    """A download cannot go on with the bytes of another type."""
    tags = {_results.entity_tag(kind, suffix) for kind, types in _results.TYPES.items() for suffix in types}
    assert len(tags) == 6


def test_a_link_is_good_for_its_own_file_only(desk: Any, link: str) -> None:
    """Another number or another type leads nowhere."""
    for other in (link.replace(".mp4", ".png"), link.replace(".mp4", "-2.mp4"), link.replace(".mp4", "")):
        assert desk.client.get(other).status_code == 404
