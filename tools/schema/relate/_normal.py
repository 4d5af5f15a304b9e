"""From schemas to their normal form."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tools.schema.canonical import canonical, dumps
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

from ._disjoint import disjoint, light, tag_of
from ._facts import needs_alone, never, stated
from ._model import kind_of
from ._parts import KINDS, LIMIT, Fact, Normal, Origin, Part, Residue, covers, meet
from ._side import Cell, Conjunction, Side, cell, conjunction
from ._unevaluated import closed_rules

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

NOTES = ("readOnly", "writeOnly", "default", "deprecated", "discriminator", "x-extensible-enum")
DEPTH = 60
"""In-place nesting (allOf in anyOf in $ref …) beyond this is a puzzle, not a crash."""

_NATURAL: dict[str, dict[str, Json]] = {"null": {"null": None}, "boolean": {"true": True, "false": False}}
"""Types that are lists of values by nature."""


def _anything(at: str) -> dict[str, tuple[Part, ...]]:
    return {kind: (Part(kind, at, _NATURAL.get(kind)),) for kind in KINDS}


ANYTHING = _anything("")


@lru_cache(maxsize=1024)
def anything(at: str) -> Normal:
    """The normal form of a schema that says nothing."""
    return Normal(at, _anything(at))


class Normalizer:
    """Normal forms of one document's schemas, each made once."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._cells: dict[Cell, Normal] = {}
        self._conjunctions: dict[Conjunction, Normal] = {}
        self._active: set[Cell] = set()

    def normal(self, cells: Conjunction) -> Normal:
        """The normal form of a conjunction."""
        if cells not in self._conjunctions:
            found = Normal("", ANYTHING)
            for index, item in enumerate(cells):
                made = self.one(item)
                found = made if index == 0 else _meet(found, made)
            self._conjunctions[cells] = self._exact(found, cells)
        return self._conjunctions[cells]

    def one(self, start: Cell) -> Normal:
        """The normal form of one schema."""
        here = self.side.follow(start)
        if here not in self._cells:
            if here in self._active or len(self._active) > DEPTH:
                return Normal(here.at, ANYTHING, puzzles=(f"the schema at {here.at} contains itself in place",))
            self._active.add(here)
            try:
                self._cells[here] = self._build(here)
            finally:
                self._active.discard(here)
        return self._cells[here]

    def _build(self, here: Cell) -> Normal:
        schema: Json = here.schema
        if not is_object(schema):
            return Normal(here.at, {} if schema is False else _anything(here.at))
        found = Normal(
            here.at, {kind: (part,) for kind, part in stated(schema, here.at).items()}, _notes(schema, here.at)
        )
        found = _listed(found, schema, here.at)
        if "$ref" in schema or "$dynamicRef" in schema:
            found = self._reference(found, schema, here.at)
        branches: Json = schema.get("allOf")
        for index, item in enumerate(branches if is_array(branches) else []):
            found = _meet(found, self.one(cell(join(here.at, "allOf", index), item)))
        for keyword in ("anyOf", "oneOf"):
            members: Json = schema.get(keyword)
            if is_array(members) and members:
                found = _meet(found, self._union(keyword, members, schema, here.at))
        if "not" in schema:
            found = self._negated(found, cell(join(here.at, "not"), schema["not"]), here.at)
        found = self._conditional(found, schema, here.at)
        found = _object_residue(found, schema, here.at)
        return closed_rules(found, schema, here, self.side)

    def _reference(self, found: Normal, schema: JsonObject, at: str) -> Normal:
        reference: Json = schema.get("$ref")
        target = self.side.target(reference) if isinstance(reference, str) else None
        if target is not None:
            return _meet(found, self.one(target))
        text = dumps([reference, schema.get("$dynamicRef")])
        return _residue(found, Residue("$ref", at, text), KINDS)

    def _union(self, keyword: str, members: list[Json], schema: JsonObject, at: str) -> Normal:
        texts: dict[bytes, int] = {}
        cells: list[Cell] = []
        for index, item in enumerate(members):
            text = dumps(item)
            if keyword == "anyOf" and text in texts:
                continue
            texts.setdefault(text, index)
            cells.append(cell(join(at, keyword, index), item))
        normals = [self.one(item) for item in cells]
        alive = [(item, made) for item, made in zip(cells, normals, strict=True) if made.kinds]
        guided: Json = schema.get("discriminator")
        if len(alive) == 1:
            return alive[0][1]
        targets = [self.side.follow(item) for item, _ in alive]
        property_name, apart = disjoint([made for _, made in alive], self.side)
        kinds: dict[str, list[Part]] = {}
        for number, (item, made) in enumerate(alive):
            target = targets[number]
            title: Json = target.schema.get("title") if is_object(target.schema) else None
            name = target.label if target != item or "/schemas/" in target.at[:21] else None
            tag = tag_of(made, item, guided, property_name, self.side)
            origin = Origin(keyword, at, cells.index(item), item, tag, title if isinstance(title, str) else None, name)
            for kind, parts in made.kinds.items():
                kinds.setdefault(kind, []).extend(replace(part, origins=part.origins or (origin,)) for part in parts)
        overlaps = tuple(spot for _, made in alive for spot in made.overlaps)
        if keyword == "oneOf" and not apart and not is_object(guided):
            overlaps = (*overlaps, at)
        puzzles = tuple(puzzle for _, made in alive for puzzle in made.puzzles)
        tidy = {kind: tuple(parts) if overlaps else _tidy(parts) for kind, parts in kinds.items()}
        return Normal(at, tidy, overlaps=overlaps, puzzles=puzzles)

    def _negated(self, found: Normal, inner: Cell, at: str) -> Normal:
        normal = self.one(inner)
        if (
            not normal.overlaps
            and not normal.puzzles
            and all(any(_whole(part) for part in parts) for parts in normal.kinds.values())
        ):
            return replace(
                found, kinds={kind: parts for kind, parts in found.kinds.items() if kind not in normal.kinds}
            )
        residue = Residue("not", at, dumps(inner.schema), cells=(inner,))
        return _residue(found, residue, tuple(normal.kinds))

    def _conditional(self, found: Normal, schema: JsonObject, at: str) -> Normal:
        if "if" not in schema or ("then" not in schema and "else" not in schema):
            return found
        cells = tuple(cell(join(at, name), schema.get(name, True)) for name in ("if", "then", "else"))
        if light(cells[1].schema) and light(cells[2].schema):
            return found
        if never(cells[0].schema) or light(cells[0].schema):
            return _meet(found, self.one(cells[2 if never(cells[0].schema) else 1]))
        return _residue(found, Residue("if", at, dumps([item.schema for item in cells]), cells=cells), KINDS)

    def _exact(self, found: Normal, cells: Conjunction) -> Normal:
        """Finite parts keep the values that are valid, and nothing else."""
        kinds: dict[str, tuple[Part, ...]] = {}
        for kind, parts in found.kinds.items():
            if not any(part.values is not None and (part.constrained or found.overlaps) for part in parts):
                kinds[kind] = parts if found.overlaps else _tidy(list(parts))
                continue
            made: list[Part] = []
            for part in parts:
                if part.values is None or not (part.constrained or found.overlaps):
                    made.append(part)
                    continue
                kept = {key: value for key, value in part.values.items() if self.side.valid(cells, value) is not False}
                if kept:
                    made.append(Part(kind, part.at, kept, part.values_at, origins=part.origins))
            if made:
                kinds[kind] = tuple(made) if found.overlaps else _tidy(made)
        return replace(found, kinds=kinds)


