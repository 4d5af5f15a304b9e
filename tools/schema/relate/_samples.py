"""Small deterministic instances of a normal form: one that should be valid, and many around every bound."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from tools.schema.shapes import is_object

from ._model import kind_of
from ._patterns import accepted, strings
from ._words import BOUNDS, CHARACTERS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.model import Json

    from ._normal import Normalizer
    from ._parts import Part, Residue
    from ._side import Conjunction, Side

DEPTH = 12
GENERIC: tuple[Json, ...] = (None, True, False, 0, 1, -1, 0.5, "", "text", [], [0], {}, {"other": 0})
FORMATS: dict[str, tuple[str, ...]] = {
    "date-time": ("2026-01-02T03:04:05Z",),
    "date": ("2026-01-02",),
    "time": ("03:04:05Z",),
    "duration": ("P1D",),
    "email": ("someone@example.com",),
    "idn-email": ("someone@example.com", "실례@실례.테스트"),
    "hostname": ("example.com",),
    "idn-hostname": ("example.com", "실례.테스트"),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "uri": ("https://example.com/a",),
    "uri-reference": ("https://example.com/a", "/a"),
    "iri": ("https://example.com/a", "https://example.com/é"),
    "iri-reference": ("https://example.com/a", "/é"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000",),
    "uri-template": ("https://example.com/{a}",),
    "json-pointer": ("/a",),
    "relative-json-pointer": ("0/a",),
    "regex": ("^a$",),
}


class _Nothing:
    """No instance could be made."""


NOTHING: Final = _Nothing()


def numbers(facts: Sequence[Mapping[str, Json]]) -> list[Json]:
    """Numbers at and around every bound and step of the given facts, smallest distance first."""
    points: list[Fraction] = [Fraction(0)]
    steps: set[Fraction] = set()
    for fact in facts:
        points.extend(Fraction(str(fact[keyword][0])) for keyword in ("minimum", "maximum") if keyword in fact)
        steps |= set(fact.get("multipleOf", ()))
        for name in fact.get("format", ()):
            points += [Fraction(bound) for bound in BOUNDS.get(name, ())]
    half = Fraction(1, 2)
    made: list[Fraction] = []
    for point in points:
        made += [point, point + 1, point - 1, point + half, point - half]
        bases = [(step, step * math.ceil(point / step)) for step in sorted(steps)]
        made += [
            item for step, base in bases for item in (base, base + step, base - step, base + step / 2, base + 2 * step)
        ]
    if len(steps) > 1:
        product = math.prod(steps, start=Fraction(1))
        made += [product, *(product / step for step in sorted(steps))]
    return [int(item) if item.denominator == 1 else float(item) for item in dict.fromkeys(made)]


def texts(facts: Sequence[Mapping[str, Json]]) -> list[str]:
    """Strings of every length at and around a bound, of every pattern and format."""
    made: list[str] = []
    lengths = {0, 1, 4}
    for fact in facts:
        for pattern in sorted(fact.get("pattern", ())):
            made += strings(pattern)
        for name in sorted(fact.get("format", ())):
            made += FORMATS.get(name, ())
        for keyword in ("minLength", "maxLength"):
            if keyword in fact:
                lengths |= {fact[keyword] - 1, fact[keyword], fact[keyword] + 1}
    made += ["text"]
    for length in sorted(lengths):
        if 0 <= length <= CHARACTERS:
            made += ["a" * length, "7" * length]
            made += [(text * (length // len(text) + 1))[:length] for text in made[:2] if text]
    return list(dict.fromkeys(made))


class Sampler:
    """Instances of one document's schemas."""

    def __init__(self, side: Side, normalizer: Normalizer) -> None:
        self.side = side
        self._normalizer = normalizer
        self._made: dict[Conjunction, Json] = {}

    def minimal(self, cells: Conjunction, depth: int = 0) -> Json:
        """One small instance the side accepts, or NOTHING."""
        if cells in self._made:
            return self._made[cells]
        if depth > DEPTH:
            return NOTHING
        made: Json = NOTHING
        normal = self._normalizer.normal(cells)
        for kind in ("string", "number", "boolean", "object", "array", "null"):
            for part in normal.kinds.get(kind, ())[:40]:
                for candidate in self.some(part, depth):
                    if candidate is not NOTHING and self.side.valid(cells, candidate) is True:
                        made = candidate
                        break
                if made is not NOTHING:
                    break
            if made is not NOTHING:
                break
        if made is not NOTHING or depth == 0:
            self._made[cells] = made
        return made

    def parts(self, cells: Conjunction, role: str, made: Json) -> list[Part]:
        """The alternatives in which something may stand in the given role."""
        kind = "array" if role == "element" else kind_of(made) if role == "place" else "object"
        return list(self._normalizer.normal(cells).kinds.get(kind, ())[:40])

    def some(self, part: Part, depth: int = 0) -> list[Json]:
        """A few instances of one alternative, unchecked."""
        if part.values is not None:
            return list(part.values.values())
        facts = {name: fact.value for name, fact in part.facts.items()}
        if part.kind == "number":
            return [item for item in numbers([facts]) if fits(item, facts)][:6]
        if part.kind == "string":
            return [item for item in texts([facts]) if suits(item, facts)][:8]
        if part.kind == "array":
            return [
                self.array(part, facts.get("minItems", 0), depth),
                self.array(part, facts.get("minItems", 0) + 1, depth),
            ]
        if part.kind == "object":
            return [self.object(part, {}, depth)]
        return []

    def array(self, part: Part, length: int, depth: int, given: Mapping[int, Json] | None = None) -> Json:
        """An array of `length` elements, with `given` ones at their places."""
        if length > MEMBERS:
            return NOTHING
        made: list[Json] = []
        unique = "uniqueItems" in part.facts
        wanted = [self.minimal((item.cell,), depth + 1) for item in part.contains if item.least]
        for index in range(length):
            if given and index in given:
                made.append(given[index])
                continue
            if index < len(wanted) and wanted[index] is not NOTHING:
                made.append(wanted[index])
                continue
            item = self.minimal(part.element(index), depth + 1)
            if unique and item in made:
                options = self.several(part.element(index), depth + 1, index)
                item = next((option for option in options if option not in made), item)
            if item is NOTHING:
                return NOTHING
            made.append(item)
        return made

    def several(self, cells: Conjunction, depth: int, count: int = 0) -> list[Json]:
        """Different instances of a conjunction, unchecked."""
        normal = self._normalizer.normal(cells)
        made: list[Json] = []
        for kind, parts in normal.kinds.items():
            for part in parts[:8]:
                made += self.some(part, depth)
                if kind == "number" and part.values is None:
                    low = part.facts["minimum"].value[0] if "minimum" in part.facts else 0
                    made += [math.ceil(low) + step for step in range(1, count + 3)]
                if kind == "string" and part.values is None:
                    made += [f"text{step}" for step in range(count + 2)]
        return [item for item in made if item is not NOTHING]

    def object(self, part: Part, given: Mapping[str, Json], depth: int, without: str | None = None) -> Json:
        """The smallest object of an alternative, with `given` members and without another one."""
        facts = part.facts
        made: dict[str, Json] = dict(given)
        needed: list[str] = sorted(facts["required"].value) if "required" in facts else []
        dependent: Mapping[str, frozenset[str]] = (
            facts["dependentRequired"].value if "dependentRequired" in facts else {}
        )
        work = [*needed, *(name for have in given for name in sorted(dependent.get(have, ())))]
        while work:
            name = work.pop(0)
            if name in made or name == without:
                continue
            value = self.minimal(part.property(name), depth + 1)
            if value is NOTHING:
                return NOTHING
            made[name] = value
            work += sorted(dependent.get(name, ()))
        least = facts["minProperties"].value if "minProperties" in facts else 0
        return self.padded(part, made, least, depth, without)

    @staticmethod
    def concerns(part: Part, asked: Residue, value: Json) -> bool:
        """Whether a condition says something about a value of this type."""
        if asked.keyword.startswith("unevaluated"):
            return True
        return kind_of(value) == ("string" if asked.keyword == "propertyNames" else part.kind)

    def fulfilled(self, part: Part, asked: Residue, value: Json) -> Json:
        """The smallest object in which `value` is what a condition speaks of: a name, or what stands by a member."""
        if asked.keyword == "propertyNames" and isinstance(value, str):
            inner = self.minimal(part.property(value))
            return NOTHING if inner is NOTHING else self.object(part, {value: inner}, 0)
        if not is_object(value):
            return NOTHING
        if asked.keyword == "dependentSchemas" and asked.member not in value:
            trigger = self.minimal(part.property(asked.member))
            return NOTHING if trigger is NOTHING else self.object(part, {**value, asked.member: trigger}, 0)
        return self.object(part, value, 0)

    def padded(self, part: Part, made: dict[str, Json], least: int, depth: int, without: str | None = None) -> Json:
        """The object with properties added until it has `least`."""
        if least > MEMBERS:
            return NOTHING
        named = [name for rule in part.rules for name in rule.properties]
        patterned = [text for rule in part.rules for pattern in rule.patterns for text in strings(pattern)]
        for name in [*named, *patterned, *(f"other{index}" for index in range(least))]:
            if len(made) >= least:
                break
            if name in made or name == without:
                continue
            value = self.minimal(part.property(name), depth + 1)
            if value is not NOTHING:
                made[name] = value
        return made


def fits(value: Json, facts: Mapping[str, Json]) -> bool:
    """Whether a number keeps its bounds and steps."""
    exact = Fraction(str(value))
    if "integer" in facts and exact.denominator != 1:
        return False
    if "minimum" in facts:
        bound, exclusive = facts["minimum"]
        if exact < Fraction(str(bound)) or (exclusive and exact == Fraction(str(bound))):
            return False
    if "maximum" in facts:
        bound, inclusive = facts["maximum"]
        if exact > Fraction(str(bound)) or (not inclusive and exact == Fraction(str(bound))):
            return False
    return all((exact / step).denominator == 1 for step in facts.get("multipleOf", ()))


def suits(text: str, facts: Mapping[str, Json]) -> bool:
    """Whether a string keeps its lengths and patterns, and is a sample of its format where there are any."""
    if len(text) < facts.get("minLength", 0) or len(text) > facts.get("maxLength", len(text)):
        return False
    if not accepted(facts.get("pattern", frozenset()), text):
        return False
    return all(text in FORMATS.get(name, (text,)) for name in facts.get("format", ()))
