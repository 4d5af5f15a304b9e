"""Arrays and objects around the bounds of several alternatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.shapes import is_object

from ._patterns import strings
from ._samples import NOTHING, Sampler
from ._words import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json

    from ._around import Around
    from ._parts import Part

    Placed = tuple[Sampler, Part]

_PLACES = 12
_NAMES = 60
_VALUES = 30


def arrays(around: Around, placed: list[Placed], depth: int) -> Iterator[Json]:
    """Arrays of every length near a bound, with every element that one side might mind."""
    lengths = _lengths(placed)
    for sampler, part in placed:
        if part.values is not None:
            continue
        width = max((len(item.prefix) for item in part.sequences), default=0)
        for length in sorted({*lengths, width, width + 1}):
            yield from _filled(sampler, part, length)
        least = part.facts["minItems"].value if "minItems" in part.facts else 0
        for place in range(min(width + 1, _PLACES)):
            for value in around.values([two.element(place) for _, two in placed], placed, depth):
                made = sampler.array(part, max(place + 1, least), 0, {place: value})
                yield from () if made is NOTHING else (made,)
        for item in part.contains:
            value = sampler.minimal((item.cell,))
            yield from () if value is NOTHING else ([value] * length for length in sorted(lengths))


def _filled(sampler: Sampler, part: Part, length: int) -> Iterator[Json]:
    made = sampler.array(part, length, 0)
    if made is NOTHING:
        return
    yield made
    if length:
        from ._around import distinct

        yield [made[0]] * length
        yield distinct(sampler.several(part.element(0), 0, length))[:length]


def _lengths(placed: list[Placed]) -> set[int]:
    lengths = {0, 1, 2, 3}
    for _, part in placed:
        for keyword in ("minItems", "maxItems"):
            if keyword in part.facts:
                bound = part.facts[keyword].value
                lengths |= {max(bound - 1, 0), bound, bound + 1}
        for item in part.contains:
            lengths |= {item.least, item.least + 1}
            lengths |= {item.most, item.most + 1} if item.most is not None else set[int]()
    return {length for length in lengths if length <= MEMBERS}


def objects(around: Around, placed: list[Placed], depth: int) -> Iterator[Json]:
    """The smallest and the fullest object of each alternative, and both with one member more, less or other."""
    names, counts = _names(placed), _counts(placed)
    for sampler, part in placed:
        base: Json = NOTHING if part.values is not None else sampler.object(part, {}, 0)
        if not is_object(base):
            continue
        yield from _without(base)
        filled = {name: sampler.minimal(part.property(name), 1) for name in names}
        full = {**base, **{name: value for name, value in filled.items() if value is not NOTHING}}
        yield full
        yield from _without(full)
        for name, value in filled.items():  # with whatever its presence demands
            made = NOTHING if value is NOTHING else sampler.object(part, {name: value}, 0)
            yield from () if made is NOTHING else (made,)
        for count in counts:
            made = sampler.padded(part, dict(base), count, 0)
            yield from () if made is NOTHING else (made,)
        for name in [*names, "other"]:
            for value in around.values([two.property(name) for _, two in placed], placed, depth + 1)[:_VALUES]:
                yield {**base, name: value}


def _without(whole: dict[str, Json]) -> Iterator[Json]:
    for name in whole:
        yield {other: value for other, value in whole.items() if other != name}


def _names(placed: list[Placed]) -> list[str]:
    names: dict[str, None] = {}
    for _, part in placed:
        for rule in part.rules:
            names |= dict.fromkeys(rule.properties)
            names |= dict.fromkeys(text for pattern in rule.patterns for text in strings(pattern)[:3])
        for keyword in ("required", "dependentRequired"):
            if keyword in part.facts:
                names |= dict.fromkeys(sorted(part.facts[keyword].value))
        names |= dict.fromkeys(residue.member for residue in part.residue if residue.member)
    return list(names)[:_NAMES]


def _counts(placed: list[Placed]) -> list[int]:
    bounds = [
        part.facts[keyword].value
        for _, part in placed
        for keyword in ("minProperties", "maxProperties")
        if keyword in part.facts
    ]
    return sorted({max(bound + step, 0) for bound in bounds for step in (-1, 0, 1)})
