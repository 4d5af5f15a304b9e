"""The file behind a result link."""

from __future__ import annotations

from typing import Any

import pytest


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
