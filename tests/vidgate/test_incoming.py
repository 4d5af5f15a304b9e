"""What is made of an answer: JSON that can be relied on, or an excerpt, and the key in neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate._incoming import EXCERPT, LARGEST_REPLY, Body, head, reply
from vidgate._secret import MASK, Secret

if TYPE_CHECKING:
    from vidgate._effects import Reply

KEY = "sk-0123456789abcdefSECRET"
SECRET = Secret(KEY)


class Ticking:
    """A clock that moves by itself, a second with each look."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        self.time += 1.0
        return self.time

    def sleep(self, seconds: float, /) -> None:
        raise NotImplementedError

    async def asleep(self, seconds: float, /) -> None:
        raise NotImplementedError


def read(content: bytes, **headers: str) -> Reply:
    return reply(httpx.Response(200, headers=headers), content, SECRET)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'{"a": 1, "b": [true, null, 1.5]}', {"a": 1, "b": [True, None, 1.5]}),
        (b'{"a": 1, "a": 1}', {"a": 1}),
        (b'{"a": {"b": [1]}, "a": {"b": [1]}}', {"a": {"b": [1]}}),
        (b'[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        ('{"a": "é"}'.encode("utf-16-le"), {"a": "é"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),
    ],
    ids=["plain", "the same twice", "the same twice, nested", "in two objects", "UTF-16", "BOM", "half a pair"],
)
def test_json_is_read(content: bytes, body: Any) -> None:
    """As far as it says one thing, in any encoding that JSON may come in."""
    assert read(content).body == body


@pytest.mark.parametrize(
    "content",
    [
        b'{"id": "task-1", "id": "task-2"}',
        b'[[{"data": {"id": "task-1", "id": "task-2"}}]]',
        b'{"i\\u0064": "task-1", "id": "task-2"}',
        b'{"a": 1, "a": true, "a": 2}',
        b'{"id": "task-1"',
        b"\xff{}",
        b"[" * 100_000,
        b"1" * 5_000,
        b"<html></html>",
        b"",
    ],
    ids=["two ids", "nested", "escaped", "three", "cut", "no encoding", "depth", "a long number", "a page", "nothing"],
)
def test_what_says_nothing_certain_is_no_json(content: bytes) -> None:
    """Which of two ids is the paid task's? Such an answer has a text only."""
    found = read(content)
    assert found.body is None
    assert found.text == content.decode("utf-8", errors="replace")[:EXCERPT]


@pytest.mark.parametrize("offset", range(-len(KEY) - 1, 2))
def test_no_part_of_the_key_is_left_where_a_page_is_cut(offset: int) -> None:
    """It is masked first and cut then."""
    text = read(b"<" + b" " * (EXCERPT + offset - 1) + KEY.encode() + b"</html>").text
    assert len(text) <= EXCERPT
    assert KEY[:6] not in text


@pytest.mark.parametrize(
    "content",
    [
        f'{{"note": "{KEY}"}}',
        f'{{"{KEY}": "note"}}',
        f'{{"note": ["x", {{"y": "Bearer {KEY}"}}]}}',
        f'{{"note": "{KEY.replace("s", chr(92) + "u0073")}"}}',
        f'{{"note": "{KEY}", "cut": ',
    ],
    ids=["value", "name", "deep", "escaped", "no JSON"],
)
def test_the_key_is_masked_wherever_it_stands(content: str) -> None:
    """Servers echo what they were sent."""
    found = read(content.encode(), **{"x-echo": f"Bearer {KEY}"})
    assert KEY not in repr(found)
    assert MASK in repr(found.body) + found.text
    assert found.headers["x-echo"] == f"Bearer {MASK}"


def test_the_head_is_masked_too() -> None:
    """A download's headers come from another host, which may have got the key in the link."""
    response = httpx.Response(206, headers={"ETag": KEY}, request=httpx.Request("GET", "https://cdn.example/v.mp4"))
    found = head(response, SECRET)
    assert (found.status, found.url) == (206, "https://cdn.example/v.mp4")
    assert found.headers["etag"] == MASK


def test_a_body_is_bounded_in_size() -> None:
    """One byte too many ends it."""
    body = Body(60.0, Ticking())
    body.add(b" " * LARGEST_REPLY)
    with pytest.raises(httpx.DecodingError):
        body.add(b" ")


def test_a_body_is_bounded_in_time() -> None:
    """Pieces that keep coming do not buy time."""
    body = Body(3.0, Ticking())
    for _ in range(3):
        body.add(b"x")
    assert body.read() == b"xxx"
    with pytest.raises(httpx.ReadTimeout):
        body.add(b"x")
