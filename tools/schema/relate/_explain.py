"""Whether one difference alone makes an instance refused: what its neighbours refuse proves nothing of it.

The accepting side is thought with this one difference applied at its place. Whatever else of that side takes the
instance, there or on the way there, would take it then too, and the difference would explain nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.canonical import canonical
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

from ._demand import demanded, refuses_value
from ._model import kind_of
from ._normal import conjunction_of
from ._pair import key
from ._parts import matches
from ._side import cell
from ._words import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json

    from ._memo import Memo
    from ._model import Difference
    from ._pair import Pair
    from ._parts import Part
    from ._side import Cell, Conjunction, Want
    from ._step import Step


def only(memo: Memo, pair: Pair, hint: Difference) -> bool:
    """Whether nothing else differs beneath a pair."""
    wanted = key(hint)
    return all(item.verdict == "equal" or key(item) == wanted for item in memo.relation(pair).differences)


class Explanation:
    """Explains refusals by one difference. `formats`: they count."""

    def __init__(self, memo: Memo, hint: Difference, want: Want, *, formats: bool) -> None:
        self._memo = memo
        self._hint = hint
        self._old = want == "valid-before-invalid-after"
        self._formats = formats
        self._mine, self._theirs = (memo.old, memo.new) if self._old else (memo.new, memo.old)
        self._demands: dict[tuple[Pair, int], Conjunction | None] = {}

    def explains(self, path: list[tuple[Pair, Step]], place: Pair, instance: Json) -> bool:
        """Whether the difference at `place`, the end of `path`, refuses the instance of the path's beginning."""
        values = [instance]
        ends = [place] if path else []
        for (parent, step), child in zip(path, [*(pair for pair, _ in path[1:]), *ends], strict=True):
            values = [
                inner
                for value in values
                if self._only_through(parent, step, child, value)
                for inner in self._beneath(parent, step, child, value)
            ][:MEMBERS]
        return any(self._refused(place, value) for value in values)

    def _cells(self, pair: Pair) -> tuple[Conjunction, Conjunction]:
        return (pair.old, pair.new) if self._old else (pair.new, pair.old)

    def _parts(self, old: Part | None, new: Part | None) -> tuple[Part | None, Part | None]:
        return (old, new) if self._old else (new, old)

    def _taking(self, pair: Pair, value: Json) -> list[Part]:
        """The alternatives of the accepting side that may take an instance."""
        parts = self._memo.normals(pair)[0 if self._old else 1].kinds.get(kind_of(value), ())
        return [part for part in parts if len(parts) == 1 or self._takes(part, value)]

    def _takes(self, part: Part, value: Json) -> bool:
        if part.values is not None:
            return canonical(value) in part.values
        return all(self._mine.valid((origin.branch,), value) is not False for origin in part.origins)

    # --- at the difference ---

    def _refused(self, place: Pair, value: Json) -> bool:
        if self._theirs.valid(self._cells(place)[1], value, formats=self._formats) is not False:
            return False
        if only(self._memo, place, self._hint):
            return True
        found = place.sources.get(key(self._hint))
        if found is None:
            return refuses_value(self._hint, value, accepts_old=self._old)
        sources = [self._parts(*between) for between in found]
        taking = self._taking(place, value)
        if any(
            mine is None and theirs is not None and self._doubled(theirs, taking, value) for mine, theirs in sources
        ):
            return True
        return bool(taking) and all(
            any(
                mine == part and self._denied((place, number), part, theirs, value)
                for number, (mine, theirs) in enumerate(sources)
            )
            for part in taking
        )

    def _doubled(self, added: Part, taking: list[Part], value: Json) -> bool:
        """Whether a branch that only the refusing side has is a second one of a `oneOf` for the instance."""
        if not taking or not all(any(origin.keyword == "oneOf" for origin in part.origins) for part in taking):
            return False
        return bool(added.origins) and all(
            origin.keyword == "oneOf" and self._theirs.valid((origin.branch,), value) is True
            for origin in added.origins
        )

    def _denied(self, source: tuple[Pair, int], mine: Part, theirs: Part | None, value: Json) -> bool:
        """Whether the difference between two alternatives refuses what the first of them takes."""
        if theirs is None:
            return True
        if source not in self._demands:
            demand = demanded(self._hint, mine, theirs, accepts_old=self._old)
            self._demands[source] = None if demand is None else (cell("", demand),)
        cells = self._demands[source]
        side = self._mine if self._hint.keyword in {"minContains", "maxContains"} else self._theirs
        return cells is not None and side.valid(cells, value, formats=self._formats) is False

    # --- on the way ---

    def _only_through(self, parent: Pair, step: Step, child: Pair, value: Json) -> bool:
        """Whether the accepting side takes the instance by no other way than this step."""
        through = [
            self._parts(other.old, other.new)[0]
            for other, pair in parent.children
            if pair is child and (other.role, other.name) == (step.role, step.name)
        ]
        if None in through:
            return step.role != "place" or self._no_sibling(parent, child, value)
        taking = self._taking(parent, value)
        return bool(taking) and all(part in through for part in taking)

    def _no_sibling(self, parent: Pair, child: Pair, value: Json) -> bool:
        """The same where both sides are one schema of the same text: no other branch takes the instance."""
        here, wanted = self._cells(parent)[0][0], self._cells(child)[0]

        def others(keyword: str) -> list[Cell]:
            branches: Json = here.schema.get(keyword, [])
            cells = [cell(join(here.at, keyword, index), branch) for index, branch in enumerate(branches)]
            return [item for item in cells if conjunction_of([item], self._mine) != wanted]

        if len(others("allOf")) < len(here.schema.get("allOf", ())):
            return True
        return not any(
            self._mine.valid((item,), value) is not False
            for keyword in ("anyOf", "oneOf")
            if len(others(keyword)) < len(here.schema.get(keyword, ()))
            for item in others(keyword)
        )

    def _beneath(self, parent: Pair, step: Step, child: Pair, value: Json) -> Iterator[Json]:
        """What of an instance of `parent` is one of `child`."""
        if step.role == "place":
            yield from [value] if self._asked(step, child, value) else []
        elif step.role == "element":
            yield from self._elements(parent, step, child, value) if is_array(value) else []
        elif not is_object(value):
            return
        elif step.role == "name":
            yield from value
        elif step.role == "property":
            yield from [value[str(step.name)]] if step.name in value else []
        else:
            named, patterns = self._named(parent, step)
            for name, item in value.items():
                if step.role == "pattern" and matches(str(step.name), name):
                    yield item
                if step.role == "additional" and not (
                    name in named or any(matches(pattern, name) for pattern in patterns)
                ):
                    yield item

    def _named(self, parent: Pair, step: Step) -> tuple[set[str], set[str]]:
        """The properties and the patterns that both sides' alternatives tell of."""
        if step.old is None or step.new is None:
            schema: Json = self._cells(parent)[0][0].schema
            return set(schema.get("properties", ())), set(schema.get("patternProperties", ()))
        rules = [*step.old.rules, *step.new.rules]
        return {name for rule in rules for name in rule.properties}, {name for rule in rules for name in rule.patterns}

    def _elements(self, parent: Pair, step: Step, child: Pair, value: list[Json]) -> Iterator[Json]:
        mine, wanted = self._parts(step.old, step.new)[0], self._cells(child)[0]
        here = self._cells(parent)[0][0] if mine is None else None
        prefix: list[Json] = here.schema.get("prefixItems", []) if here is not None else []
        for index, item in enumerate(value[:MEMBERS]):
            if mine is not None:
                cells = list(mine.element(index))
            elif here is not None and index < len(prefix):
                cells = [cell(join(here.at, "prefixItems", index), prefix[index])]
            else:
                cells = [] if here is None else [cell(join(here.at, "items"), here.schema.get("items", True))]
            if conjunction_of(cells, self._mine) == wanted:
                yield item

    def _asked(self, step: Step, child: Pair, value: Json) -> bool:
        """Whether a condition on the way applies to the instance."""
        mine, theirs = self._parts(step.old, step.new)
        if step.name:
            return is_object(value) and step.name in value
        if mine is None or theirs is None:
            return True
        for one in mine.residue:
            for two in theirs.residue:
                if one.keyword != "if" or two.keyword != "if":
                    continue
                for index, wanted in ((1, True), (2, False)):
                    ends = (
                        conjunction_of([one.cells[index]], self._mine),
                        conjunction_of([two.cells[index]], self._theirs),
                    )
                    if ends == self._cells(child) and self._mine.valid((one.cells[0],), value) is wanted:
                        return True
        return False
