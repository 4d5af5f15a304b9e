"""Is this an MP4 file? Only its boxes are read; whether a player shows it is for ffprobe to say."""

from __future__ import annotations

HEADER = 8
LONG_HEADER = 16


def boxes(content: bytes) -> list[str]:
    """The types of the outermost boxes; raises ValueError when they do not fill the file exactly."""
    found: list[str] = []
    offset = 0
    while offset < len(content):
        size = int.from_bytes(content[offset : offset + 4])
        kind = content[offset + 4 : offset + HEADER].decode("latin-1")
        if size == 1:
            size = int.from_bytes(content[offset + HEADER : offset + LONG_HEADER])
        elif size == 0:
            size = len(content) - offset
        if size < HEADER or offset + size > len(content):
            message = f"the box {kind!r} at {offset} says it has {size} bytes; the file has {len(content)}"
            raise ValueError(message)
        found.append(kind)
        offset += size
    return found


def problems(content: bytes) -> list[str]:
    """What keeps this from being a whole MP4 file."""
    try:
        kinds = boxes(content)
    except ValueError as error:
        return [str(error)]
    found = [f"the box {kind!r} is missing" for kind in ("ftyp", "moov", "mdat") if kind not in kinds]
    if kinds[:1] != ["ftyp"]:
        found.append("the file does not begin with the box 'ftyp'")
    return found
