"""Whether branches of a `oneOf` exclude each other, in which case it is an `anyOf`; and what tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.canonical import canonical
from tools.schema.shapes import is_array, is_object

from ._parts import KINDS

if TYPE_CHECKING:
    from tools.model import Json

    from ._parts import Normal, Part
    from ._side import Cell, Side

_PAIRS = 60
"""More branches than this are only told apart by one common property, not pair by pair."""


def light(schema: Json) -> bool:
    """Whether a schema says nothing."""
    return schema is True or schema == {}


def fixed(item: Cell, side: Side) -> frozenset[str] | None:
    """The values a property may have, when its schema lists them directly (through references)."""
    schema: Json = side.follow(item).schema
    if not is_object(schema):
        return None
    if "const" in schema:
        return frozenset({canonical(schema["const"])})
    values: Json = schema.get("enum")
    return frozenset(canonical(value) for value in values) if is_array(values) else None


def tags(part: Part, side: Side) -> dict[str, frozenset[str]]:
    """Required properties with listed values."""
    found: dict[str, frozenset[str]] = {}
    required = part.facts["required"].value if "required" in part.facts else frozenset[str]()
    for name in sorted(required):
        for item in part.property(name):
            values = fixed(item, side)
            if values is not None:
                found[name] = values
    return found


def disjoint(normals: list[Normal], side: Side) -> tuple[str | None, bool]:
    """The property whose values tell the object branches apart, if one does, and whether no two branches overlap."""
    common = None
    apart = not any(normal.puzzles for normal in normals)
    for kind in KINDS:
        found = [(index, part) for index, normal in enumerate(normals) for part in normal.kinds.get(kind, ())]
        if len({index for index, _ in found}) < 2:  # noqa: PLR2004 - a branch may overlap itself
            continue
        if kind == "object":
            common = _common([(index, tags(part, side)) for index, part in found])
            if common is not None:
                continue
        apart = apart and len(found) <= _PAIRS and _all_apart(found, side)
    return common, apart


def _all_apart(found: list[tuple[int, Part]], side: Side) -> bool:
    return all(
        first == second or _apart(one, two, side)
        for place, (first, one) in enumerate(found)
        for second, two in found[place + 1 :]
    )


def _common(tagged: list[tuple[int, dict[str, frozenset[str]]]]) -> str | None:
    for name in tagged[0][1]:
        owners: dict[str, int] = {}
        if all(
            name in found and all(owners.setdefault(value, index) == index for value in found[name])
            for index, found in tagged
        ):
            return name
    return None


def _apart(one: Part, two: Part, side: Side) -> bool:
    """Whether no instance can be both, as far as bounds, values and types of required properties tell."""
    if one.values is not None and two.values is not None:
        return not set(one.values) & set(two.values)
    for left, right in ((one, two), (two, one)):
        if (
            "minimum" in left.facts
            and "maximum" in right.facts
            and _beyond(left.facts["minimum"].value, right.facts["maximum"].value)
        ):
            return True
        for low, high in (("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties")):
            if low in left.facts and high in right.facts and left.facts[low].value > right.facts[high].value:
                return True
        if "required" in left.facts and any(
            item.schema is False for name in left.facts["required"].value for item in right.property(name)
        ):
            return True
    if one.kind != "object":
        return False
    mine, other = tags(one, side), tags(two, side)
    if any(name in other and not mine[name] & other[name] for name in mine):
        return True
    shared = _required(one) & _required(two)
    return any(_types_apart(one, two, name, side) for name in shared)


def _beyond(minimum: tuple[float, int], maximum: tuple[float, int]) -> bool:
    return minimum[0] > maximum[0] or (minimum[0] == maximum[0] and (minimum[1] == 1 or maximum[1] == 0))


def _required(part: Part) -> frozenset[str]:
    names: frozenset[str] = part.facts["required"].value if "required" in part.facts else frozenset()
    return names


def _types_apart(one: Part, two: Part, name: str, side: Side) -> bool:
    mine, other = _types(one, name, side), _types(two, name, side)
    return mine is not None and other is not None and not mine & other


def _types(part: Part, name: str, side: Side) -> frozenset[str] | None:
    for item in part.property(name):
        schema: Json = side.follow(item).schema
        if is_object(schema) and "type" in schema:
            listed: Json = schema["type"]
            names = listed if is_array(listed) else [listed]
            return frozenset("number" if entry == "integer" else str(entry) for entry in names)
    return None


def tag_of(made: Normal, branch: Cell, guided: Json, common: str | None, side: Side) -> str | None:
    """The discriminator value of a union branch: its constant, what the mapping calls it, or its name."""
    property_name: Json = guided.get("propertyName") if is_object(guided) else common
    if not isinstance(property_name, str):
        return None
    for part in made.kinds.get("object", ()):
        for item in part.property(property_name):
            values = fixed(item, side)
            if values is not None and len(values) == 1:
                return next(iter(values)).strip('"')
    mapping: Json = guided.get("mapping") if is_object(guided) else None
    reference: Json = branch.schema.get("$ref") if is_object(branch.schema) else None
    for value, target in sorted(mapping.items()) if is_object(mapping) else []:
        if target == reference or (isinstance(reference, str) and reference.endswith(f"/{target}")):
            return value
    return side.follow(branch).label if is_object(guided) else None
