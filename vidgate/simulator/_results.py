"""The files behind result links: each a second or a picture that any player shows.

`data/video.mp4` is one second of a moving test picture, 64x36, H.264 baseline, with a quiet AAC tone; it was made with

    ffmpeg -f lavfi -i testsrc2=size=64x36:rate=10:duration=1 -f lavfi -i sine=frequency=440:sample_rate=8000:duration=1
      -c:v libx264 -preset veryslow -profile:v baseline -pix_fmt yuv420p -crf 35 -c:a aac -b:a 8k -ac 1
      -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -movflags +faststart video.mp4

The others show and play the same: `-frames:v 1` for `image.png`, with `-q:v 5` for `image.jpg`, with `-c:v libwebp
-quality 50` for `image.webp`; `-c:a libmp3lame -b:a 8k` for `audio.mp3`, and `-c:a pcm_u8` for a quarter of a second in
`audio.wav`.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from vidgate._json import is_object
from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.datastructures import Headers

    from vidgate._json import Json
    from vidgate.simulator._tasks import SimulatedTask

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
NAME = re.compile(r"(?P<token>[0-9a-f]+)(?:-(?P<number>[1-9][0-9]{0,3}))?\.(?P<suffix>[a-z0-9]+)")

TYPES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "video": MappingProxyType({"mp4": "video/mp4"}),
        "image": MappingProxyType({"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}),
        "audio": MappingProxyType({"mp3": "audio/mpeg", "wav": "audio/wav"}),
    }
)
"""What a task makes → suffix → media type; the first is what comes when a request asks for none of them."""

MOST_RESULTS: Final = 16
_FORMATS: Final = ("output_format", "format", "response_format")
_SPELLED: Final = {"jpeg": "jpg", "mpeg": "mp3"}


def names(task: SimulatedTask) -> tuple[str, ...]:
    """The names of a task's files, in the format that its request wants."""
    suffix = _suffix(task)
    numbers = range(2, count(task.request, task.output) + 1)
    return (f"{task.token}.{suffix}", *(f"{task.token}-{number}.{suffix}" for number in numbers))


def count(request: Mapping[str, Json], output: str) -> int:
    """How many files a request leads to: as many images as `n` asks for, of everything else one."""
    wanted = request.get("n", 1) if output == "image" else 1
    return min(wanted, MOST_RESULTS) if isinstance(wanted, int) and wanted > 1 else 1


def _suffix(task: SimulatedTask) -> str:
    known = TYPES[task.output]
    for value in _wanted(task.request):
        suffix = value.lower().removeprefix(".")
        suffix = _SPELLED.get(suffix, suffix)
        if suffix in known:
            return suffix
    return next(iter(known))


def _wanted(request: Mapping[str, Json]) -> Iterator[str]:
    """Formats that a request names, in itself or in its parameters of one model."""
    for holder in (request, *(value for value in request.values() if is_object(value))):
        yield from (value for name in _FORMATS if isinstance(value := holder.get(name), str))


@functools.cache
def content(kind: str, suffix: str) -> bytes:
    """Return a file."""
    return (importlib.resources.files("vidgate.simulator") / "data" / f"{kind}.{suffix}").read_bytes()


@functools.cache
def entity_tag(kind: str, suffix: str) -> str:
    """Return a file's ETag."""
    return f'"{hashlib.sha256(content(kind, suffix)).hexdigest()[:16]}"'


def respond(headers: Headers, kind: str, suffix: str) -> Response:
    """Answer a download, whole or in part."""
    data, tag, media_type = content(kind, suffix), entity_tag(kind, suffix), TYPES[kind][suffix]
    common = {"Accept-Ranges": "bytes", "ETag": tag, "Cache-Control": "private"}
    wanted = _span(headers, len(data), tag)
    if wanted is None:
        return Response(data, media_type=media_type, headers=common)
    first, last = wanted
    common["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], status_code=206, media_type=media_type, headers=common)


def _span(headers: Headers, size: int, tag: str) -> tuple[int, int] | None:
    """Read the Range header: first and last byte, or None for the whole file.

    A header that is malformed, asks for several ranges or names another version is ignored, as HTTP allows.
    """
    if headers.get("if-range", tag) != tag:
        return None
    match = RANGE.fullmatch(headers.get("range", ""))
    if match is None or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if first and last and int(last) < int(first):
        return None
    if start >= size:
        message = "The range lies behind the end of the file"
        raise Refusal(416, "range", message, headers={"Content-Range": f"bytes */{size}"})
    return start, end
