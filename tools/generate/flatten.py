"""What a schema says about shape, without what it only asserts.

Assertions (`if`, `not`, `anyOf` of `required`, bounds, patterns …) are checked by a validator that reads the contract;
the generator ignores some of them and loses the class over others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.generate.names import refuse
from tools.schema.pointers import join, resolve
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

_SHAPE: Final = frozenset({"$ref", "type", "enum", "const", "items", "prefixItems", "x-vidgate-values"})
_UNIONS: Final = ("oneOf", "anyOf")
SCHEMAS: Final = "#/components/schemas/"


def target(reference: Json, pointer: str) -> str:
    """The component that a `$ref` names; raises GenerateError for a reference to anything else."""
    if not isinstance(reference, str) or not reference.startswith(SCHEMAS) or "/" in reference[len(SCHEMAS) :]:
        problem = f"the reference {reference!r} leads to no schema of this document"
        raise refuse(problem, pointer, fix="Point it at #/components/schemas/… in overlay.yaml.")
    return reference[len(SCHEMAS) :].replace("~1", "/").replace("~0", "~")


def lookup(openapi: JsonObject, name: str, pointer: str) -> JsonObject:
    """A component schema; raises GenerateError when there is none."""
    try:
        found = resolve(openapi, join("", "components", "schemas", name))
    except KeyError:
        problem = f"the schema {name!r} does not exist"
        raise refuse(problem, pointer, fix="Define it in supplement.yaml, or correct the reference.") from None
    return as_schema(found, pointer)


def as_schema(value: Json, pointer: str) -> JsonObject:
    """A schema object: `true` is `{}`; raises GenerateError for what is no schema."""
    if value is True:
        return {}
    if is_object(value):
        return value
    raise refuse("no schema stands here", pointer, fix="Write an object, or remove it in overlay.yaml.")


def is_assertion(schema: Json, properties: JsonObject) -> bool:
    """Whether a subschema beside `properties` only restricts values and adds no shape."""
    if not is_object(schema):
        return True
    if _SHAPE & schema.keys() - ({"type"} if schema.get("type") == "object" else set()):
        return False
    if isinstance(schema.get("additionalProperties"), dict):
        return False
    nested: list[Json] = [member for key in (*_UNIONS, "allOf") for member in schema.get(key, ())]
    own: JsonObject = schema.get("properties", {})
    return all(is_assertion(member, properties) for member in nested) and all(
        name in properties or is_assertion(value, {}) for name, value in own.items()
    )


def flatten(openapi: JsonObject, schema: JsonObject, pointer: str, seen: tuple[str, ...] = ()) -> JsonObject:
    """The schema with `allOf` folded in and assertion-only members gone; a plain `$ref` stays one.

    Raises GenerateError for an `allOf` that contains itself.
    """
    result: JsonObject = {key: value for key, value in schema.items() if key != "allOf"}
    listed: list[Json] = schema.get("allOf", [])
    members = [(join(pointer, "allOf", index), member) for index, member in enumerate(listed)]
    own: JsonObject = schema.get("properties", {})
    shaping = [(place, member) for place, member in members if not is_assertion(member, own)]
    for _, member in members:
        if is_object(member) and is_assertion(member, own):
            result["required"] = _joined(result.get("required"), member.get("required"))
    if "$ref" in result and (shaping or _shapes_more(result)):
        shaping.insert(0, (pointer, {"$ref": result.pop("$ref")}))
    if len(shaping) == 1 and "$ref" in shaping[0][1] and not _shapes_more(result):
        result = {**{key: result[key] for key in ("description", "default") if key in result}, **shaping[0][1]}
        shaping = []
    base: JsonObject = {}
    for place, member in shaping:
        base = _merged(base, _opened(openapi, as_schema(member, place), place, seen))
    result = _merged(base, result)
    if not result.get("required"):
        result.pop("required", None)
    return _without_assertions(openapi, result, pointer, seen)


def _opened(openapi: JsonObject, schema: JsonObject, pointer: str, seen: tuple[str, ...]) -> JsonObject:
    """A part of a union or `allOf`, written out where it is a reference; its description belongs to its own class."""
    if "$ref" not in schema:
        return flatten(openapi, schema, pointer, seen)
    name = target(schema["$ref"], pointer)
    if name in seen:
        raise refuse(f"{name!r} contains itself", pointer, fix="Break the circle in overlay.yaml.")
    part = flatten(openapi, lookup(openapi, name, pointer), pointer, (*seen, name))
    if "$ref" in part:
        part = _opened(openapi, part, pointer, (*seen, name))
    return {key: value for key, value in part.items() if key != "description"}


def _shapes_more(schema: JsonObject) -> bool:
    return bool(schema.keys() & {"properties", "type", "items", "enum", "const", "oneOf", "anyOf", "x-vidgate-values"})


def _without_assertions(openapi: JsonObject, schema: JsonObject, pointer: str, seen: tuple[str, ...]) -> JsonObject:
    """Unions that only assert, and unions beside properties: the class has the properties of every branch."""
    result = dict(schema)
    for key in _UNIONS:
        if key not in result:
            continue
        own: JsonObject = result.get("properties", {})
        branches = [branch for branch in result[key] if not is_assertion(branch, own)]
        if not branches:
            del result[key]
        elif own:
            del result[key]
            added: JsonObject = {}
            for index, branch in enumerate(branches):
                place = join(pointer, key, index)
                part = _opened(openapi, as_schema(branch, place), place, seen)
                for name, value in part.get("properties", {}).items():
                    if name not in own:
                        added.setdefault(name, []).append(value)
            result["properties"] = {**own, **{name: _any_of(values) for name, values in added.items()}}
    return result


def _merged(base: JsonObject, over: JsonObject) -> JsonObject:
    """Two parts of an `allOf` as one schema; what `over` says counts where both speak."""
    result = {**base, **over}
    if "properties" in base or "properties" in over:
        first, second = base.get("properties", {}), over.get("properties", {})
        result["properties"] = {
            **{name: _overlaid(value, second[name]) if name in second else value for name, value in first.items()},
            **{name: value for name, value in second.items() if name not in first},
        }
    required = _joined(base.get("required"), over.get("required"))
    if required:
        result["required"] = required
    return result


def _any_of(values: list[Json]) -> Json:
    different = [value for index, value in enumerate(values) if value not in values[:index]]
    return different[0] if len(different) == 1 else {"anyOf": different}


def _overlaid(first: Json, second: Json) -> Json:
    if is_object(first) and is_object(second) and "$ref" not in first and "$ref" not in second:
        return {**first, **second}
    return second


def _joined(first: Json, second: Json) -> list[Json]:
    return list(dict.fromkeys([*(first or ()), *(second or ())]))
