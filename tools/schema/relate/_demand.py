"""What one difference asks of an instance: a schema of the refusing side, with nothing of its other differences."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from tools.schema.canonical import canonical
from tools.schema.shapes import is_array

from ._model import kind_of
from ._parts import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.model import Json, JsonObject

    from ._model import Difference
    from ._parts import Contains, Part
    from ._side import Cell, Conjunction

_FACTS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum", "type": "integer"}
"""Facts by what a difference calls them, where it calls them otherwise."""

_WORDS = frozenset({"multipleOf", "pattern", "format", "contentEncoding", "contentMediaType"})
"""Facts of which several hold at once."""


def demanded(hint: Difference, mine: Part, theirs: Part, *, accepts_old: bool) -> Json:
    """What `theirs` asks beyond `mine` by this difference alone; None when it asks nothing, or that cannot be said.

    `mine` is the alternative of the side that accepts; `accepts_old`: that is the old one. References in the schema
    are those of the refusing side, but for counted elements, which the sides have in common.
    """
    keyword, name = hint.keyword, hint.member or ""
    fact = _FACTS.get(keyword, keyword)
    if keyword in {"required", "dependentRequired"}:
        held = theirs.facts.get(keyword)
        if held is None or name not in held.value:
            return None
        return {"required": [name]} if keyword == "required" else {keyword: {name: sorted(held.value[name])}}
    if fact in theirs.facts:
        return _fact(fact, theirs.facts[fact].value)
    if keyword == "properties":
        return {"properties": {name: _all(theirs.property(name))}}
    if keyword == "patternProperties":
        return _pattern(name, theirs)
    if keyword in {"additionalProperties", "unevaluatedProperties"} and theirs.rules:
        return _others(mine, theirs)
    if keyword == "prefixItems":
        return {"prefixItems": [*[True] * int(name), _all(theirs.element(int(name)))]}
    if keyword == "items":
        width = max((len(item.prefix) for item in chain(mine.sequences, theirs.sequences)), default=0)
        return {"prefixItems": [True] * width, "items": _all(theirs.element(width))}
    if keyword in {"contains", "minContains", "maxContains"}:
        return _contains(hint, mine.contains, theirs.contains, accepts_old=accepts_old)
    return _residue(hint, theirs)


def _fact(fact: str, value: Json) -> Json:
    if fact == "integer":
        return {"type": "integer"}
    if fact in {"minimum", "maximum"}:
        bound, second = value
        exclusive = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}[fact]
        return {exclusive if second == (fact == "minimum") else fact: bound}
    if fact in _WORDS:
        words: Iterable[Json] = value
        return {"allOf": [{fact: _number(word) if isinstance(word, Fraction) else word} for word in words]}
    return {fact: value}


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _all(cells: Conjunction | Iterable[Cell]) -> Json:
    return {"allOf": [item.schema for item in cells]} if cells else True


def _pattern(pattern: str, theirs: Part) -> Json:
    """What names of a pattern must be; one that a side names apart would have to answer for itself."""
    if any(matches(pattern, name) for rule in theirs.rules for name in rule.properties):
        return None
    cells = [
        rule.patterns.get(pattern, rule.additional)
        for rule in theirs.rules
        if pattern in rule.patterns or rule.additional is not None
    ]
    return {"patternProperties": {pattern: _all([item for item in cells if item is not None])}}


def _others(mine: Part, theirs: Part) -> Json:
    """What properties must be that neither side tells of."""
    rules = [*mine.rules, *theirs.rules]
    named = {name: True for rule in rules for name in rule.properties}
    patterned = {pattern: True for rule in rules for pattern in rule.patterns}
    rest = _all([rule.additional for rule in theirs.rules if rule.additional is not None])
    return {"properties": named, "patternProperties": patterned, "additionalProperties": rest}


def _contains(
    hint: Difference, mine: tuple[Contains, ...], theirs: tuple[Contains, ...], *, accepts_old: bool
) -> Json:  # fmt: skip
    """One that is new to `mine`; or what one of `mine` would be with this change."""
    if hint.action != "changed" or hint.keyword != "contains":
        own_at = hint.old if accepts_old else hint.new
        counted = [item for item in mine if item.cell.at.rpartition("/")[0] == own_at]
        if hint.keyword == "contains":
            schema: Json = hint.after if accepts_old else hint.before
            return next((_counted(item, item.least, item.most) for item in theirs if item.cell.schema is schema), None)
        if not counted:
            return None
        bound: Json = hint.after if accepts_old else hint.before
        least, most = (bound, None) if hint.keyword == "minContains" else (0, bound)
        return _counted(counted[0], least, most)
    other_at = hint.new if accepts_old else hint.old
    changed = [item for item in theirs if item.cell.at.rpartition("/")[0] == other_at]
    bounds = [item for item in mine if item.cell.at.rpartition("/")[0] == (hint.old if accepts_old else hint.new)]
    return _counted(changed[0], bounds[0].least, bounds[0].most) if changed and bounds else None


def _counted(item: Contains, least: int, most: int | None) -> Json:
    counted: JsonObject = {"contains": item.cell.schema, "minContains": least}
    return counted if most is None else {**counted, "maxContains": most}


def _residue(hint: Difference, theirs: Part) -> Json:
    for item in theirs.residue:
        if (item.keyword, item.member) != (hint.keyword, hint.member or "") or item.at not in {hint.old, hint.new}:
            continue
        if item.keyword == "if":
            return dict(zip(("if", "then", "else"), (one.schema for one in item.cells), strict=True))
        if item.keyword in {"not", "propertyNames"}:
            return {item.keyword: item.cells[0].schema}
        if item.keyword == "dependentSchemas":
            return {item.keyword: {item.member: item.cells[0].schema}}
    return None


def refuses_value(hint: Difference, value: Json, *, accepts_old: bool) -> bool:
    """Whether a difference of types or listed values, which concerns a schema as a whole, refuses an instance."""
    mine, theirs = (hint.before, hint.after) if accepts_old else (hint.after, hint.before)
    kind = kind_of(value)
    if hint.keyword == "type":
        if hint.member == "null":
            return value is None and mine == "null"
        return is_array(mine) and is_array(theirs) and kind in _kinds(mine) - _kinds(theirs)
    if hint.keyword == "const":
        return canonical(value) == canonical(mine)
    if hint.keyword != "enum":
        return False
    if hint.member is not None:
        return hint.action == ("removed" if accepts_old else "added") and canonical(value) == canonical(mine)
    listed = mine if mine is not None else theirs
    among = is_array(listed) and canonical(value) in {canonical(item) for item in listed}
    if mine is not None:
        return among
    return not among and is_array(listed) and kind in {kind_of(item) for item in listed}


def _kinds(names: list[Json]) -> set[str]:
    return {"number" if name == "integer" else str(name) for name in names}
