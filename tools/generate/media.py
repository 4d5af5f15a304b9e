"""Which operations start a task that makes media, and which one tells how it goes: the rule, and its only place.

A client offers `images`, `audios` and `videos` for what is found here; everything else stays with the low-level API.

An operation starts a task when its request tells models apart and its good answer *is* a task: an object with a status
and an id. That much is structure, so it holds for one provider's flat body and for another's envelope alike. What the
task makes is taken from the first of these that says it:

1. `x-vidgate-media` on the operation, a judgement of the overlay: `image`, `audio`, `video`, or `none`;
2. the task's own type in that answer, a closed value such as `image.generation.task`;
3. the collection in the path, `/v1/images/…`: providers whose answers carry no type keep one collection per kind.

Names of models, pages and operation ids have no say. Where several operations of a contract start tasks of one kind,
the client has the one whose path ends in `/generations`, else the one with the shortest path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.generate import names
from tools.generate.flatten import as_schema, flatten, lookup, target
from tools.generate.names import refuse
from tools.schema.pointers import join
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.generate.operations import Operation
    from tools.generate.variants import Families, Family
    from tools.generate.view import View
    from tools.model import Json, JsonObject

KINDS: Final = ("image", "audio", "video")
EXTENSION: Final = "x-vidgate-media"

_TASK_TYPES: Final = {f"{kind}.generation.task": kind for kind in KINDS}
_COLLECTIONS: Final = {name: kind for kind in KINDS for name in (kind, f"{kind}s")} | {"music": "audio"}
_GENERATIONS: Final = "generations"


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One operation as Python has it: its module in `api`, and the class of its good answer, empty when it has none."""

    id: str
    module: str
    answer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """The operation that starts tasks of a kind; `protocol` is the generated type of its calls."""

    kind: str
    endpoint: Endpoint
    protocol: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """The submissions by kind, in the order of `KINDS`, and the query of a task; no query, no submissions."""

    submissions: tuple[Submission, ...]
    query: Endpoint | None


def find_media(openapi: JsonObject, view: View, families: Families) -> Media:
    """What of a contract makes media; raises GenerateError for an `x-vidgate-media` that is none of its words."""
    query = next((operation for operation in view.operations if _is_query(openapi, operation)), None)
    if query is None:
        return Media(submissions=(), query=None)
    known = {family.id: family for family in families.operations}
    chosen: dict[str, tuple[Operation, Family]] = {}
    for operation in sorted(view.operations, key=_preference):
        family = known.get(operation.id)
        kind = None if family is None else _kind(openapi, operation)
        if family is not None and kind is not None:
            chosen.setdefault(kind, (operation, family))
    return Media(
        submissions=tuple(
            Submission(kind=kind, endpoint=_endpoint(view, chosen[kind][0]), protocol=chosen[kind][1].protocol)
            for kind in KINDS
            if kind in chosen
        ),
        query=_endpoint(view, query),
    )


def _preference(operation: Operation) -> tuple[bool, int, str]:
    return not operation.path.endswith(f"/{_GENERATIONS}"), len(operation.path), operation.path


def _is_query(openapi: JsonObject, operation: Operation) -> bool:
    """`GET …/{task_id}` with a task for an answer."""
    last = operation.path.rpartition("/")[2]
    return (
        operation.method == "get"
        and last.startswith("{")
        and operation.path.count("{") == 1
        and next(_tasks(openapi, operation), None) is not None
    )


def _kind(openapi: JsonObject, operation: Operation) -> str | None:
    """What the tasks of an operation make; None when it starts none."""
    stated: Json = operation.value.get(EXTENSION)
    if stated is not None:
        if stated not in {*KINDS, "none"}:
            problem = f"{EXTENSION} is {stated!r}"
            raise refuse(problem, join(operation.pointer, EXTENSION), fix=f"Write {', '.join(KINDS)} or none.")
        return None if stated == "none" else str(stated)
    if operation.method != "post" or "{" in operation.path:
        return None
    tasks = list(_tasks(openapi, operation))
    if not tasks:
        return None
    types = {kind for task in tasks for value in _values(task, "object") if (kind := _TASK_TYPES.get(value))}
    if types:
        return types.pop() if len(types) == 1 else None
    return next((kind for part in operation.path.split("/") if (kind := _COLLECTIONS.get(part))), None)


def _tasks(openapi: JsonObject, operation: Operation) -> Iterator[JsonObject]:
    """The properties of every task that a good answer holds: in itself, in `data`, or in a list of those."""
    for status, pointer, response in operation.responses:
        schema: Json = response.get("content", {}).get("application/json", {}).get("schema")
        if status.startswith("2") and schema is not None:
            place = join(pointer, "content", "application/json", "schema")
            for properties in _objects(openapi, schema, place, envelope=True):
                if "status" in properties and properties.keys() & {"id", "task_id"}:
                    yield properties


def _objects(openapi: JsonObject, schema: Json, pointer: str, *, envelope: bool) -> Iterator[JsonObject]:
    """The properties of an answer, and of what its `data` holds."""
    flat = flatten(openapi, as_schema(schema, pointer), pointer)
    while "$ref" in flat:
        pointer = join("", "components", "schemas", target(flat["$ref"], pointer))
        flat = flatten(openapi, lookup(openapi, target(flat["$ref"], pointer), pointer), pointer)
    if "items" in flat:
        yield from _objects(openapi, flat["items"], join(pointer, "items"), envelope=False)
        return
    properties: JsonObject = flat.get("properties", {})
    yield properties
    if envelope and "data" in properties:
        yield from _objects(openapi, properties["data"], join(pointer, "properties", "data"), envelope=False)


def _values(properties: JsonObject, name: str) -> list[str]:
    schema: Json = properties.get(name)
    if not is_object(schema):
        return []
    return [value for value in (*schema.get("enum", ()), schema.get("const")) if isinstance(value, str)]


def _endpoint(view: View, operation: Operation) -> Endpoint:
    """Where the generator puts an operation, and what it makes of its first good answer."""
    shown: Mapping[str, JsonObject] = view.openapi["paths"][operation.path][operation.method]["responses"]
    none: JsonObject = {}
    good = next((response for status, response in shown.items() if status.startswith("2")), none)
    schema: JsonObject = good.get("content", {}).get("application/json", {}).get("schema", {})
    return Endpoint(
        id=operation.id,
        module=f"{names.module_name(operation.tag)}.{names.module_name(operation.id)}",
        answer=target(schema["$ref"], operation.pointer) if "$ref" in schema else "",
    )
