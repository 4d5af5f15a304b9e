"""Pairs of schemas and what they add up to, cycles included."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ._model import Difference, Relation, Verdict, combine

if TYPE_CHECKING:
    from ._parts import Part
    from ._side import Conjunction
    from ._step import Step

Key = tuple[str, str, str, str | None, str]


@dataclass(eq=False, slots=True)
class Pair:
    """An old and a new conjunction. `doubtful`: the differences do not simply add up here (why, in words).

    `override` is the verdict when the differences do not decide it; `final` is set when everything beneath is known.
    `spots`: where a side stands that says nothing, and so has no cell to tell it.
    `sources` are the alternatives (None: the side has none) between which a difference of its own was found.
    """

    old: Conjunction
    new: Conjunction
    spots: tuple[str, str] = ("", "")
    own: list[Difference] = field(default_factory=list[Difference])
    children: list[tuple[Step, Pair]] = field(default_factory=list["tuple[Step, Pair]"])
    sources: dict[Key, list[tuple[Part | None, Part | None]]] = field(
        default_factory=dict["Key", "list[tuple[Part | None, Part | None]]"]
    )
    expanded: bool = False
    doubtful: str = ""
    override: Verdict | None = None
    final: Relation | None = None

    def found_between(self, start: int, old: Part | None, new: Part | None) -> None:
        """The differences added since there were `start` were found between these alternatives."""
        for difference in self.own[start:]:
            self.sources.setdefault(key(difference), []).append((old, new))


def key(difference: Difference) -> Key:
    """What makes two differences one, however they were reached."""
    return (difference.old, difference.new, difference.keyword, difference.member, difference.action)


def provisional(start: Pair) -> Relation:
    """What is known now; pairs that are still being expanded count as equal."""
    if start.final is not None:
        return start.final
    verdicts: list[Verdict] = []
    differences: dict[Key, Difference] = {}
    reached: dict[Pair, bool] = {}
    work = [(start, True)]
    while work:
        here, counts = work.pop()
        if here in reached and (reached[here] or not counts):
            continue
        reached[here] = counts
        if here.final is not None:
            if counts:
                verdicts.append(here.final.verdict)
            differences |= {key(item): item for item in here.final.differences}
            continue
        if here.override is not None and counts:
            verdicts.append(here.override)
        counts = counts and here.override is None
        verdicts.extend(item.verdict for item in here.own if counts)
        differences |= {key(item): item for item in here.own}
        work.extend((child, counts) for _, child in reversed(here.children))
    return Relation(verdict=combine(verdicts), differences=tuple(differences.values()))


def finish(start: Pair) -> None:
    """Set `final` on everything reachable: strongly connected pairs share it (Tarjan, without recursion)."""
    index: dict[Pair, int] = {start: 0}
    low: dict[Pair, int] = {start: 0}
    path: list[Pair] = [start]
    on_path: set[Pair] = {start}
    work: list[tuple[Pair, int]] = [(start, 0)]
    while work:
        here, place = work.pop()
        for offset in range(place, len(here.children)):
            child = here.children[offset][1]
            if child.final is not None:
                continue
            if child not in index:
                index[child] = low[child] = len(index)
                path.append(child)
                on_path.add(child)
                work += [(here, offset + 1), (child, 0)]
                break
            if child in on_path:
                low[here] = min(low[here], index[child])
        else:
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[here])
            if low[here] == index[here]:
                members: list[Pair] = []
                while not members or members[-1] is not here:
                    members.append(path.pop())
                on_path.difference_update(members)
                _finish(members[::-1])


def _finish(members: list[Pair]) -> None:
    inside = set(members)
    verdicts: list[Verdict] = []
    found: list[tuple[Difference, ...]] = []
    for member in members:
        beneath = [child.final for _, child in member.children if child not in inside and child.final is not None]
        if member.override is not None:
            verdicts.append(member.override)
        else:
            verdicts.extend(item.verdict for item in member.own)
            verdicts.extend(relation.verdict for relation in beneath)
        if member.own:
            found.append(tuple(member.own))
        for relation in beneath:
            if relation.differences and not any(relation.differences is seen for seen in found[-4:]):
                found.append(relation.differences)
    if len(found) == 1:
        differences = found[0]
    else:
        differences = tuple({key(item): item for group in reversed(found) for item in group}.values())
    final = Relation(verdict=combine(verdicts), differences=differences)
    for member in members:
        member.final = final
