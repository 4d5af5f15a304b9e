"""From what the caller wrote to plain JSON values: the request that is checked is the request that is sent.

Values go out exactly as written; what JSON cannot say is refused with its place. The copy also means that changing a
list afterwards changes nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from vidgate._report import Problem

DEEPEST = 100

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class NotPlain(Exception):
    """A value that JSON cannot carry, with the problem to report."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def plain(value: Any, place: str = "", depth: int = 0) -> Any:
    """`value` as plain JSON; raises NotPlain. `place` is the path that a report shows."""
    if depth > DEEPEST:
        raise _refused(place, "is nested too deeply, or contains itself.", "Send a flatter value.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _refused(place, f"is {value!r}, which JSON does not know.", "Send a finite number.")
        return float(value)
    if isinstance(value, Mapping):
        return _object(value, place, depth)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise _refused(place, f"is of type {type(value).__name__}, which JSON does not know.", _fix(value))


def encode(body: Mapping[str, Any]) -> bytes:
    """The bytes that go over the wire."""
    return _ENCODER.encode(body).encode()


def _object(value: Mapping[Any, Any], place: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise _refused(place, f"has the key {name!r}, which is no text.", "Use text as keys.")
        inner = f"{place}.{name}" if place else name
        found[_text(name, inner)] = plain(item, inner, depth + 1)
    return found


def _text(value: str, place: str) -> str:
    index = _lone_surrogate(value)
    if index is not None:
        raise _refused(
            ascii(place)[1:-1],
            f"has half of a surrogate pair at character {index}, which no encoding can write.",
            "Remove it, or decode the text correctly where it comes from.",
        )
    return str(value)


def _lone_surrogate(text: str) -> int | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def _refused(place: str, message: str, fix: str) -> NotPlain:
    return NotPlain(Problem(field=place, rule="not-json", message=message, fix=fix))


def _fix(value: object) -> str:
    match type(value).__name__:
        case "bytes" | "bytearray" | "memoryview":
            return "Decode it to text first."
        case "set" | "frozenset" | "dict_keys" | "dict_values" | "generator" | "range":
            return "Write list(…) around it."
        case "Unset":
            return "Leave the keyword out."
        case "PosixPath" | "WindowsPath" | "PurePosixPath" | "PureWindowsPath" | "UUID" | "Url" | "URL":
            return "Write str(…) around it; a file must be uploaded first and given as a link."
        case "datetime" | "date" | "time":
            return "Write it as text."
        case "Decimal" | "Fraction":
            return "Write float(…) or int(…) around it."
        case _:
            return "Use text, numbers, true, false, None, lists and dicts."
