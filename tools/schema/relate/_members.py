"""Properties of objects and elements of arrays: everything that is named, matched by a pattern, or left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._model import Difference, Verdict
from ._scene import action_of
from ._step import Step

if TYPE_CHECKING:
    from tools.model import Json

    from ._memo import Memo
    from ._pair import Pair
    from ._parts import Part, Rule
    from ._side import Cell, Conjunction


def object_members(memo: Memo, pair: Pair, old: Part, new: Part) -> None:
    """What properties may be: named ones, patterns, all others."""
    if old.rules == new.rules and all(memo.same_text(rule.text) for rule in old.rules):
        return
    before, after = _named(old), _named(new)
    for name in dict.fromkeys([*before, *after]):
        mine, other = old.property(name), new.property(name)
        if name in before and name in after:
            _child(memo, pair, old.property_cells(name), new.property_cells(name), Step("property", name, old, new))
            continue
        rule = before.get(name) or after[name]
        schema = rule.properties[name].schema
        added = name in after
        pair.own.append(
            Difference(
                old=_rules_at(old) if added else rule.at, new=rule.at if added else _rules_at(new),
                keyword="properties", member=name, action="added" if added else "removed",
                before=None if added else schema, after=schema if added else None,
                verdict=memo.verdict(mine, other),
            )
        )  # fmt: skip
    _patterns(memo, pair, old, new)
    _additional(memo, pair, old, new)


def _child(memo: Memo, pair: Pair, old: Conjunction | list[Cell], new: Conjunction | list[Cell], step: Step) -> None:
    child = memo.pair(old, new)
    if child is not None:
        pair.children.append((step, child))


def _named(part: Part) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for rule in part.rules:
        for name in rule.properties:
            found.setdefault(name, rule)
    return found


def _rules_at(part: Part) -> str:
    return next((rule.at for rule in part.rules if rule.properties), part.at)


def _by_pattern(part: Part, pattern: str | None) -> list[Cell]:
    """What a name must be that matches `pattern` (None: no pattern) and no other."""
    found: list[Cell] = []
    for rule in part.rules:
        if pattern is not None and pattern in rule.patterns:
            found.append(rule.patterns[pattern])
        elif rule.additional is not None and "" not in rule.patterns:
            found.append(rule.additional)
    return found


def _patterns(memo: Memo, pair: Pair, old: Part, new: Part) -> None:
    before = {pattern: rule.at for rule in reversed(old.rules) for pattern in rule.patterns}
    after = {pattern: rule.at for rule in reversed(new.rules) for pattern in rule.patterns}
    for pattern in dict.fromkeys([*before, *after]):
        mine, other = _by_pattern(old, pattern), _by_pattern(new, pattern)
        step = Step("pattern", pattern, old, new)
        if pattern in before and pattern in after:
            _child(memo, pair, mine, other, step)
            continue
        if pattern == "":
            continue
        added = pattern in after
        verdict = memo.verdict(mine, other)
        why = ""
        if len({*before, *after}) > 1 and verdict not in {"equal", "narrower" if added else "wider"}:
            verdict, why = "unknown", "names may match several patterns"
        schema: Json = next(
            rule.patterns[pattern].schema for rule in (new if added else old).rules if pattern in rule.patterns
        )
        pair.own.append(
            Difference(
                old=before.get(pattern, old.at), new=after.get(pattern, new.at), keyword="patternProperties",
                member=pattern, action="added" if added else "removed", before=None if added else schema,
                after=schema if added else None, verdict=verdict, why=why,
            )
        )  # fmt: skip


def _additional(memo: Memo, pair: Pair, old: Part, new: Part) -> None:
    mine, other = _by_pattern(old, None), _by_pattern(new, None)
    if not mine and not other:
        return
    verdict: Verdict
    if mine and other and not any(isinstance(item.schema, bool) for item in (*mine, *other)):
        _child(memo, pair, mine, other, Step("additional", "", old, new))
        return
    verdict = memo.verdict(mine, other)
    if verdict == "equal":
        return
    first, second = (mine[0] if mine else None), (other[0] if other else None)
    before: Json = True if first is None else first.schema
    after: Json = True if second is None else second.schema
    keyword = (first or second or mine[0]).at.rpartition("/")[2]
    pair.own.append(
        Difference(
            old=first.at.rpartition("/")[0] if first else _rules_at(old),
            new=second.at.rpartition("/")[0] if second else _rules_at(new),
            keyword=keyword, action="changed", before=before, after=after, verdict=verdict,
        )
    )  # fmt: skip


def sequences(memo: Memo, pair: Pair, old: Part, new: Part) -> None:
    """What elements may be, by index and beyond."""
    if old.sequences == new.sequences and all(memo.same_text(item.text) for item in old.sequences):
        return
    bounds = [part.facts["maxItems"].value for part in (old, new) if "maxItems" in part.facts]
    reach: int | None = min(bounds) if bounds else None
    before = max((len(item.prefix) for item in old.sequences), default=0)
    after = max((len(item.prefix) for item in new.sequences), default=0)
    for index in range(max(before, after)):
        if reach is not None and index >= reach:
            return
        mine, other = old.element(index), new.element(index)
        if index < before and index < after:
            _child(memo, pair, old.element_cells(index), new.element_cells(index), Step("element", index, old, new))
            continue
        verdict = memo.verdict(mine, other)
        if verdict != "equal":
            cut = (mine if index < before else (), other if index < after else ())
            _sequence(pair, (old, new), cut, verdict, str(index))
    far = max(before, after)
    if reach is not None and far >= reach:
        return
    mine, other = old.element(far), new.element(far)
    if mine and other:
        _child(memo, pair, mine, other, Step("element", far, old, new))
    elif mine or other:
        verdict = memo.verdict(mine, other)
        if verdict != "equal":
            _sequence(pair, (old, new), (mine, other), verdict, None)


def _sequence(
    pair: Pair, parts: tuple[Part, Part], cells: tuple[Conjunction, Conjunction], verdict: Verdict, member: str | None
) -> None:
    (old, new), (mine, other) = parts, cells
    before, after = (cut[0].schema if cut else None for cut in (mine, other))
    pair.own.append(
        Difference(
            old=old.sequences[0].at if old.sequences else old.at,
            new=new.sequences[0].at if new.sequences else new.at,
            keyword="items" if member is None else "prefixItems", member=member, action=action_of(before, after),
            before=before, after=after, verdict=verdict,
        )
    )  # fmt: skip
