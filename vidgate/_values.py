"""Values out of answers that may hold anything: each reader takes what it can use, and nothing raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from vidgate._json import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._json import Json

Path: TypeAlias = tuple[str | int, ...]

LARGEST_NUMBER = 2**53
"""Up to here JSON's numbers are exact everywhere; no credits, seconds or percents come near it."""


def dig(value: Json, path: Path) -> Json:
    """Follow `path`; None where it leads nowhere. A number takes an item of a list and passes an object through."""
    for step in path:
        if isinstance(step, int):
            if is_list(value):
                value = value[step] if step < len(value) else None
        else:
            value = object_of(value).get(step)
    return value


def object_of(value: Json) -> Mapping[str, Any]:
    return value if is_object(value) else {}


def list_of(value: Json) -> list[Any]:
    if value is None:
        return []
    return value if is_list(value) else [value]


def text_of(value: Json) -> str | None:
    """A code may come as text, as a number, empty or null."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return writable(str(value)).strip() or None


def writable(text: str) -> str:
    """Without what JSON can spell, but no file and no database takes: NUL, and half a surrogate pair."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "?").encode(errors="replace").decode()


def number_of(value: Json) -> float | None:
    """A number that can be reckoned with and kept: JSON knows larger ones, which neither floats nor databases take."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST_NUMBER:
        return None
    return value


def percent_of(value: Json) -> int | None:
    number = number_of(value)
    return None if number is None else max(0, min(100, int(number)))
