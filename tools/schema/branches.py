"""Branches of a union, told apart by what they are rather than by where they stand in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tools.schema.normal import key
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Json, JsonObject

UNIONS: Final = frozenset({"allOf", "anyOf", "oneOf"})


def branch_name(branch: Json) -> str:
    """Where it leads, the constants that its properties must have, its type and constant, or all it says."""
    if is_object(branch):
        if "$ref" in branch:
            return f"$ref {branch['$ref']}"
        properties: Json = branch.get("properties")
        constants = _constants(properties) if is_object(properties) else {}
        if constants:
            return f"constants {json.dumps(constants, sort_keys=True, ensure_ascii=False)}"
    return key(branch)


def _constants(properties: JsonObject) -> JsonObject:
    found: JsonObject = {}
    for name, schema in properties.items():
        if not is_object(schema):
            continue
        values: Json = [schema["const"]] if "const" in schema else schema.get("enum")
        if is_array(values) and len(values) == 1:
            found[name] = values[0]
    return found


def matched(unions: Sequence[Sequence[Json]]) -> list[list[int]] | None:
    """For each branch of the first union, where it stands in each of them; None where they have other branches.

    Equal names within a union leave nothing to tell its branches apart by: then only equal contents meet.
    """
    for name in (branch_name, key):
        places = [{name(branch): index for index, branch in enumerate(union)} for union in unions]
        if all(len(known) == len(union) for known, union in zip(places, unions, strict=True)):
            return [[known[one] for known in places] for one in places[0]] if _same(places) else None
    return None


def _same(places: Sequence[dict[str, int]]) -> bool:
    return all(known.keys() == places[0].keys() for known in places)
