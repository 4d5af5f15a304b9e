"""For each keyword with a value of its own: which of two values admits more."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from ._facts import STRING_FORMATS
from ._words import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Json

    from ._model import Verdict

Ordered: TypeAlias = "tuple[Verdict, str]"

_WITHIN: dict[str, frozenset[str]] = {
    "uri": frozenset({"uri-reference", "iri", "iri-reference"}),
    "uri-reference": frozenset({"iri-reference"}),
    "iri": frozenset({"iri-reference"}),
    "email": frozenset({"idn-email"}),
    "hostname": frozenset({"idn-hostname"}),
    "float": frozenset({"double"}),
    "byte": frozenset({"binary"}),
}
"""Formats whose every value is a value of the others too."""

NO_MEANING = frozenset({"password"})
"""Formats that only tell a user interface what to do."""


def _more_is_narrower(before: Json, after: Json) -> Ordered:
    if before is None or after is None:
        return ("narrower" if before is None else "wider"), ""
    return ("narrower" if after > before else "wider"), ""


def _less_is_narrower(before: Json, after: Json) -> Ordered:
    if before is None or after is None:
        return ("narrower" if before is None else "wider"), ""
    return ("narrower" if after < before else "wider"), ""


def _multiples(before: frozenset[Fraction] | None, after: frozenset[Fraction] | None) -> Ordered:
    old, new = before or frozenset(), after or frozenset()
    narrower = all(any((step / wide).denominator == 1 for step in new) for wide in old)
    wider = all(any((step / wide).denominator == 1 for step in old) for wide in new)
    if narrower and wider:
        return "equal", ""
    return ("narrower" if narrower else "wider" if wider else "incomparable"), ""


def _patterns(before: frozenset[str] | None, after: frozenset[str] | None) -> Ordered:
    old, new = before or frozenset(), after or frozenset()
    if old < new:
        return "narrower", ""
    if new < old:
        return "wider", ""
    return _sampled(old, new)


def _sampled(old: frozenset[str], new: frozenset[str]) -> Ordered:
    """Patterns are compared as text; strings that only one of them matches show at least that they differ."""
    from ._patterns import accepted, strings

    lost = won = False
    for text in [text for pattern in sorted(old | new) for text in strings(pattern)]:
        mine, other = accepted(old, text), accepted(new, text)
        lost, won = lost or (mine and not other), won or (other and not mine)
    return ("incomparable", "") if lost and won else ("unknown", "patterns are compared as text")


def _words(before: frozenset[str] | None, after: frozenset[str] | None) -> Ordered:
    old, new = before or frozenset(), after or frozenset()
    if old < new:
        return "narrower", ""
    return ("wider" if new < old else "incomparable"), ""


def _formats(before: frozenset[str] | None, after: frozenset[str] | None) -> Ordered:
    old, new = (before or frozenset()) - NO_MEANING, (after or frozenset()) - NO_MEANING
    if old == new:
        return "equal", ""
    if old < new:
        return "narrower", ""
    if new < old:
        return "wider", ""
    if len(old) == len(new) == 1:
        one, two = next(iter(old)), next(iter(new))
        if one in BOUNDS and two in BOUNDS:
            mine, other = BOUNDS[one], BOUNDS[two]
            if mine[0] <= other[0] and other[1] <= mine[1]:
                return "narrower", ""
            return ("wider" if other[0] <= mine[0] and mine[1] <= other[1] else "incomparable"), ""
        if two in _WITHIN.get(one, ()):
            return "wider", ""
        if one in _WITHIN.get(two, ()):
            return "narrower", ""
        if one in STRING_FORMATS and two in STRING_FORMATS:
            return "incomparable", ""
    return "unknown", "nobody says how these formats relate"


def _flag(before: Json, after: Json) -> Ordered:
    return ("narrower" if after and not before else "wider"), ""


ORDERS: dict[str, Callable[[Json, Json], Ordered]] = {
    "integer": _flag,
    "minimum": _more_is_narrower,
    "maximum": _less_is_narrower,
    "multipleOf": _multiples,
    "minLength": _more_is_narrower,
    "maxLength": _less_is_narrower,
    "pattern": _patterns,
    "format": _formats,
    "contentEncoding": _words,
    "contentMediaType": _words,
    "minItems": _more_is_narrower,
    "maxItems": _less_is_narrower,
    "uniqueItems": _flag,
    "minProperties": _more_is_narrower,
    "maxProperties": _less_is_narrower,
}


def shown(keyword: str, before: Json, after: Json) -> tuple[str, Json, Json]:
    """The keyword and its values as people write them."""
    if keyword == "integer":
        return "type", "integer" if before else "number", "integer" if after else "number"
    if keyword in {"minimum", "maximum"}:
        exclusive = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}[keyword]
        names = [None if bound is None else exclusive if bound[1] == (keyword == "minimum") else keyword
                 for bound in (before, after)]  # fmt: skip
        first, second = (None if bound is None else bound[0] for bound in (before, after))
        if None in names or names[0] == names[1]:
            return names[0] or names[1] or keyword, first, second
        return keyword, {str(names[0]): first}, {str(names[1]): second}
    return keyword, _listed(before), _listed(after)


def _listed(value: Json) -> Json:
    if not isinstance(value, frozenset):
        return value
    items: list[Json] = [_number(item) if isinstance(item, Fraction) else item for item in sorted(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return items[0] if len(items) == 1 else items


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
