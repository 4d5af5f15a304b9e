"""The video behind every result link.

`data/video.mp4` is one second of a moving test picture, 64x36, H.264 baseline, with a quiet AAC tone; it was made with

    ffmpeg -f lavfi -i testsrc2=size=64x36:rate=10:duration=1 -f lavfi -i sine=frequency=440:sample_rate=8000:duration=1
      -c:v libx264 -preset veryslow -profile:v baseline -pix_fmt yuv420p -crf 35 -c:a aac -b:a 8k -ac 1
      -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -movflags +faststart video.mp4
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from starlette.datastructures import Headers

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@functools.cache
def video() -> bytes:
    """Return the file."""
    return (importlib.resources.files("vidgate.simulator") / "data" / "video.mp4").read_bytes()


@functools.cache
def entity_tag() -> str:
    """Return the file's ETag."""
    return f'"{hashlib.sha256(video()).hexdigest()[:16]}"'


def respond(headers: Headers) -> Response:
    """Answer a download, whole or in part."""
    data = video()
    common = {"Accept-Ranges": "bytes", "ETag": entity_tag(), "Cache-Control": "private"}
    wanted = _span(headers, len(data))
    if wanted is None:
        return Response(data, media_type="video/mp4", headers=common)
    first, last = wanted
    common["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], status_code=206, media_type="video/mp4", headers=common)


def _span(headers: Headers, size: int) -> tuple[int, int] | None:
    """Read the Range header: first and last byte, or None for the whole file.

    A header that is malformed, asks for several ranges or names another version is ignored, as HTTP allows.
    """
    if headers.get("if-range", entity_tag()) != entity_tag():
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
