"""`unevaluatedProperties` and `unevaluatedItems`: plain ones are closed objects, the rest stays a residue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

from ._disjoint import light
from ._parts import Normal, Part, Residue, Rule
from ._side import Cell, Side, cell, dumps

if TYPE_CHECKING:
    from tools.model import Json

_BRANCHING = ("anyOf", "oneOf", "not", "if", "dependentSchemas", "$dynamicRef", "contains")


def closed_rules(found: Normal, cells: Json, here: Cell, side: Side) -> Normal:
    """The normal form with the schema's unevaluated* keywords in it."""
    if "unevaluatedProperties" in cells and not light(cells["unevaluatedProperties"]):
        found = _objects(found, here, side)
    if "unevaluatedItems" in cells and not light(cells["unevaluatedItems"]):
        inner = cell(join(here.at, "unevaluatedItems"), here.schema["unevaluatedItems"])
        # What items the branches evaluate is seen from the whole schema only: its text stands for it.
        residue = Residue("unevaluatedItems", here.at, dumps(here.schema), cells=(inner,))
        found = _with(found, "array", residue)
    return found


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
    branches: Json = schema.get("allOf")
    for index, item in enumerate(branches if is_array(branches) else []):
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
