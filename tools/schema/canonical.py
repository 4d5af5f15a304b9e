"""Texts that are equal for equal JSON values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import orjson

from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from tools.model import Json


_REFERENCE: Final = re.compile(rb'"\$(?:ref|dynamicRef|recursiveRef)":"((?:[^"\\]|\\.)*)"')


def canonical(value: Json) -> str:
    """A text equal for equal JSON values: 1.0 is 1, true is not 1, member order is nothing."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def dumps(value: Json) -> bytes:
    """Bytes equal for equal values, fast, but 1.0 is not 1; numbers beyond 64 bits take the slow way."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return canonical(value).encode("utf-8", "surrogatepass")


def references(text: bytes) -> list[str]:
    """The targets of all references in serialized JSON; one too many costs time, never truth."""
    return [
        match.decode("utf-8", "replace").replace('\\"', '"').replace("\\\\", "\\") for match in _REFERENCE.findall(text)
    ]


def _plain(value: Json) -> Json:
    if is_object(value):
        return {name: _plain(item) for name, item in value.items()}
    if is_array(value):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
