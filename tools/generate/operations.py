"""The operations of a contract, with their references resolved, and the schemas their responses can bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.generate import names
from tools.generate.flatten import lookup, target
from tools.generate.names import refuse
from tools.schema.pointers import join, resolve
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json, JsonObject

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation of the contract with the places of its parts; `$ref`s of its parts are resolved."""

    id: str
    tag: str
    path: str
    method: str
    pointer: str
    value: JsonObject
    parameters: tuple[tuple[str, JsonObject], ...]
    body: tuple[str, JsonObject] | None
    responses: tuple[tuple[str, str, JsonObject], ...]


def operations_of(openapi: JsonObject) -> Iterator[Operation]:
    """Every operation in document order; raises GenerateError for names that cannot be modules, or stand twice."""
    modules: dict[tuple[str, str], str] = {}
    identifiers: dict[str, str] = {}
    for path, item in openapi.get("paths", {}).items():
        for method in METHODS:
            if method not in item:
                continue
            pointer = join("", "paths", path, method)
            value: JsonObject = item[method]
            tag = next(iter(value.get("tags", ())), None)
            names.check_operation(value.get("operationId"), tag, path, pointer)
            identifier = str(value["operationId"])
            key = (names.module_name(str(tag)), names.module_name(identifier))
            if identifier in identifiers or key in modules:
                other = modules.get(key) or identifiers[identifier]
                problem = f"the operation id {identifier!r} is taken by {other}"
                raise refuse(problem, pointer, fix="Give each operation an id of its own in overlay.yaml.")
            modules[key] = identifiers[identifier] = f"#{pointer}"
            yield _operation(openapi, value, item, path=path, method=method, tag=str(tag), pointer=pointer)


def _operation(
    openapi: JsonObject, value: JsonObject, item: JsonObject, *, path: str, method: str, tag: str, pointer: str
) -> Operation:
    own = [(join(pointer, "parameters", index), each) for index, each in enumerate(value.get("parameters", ()))]
    shared_at = pointer.rpartition("/")[0]
    shared = [(join(shared_at, "parameters", index), each) for index, each in enumerate(item.get("parameters", ()))]
    parameters: dict[tuple[str, str], tuple[str, JsonObject]] = {}
    for place, each in (*shared, *own):  # an operation's own parameter replaces the path's
        where, parameter = _resolved(openapi, each, place)
        parameters[str(parameter.get("in")), str(parameter.get("name"))] = (where, parameter)
    body: tuple[str, JsonObject] | None = None
    if "requestBody" in value:
        body = _resolved(openapi, value["requestBody"], join(pointer, "requestBody"))
    responses: list[tuple[str, str, JsonObject]] = []
    for status, each in value.get("responses", {}).items():
        where, response = _resolved(openapi, each, join(pointer, "responses", status))
        responses.append((status, where, response))
    return Operation(
        id=value["operationId"],
        tag=tag,
        path=path,
        method=method,
        pointer=pointer,
        value=value,
        parameters=tuple(parameters.values()),
        body=body,
        responses=tuple(responses),
    )


def _resolved(openapi: JsonObject, value: JsonObject, pointer: str) -> tuple[str, JsonObject]:
    seen = {pointer}
    while "$ref" in value:
        place = str(value["$ref"]).removeprefix("#")
        if place in seen:
            raise refuse(f"{value['$ref']} refers to itself", pointer, fix="Break the circle in overlay.yaml.")
        seen.add(place)
        try:
            value, pointer = resolve(openapi, place), place
        except KeyError:
            raise refuse(f"nothing stands at {value['$ref']}", pointer, fix="Correct the reference.") from None
    return pointer, value


def reachable(openapi: JsonObject, operations: tuple[Operation, ...]) -> frozenset[str]:
    """The component schemas that a response can bring."""
    found: set[str] = set()
    queue: list[tuple[str, Json]] = []
    for operation in operations:
        for _, pointer, response in operation.responses:
            queue.extend(
                (join(pointer, "content", kind, "schema"), media["schema"])
                for kind, media in response.get("content", {}).items()
                if "schema" in media
            )
    while queue:
        pointer, schema = queue.pop()
        if not is_object(schema):
            continue
        queue.extend(_inner(schema, pointer))
        if "$ref" in schema:
            name = target(schema["$ref"], pointer)
            if name not in found:
                found.add(name)
                queue.append((join("", "components", "schemas", name), lookup(openapi, name, pointer)))
    return frozenset(found)


def _inner(schema: JsonObject, pointer: str) -> Iterator[tuple[str, Json]]:
    """The subschemas that give shape; a walk over all members would take a property for a keyword."""
    properties: Json = schema.get("properties")
    if is_object(properties):
        yield from ((join(pointer, "properties", name), value) for name, value in properties.items())
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield join(pointer, key), schema[key]
    for key in ("allOf", "anyOf", "oneOf"):
        members: Json = schema.get(key)
        if is_array(members):
            yield from ((join(pointer, key, index), member) for index, member in enumerate(members))
