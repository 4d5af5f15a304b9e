"""The normal form: for each JSON type, the alternatives an instance of that type may satisfy.

A schema is the union of its alternatives; an alternative (`Part`) is a plain conjunction of constraints on instances of
one type. Unions distribute over what stands beside them, so every spelling of one meaning ends in the same place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ._side import Cell, Conjunction, conjunction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.model import Json

KINDS = ("null", "boolean", "number", "string", "array", "object")
LIMIT = 400
"""More alternatives of one type than this, made by crossing unions, are not multiplied out."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One constraint with the schema it stands in (`where`: per member); `value` is comparable."""

    value: Json
    at: str = field(compare=False)
    where: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """`properties`, `patternProperties` and `additionalProperties` of one schema object: they see only each other."""

    at: str
    text: bytes
    properties: Mapping[str, Cell] = field(compare=False, hash=False)
    patterns: Mapping[str, Cell] = field(compare=False, hash=False)
    additional: Cell | None = field(compare=False, hash=False)

    def cells(self, name: str) -> list[Cell]:
        """What this rule demands of the property `name`."""
        found = [self.properties[name]] if name in self.properties else []
        found += [item for pattern, item in self.patterns.items() if matches(pattern, name)]
        if not found and self.additional is not None:
            return [self.additional]
        return found


@dataclass(frozen=True, slots=True)
class Sequence:
    """`prefixItems` and `items` of one schema object."""

    at: str
    text: bytes
    prefix: tuple[Cell, ...] = field(compare=False, hash=False)
    rest: Cell | None = field(compare=False, hash=False)

    def cells(self, index: int) -> list[Cell]:
        """What this rule demands of the element at `index`."""
        if index < len(self.prefix):
            return [self.prefix[index]]
        return [] if self.rest is None else [self.rest]


@dataclass(frozen=True, slots=True)
class Contains:
    """`contains` with its bounds; `most` None: no upper bound."""

    cell: Cell = field(compare=False, hash=False)
    text: bytes
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Residue:
    """A construct that does not distribute: `not`, `if`, `dependentSchemas`, unevaluated*, an unresolved reference."""

    keyword: str
    at: str = field(compare=False, hash=False)
    text: bytes
    member: str = ""
    cells: tuple[Cell, ...] = field(compare=False, hash=False, default=())


@dataclass(frozen=True, slots=True)
class Origin:
    """The union branch an alternative came through; `tag` is its discriminator value, where there is one."""

    keyword: str
    at: str
    index: int
    branch: Cell
    tag: str | None
    title: str | None
    name: str | None

    @property
    def label(self) -> str:
        """How people call the branch."""
        return self.tag or self.title or self.name or str(self.index)


