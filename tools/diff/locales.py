"""Translations of one page must state the same structure; their words may differ.

Each translation is compared with the one of the first locale by precedence: when all equal that one, all equal each
other, and the work stays linear. Prose (see `tools.schema.prose`) and links into the docs of a locale are not compared.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeGuard

from tools.model import Change
from tools.schema.pointers import join, split
from tools.schema.prose import DATA, NAMED, split_prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Extracted, Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """How grave a difference is, and how to say it: `name`, `before`, `after`, `base` and `other` are filled in."""

    level: Literal["error", "warning", "info"]
    wording: str


RULES: Final[Mapping[str, Rule]] = {
    "constraint-differs": Rule(level="error", wording="{name} is {after} in {other}, {before} in {base}"),
    "default-differs": Rule(level="error", wording="the default is {after} in {other}, {before} in {base}"),
    "enum-differs": Rule(level="error", wording="the listed values are {after} in {other}, {before} in {base}"),
    "member-added": Rule(level="error", wording="{other} has {name}, {base} has not"),
    "member-missing": Rule(level="error", wording="{base} has {name}, {other} has not"),
    "page-kind-differs": Rule(level="error", wording="the page is {after} in {other}, {before} in {base}"),
    "reference-differs": Rule(level="error", wording="it refers to {after} in {other}, to {before} in {base}"),
    "required-differs": Rule(level="error", wording="required are {after} in {other}, {before} in {base}"),
    "type-differs": Rule(level="error", wording="the type is {after} in {other}, {before} in {base}"),
    "value-differs": Rule(level="error", wording="{name} is {after} in {other}, {before} in {base}"),
}
"""Every difference this module can report. Ids are never renamed and never used for something else."""

_BY_MEMBER: Final[Mapping[str, str]] = {
    "$ref": "reference-differs",
    "default": "default-differs",
    "enum": "enum-differs",
    "required": "required-differs",
    "type": "type-differs",
    **dict.fromkeys(
        (
            "const", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maxProperties",
            "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "nullable", "pattern",
            "uniqueItems",
        ),
        "constraint-differs",
    ),
}  # fmt: skip

_SETS: Final = frozenset({"enum", "required", "type"})
"""Lists whose order says nothing."""


def compare_locales(extracted: Sequence[Extracted], *, precedence: Sequence[str] = ()) -> tuple[Change, ...]:
    """Every structural difference between a page and its translations, by page, then locale, then document order."""
    return tuple(
        change
        for base, others in _translations(extracted, precedence)
        for other in others
        for change in _compare(base, other)
    )


def count_translations(extracted: Sequence[Extracted]) -> int:
    """How many pages exist in more than one locale."""
    return sum(1 for _, others in _translations(extracted, ()) if others)


def _translations(
    extracted: Sequence[Extracted], precedence: Sequence[str]
) -> Iterator[tuple[Extracted, list[Extracted]]]:
    ranks = {locale: rank for rank, locale in enumerate(precedence)}
    stems: dict[str, list[Extracted]] = {}
    for item in sorted(extracted, key=lambda item: (ranks.get(item.page.locale, len(ranks)), item.page.path)):
        stems.setdefault(item.page.stem, []).append(item)
    for _, (base, *others) in sorted(stems.items()):
        yield base, others


def _compare(base: Extracted, other: Extracted) -> Iterator[Change]:
    if base.kind != other.kind or (base.document is None) != (other.document is None):
        before, after = (f"{item.kind}{'' if item.document else ' without operation'}" for item in (base, other))
        yield _change("page-kind-differs", _Pair(old="", new="", before=before, after=after), base, other)
        return
    stack = [_Pair(old="", new="", before=_structure(base), after=_structure(other))]
    while stack:  # not recursive: depth is the page's to choose
        pair = stack.pop()
        if _is_object(pair.before) and _is_object(pair.after) and not pair.whole:
            stack.extend(reversed(list(_members(pair, pair.before, pair.after))))
        elif _is_list(pair.before) and _is_list(pair.after) and not pair.whole:
            stack.extend(reversed(list(_items(pair, pair.before, pair.after))))
        elif pair.before is _ABSENT:
            yield _change("member-added", pair, base, other)
        elif pair.after is _ABSENT:
            yield _change("member-missing", pair, base, other)
        elif not _same(pair, base, other):
            yield _change(_BY_MEMBER.get(pair.member, "value-differs"), pair, base, other)


_ABSENT: Final = object()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """Two values to compare, with the pointer of each.

    `names`: the members of both are names people chose, not fixed fields; `whole`: data, compared as one.
    """

    old: str
    new: str
    before: Json
    after: Json
    names: bool = False
    whole: bool = False

    @property
    def member(self) -> str:
        return split(self.old)[-1] if self.old else ""


def _members(pair: _Pair, before: JsonObject, after: JsonObject) -> Iterator[_Pair]:
    for key in dict.fromkeys((*before, *after)):
        yield _Pair(
            old=join(pair.old, key),
            new=join(pair.new, key),
            before=before.get(key, _ABSENT),
            after=after.get(key, _ABSENT),
            names=not pair.names and key in NAMED,
            whole=not pair.names and key in DATA | _SETS,
        )


def _items(pair: _Pair, before: list[Json], after: list[Json]) -> Iterator[_Pair]:
    """Parameters meet by place and name, whatever their order; everything else by position."""
    mine, theirs = _keyed(before), _keyed(after)
    for key in dict.fromkeys((*mine, *theirs)):
        index, old = mine.get(key, (None, _ABSENT))
        other_index, new = theirs.get(key, (None, _ABSENT))
        old_at = index if index is not None else other_index or 0
        new_at = other_index if other_index is not None else old_at
        yield _Pair(old=join(pair.old, old_at), new=join(pair.new, new_at), before=old, after=new)


def _keyed(items: list[Json]) -> dict[str, tuple[int | None, Json]]:
    """The items under their name where all are parameters with a name of their own, else under their position."""
    names = [f"{item.get('in')} {item.get('name')}" if _is_object(item) else "" for item in items]
    named = all(_is_object(item) and "in" in item and "name" in item for item in items)
    if named and len(set(names)) == len(names):
        return {name: (index, item) for index, (name, item) in enumerate(zip(names, items, strict=True))}
    return {str(index): (index, item) for index, item in enumerate(items)}


def _structure(item: Extracted) -> Json:
    return split_prose(item.document)[0]


def _same(pair: _Pair, base: Extracted, other: Extracted) -> bool:
    before, after = pair.before, pair.after
    if pair.member in _SETS and _is_list(before) and _is_list(after):
        return sorted(map(_text, before)) == sorted(map(_text, after))
    if _text(before) == _text(after):
        return True
    return _text(_neutral(before, base.page.locale)) == _text(_neutral(after, other.page.locale))


def _neutral(value: Json, locale: str) -> Json:
    """A link without the locale it leads into: `/ko/api-manual/x` and `/ja/api-manual/x` are the same."""
    if isinstance(value, str) and (value.startswith("/") or "://" in value):
        return re.sub(rf"/{re.escape(locale)}(?=/|$)", "/*", value, count=1)
    return value


def _text(value: Json) -> str:
    """Equal for equal JSON: 1 is not true, and 1.0 is 1 (the exporter drops the point)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if "." not in text:
        return text
    whole = json.loads(
        text, parse_float=lambda digits: int(float(digits)) if float(digits).is_integer() else float(digits)
    )
    return json.dumps(whole, sort_keys=True, ensure_ascii=False)


def _change(rule: str, pair: _Pair, base: Extracted, other: Extracted) -> Change:
    row = RULES[rule]
    before, after = (None if value is _ABSENT else value for value in (pair.before, pair.after))
    message = row.wording.format(
        name=repr(pair.member),
        before=_short(before),
        after=_short(after),
        base=base.page.locale,
        other=other.page.locale,
    )
    return Change(
        rule=rule,
        level=row.level,
        pointer=pair.old,
        message=message,
        old=base.place(pair.old),
        new=other.place(pair.new),
        before=before,
        after=after,
    )


_LINE: Final = 80


def _short(value: Json) -> str:
    text = value if isinstance(value, str) and "\n" not in value and len(value) < _LINE else _text(value)
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"


def _is_object(value: Json) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def _is_list(value: Json) -> TypeGuard[list[Json]]:
    return isinstance(value, list)
