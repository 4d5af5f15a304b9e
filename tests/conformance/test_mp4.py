"""What counts as a whole MP4 file."""

from __future__ import annotations

import importlib.resources

import pytest

from conformance._mp4 import boxes, problems


def box(kind: str, content: bytes = b"") -> bytes:
    """One box."""
    return (8 + len(content)).to_bytes(4) + kind.encode() + content


WHOLE = box("ftyp", b"isom") + box("moov") + box("mdat", b"frames")


def test_the_simulators_video_is_whole() -> None:
    """The file that the journeys download is one."""
    content = (importlib.resources.files("vidgate.simulator") / "data" / "video.mp4").read_bytes()
    assert problems(content) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(WHOLE, [], id="whole"),
        pytest.param(WHOLE[:-1], ["the box 'mdat' at 20 says it has 14 bytes; the file has 33"], id="cut"),
        pytest.param(box("ftyp") + box("moov"), ["the box 'mdat' is missing"], id="no data"),
        pytest.param(
            box("moov") + box("ftyp") + box("mdat"), ["the file does not begin with the box 'ftyp'"], id="order"
        ),
        pytest.param(b"<html>", ["the box 'l>' at 0 says it has 1013478509 bytes; the file has 6"], id="a page"),
    ],
)
def test_problems_name_what_is_wrong(content: bytes, expected: list[str]) -> None:
    """Files that no player opens are told apart from whole ones."""
    assert problems(content) == expected


def test_nothing_is_no_file() -> None:
    """An empty file has no box at all."""
    assert len(problems(b"")) == 4


@pytest.mark.parametrize(
    "content",
    [
        pytest.param((1).to_bytes(4) + b"mdat" + (20).to_bytes(8) + b"1234", id="64-bit size"),
        pytest.param((0).to_bytes(4) + b"mdat" + b"1234", id="to the end"),
    ],
)
def test_other_size_forms_are_read(content: bytes) -> None:
    """A box may give its size in 64 bits, or reach to the end of the file."""
    assert boxes(content) == ["mdat"]