def _whole(part: Part) -> bool:
    """Whether the part is all there is of its type."""
    natural = _NATURAL.get(part.kind)
    return part.free if natural is None else not part.constrained and set(part.values or natural) == set(natural)


def _notes(schema: JsonObject, at: str) -> dict[str, Fact]:
    return {name: Fact(schema[name], at) for name in NOTES if name in schema and schema[name] is not False}


def _listed(found: Normal, schema: JsonObject, at: str) -> Normal:
    """`enum` and `const` as finite parts; booleans and null are finite by nature."""
    values: list[Json] | None = schema["enum"] if is_array(schema.get("enum")) else None
    if "const" in schema:
        fixed: Json = schema["const"]
        values = [fixed] if values is None or canonical(fixed) in {canonical(value) for value in values} else []
    sorted_out: dict[str, dict[str, Json]] = {}
    for value in values or []:
        sorted_out.setdefault(kind_of(value), {})[canonical(value)] = value
    kinds: dict[str, tuple[Part, ...]] = {}
    for kind, parts in found.kinds.items():
        own = sorted_out.get(kind, {}) if values is not None else _NATURAL.get(kind)
        if own is None:
            kinds[kind] = parts
            continue
        kept = {
            key: value
            for key, value in own.items()
            if not ("integer" in parts[0].facts and isinstance(value, float) and not value.is_integer())
        }
        facts = {name: fact for name, fact in parts[0].facts.items() if name != "integer"}
        if kept:
            kinds[kind] = (replace(parts[0], values=kept, values_at=at, facts=facts),)
    return replace(found, kinds=kinds)


