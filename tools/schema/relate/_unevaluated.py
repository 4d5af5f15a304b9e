"""`unevaluatedProperties` and `unevaluatedItems`: plain ones are closed objects, the rest stays a residue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.schema.canonical import dumps
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

from ._disjoint import light
from ._parts import Fact, Normal, Part, Residue, Rule, Sequence, settle
from ._side import Cell, Side, cell

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

_BRANCHING = ("anyOf", "oneOf", "not", "if", "dependentSchemas", "$dynamicRef", "contains")
ALL = 1_000_000_000
"""More items than any array has."""


def closed_rules(found: Normal, cells: Json, here: Cell, side: Side) -> Normal:
    """The normal form with the schema's unevaluated* keywords in it."""
    if "unevaluatedProperties" in cells and not light(cells["unevaluatedProperties"]):
        found = _objects(found, here, side)
    if "unevaluatedItems" in cells and not light(cells["unevaluatedItems"]):
        found = _arrays(found, here, side)
    return found


def _arrays(found: Normal, here: Cell, side: Side) -> Normal:
    inner = cell(join(here.at, "unevaluatedItems"), here.schema["unevaluatedItems"])
    reach = _reach(here, side, set())
    if reach is None:
        # What items the branches evaluate is seen from the whole schema only: its text stands for it.
        return _with(found, "array", Residue("unevaluatedItems", here.at, dumps(here.schema), cells=(inner,)))
    if reach == ALL:
        return found
    parts: list[Part] = []
    for part in found.kinds.get("array", ()):
        if inner.schema is False:
            most = min(part.facts["maxItems"].value, reach) if "maxItems" in part.facts else reach
            closed = settle(replace(part, facts={**part.facts, "maxItems": Fact(most, here.at)}))
            parts += [] if closed is None else [closed]
        else:
            free = cell(here.at, True)  # noqa: FBT003 - a boolean schema
            rest = Sequence(here.at, dumps([reach, inner.schema, "unevaluated"]), (free,) * reach, inner)
            parts.append(replace(part, sequences=(*part.sequences, rest)))
    kinds = {kind: held for kind, held in found.kinds.items() if kind != "array"}
    return replace(found, kinds={**kinds, "array": tuple(parts)} if parts else kinds)


def _reach(here: Cell, side: Side, seen: set[Cell]) -> int | None:
    """How many first items are evaluated, `ALL` for every one; None when that depends on the instance."""
    if here in seen or not is_object(here.schema):
        return 0
    seen.add(here)
    schema = here.schema
    if any(keyword in schema for keyword in _BRANCHING):
        return None
    if "items" in schema or (len(seen) > 1 and "unevaluatedItems" in schema):
        return ALL
    listed: Json = schema.get("prefixItems")
    most = len(listed) if is_array(listed) else 0
    inner = [cell(join(here.at, "allOf", index), item) for index, item in enumerate(_all_of(schema))]
    reference: Json = schema.get("$ref")
    if isinstance(reference, str):
        target = side.target(reference)
        if target is None:
            return None
        inner.append(target)
    for one in inner:
        reach = _reach(one, side, seen)
        if reach is None:
            return None
        most = max(most, reach)
    return most


def _all_of(schema: JsonObject) -> list[Json]:
    branches: Json = schema.get("allOf")
    return list(branches) if is_array(branches) else []


def _objects(found: Normal, here: Cell, side: Side) -> Normal:
    inner = cell(join(here.at, "unevaluatedProperties"), here.schema["unevaluatedProperties"])
    names: dict[str, Cell] = {}
    patterns: dict[str, Cell] = {}
    if not _collect(here, side, names, patterns, set()):
        # Which properties a branch evaluates is seen from the whole schema only: its text stands for it.
        return _with(found, "object", Residue("unevaluatedProperties", here.at, dumps(here.schema), cells=(inner,)))
    text = dumps([sorted(names), sorted(patterns), inner.schema, "unevaluated"])
    rule = Rule(here.at, text, names, patterns, inner)
    parts = tuple(replace(part, rules=(*part.rules, rule)) for part in found.kinds.get("object", ()))
    return replace(found, kinds={**found.kinds, "object": parts}) if parts else found


def _collect(here: Cell, side: Side, names: dict[str, Cell], patterns: dict[str, Cell], seen: set[Cell]) -> bool:
    """Gather what is evaluated; False when that depends on the instance."""
    if here in seen or not is_object(here.schema):
        return True
    seen.add(here)
    schema = here.schema
    if any(keyword in schema for keyword in _BRANCHING):
        return False
    free = cell(here.at, True)  # noqa: FBT003 - a boolean schema
    if "additionalProperties" in schema or (len(seen) > 1 and "unevaluatedProperties" in schema):
        patterns[""] = free
    for keyword, into in (("properties", names), ("patternProperties", patterns)):
        listed: Json = schema.get(keyword)
        for name in listed if is_object(listed) else ():
            into[name] = free
    for index, item in enumerate(_all_of(schema)):
        if not _collect(cell(join(here.at, "allOf", index), item), side, names, patterns, seen):
            return False
    reference: Json = schema.get("$ref")
    if isinstance(reference, str):
        target = side.target(reference)
        return target is not None and _collect(target, side, names, patterns, seen)
    return True


def _with(found: Normal, kind: str, residue: Residue) -> Normal:
    parts: tuple[Part, ...] = tuple(
        replace(part, residue=(*part.residue, residue)) for part in found.kinds.get(kind, ())
    )
    return replace(found, kinds={**found.kinds, kind: parts}) if parts else found
