"""What operations, tags and components of the contract are called.

Names come from the path, the method and the model ids, never from how many pages there are: vendoring one more page
must not rename what people already use.
"""

from __future__ import annotations

import re

_VERBS = {"get": "get", "post": "create", "put": "replace", "patch": "update", "delete": "delete"}
_VERSION = re.compile(r"^(api|v\d+\w*)$")
_TRAILING = frozenset({"generations", "completions"})
"""Path segments that say how, not what: `videos/generations` makes a video."""


def pascal(text: str) -> str:
    """`gemini-omni-flash-text-to-video` → `GeminiOmniFlashTextToVideo`; inner capitals are kept."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    name = "".join(word[0].upper() + word[1:] for word in words)
    return f"Model{name}" if name[:1].isdecimal() else name


def tag_of(path: str) -> str:
    """The ASCII tag of a path: its first segment that names a thing."""
    segments = _things(path)
    return re.sub(r"[^a-z0-9]+", "_", segments[0].lower()).strip("_") if segments else "other"


def operation_id(method: str, path: str) -> str:
    """`post /v1/videos/generations` → `createVideo`; `get /v1/tasks/{task_id}` → `getTask`."""
    things = _things(path)
    if len(things) > 1 and things[-1] in _TRAILING:
        last = things.pop()
        if last == "completions":
            things.append("completion")
    single = method != "get" or path.rstrip("/").endswith("}")
    if things and single:
        things[-1] = _singular(things[-1])
    return _VERBS.get(method, method) + "".join(pascal(thing) for thing in things)


def request_name(model: str) -> str:
    """The component that holds the request of one model."""
    return f"{pascal(model)}Request"


def _things(path: str) -> list[str]:
    plain = [segment.partition(":")[0] for segment in path.split("/")]
    return [segment for segment in plain if segment and not segment.startswith("{") and not _VERSION.match(segment)]


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
