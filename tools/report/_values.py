"""Values and page texts made fit to show: bounded, in one order, and without characters that deceive the eye."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.errors import Place
    from tools.model import Json, Witness

_HIDDEN: Final = re.compile(
    "["
    "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029"  # controls, and separators that break lines
    "\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb"  # bidi, zero width
    "\\u115f\\u1160\\u3164\\uffa0"  # letters without a shape
    "\\ud800-\\udfff\\ue000-\\uf8ff\\ufdd0-\\ufdef\\ufffe\\uffff"  # surrogates, private use, noncharacters
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff\\U000f0000-\\U0010ffff"
    "]"
    "|(?<![^\\x00-\\x7f])[\\u200c\\u200d]|[\\u200c\\u200d](?![^\\x00-\\x7f])"  # joiners are honest outside ASCII alone
)
"""A list of our own: the tables of `unicodedata` change with the version of Python, and output must not."""


def visible(text: str, *, keep: str = "\n\t") -> str:
    """The text with every character that hides or reorders others written out: `⟨U+202E⟩`."""
    return _HIDDEN.sub(lambda found: found[0] if found[0] in keep else f"⟨U+{ord(found[0]):04X}⟩", text)


def line(text: str) -> str:
    """The same on one line."""
    return visible(" ".join(text.split()), keep="")


def dumps(value: Json, *, indent: int | None = None, separators: tuple[str, str] | None = None) -> str:
    """JSON that encodes as UTF-8 and reads the same everywhere: hidden characters are written as escapes."""
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: "\n" if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def compact(value: Json, limit: int = 160) -> str:
    """JSON on one line, cut at `limit` characters."""
    return cut(dumps(value), limit)


def pretty(value: Json, limit: int) -> str:
    """JSON over several lines, cut at `limit` characters."""
    return cut(dumps(value, indent=2), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, and how many were left out."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def listed(items: Sequence[str], limit: int) -> str:
    """The first of them, and how many more there are."""
    more = len(items) - limit
    return ", ".join(items[:limit]) + (f" and {more} more" if more > 0 else "")


def aligned(value: Json, like: Json) -> Json:
    """The same value with members in the order of `like`, so that side by side only differences differ."""
    if is_object(value) and is_object(like):
        first = [name for name in like if name in value]
        rest = [name for name in value if name not in like]
        return {name: aligned(value[name], like.get(name)) for name in (*first, *rest)}
    if is_array(value) and is_array(like):
        return [aligned(item, like[index] if index < len(like) else None) for index, item in enumerate(value)]
    return value


def verdict(witness: Witness) -> str:
    """What the two sides say of the payload."""
    words = {True: "valid", False: "invalid"}
    return f"{words[witness.valid_before]} before, {words[witness.valid_after]} after"


def short(place: Place) -> str:
    """`path:line`, which terminals and editors open; empty for nowhere. The pointer is left to the change."""
    return line(place.path if place.line is None else f"{place.path}:{place.line}")