@dataclass(frozen=True, slots=True)
class Part:
    """One alternative of one type. With `values`, it is exactly those (by canonical text) that fit the rest."""

    kind: str
    at: str
    values: Mapping[str, Json] | None = None
    values_at: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict[str, Fact])
    rules: tuple[Rule, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    contains: tuple[Contains, ...] = ()
    residue: tuple[Residue, ...] = ()
    origins: tuple[Origin, ...] = ()

    @property
    def free(self) -> bool:
        """Whether every instance of the type is accepted."""
        return self.values is None and not self.constrained

    @property
    def constrained(self) -> bool:
        """Whether something beside a list of values constrains the instance."""
        return bool(self.facts or self.rules or self.sequences or self.contains or self.residue)

    @property
    def empty(self) -> bool:
        """Whether no object with a property is accepted, however that is spelled."""
        return ("maxProperties" in self.facts and self.facts["maxProperties"].value == 0) or any(
            rule.additional is not None
            and rule.additional.schema is False
            and not rule.properties
            and not rule.patterns
            for rule in self.rules
        )

    def implies(self, keyword: str) -> bool:
        """Whether a keyword that is not stated is settled by another one."""
        if keyword in self.facts:
            return False
        if keyword == "uniqueItems":
            return "maxItems" in self.facts and self.facts["maxItems"].value <= 1
        return keyword == "maxProperties" and self.empty

    def property_cells(self, name: str) -> list[Cell]:
        """Every schema of the property `name`, also those that say nothing."""
        return [item for rule in self.rules for item in rule.cells(name)]

    def property(self, name: str) -> Conjunction:
        """What the property `name` must be."""
        return conjunction(self.property_cells(name))

    def element_cells(self, index: int) -> list[Cell]:
        """Every schema of the element at `index`, also those that say nothing."""
        return [item for rule in self.sequences for item in rule.cells(index)]

    def element(self, index: int) -> Conjunction:
        """What the element at `index` must be."""
        return conjunction(self.element_cells(index))


@dataclass(frozen=True, slots=True)
class Normal:
    """A schema in normal form. `overlaps`: pointers of `oneOf`s whose branches are not provably disjoint."""

    at: str
    kinds: Mapping[str, tuple[Part, ...]]
    notes: Mapping[str, Fact] = field(default_factory=dict[str, Fact])
    overlaps: tuple[str, ...] = ()
    puzzles: tuple[str, ...] = ()


def matches(pattern: str, name: str) -> bool:
    """Whether a property name matches; a pattern Python cannot read matches nothing here (and is a puzzle there)."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _union(left: frozenset[Json], right: frozenset[Json]) -> frozenset[Json]:
    return left | right


def _dependencies(left: Mapping[str, frozenset[str]], right: Mapping[str, frozenset[str]]) -> Json:
    return {name: left.get(name, frozenset()) | right.get(name, frozenset()) for name in sorted({*left, *right})}


def _either(left: Json, right: Json) -> Json:
    return left or right


MEET: dict[str, Callable[[Json, Json], Json]] = {
    "minimum": max,
    "maximum": min,
    "multipleOf": _union,
    "integer": _either,
    "format": _union,
    "minLength": max,
    "maxLength": min,
    "pattern": _union,
    "contentEncoding": _union,
    "contentMediaType": _union,
    "minItems": max,
    "maxItems": min,
    "uniqueItems": _either,
    "minProperties": max,
    "maxProperties": min,
    "required": _union,
    "dependentRequired": _dependencies,
}
"""How two facts of a keyword become one. Bounds are pairs whose second member orders exclusive after inclusive."""


def meet(left: Part, right: Part) -> Part | None:
    """Both parts at once; None when nothing can be both."""
    values, values_at = left.values, left.values_at
    if values is None:
        values, values_at = right.values, right.values_at
    elif right.values is not None:
        values = {key: value for key, value in values.items() if key in right.values}
    if values is not None and not values:
        return None
    facts = dict(left.facts)
    for keyword, fact in right.facts.items():
        mine = facts.get(keyword)
        if mine is None:
            facts[keyword] = fact
        else:
            value = MEET[keyword](mine.value, fact.value)
            at = mine.at if value == mine.value else fact.at
            facts[keyword] = Fact(value, at, {**fact.where, **mine.where})
    return settle(
        Part(
            left.kind,
            left.at if left.constrained or not right.constrained else right.at,
            values,
            values_at,
            facts,
            _joined(left.rules, right.rules),
            _joined(left.sequences, right.sequences),
            _joined(left.contains, right.contains),
            _joined(left.residue, right.residue),
            _joined(left.origins, right.origins),
        )
    )


def _joined(left: tuple[Json, ...], right: tuple[Json, ...]) -> tuple[Json, ...]:
    return left if not right else right if not left else tuple(dict.fromkeys(left + right))


def settle(part: Part) -> Part | None:
    """The part with bounds an integer can reach; None when no instance is left."""
    facts = part.facts
    if "integer" in facts:
        facts = dict(facts)
        if "minimum" in facts:
            bound, exclusive = facts["minimum"].value
            whole = -(-bound // 1)
            least = int(whole) + (1 if exclusive and whole == bound else 0)
            facts["minimum"] = Fact((least, 0), facts["minimum"].at)
        if "maximum" in facts:
            bound, inclusive = facts["maximum"].value
            whole = bound // 1
            most = int(whole) - (1 if not inclusive and whole == bound else 0)
            facts["maximum"] = Fact((most, 1), facts["maximum"].at)
        part = replace(part, facts=facts)
    if "minimum" in facts and "maximum" in facts:
        least, exclusive = facts["minimum"].value
        most, inclusive = facts["maximum"].value
        if least > most or (least == most and (exclusive or not inclusive)):
            return None
    for low, high in (("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties")):
        if low in facts and high in facts and facts[low].value > facts[high].value:
            return None
    if "required" in facts and any(
        item.schema is False for name in facts["required"].value for item in part.property(name)
    ):
        return None
    return part


def covers(wide: Part, narrow: Part) -> bool:
    """Whether every constraint of `wide` stands in `narrow` too: a syntactic subset, cheap and sure."""
    if wide.values is not None:
        return narrow.values is not None and all(key in wide.values for key in narrow.values) and not wide.constrained
    return (
        all(keyword in narrow.facts and narrow.facts[keyword] == fact for keyword, fact in wide.facts.items())
        and set(wide.rules) <= set(narrow.rules)
        and set(wide.sequences) <= set(narrow.sequences)
        and set(wide.contains) <= set(narrow.contains)
        and set(wide.residue) <= set(narrow.residue)
    )
