"""Two alternatives of one type, constraint by constraint; constraints of a conjunction simply add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.shapes import is_object

from ._members import object_members, sequences
from ._model import MIRROR, Difference, Verdict
from ._orders import ORDERS, shown
from ._scene import action_of
from ._side import cell
from ._step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.model import Json

    from ._memo import Memo
    from ._pair import Pair
    from ._parts import Contains, Part, Residue
    from ._side import Cell

STRING = cell("", {"type": "string"})
"""Names of properties are strings, whatever `propertyNames` says of other types."""


def compare_parts(memo: Memo, pair: Pair, old: Part, new: Part) -> None:
    """Add the differences of two alternatives of one type, and the pairs beneath them."""
    known = len(pair.own)
    empty = old.empty and new.empty
    for keyword in ORDERS:
        if (keyword in old.facts or keyword in new.facts) and not (old.implies(keyword) or new.implies(keyword)):
            _fact(pair, keyword, old, new)
    if old.kind == "object":
        _required(pair, old, new)
        _dependent(pair, old, new)
        if not empty:
            object_members(memo, pair, old, new)
    elif old.kind == "array":
        sequences(memo, pair, old, new)
        _contains(memo, pair, old, new)
    _residues(memo, pair, old, new)
    pair.found_between(known, old, new)


def _fact(pair: Pair, keyword: str, old: Part, new: Part) -> None:
    mine, other = old.facts.get(keyword), new.facts.get(keyword)
    before, after = (None if mine is None else mine.value), (None if other is None else other.value)
    if before == after:
        return
    verdict, why = ORDERS[keyword](before, after)
    name, first, second = shown(keyword, before, after)
    pair.own.append(
        Difference(
            old=mine.at if mine else old.at, new=other.at if other else new.at, keyword=name,
            action=action_of(first, second), before=first, after=second, verdict=verdict, why=why,
        )
    )  # fmt: skip


def _required(pair: Pair, old: Part, new: Part) -> None:
    mine, other = old.facts.get("required"), new.facts.get("required")
    before: frozenset[str] = mine.value if mine else frozenset()
    after: frozenset[str] = other.value if other else frozenset()
    for name in sorted(before ^ after):
        gone = name in before
        pair.own.append(
            Difference(
                old=mine.where.get(name, mine.at) if mine and gone else _home(old, name),
                new=other.where.get(name, other.at) if other and not gone else _home(new, name),
                keyword="required", member=name, action="removed" if gone else "added",
                before=name if gone else None, after=None if gone else name, verdict="wider" if gone else "narrower",
            )
        )  # fmt: skip


def _home(part: Part, name: str) -> str:
    """The schema object that could require `name`: the one that has the property."""
    return next((rule.at for rule in part.rules if name in rule.properties), part.at)


def _dependent(pair: Pair, old: Part, new: Part) -> None:
    mine, other = old.facts.get("dependentRequired"), new.facts.get("dependentRequired")
    before: Mapping[str, frozenset[str]] = mine.value if mine else {}
    after: Mapping[str, frozenset[str]] = other.value if other else {}
    for name in sorted({*before, *after}):
        one, two = before.get(name, frozenset()), after.get(name, frozenset())
        if one != two:
            verdict: Verdict = "narrower" if one < two else "wider" if two < one else "incomparable"
            pair.own.append(
                Difference(
                    old=mine.at if mine else old.at, new=other.at if other else new.at, keyword="dependentRequired",
                    member=name, action=action_of(sorted(one) or None, sorted(two) or None),
                    before=sorted(one) or None, after=sorted(two) or None, verdict=verdict,
                )
            )  # fmt: skip


def _contains(memo: Memo, pair: Pair, old: Part, new: Part) -> None:
    mine, other = list(old.contains), list(new.contains)
    for one in list(mine):
        if any(one == two and memo.same_text(one.text) for two in other):
            mine.remove(one)
            other.remove(one)
    for one, two in zip(mine, other, strict=False):
        _contained(memo, pair, one, two)
    for one in mine[len(other) :]:
        pair.own.append(
            Difference(old=old.at, new=new.at, keyword="contains", action="removed", before=one.cell.schema,
                       verdict="wider")
        )  # fmt: skip
    for two in other[len(mine) :]:
        pair.own.append(
            Difference(old=old.at, new=new.at, keyword="contains", action="added", after=two.cell.schema,
                       verdict="narrower")
        )  # fmt: skip


def _contained(memo: Memo, pair: Pair, one: Contains, two: Contains) -> None:
    inner = memo.verdict([one.cell], [two.cell])
    at = {"old": one.cell.at.rpartition("/")[0], "new": two.cell.at.rpartition("/")[0]}
    if one.least != two.least:
        pair.own.append(
            Difference(
                **at, keyword="minContains", action="changed", before=one.least, after=two.least,
                verdict="narrower" if two.least > one.least else "wider",
            )
        )  # fmt: skip
    if one.most != two.most:
        fewer = two.most is not None and (one.most is None or two.most < one.most)
        pair.own.append(
            Difference(
                **at, keyword="maxContains", action=action_of(one.most, two.most), before=one.most, after=two.most,
                verdict="narrower" if fewer else "wider",
            )
        )  # fmt: skip
    if inner == "equal":
        return
    from_below, from_above = bool(one.least or two.least), one.most is not None or two.most is not None
    verdict: Verdict = MIRROR[inner] if from_above else inner
    why = ""
    if from_below and from_above:
        verdict, why = "unknown", "elements that match are counted from below and from above"
    pair.own.append(
        Difference(
            **at, keyword="contains", action="changed", before=one.cell.schema, after=two.cell.schema,
            verdict=verdict, why=why,
        )
    )  # fmt: skip


def _residues(memo: Memo, pair: Pair, old: Part, new: Part) -> None:
    mine, other = list(old.residue), list(new.residue)
    for one in list(mine):
        if one in other and memo.same_text(one.text):
            mine.remove(one)
            other.remove(one)
    for one in list(mine):
        two = next((item for item in other if (item.keyword, item.member) == (one.keyword, one.member)), None)
        if two is not None:
            mine.remove(one)
            other.remove(two)
            step = Step("name" if one.keyword == "propertyNames" else "place", one.member, old, new)
            _residue(memo, pair, step, one, two)
    for one in mine:
        _lone(pair, old, new, one, removed=True)
    for two in other:
        _lone(pair, old, new, two, removed=False)


def _lone(pair: Pair, old: Part, new: Part, residue: Residue, *, removed: bool) -> None:
    schema: Json = residue.cells[0].schema if residue.cells else None
    pair.own.append(
        Difference(
            old=residue.at if removed else old.at, new=new.at if removed else residue.at, keyword=residue.keyword,
            member=residue.member or None, action="removed" if removed else "added",
            before=schema if removed else None, after=None if removed else schema,
            verdict="wider" if removed else "narrower",
        )
    )  # fmt: skip
    if residue.keyword.startswith("unevaluated"):
        pair.doubtful = "what is evaluated depends on the instance"


def _residue(memo: Memo, pair: Pair, step: Step, one: Residue, two: Residue) -> None:
    if one.keyword in {"propertyNames", "dependentSchemas"}:
        extra = [STRING] if one.keyword == "propertyNames" else []
        _child(memo, pair, step, ([*one.cells, *extra], [*two.cells, *extra]))
        return
    verdict: Verdict = "unknown"
    if one.keyword == "not":
        verdict = MIRROR[memo.verdict(one.cells, two.cells)]
        why = "what is excluded cannot be compared" if verdict == "unknown" else ""
        if verdict == "equal":
            return
    elif one.keyword == "if":
        if memo.verdict(one.cells[:1], two.cells[:1]) == "equal":
            for mine, other in zip(one.cells[1:], two.cells[1:], strict=True):
                _child(memo, pair, step, ([mine], [other]))
            return
        why = "the condition itself changed"
    elif one.keyword == "$ref":
        why = "a reference that cannot be followed here"
    else:
        why = pair.doubtful = "what is evaluated depends on the instance"
        if one.text == two.text:  # only what references lead to differs, which is related elsewhere
            return
    pair.own.append(
        Difference(
            old=one.at, new=two.at, keyword=one.keyword, action="changed", verdict=verdict, why=why,
            before=_spelled(one), after=_spelled(two),
        )
    )  # fmt: skip


def _child(memo: Memo, pair: Pair, step: Step, cells: tuple[list[Cell], list[Cell]]) -> None:
    child = memo.pair(*cells)
    if child is not None:
        pair.children.append((step, child))


def _spelled(residue: Residue) -> Json:
    if residue.keyword == "if":
        return dict(zip(("if", "then", "else"), (item.schema for item in residue.cells), strict=True))
    first: Json = residue.cells[0].schema if residue.cells else residue.text.decode("utf-8", "replace")
    return dict(first) if is_object(first) else first
