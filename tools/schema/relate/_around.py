"""Candidates for one pair of schemas: instances on which its two sides may disagree."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tools.schema.canonical import canonical
from tools.schema.shapes import is_array

from ._patterns import strings
from ._samples import FORMATS, GENERIC, NOTHING, Sampler, numbers, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.model import Json

    from ._memo import Memo
    from ._model import Difference
    from ._parts import Part
    from ._side import Conjunction

    Placed = tuple[Sampler, Part]

PARTS = 24
"""Alternatives of one type that are looked at, per side."""
NAMES = 60
LOOKED = 600
"""Candidates of a condition that are made, of which those of the right type count."""
DEPTH = 2
"""Values of values: how deep variation goes."""


class Around:
    """The candidate maker of one pair of documents."""

    def __init__(self, memo: Memo) -> None:
        self.memo = memo
        self.old = Sampler(memo.old, memo.old_normal)
        self.new = Sampler(memo.new, memo.new_normal)

    def candidates(
        self, old: Conjunction, new: Conjunction, hint: Difference | None, *, depth: int = 0
    ) -> Iterator[Json]:
        """Instances in order of promise: what the difference speaks of, then minimal ones, then everything near."""
        placed = self._placed(old, new)
        if hint is not None:
            yield from self._focused(placed, hint, depth)
        for sampler, part in placed:
            yield from made(sampler.some(part))
        if depth < DEPTH:
            yield from self._conditions(placed, depth)
        facts = [{name: fact.value for name, fact in part.facts.items()} for _, part in placed]
        kinds = {part.kind for _, part in placed}
        if "number" in kinds:
            yield from numbers(facts)
        if "string" in kinds:
            yield from texts(facts)
        if depth <= DEPTH:
            from ._containers import arrays, objects

            yield from arrays(self, [item for item in placed if item[1].kind == "array"], depth)
            yield from objects(self, [item for item in placed if item[1].kind == "object"], depth)
        yield from GENERIC

    def values(self, wanted: Sequence[Conjunction], placed: list[Placed], depth: int) -> list[Json]:
        """Values one member may take, as either side might think of it; `wanted` goes with `placed`."""
        both = list(zip(wanted, placed, strict=True))
        old = list(dict.fromkeys(cells for cells, (sampler, _) in both if sampler is self.old)) or [()]
        new = list(dict.fromkeys(cells for cells, (sampler, _) in both if sampler is self.new)) or [()]
        found: list[Json] = []
        if depth < DEPTH:
            for mine in old[:2]:
                for other in new[:2]:
                    found += islice(self.candidates(mine, other, None, depth=depth + 1), NAMES)
        return distinct([*found, *GENERIC])[: 2 * NAMES]

    def _placed(self, old: Conjunction, new: Conjunction) -> list[Placed]:
        mine, other = self.memo.old_normal.normal(old), self.memo.new_normal.normal(new)
        placed: list[Placed] = []
        for kind in dict.fromkeys([*mine.kinds, *other.kinds]):
            placed += [(self.old, part) for part in mine.kinds.get(kind, ())[:PARTS]]
            placed += [(self.new, part) for part in other.kinds.get(kind, ())[:PARTS]]
        return placed

    def _focused(self, placed: list[Placed], hint: Difference, depth: int) -> Iterator[Json]:
        if hint.keyword in {"enum", "const"}:
            for value in (hint.before, hint.after):
                yield from value if is_array(value) and hint.member is None else (value,)
        elif hint.keyword == "format":
            yield from _formatted(hint)
        elif hint.keyword in {"anyOf", "oneOf"}:
            yield from self._branch(placed, hint, depth)
        else:
            objects = [(sampler, part) for sampler, part in placed if part.kind == "object" and part.values is None]
            yield from self._object(objects, hint, depth)

    def _object(self, objects: list[Placed], hint: Difference, depth: int) -> Iterator[Json]:
        name = hint.member or ""
        if hint.keyword == "required":
            yield from made([sampler.object(part, {}, 0, without=name) for sampler, part in objects])
            # What a side lists in full may be the only way to make the object at all.
            yield from made([sampler.object(part, {}, 0) for sampler, part in objects])
        elif hint.keyword == "properties":
            yield from self._with(objects, name, depth)
        elif hint.keyword == "patternProperties":
            for text in strings(name):
                yield from self._with(objects, text, depth)
        elif hint.keyword in {"additionalProperties", "unevaluatedProperties"}:
            yield from self._with(objects, "other", depth)

    def _branch(self, placed: list[Placed], hint: Difference, depth: int) -> Iterator[Json]:
        """Instances of the union member that only one side has."""
        from ._containers import objects

        sampler, at = (self.old, hint.old) if hint.after is None else (self.new, hint.new)
        for owner, part in placed:
            if owner is sampler and any(origin.at == at and origin.label == hint.member for origin in part.origins):
                yield from made(sampler.some(part))
                if part.kind == "object":
                    yield from objects(self, [(sampler, part)], depth)

    def _conditions(self, placed: list[Placed], depth: int) -> Iterator[Json]:
        """Instances of what is excluded, asked or demanded elsewhere, alone and with the members the part needs."""
        cells = [(sampler, part, one, item) for sampler, part in placed for one in part.residue for item in one.cells]
        for sampler, part, one, item in cells[:PARTS]:
            mine: Conjunction = (item,) if sampler is self.old else ()
            other: Conjunction = () if mine else (item,)
            near = islice(self.candidates(mine, other, None, depth=depth + 1), LOOKED)
            for value in islice((value for value in near if sampler.concerns(part, one, value)), NAMES):
                yield value
                yield from made([sampler.fulfilled(part, one, value)] if part.kind == "object" else [])

    def _with(self, objects: list[Placed], name: str, depth: int) -> Iterator[Json]:
        """Objects that carry one property, with whatever value one of the sides might think of."""
        values = self.values([part.property(name) for _, part in objects], objects, depth)
        for sampler, part in objects:
            for value in values:
                yield from made([sampler.object(part, {name: value}, 0)])


def made(values: list[Json]) -> list[Json]:
    """Those that could be made."""
    return [value for value in values if value is not NOTHING]


def distinct(values: list[Json]) -> list[Json]:
    """Each value once, in order."""
    return list({canonical(value): value for value in values}.values())


def _formatted(hint: Difference) -> Iterator[Json]:
    for value in (hint.before, hint.after):
        for word in value if is_array(value) else [value]:
            yield from FORMATS.get(str(word), ())
    for samples in FORMATS.values():
        yield from samples
    yield "not a format"
