"""Values made from a schema where no page gives a whole example, and what a server might turn them into."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._json import Json, JsonObject, follow, is_array, is_object, join
from ._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._contract import Contract

UNKNOWN_TEXT = "a-value-no-page-names"
UNKNOWN_NUMBER = 987_654_321
EXTRA = "a_field_no_page_names"
EXTRA_VALUE: Json = {"nested": [1, 2.5, None, True, "text"]}
OTHER_ARRAY: Json = [{"unexpected": 1}]
OTHER_OBJECT: Json = {"unexpected": [1]}
TEXTS = {
    "uri": "https://example.com/file.mp4",
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """One way in which an answer may differ from what is documented."""

    kind: str
    pointer: str
    value: Json

    @property
    def id(self) -> str:
        """What was changed, and where."""
        return f"{self.kind} at {self.pointer or '/'}"


def compose(contract: Contract, schema: JsonObject, *, only_required: bool = False) -> Json:
    """Build a valid value from the examples of the properties; by default with every documented property.

    Raises HarnessError when none is found.
    """
    for candidate in _candidates(contract, schema, only_required=only_required):
        if not contract.violations(schema, candidate):
            return candidate
    message = f"no valid sample for {schema.get('$ref', schema.get('type', 'a schema'))}: give it an example"
    raise HarnessError(message)


def mutations(contract: Contract, schema: JsonObject, value: Json) -> Iterator[Mutation]:
    """Every single change: an enum member nobody lists, a null, another type, a missing property, an extra one."""
    for kind, pointer, replacement in _changes(contract, schema, value, ""):
        changed = copy.deepcopy(value)
        holder_pointer, _, name = pointer.rpartition("/")
        holder = follow(changed, holder_pointer) if pointer else changed
        key = name.replace("~1", "/").replace("~0", "~")
        if kind == "missing":
            del holder[key]
        elif is_array(holder):
            holder[int(key)] = replacement
        else:
            holder[key] = replacement
        yield Mutation(kind=kind, pointer=pointer, value=changed)


def _changes(contract: Contract, schema: JsonObject, value: Json, pointer: str) -> Iterator[tuple[str, str, Json]]:
    schema = contract.resolve(schema)
    if pointer and ("enum" in schema or "const" in schema):
        yield "unknown value", pointer, UNKNOWN_TEXT if isinstance(value, str) else UNKNOWN_NUMBER
    for keyword in ("oneOf", "anyOf", "allOf"):
        branches: list[JsonObject] = schema.get(keyword, [])
        for branch in branches:
            if keyword == "allOf" or not contract.violations(branch, value):
                yield from _changes(contract, branch, value, pointer)
    if is_object(value) and ("properties" in schema or schema.get("type") == "object"):
        properties: dict[str, JsonObject] = schema.get("properties", {})
        yield "extra field", join(pointer, EXTRA), EXTRA_VALUE
        for name, inner in properties.items():
            if name in value:
                yield "null", join(pointer, name), None
                yield "other type", join(pointer, name), OTHER_OBJECT if is_array(value[name]) else OTHER_ARRAY
                yield "missing", join(pointer, name), None
                yield from _changes(contract, inner, value[name], join(pointer, name))
    elif is_array(value) and "items" in schema:
        for index, item in enumerate(value):
            yield from _changes(contract, schema["items"], item, join(pointer, index))


def _candidates(contract: Contract, schema: JsonObject, *, only_required: bool) -> Iterator[Json]:
    if "$ref" in schema:  # examples may stand beside a reference
        yield from schema.get("examples", [])
        schema = contract.resolve(schema)
    for keyword in ("example", "const"):
        if keyword in schema:
            yield schema[keyword]
    # A whole example of an object need not have every property, so it is no "full" sample.
    if "properties" not in schema or only_required:
        yield from schema.get("examples", [])
        if "default" in schema:
            yield schema["default"]
    yield from schema.get("enum", [])
    view: JsonObject = schema.get("x-vidgate-values", {})
    yield from view.get("values", [])
    branches: list[JsonObject] = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
    for branch in branches:
        yield from _candidates(contract, branch, only_required=only_required)
    yield from _synthesised(contract, schema, only_required=only_required)


def _synthesised(contract: Contract, schema: JsonObject, *, only_required: bool) -> Iterator[Json]:
    declared: Any = schema.get("type", "object" if "properties" in schema else "string")
    kinds: list[str] = [declared] if isinstance(declared, str) else declared
    for kind in kinds:
        match kind:
            case "object":
                properties: dict[str, JsonObject] = schema.get("properties", {})
                required: list[str] = schema.get("required", [])
                yield {
                    name: compose(contract, inner, only_required=only_required)
                    for name, inner in properties.items()
                    if name in required or not only_required
                }
            case "array":
                item = compose(contract, schema.get("items", {}), only_required=only_required)
                yield [copy.deepcopy(item) for _ in range(max(1, schema.get("minItems", 1)))]
            case "string":
                text = TEXTS.get(schema.get("format", ""), "text")
                yield text
                yield text + "x" * max(0, schema.get("minLength", 0) - len(text))
            case "integer" | "number":
                yield schema.get("minimum", 1)
                yield schema.get("maximum", 1)
                yield schema.get("exclusiveMinimum", 0) + 1
            case "boolean":
                yield True
            case "null":
                yield None
            case _:
                pass


def requests_of(contract: Contract, name: str, bases: Iterable[JsonObject]) -> Iterator[JsonObject]:
    """Valid requests of one variant: each of `bases`, and each with one property set to each value its schema names.

    Raises HarnessError when a documented property is in none of them.
    """
    reference = {"$ref": f"#/components/schemas/{name}"}
    properties: dict[str, JsonObject] = contract.component(name)["properties"]
    minimal: JsonObject = compose(contract, reference, only_required=True)
    starts = [minimal, *bases]
    reached: set[str] = set(minimal)
    yield from starts
    for field, schema in properties.items():
        for value in _candidates(contract, schema, only_required=False):
            body = next(
                (
                    {**start, field: value}
                    for start in starts
                    if not contract.violations(reference, {**start, field: value})
                ),
                None,
            )
            if body is not None:
                reached.add(field)
                yield body
    if missing := properties.keys() - reached:
        message = f"no valid request of {name} with {', '.join(sorted(missing))}: give the contract an example"
        raise HarnessError(message)
