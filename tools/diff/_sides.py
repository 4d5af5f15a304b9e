"""One page in all its languages, and how several values become majority and odd ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.diff.rules import BY_ID
from tools.model import Change
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tools.errors import Place
    from tools.model import Extracted, Json, Level

ABSENT: Final = object()
"""Stands where a language has no value at all; a null is a value."""

_LOCALE_SEGMENT: Final = re.compile(r"^((?:https?://[^/]+)?)/[a-z]{2}(?:-[a-z]+)?(?=/|$)", re.IGNORECASE)


def translations(extracted: Sequence[Extracted], precedence: Sequence[str]) -> Iterator[dict[str, Extracted]]:
    """Every page as its translations by locale, locales in order of precedence, pages by name."""
    ranks = {locale: rank for rank, locale in enumerate(precedence)}
    stems: dict[str, dict[str, Extracted]] = {}
    for item in sorted(extracted, key=lambda item: (ranks.get(item.page.locale, len(ranks)), item.page.path)):
        stems.setdefault(item.page.stem, {})[item.page.locale] = item
    for _, sides in sorted(stems.items()):
        yield sides


@dataclass(frozen=True, kw_only=True, slots=True)
class Votes:
    """Locales grouped by what they say. `most` is the largest group, of equals the one of highest precedence."""

    most: tuple[str, ...]
    odd: tuple[tuple[str, ...], ...]

    @property
    def odd_locales(self) -> tuple[str, ...]:
        """Every locale outside the largest group."""
        return tuple(locale for group in self.odd for locale in group)


def vote(values: Mapping[str, str]) -> Votes:
    """Group locales by a text that is equal for equal values."""
    groups: dict[str, list[str]] = {}
    for locale, value in values.items():
        groups.setdefault(value, []).append(locale)
    most = max(groups.values(), key=len)  # the first of the largest
    return Votes(most=tuple(most), odd=tuple(tuple(group) for group in groups.values() if group is not most))


def text_of(value: Json) -> str:
    """Equal for equal JSON: 1 is not true, and 1.0 is 1 (the exporter drops the point)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if "." not in text:
        return text
    whole = json.loads(
        text, parse_float=lambda digits: int(float(digits)) if float(digits).is_integer() else float(digits)
    )
    return json.dumps(whole, sort_keys=True, ensure_ascii=False)


def neutral(value: Json, locale: str) -> Json:
    """A link without the locale it leads into: `/ko/api-manual/x` and `/ja/api-manual/x` are the same."""
    if isinstance(value, str) and (value.startswith("/") or "://" in value):
        found = _LOCALE_SEGMENT.match(value)
        if found is not None:
            return f"{found[1]}/*{value[found.end() :]}"
        return re.sub(rf"/{re.escape(locale)}(?=/|$)", "/*", value, count=1)
    return value


def foreign(value: Json) -> bool:
    """Whether letters outside ASCII stand anywhere in a value, member names included."""
    if isinstance(value, str):
        return any(not letter.isascii() and letter.isalpha() for letter in value)
    if is_object(value):
        return any(foreign(name) or foreign(item) for name, item in value.items())
    return is_array(value) and any(foreign(item) for item in value)


def named(locales: Iterable[str]) -> str:
    """`en`, `en and cn`, `en, cn and ja`."""
    *first, last = locales
    return f"{', '.join(first)} and {last}" if first else last


_LINE: Final = 80


def short(value: Json) -> str:
    """A value on one line."""
    text = value if isinstance(value, str) and "\n" not in value and len(value) < _LINE else text_of(value)
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"


def language_change(
    rule: str,
    message: str,
    places: Mapping[str, Place],
    votes: Votes,
    *,
    before: Json = None,
    after: Json = None,
    level: Level | None = None,
) -> Change:
    """A difference between languages: `old` is on a page of the majority, `new` on the odd one's.

    The message ends with the line on every page, because a change has room for two places only.
    """
    lines = ", ".join(f"{locale}:{place.line}" for locale, place in places.items() if place.line is not None)
    old = places[votes.most[0]]
    return Change(
        rule=rule,
        level=BY_ID[rule].level if level is None else level,
        axis="language",
        pointer=old.pointer or "",
        message=f"{message} ({lines})" if lines else message,
        old=old,
        new=places[votes.odd_locales[0]],
        before=before,
        after=after,
        locales=votes.odd_locales,
    )
