"""Pairs of schemas, each related once, and what follows from all pairs together.

A pair holds its own differences and leads to the pairs beneath it; a cycle adds nothing, so a recursive schema equals
its copy unless some pair on the cycle differs (coinduction). Pairs are expanded from a worklist: depth costs no stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.canonical import dumps, references

from ._model import Relation, Verdict
from ._normal import Normalizer, anything, conjunction_of
from ._pair import Pair, finish, provisional
from ._side import Cell, Conjunction, Side

if TYPE_CHECKING:
    from tools.model import JsonObject

    from ._around import Around
    from ._parts import Normal

NESTING = 40
"""How deep a decision may wait for another one before it is given up as unknown."""


class Memo:
    """What is known about two documents; share one across all comparisons of the same two."""

    def __init__(self, old_root: JsonObject, new_root: JsonObject) -> None:
        """Both documents are only read, and must not change while the memo lives."""
        self.old = Side(old_root)
        self.new = Side(new_root)
        self.old_normal = Normalizer(self.old)
        self.new_normal = Normalizer(self.new)
        self.depth = 0
        self._pairs: dict[tuple[Conjunction, Conjunction, tuple[str, str]], Pair] = {}
        self._same: dict[str, bool] = {}
        self._links: dict[str, list[str]] = {}
        self._around: Around | None = None

    def around(self) -> Around:
        """The maker of candidates for witnesses."""
        if self._around is None:
            from ._around import Around

            self._around = Around(self)
        return self._around

    def pair(self, old: list[Cell] | Conjunction, new: list[Cell] | Conjunction) -> Pair | None:
        """The pair, or None when the two are the same text with the same text behind every reference."""
        mine, other = conjunction_of(list(old), self.old), conjunction_of(list(new), self.new)
        spots = (
            self.old.follow(old[0]).at if old and not mine else "",
            self.new.follow(new[0]).at if new and not other else "",
        )
        key = (mine, other, spots)
        found = self._pairs.get(key)
        if found is not None:
            return found
        if self._stable(mine, other):
            return None
        found = self._pairs[key] = Pair(mine, other, spots)
        return found

    def normals(self, pair: Pair) -> tuple[Normal, Normal]:
        """The normal forms of a pair's sides."""
        return (
            self.old_normal.normal(pair.old) if pair.old else anything(pair.spots[0]),
            self.new_normal.normal(pair.new) if pair.new else anything(pair.spots[1]),
        )

    def verdict(self, old: list[Cell] | Conjunction, new: list[Cell] | Conjunction) -> Verdict:
        """The relation of two conjunctions, now."""
        pair = self.pair(old, new)
        return "equal" if pair is None else self.relation(pair).verdict

    def relation(self, pair: Pair) -> Relation:
        """Everything beneath a pair, combined. Final once nothing is in progress; provisional inside a decision."""
        final = pair.final
        if final is not None:
            return final
        if self.depth > NESTING:
            return Relation(verdict="unknown")
        self.depth += 1
        try:
            self._settle(pair)
            if self.depth == 1:
                finish(pair)  # from now on `provisional` returns what is final
            return provisional(pair)
        finally:
            self.depth -= 1

    def _settle(self, start: Pair) -> None:
        from ._compare import expand

        work = [start]
        seen = {start}
        while work:
            here = work.pop()
            if not here.expanded:
                here.expanded = True
                expand(self, here)
            for _, child in here.children:
                if child not in seen and child.final is None:
                    seen.add(child)
                    work.append(child)

    def same_text(self, text: bytes) -> bool:
        """Whether everything that serialized JSON refers to is the same on both sides."""
        return all(self._unchanged(reference) for reference in references(text))

    def _stable(self, old: Conjunction, new: Conjunction) -> bool:
        if len(old) != len(new):
            return False
        for mine, other in zip(old, new, strict=True):
            text = dumps(mine.schema)
            if text != dumps(other.schema) or not self.same_text(text):
                return False
        return True

    def _unchanged(self, reference: str) -> bool:
        if reference not in self._same:
            self._explore(reference)
        return self._same[reference]

    def _explore(self, start: str) -> None:
        """Decide `start` and everything reachable from it: changed targets make changed whatever leads to them."""
        work, found = [start], [start]
        self._same[start] = True
        while work:
            here = work.pop()
            mine, other = self.old.target(here), self.new.target(here)
            text = b"null" if mine is None else dumps(mine.schema)
            if (mine is None) != (other is None) or (other is not None and dumps(other.schema) != text):
                self._same[here] = False
            self._links[here] = references(text)
            for reference in self._links[here]:
                if reference not in self._same:
                    self._same[reference] = True
                    work.append(reference)
                    found.append(reference)
        users: dict[str, list[str]] = {}
        for here in found:
            for reference in self._links[here]:
                users.setdefault(reference, []).append(here)
        changed = [here for here in [*found, *users] if not self._same[here]]
        while changed:
            for user in users.get(changed.pop(), ()):
                if self._same[user]:
                    self._same[user] = False
                    changed.append(user)
