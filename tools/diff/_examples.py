"""Examples in another language are welcome; their property names, closed values, model ids and URLs are not words."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from tools.diff._sides import foreign, language_change, named, neutral, short, text_of, vote
from tools.schema.pointers import join, resolve, split
from tools.schema.prose import split_prose
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.model import Change, Extracted, Json, JsonObject

_IDENTIFIERS: Final = frozenset({"model", "object", "code", "status"})
"""Members that name something wherever they stand, with or without an enum."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sample:
    """One value of an example in all languages; `schema` is what the first of them says of it."""

    at: Mapping[str, str]
    values: Mapping[str, Json]
    schema: JsonObject
    root: Json


def examples(sides: Mapping[str, Extracted]) -> Iterator[Change]:
    """What differs between the examples of one page and should not."""
    prose = {locale: split_prose(item.document)[1] for locale, item in sides.items() if item.document is not None}
    pointers: dict[str, None] = {}
    for texts in prose.values():
        pointers |= dict.fromkeys(at for at in texts if at.rpartition("/")[2] in {"example", "examples"})
    for pointer in pointers:
        values = {locale: texts[pointer] for locale, texts in prose.items() if pointer in texts}
        if len(values) > 1:
            yield from _compare(_samples(pointer, values, sides), sides)


def _samples(pointer: str, values: Mapping[str, Json], sides: Mapping[str, Extracted]) -> Iterator[_Sample]:
    """The examples at one place: by name where all languages name them alike, else by order."""
    first = next(iter(values))
    root = sides[first].document
    holder: Json = resolve(root, pointer.rpartition("/")[0])
    told: Json = holder.get("schema", holder)
    schema: JsonObject = told if is_object(told) else {}
    if split(pointer)[-1] == "example":
        yield _Sample(at=dict.fromkeys(values, pointer), values=values, schema=schema, root=root)
        return
    lists = {locale: list(_listed(pointer, value)) for locale, value in values.items()}
    if len({len(rows) for rows in lists.values()}) > 1:
        return  # Each language shows its own choice: which meets which, nobody can tell.
    named_alike = len({frozenset(name for name, _, _ in rows) for rows in lists.values()}) == 1
    for row in zip(*(sorted(rows, key=itemgetter(0)) if named_alike else rows for rows in lists.values()), strict=True):
        at = {locale: place for locale, (_, place, _) in zip(lists, row, strict=True)}
        found = {locale: value for locale, (_, _, value) in zip(lists, row, strict=True)}
        yield _Sample(at=at, values=found, schema=schema, root=root)


def _listed(pointer: str, value: Json) -> Iterator[tuple[str, str, Json]]:
    """Name, pointer and value of each example."""
    if is_array(value):
        yield from ((str(at), join(pointer, at), one) for at, one in enumerate(value))
    elif is_object(value):
        for name, one in value.items():
            if is_object(one) and "value" in one:
                yield name, join(pointer, name, "value"), one["value"]


def _compare(samples: Iterator[_Sample], sides: Mapping[str, Extracted]) -> Iterator[Change]:
    stack = list(samples)[::-1]
    while stack:
        sample = stack.pop()
        values = sample.values
        if all(map(is_object, values.values())):
            names = _names(sample)
            if len({frozenset(value) for value in values.values()}) > 1:
                yield _named_otherwise(sample, names, sides)
            stack.extend(reversed(list(_members(sample, names))))
        elif all(map(is_array, values.values())):
            stack.extend(reversed(list(_items(sample))))
        else:
            yield from _leaf(sample, sides)


def _names(sample: _Sample) -> list[str]:
    names: dict[str, None] = {}
    for value in sample.values.values():
        names |= dict.fromkeys(value)
    return list(names)


def _named_otherwise(sample: _Sample, names: list[str], sides: Mapping[str, Extracted]) -> Change:
    votes = vote({locale: text_of(sorted(value)) for locale, value in sample.values.items()})
    most, odd = (set(sample.values[group[0]]) for group in (votes.most, votes.odd[0]))
    own, lacks = ([name for name in names if name in one - other] for one, other in ((odd, most), (most, odd)))
    translated = any(map(foreign, own))
    parts = [f"has {', '.join(map(repr, own))}" if own else "", f"lacks {', '.join(map(repr, lacks))}" if lacks else ""]
    message = f"the example in {named(votes.odd[0])} {' and '.join(filter(None, parts))}, unlike {named(votes.most)}"
    places = {locale: sides[locale].place(at) for locale, at in sample.at.items()}
    if translated:
        return language_change(
            "locale-example-translated", message, places, votes, before=lacks or None, after=own or None
        )
    return language_change("locale-example-differs", message, places, votes, before=lacks or None, after=own or None)


def _members(sample: _Sample, names: list[str]) -> Iterator[_Sample]:
    schema = _resolved(sample.schema, sample.root)
    properties: Json = schema.get("properties")
    for name in names:
        having = {locale: value[name] for locale, value in sample.values.items() if name in value}
        if len(having) > 1:
            told: Json = properties.get(name, {}) if is_object(properties) else {}
            yield _Sample(
                at={locale: join(sample.at[locale], name) for locale in having},
                values=having,
                schema=told if is_object(told) else {},
                root=sample.root,
            )


def _items(sample: _Sample) -> Iterator[_Sample]:
    schema = _resolved(sample.schema, sample.root)
    told: Json = schema.get("items", {})
    for index in range(min(map(len, sample.values.values()))):
        yield _Sample(
            at={locale: join(at, index) for locale, at in sample.at.items()},
            values={locale: value[index] for locale, value in sample.values.items()},
            schema=told if is_object(told) else {},
            root=sample.root,
        )


_REFERENCES: Final = 16


def _resolved(schema: JsonObject, root: Json) -> JsonObject:
    """The schema behind references; a circle of them ends in nothing."""
    for _ in range(_REFERENCES):
        reference: Json = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        try:
            target: Json = resolve(root, reference)
        except KeyError:
            return {}
        if not is_object(target):
            return {}
        schema = target
    return {}


def _leaf(sample: _Sample, sides: Mapping[str, Extracted]) -> Iterator[Change]:
    keys = {locale: text_of(neutral(value, locale)) for locale, value in sample.values.items()}
    if len(set(keys.values())) == 1:
        return
    votes = vote(keys)
    most = sample.values[votes.most[0]]
    member = split(next(iter(sample.at.values())))[-1]
    schema = _resolved(sample.schema, sample.root)
    closed = "enum" in schema or "const" in schema or member in _IDENTIFIERS
    address = isinstance(most, str) and most.startswith(("http://", "https://", "/"))
    if all(isinstance(value, str) for value in sample.values.values()) and not closed and not address:
        return  # words: each language its own
    odd = {locale: sample.values[locale] for locale in votes.odd_locales}
    translated = not foreign(most) and any(map(foreign, odd.values()))
    said = ", ".join(f"{short(sample.values[group[0]])} in {named(group)}" for group in (*votes.odd, votes.most))
    places = {locale: sides[locale].place(at) for locale, at in sample.at.items()}
    after = next(iter(odd.values()))
    if translated:
        message = f"{member!r} of an example is translated: {said}"
        yield language_change("locale-example-translated", message, places, votes, before=most, after=after)
    elif closed:
        message = f"{member!r} of an example is {said}"
        yield language_change("locale-example-differs", message, places, votes, before=most, after=after)
