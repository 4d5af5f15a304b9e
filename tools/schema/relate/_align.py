"""Which alternative of the old side is which of the new one: by discriminator value, title, name, content, order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ._parts import covers
from ._plain import compare_parts

if TYPE_CHECKING:
    from ._memo import Memo
    from ._model import Verdict
    from ._parts import Part

_TRIES = 400
"""How many pairs of leftover alternatives are related in full."""


@dataclass(frozen=True, slots=True)
class _Matching:
    old: list[Part]
    new: list[Part]
    matched: dict[int, int] = field(default_factory=dict[int, int])
    taken: set[int] = field(default_factory=set[int])

    def take(self, index: int, other: int) -> None:
        self.matched[index] = other
        self.taken.add(other)

    def open_pairs(self) -> list[tuple[int, int]]:
        """Leftovers of both sides that may be one, each with each."""
        return [
            (index, other)
            for index, part in enumerate(self.old)
            if index not in self.matched
            for other, candidate in enumerate(self.new)
            if other not in self.taken and not _differently_tagged(part, candidate)
        ]

    def by_key(self, attribute: str) -> None:
        places: dict[tuple[str, ...], list[int]] = {}
        for other, part in enumerate(self.new):
            key = _key(part, attribute)
            if key is not None and other not in self.taken:
                places.setdefault(key, []).append(other)
        for index, part in enumerate(self.old):
            key = _key(part, attribute)
            free = [other for other in places.get(key, []) if other not in self.taken] if key is not None else []
            if index not in self.matched and free and not _differently_tagged(part, self.new[free[0]]):
                self.take(index, free[0])

    def by_order(self) -> None:
        if len(self.old) != len(self.new):
            return
        rest_old = [index for index in range(len(self.old)) if index not in self.matched]
        rest_new = [other for other in range(len(self.new)) if other not in self.taken]
        for index, other in zip(rest_old, rest_new, strict=True):
            if not _differently_tagged(self.old[index], self.new[other]):
                self.take(index, other)


def align(memo: Memo, old: list[Part], new: list[Part]) -> tuple[list[tuple[Part, Part]], list[Part], list[Part]]:
    """Matched pairs, and what is left of either side."""
    matching = _Matching(old, new)
    if len(old) == 1 and len(new) == 1:
        matching.by_order()
    else:
        for attribute in ("tag", "title", "name"):
            matching.by_key(attribute)
        for index, other in matching.open_pairs():
            free = index not in matching.matched and other not in matching.taken
            if free and covers(old[index], new[other]) and covers(new[other], old[index]):
                matching.take(index, other)
        for index, other in matching.open_pairs()[:_TRIES]:
            free = index not in matching.matched and other not in matching.taken
            if free and verdict_of(memo, old[index], new[other]) == "equal":
                matching.take(index, other)
        matching.by_order()
    pairs = [(old[index], new[matching.matched[index]]) for index in sorted(matching.matched)]
    removed = [part for index, part in enumerate(old) if index not in matching.matched]
    added = [part for other, part in enumerate(new) if other not in matching.taken]
    return pairs, removed, added


def _key(part: Part, attribute: str) -> tuple[str, ...] | None:
    keys = [getattr(origin, attribute) for origin in part.origins]
    return tuple(keys) if keys and all(keys) else None


def _differently_tagged(one: Part, two: Part) -> bool:
    mine, other = _key(one, "tag"), _key(two, "tag")
    return mine is not None and other is not None and mine != other


def verdict_of(memo: Memo, old: Part, new: Part) -> Verdict:
    """The relation of two alternatives, now."""
    from ._pair import Pair

    trial = Pair((), (), expanded=True)
    compare_parts(memo, trial, old, new)
    verdict = memo.relation(trial).verdict
    return "unknown" if trial.doubtful and verdict != "equal" else verdict
