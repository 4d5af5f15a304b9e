"""The contract as the simulator reads it: operations, documented error bodies, validators.

Only `contract.json` of the generated package is read, through importlib.resources, because that is the form that ships.
"""

from __future__ import annotations

import copy
import functools
import importlib.resources
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import jsonschema_rs

from vidgate._contract import submissions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

JsonObject: TypeAlias = dict[str, Any]
Provider: TypeAlias = Literal["evolink", "apimart"]

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
# An example in English reads best beside our own messages; any documented body is right.
PREFERRED_EXAMPLES = ("en.", "supplement")


def is_object(value: object) -> bool:
    """Tell whether a JSON value is an object."""
    return isinstance(value, dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    path: str
    definition: JsonObject
    parameters: tuple[JsonObject, ...]
    makes: str | None = None
    """What the tasks that it creates make: `image`, `audio` or `video`; None when it creates none."""

    @property
    def servers(self) -> tuple[str, ...]:
        """The base URLs that the provider documents for this operation."""
        return tuple(server["url"] for server in self.definition.get("servers", []))

    @property
    def creates_tasks(self) -> bool:
        """Whether its answer is a task."""
        return self.makes is not None

    @property
    def reads_task(self) -> bool:
        """Whether it is the task query."""
        return self.method == "GET" and "{task_id}" in self.path

    @property
    def statuses(self) -> frozenset[int]:
        """The documented statuses."""
        return frozenset(int(status) for status in self.definition["responses"] if status.isdigit())

    def first_documented(self, *statuses: int) -> int:
        """Return the first status that the provider documents; where none is, the first as HTTP means it."""
        return next((status for status in statuses if status in self.statuses), statuses[0])

    def error_example(self, status: int) -> JsonObject | None:
        """Return a documented body for a status, or None where the contract has no example."""
        response: JsonObject = self.definition["responses"].get(str(status), {})
        media: JsonObject = response.get("content", {}).get("application/json", {})
        examples: JsonObject = media.get("examples", {})
        for prefix in (*PREFERRED_EXAMPLES, ""):
            for name, example in examples.items():
                if name.startswith(prefix) and is_object(example.get("value")):
                    return cast("JsonObject", copy.deepcopy(example["value"]))
        return None

    def error_types(self, status: int) -> frozenset[str]:
        """Return the error types that the provider's error table lists for a status."""
        rows: Sequence[JsonObject] = self.definition.get("x-vidgate-errors", [])
        return frozenset(row["type"] for row in rows if row.get("status") == status and "type" in row)


class Contract:
    """One provider's contract, with compiled validators."""

    def __init__(self, document: Mapping[str, Any], provider: Provider) -> None:
        self.document: JsonObject = dict(document)
        # The generated package says which operations make tasks; another edition of the contract changes nothing there.
        makes = {row["operation"]: kind for kind, row in submissions(f"{provider}_api").items()}
        self.operations: tuple[Operation, ...] = tuple(_operations(self.document, makes))
        # Written once: it is part of every validator's identity.
        self._components = json.dumps(self.document["components"], sort_keys=True)

    @staticmethod
    @functools.cache
    def shipped(provider: Provider) -> Contract:
        """Read the contract that ships with the generated package of a provider."""
        resource = importlib.resources.files(f"{provider}_api") / "contract.json"
        return Contract(json.loads(resource.read_text(encoding="utf-8")), provider)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every base URL of every operation, in order of first use."""
        return tuple(dict.fromkeys(server for operation in self.operations for server in operation.servers))

    def resolve(self, schema: JsonObject) -> JsonObject:
        """Follow `$ref` inside the document until a schema stands there."""
        while "$ref" in schema:
            found: Any = self.document
            for token in schema["$ref"].removeprefix("#/").split("/"):
                found = found[token.replace("~1", "/").replace("~0", "~")]
            schema = found
        return schema

    def validator(self, schema: JsonObject) -> jsonschema_rs.Draft202012Validator:
        """Compile a schema of this contract, with formats asserted."""
        return _compile(json.dumps(schema, sort_keys=True), self._components)

    def request_schema(self, operation: Operation) -> JsonObject | None:
        """Return the schema of the JSON body an operation takes."""
        return _json_schema(operation.definition.get("requestBody", {}))

    def response_schema(self, operation: Operation, status: int) -> JsonObject | None:
        """Return the schema of the JSON body an operation answers with."""
        return _json_schema(operation.definition["responses"].get(str(status), {}))

    def message_at(self, schema_path: Sequence[str | int]) -> str | None:
        """Return the text of the deepest `x-vidgate-message` on the way to a failed keyword."""
        found: Any = self.document
        message: str | None = None
        for token in schema_path:
            try:
                found = found[token]
            except (KeyError, IndexError, TypeError):
                break
            if is_object(found):
                message = cast("JsonObject", found).get("x-vidgate-message", message)
        return message


@functools.lru_cache(maxsize=1024)
def _compile(schema: str, components: str) -> jsonschema_rs.Draft202012Validator:
    document = {"allOf": [json.loads(schema)], "components": json.loads(components)}
    return jsonschema_rs.Draft202012Validator(document, validate_formats=True, ignore_unknown_formats=True)


def _json_schema(holder: JsonObject) -> JsonObject | None:
    schema: JsonObject | None = holder.get("content", {}).get("application/json", {}).get("schema")
    return schema


def _operations(document: JsonObject, makes: Mapping[str, str]) -> Iterator[Operation]:
    paths: dict[str, JsonObject] = document.get("paths", {})
    for path, item in paths.items():
        shared: list[JsonObject] = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                definition: JsonObject = item[method]
                identifier = definition.get("operationId", f"{method} {path}")
                yield Operation(
                    id=identifier,
                    method=method.upper(),
                    path=path,
                    definition=definition,
                    parameters=(*shared, *definition.get("parameters", [])),
                    makes=makes.get(identifier),
                )
