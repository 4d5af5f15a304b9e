"""A contract as the checks read it: operations, documented examples, sample values. No judgement here."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import jsonschema_rs

from ._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._json import Json, JsonObject

METHODS = ("get", "put", "post", "delete", "patch")
JSON_MEDIA = "application/json"
GOOD = range(200, 300)


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One documented JSON body; `status` is None for a request."""

    operation: Operation
    name: str
    value: Json
    status: int | None = None

    @property
    def id(self) -> str:
        """Where it stands, in words."""
        place = self.operation.id if self.status is None else f"{self.operation.id}.{self.status}"
        return f"{place}:{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation of a contract."""

    id: str
    method: str
    path: str
    tag: str
    definition: JsonObject

    @property
    def server(self) -> str:
        """Its first documented base URL."""
        return str(self.definition["servers"][0]["url"])

    @property
    def statuses(self) -> tuple[int, ...]:
        """The documented statuses."""
        return tuple(int(status) for status in self.definition["responses"] if status.isdigit())

    @property
    def is_paid(self) -> bool:
        """Whether it submits a task: its good answer links to the task query."""
        return self.method == "POST" and self.task_pointer is not None

    @property
    def task_pointer(self) -> str | None:
        """Where the id for the task query stands in the answer to a submission: the contract's link says so."""
        links: Mapping[str, JsonObject] = self.response(200).get("links", {})
        for link in links.values():
            for expression in link.get("parameters", {}).values():
                if str(expression).startswith("$response.body#"):
                    return str(expression).removeprefix("$response.body#")
        return None

    @property
    def request_schema(self) -> JsonObject | None:
        """The schema of its JSON request."""
        found: JsonObject | None = _media(self.definition.get("requestBody", {})).get("schema")
        return found

    def response(self, status: int) -> JsonObject:
        """The response object of a status, empty where none is documented."""
        found: JsonObject = self.definition["responses"].get(str(status), {})
        return found

    def response_schema(self, status: int) -> JsonObject | None:
        """The schema of a JSON response."""
        found: JsonObject | None = _media(self.response(status)).get("schema")
        return found

    def request_examples(self) -> Iterator[Example]:
        """Every documented request, of every page and language."""
        for name, value in _examples(_media(self.definition.get("requestBody", {}))):
            yield Example(operation=self, name=name, value=value)

    def response_examples(self) -> Iterator[Example]:
        """Every documented response of every status."""
        for status in self.statuses:
            for name, value in _examples(_media(self.response(status))):
                yield Example(operation=self, name=name, value=value, status=status)

    @property
    def documented_errors(self) -> tuple[JsonObject, ...]:
        """The rows of the documented error table: `status` and `type` in each."""
        rows: list[JsonObject] = self.definition.get("x-vidgate-errors", [])
        return tuple(row for row in rows if "status" in row and "type" in row)


class Contract:
    """One provider's contract."""

    def __init__(self, document: JsonObject) -> None:
        self.document = document
        self.operations: tuple[Operation, ...] = tuple(_operations(document))
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @functools.cached_property
    def _components(self) -> str:
        return json.dumps(self.document["components"])

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the contract, whatever its layout."""
        canonical = json.dumps(self.document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def one(self, *, paid: bool) -> Operation:
        """The operation that submits, or the one that reads a task."""
        found = [operation for operation in self.operations if operation.is_paid is paid]
        if len(found) != 1:
            kind = "submits a task" if paid else "reads a task"
            message = f"exactly one operation that {kind} is expected, the contract has {len(found)}"
            raise HarnessError(message)
        return found[0]

    def variants(self, operation: Operation) -> dict[str, str]:
        """Model id → name of the schema, from the discriminator of the request."""
        schema = self.resolve(operation.request_schema or {})
        mapping: dict[str, str] = schema.get("discriminator", {}).get("mapping", {})
        if not mapping:
            message = f"the request of {operation.id} has no discriminator mapping"
            raise HarnessError(message)
        return {model: reference.rpartition("/")[2] for model, reference in mapping.items()}

    def component(self, name: str) -> JsonObject:
        """A schema by name."""
        found: JsonObject = self.document["components"]["schemas"][name]
        return found

    def resolve(self, schema: JsonObject) -> JsonObject:
        """Follow `$ref` until a schema stands there."""
        while "$ref" in schema:
            found: Json = self.document
            for token in str(schema["$ref"]).removeprefix("#/").split("/"):
                found = found[token.replace("~1", "/").replace("~0", "~")]
            schema = cast("JsonObject", found)
        return schema

    def violations(self, schema: JsonObject, value: Json) -> list[str]:
        """What keeps a value from being valid, formats included."""
        key = json.dumps(schema, sort_keys=True)
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = _compile(key, self._components)
        return [
            f"/{'/'.join(str(step) for step in error.instance_path)}: {error.message}"
            for error in validator.iter_errors(value)
        ]


@functools.cache
def shipped(package: str) -> Contract:
    """Read the contract that ships in a generated package."""
    resource = importlib.resources.files(package) / "contract.json"
    return Contract(json.loads(resource.read_text(encoding="utf-8")))


def module_name(operation: Operation) -> str:
    """Where a generated package keeps an operation: `createVideo` in `api.videos.create_video`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation.id).lower()
    return f"api.{operation.tag}.{snake}"


@functools.lru_cache(maxsize=512)
def _compile(schema: str, components: str) -> jsonschema_rs.Draft202012Validator:
    document = {"allOf": [json.loads(schema)], "components": json.loads(components)}
    return jsonschema_rs.Draft202012Validator(document, validate_formats=True, ignore_unknown_formats=True)


def _media(holder: JsonObject) -> JsonObject:
    found: JsonObject = holder.get("content", {}).get(JSON_MEDIA, {})
    return found


def _examples(media: JsonObject) -> Iterator[tuple[str, Json]]:
    if "example" in media:
        yield "example", media["example"]
    named: Mapping[str, JsonObject] = media.get("examples", {})
    for name, example in named.items():
        if "value" in example:
            yield name, example["value"]


def _operations(document: JsonObject) -> Iterator[Operation]:
    paths: Mapping[str, JsonObject] = document["paths"]
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                definition: JsonObject = item[method]
                yield Operation(
                    id=definition["operationId"],
                    method=method.upper(),
                    path=path,
                    tag=definition["tags"][0],
                    definition=definition,
                )