def _object_residue(found: Normal, schema: JsonObject, at: str) -> Normal:
    if "propertyNames" in schema and not light(schema["propertyNames"]):
        inner = cell(join(at, "propertyNames"), schema["propertyNames"])
        found = _residue(found, Residue("propertyNames", at, dumps(inner.schema), cells=(inner,)), ("object",))
    dependent: Json = schema.get("dependentSchemas")
    for name, item in sorted(dependent.items()) if is_object(dependent) else []:
        if not light(item) and needs_alone(item) is None:
            inner = cell(join(at, "dependentSchemas", name), item)
            residue = Residue("dependentSchemas", at, dumps(item), member=name, cells=(inner,))
            found = _residue(found, residue, ("object",))
    return found


def _residue(found: Normal, residue: Residue, only: tuple[str, ...]) -> Normal:
    kinds = {
        kind: tuple(replace(part, residue=(*part.residue, residue)) for part in parts) if kind in only else parts
        for kind, parts in found.kinds.items()
    }
    return replace(found, kinds=kinds)


def _meet(left: Normal, right: Normal) -> Normal:
    """Both at once: unions distribute, up to a limit."""
    kinds: dict[str, tuple[Part, ...]] = {}
    puzzles = tuple(dict.fromkeys(left.puzzles + right.puzzles))
    overlaps = tuple(dict.fromkeys(left.overlaps + right.overlaps))
    for kind in KINDS:
        mine, other = left.kinds.get(kind, ()), right.kinds.get(kind, ())
        if len(mine) * len(other) > LIMIT:
            puzzles = (*puzzles, f"the unions at {left.at} and {right.at} cross to too many alternatives")
            other = other[:1]
        met = [part for one in mine for two in other if (part := meet(one, two)) is not None]
        if met:
            kinds[kind] = tuple(met) if overlaps or len(met) == 1 else _tidy(met)
    return Normal(left.at or right.at, kinds, {**right.notes, **left.notes}, overlaps, puzzles)


def _tidy(parts: list[Part]) -> tuple[Part, ...]:
    """Values in one part, and no alternative that another one covers word by word."""
    if len(parts) == 1:
        return tuple(parts)
    values: dict[str, Json] = {}
    first: Part | None = None
    rest: list[Part] = []
    for part in parts:
        if part.values is not None and not part.constrained:
            first = first or part
            values |= part.values
        elif not any(part == seen or covers(seen, part) for seen in rest[-LIMIT // 10 :]):
            rest = [seen for seen in rest if not covers(part, seen)] if len(rest) < LIMIT // 10 else rest
            rest.append(part)
    if first is not None and not any(part.free for part in rest):
        single = len(values) == len(first.values or {})
        rest.append(replace(first, values=values, origins=first.origins if single else ()))
    return tuple(rest)


def conjunction_of(cells: list[Cell], side: Side) -> Conjunction:
    """A conjunction of cells with references followed, so that `$ref` and inline are one."""
    return conjunction([side.follow(item) for item in cells])
