"""One type that both sides have: lists of values first, then the alternatives that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.canonical import canonical

from ._align import align, verdict_of
from ._model import Difference, Verdict, both
from ._plain import compare_parts

if TYPE_CHECKING:
    from tools.model import Json

    from ._memo import Memo
    from ._parts import Part
    from ._scene import Scene

_TRIES = 20
_NUMBERS = 200
"""A range of more integers than this is taken for no list."""


def alternatives(scene: Scene, mine: tuple[Part, ...], other: tuple[Part, ...]) -> None:
    """Add what differs between the alternatives of one type."""
    if _same_numbers(scene, mine, other):
        return
    open_old = [part for part in mine if part.values is None]
    open_new = [part for part in other if part.values is None]
    if _values(scene, _finite(mine), _finite(other), only=(not open_old, not open_new)):
        return
    matched, removed, added = align(scene.memo, open_old, open_new)
    for one, two in matched:
        compare_parts(scene.memo, scene.pair, one, two)
    one_to_many = len(open_old) == 1 or len(open_new) == 1
    unnamed = not all(part.origins for part in (*removed, *added))
    if removed and added and one_to_many and unnamed and not scene.overlapping:
        _reshaped(scene, open_old, open_new, removed, added)
        return
    for part in removed:
        if scene.overlapping or not _covered(scene.memo, part, open_new, wider=True):
            scene.member(part, "removed")
    for part in added:
        if scene.overlapping or not _covered(scene.memo, part, open_old, wider=False):
            scene.member(part, "added")


def _values(scene: Scene, listed: dict[str, Json], offered: dict[str, Json], *, only: tuple[bool, bool]) -> bool:
    """Differences of listed values; True when they are the whole story. `only`: a side has nothing but the list."""
    memo, pair = scene.memo, scene.pair
    lost = [
        value for key, value in listed.items() if key not in offered and memo.new.valid(pair.new, value) is not True
    ]
    won = [value for key, value in offered.items() if key not in listed and memo.old.valid(pair.old, value) is not True]
    if all(only) and len(listed) == len(offered) == len(lost) == len(won) == 1:
        scene.constant(lost[0], won[0])
        return True
    if listed and only[0] and not offered:
        scene.add("enum", both(narrowed=bool(lost), widened=True), before=list(listed.values()))
        return True
    if offered and only[1] and not listed:
        scene.add("enum", both(narrowed=True, widened=bool(won)), after=list(offered.values()))
        return True
    scene.values(lost, "removed")
    scene.values(won, "added")
    return False


def _reshaped(
    scene: Scene, open_old: list[Part], open_new: list[Part], removed: list[Part], added: list[Part]
) -> None:  # fmt: skip
    """One schema became a union or the other way round: one difference, judged by what covers what."""
    kept = all(_covered(scene.memo, part, open_new, wider=True) for part in removed)
    nothing_new = all(_covered(scene.memo, part, open_old, wider=False) for part in added)
    verdict: Verdict = "wider" if kept else "narrower" if nothing_new else "unknown"
    if kept and nothing_new:
        verdict = "equal"
    origin = next((part.origins[-1] for part in (*removed, *added) if part.origins), None)
    why = "no single branch covers the whole of the other side" if verdict == "unknown" else ""
    scene.pair.own.append(
        Difference(
            old=scene.old.at, new=scene.new.at, keyword=origin.keyword if origin else "anyOf", action="changed",
            verdict=verdict, why=why,
        )
    )  # fmt: skip
    if verdict == "unknown":
        scene.pair.doubtful = scene.pair.doubtful or "a schema became a union of others, or the other way round"


def _covered(memo: Memo, part: Part, others: list[Part], *, wider: bool) -> bool:
    """Whether one of the other side's alternatives holds the whole of `part`."""
    wanted = {"equal", "wider" if wider else "narrower"}
    return any(
        (verdict_of(memo, part, other) if wider else verdict_of(memo, other, part)) in wanted
        for other in others[:_TRIES]
    )


def _same_numbers(scene: Scene, mine: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    """Whether one side lists exactly the integers that the other gives the bounds of."""
    if len(mine) != 1 or len(other) != 1 or (mine[0].values is None) == (other[0].values is None):
        return False
    old_listed = mine[0].values is not None
    listed, bounded = (mine[0], other[0]) if old_listed else (other[0], mine[0])
    side, cells = (scene.memo.new, scene.pair.new) if old_listed else (scene.memo.old, scene.pair.old)
    if not {"integer", "minimum", "maximum"} <= bounded.facts.keys() or "format" in bounded.facts:
        return False
    least, most = (bounded.facts[keyword].value[0] for keyword in ("minimum", "maximum"))
    if most - least >= _NUMBERS:
        return False
    within = {canonical(number) for number in range(least, most + 1) if side.valid(cells, number) is True}
    return within == set(listed.values or {})


def _finite(parts: tuple[Part, ...]) -> dict[str, Json]:
    return {key: value for part in parts if part.values is not None for key, value in part.values.items()}
