"""The operations and components the pages state, each with where it stands.

A component belongs to a scope, because the same name means different things on different pages: components of a
request belong to their page (in all its languages), those of a success response to their operation, those of an
error response to the whole provider.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from tools.schema.normal import normal
from tools.schema.pointers import join, split, walk
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tools.model import Extracted, Json, JsonObject

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Role: TypeAlias = Literal["request", "response", "error"]
Scope: TypeAlias = tuple[Role, str, str]
"""Role, then what it is limited to: the operation, and for requests the page; empty strings where unlimited."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One page's word on a node: the value, the page, and the pointer into the page's fragment."""

    value: Json
    source: Extracted
    pointer: str

    def child(self, *tokens: str | int) -> Candidate:
        """The candidate for a member of this one's value."""
        value = self.value
        for token in tokens:
            value = value[token]
        return Candidate(value, self.source, join(self.pointer, *tokens))

    @property
    def locale(self) -> str:
        return self.source.page.locale

    @property
    def stem(self) -> str:
        return self.source.page.stem


@dataclass(frozen=True, slots=True)
class Stated:
    """One page's statement of one operation."""

    method: str
    path: str
    candidate: Candidate

    @property
    def operation(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(slots=True)
class Component:
    """A component of one scope with every page's body of it."""

    scope: Scope
    name: str
    candidates: list[Candidate] = field(default_factory=list["Candidate"])


def operations(extracted: Iterable[Extracted]) -> Iterator[Stated]:
    """Every operation on every page, in the order of the pages."""
    for source in extracted:
        if source.document is None:
            continue
        for path, item in source.document.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    pointer = join("/paths", path, method)
                    yield Stated(method, path, Candidate(item[method], source, pointer))


def scoped_components(stated: Sequence[Stated]) -> dict[tuple[Scope, str], Component]:
    """Every component the operations reach, by scope and name.

    A component that a request and a response both reach belongs to the request: that scope is the narrowest.
    """
    found: dict[tuple[Scope, str], Component] = {}
    for one in stated:
        document = one.candidate.source.document or {}
        schemas = document.get("components", {}).get("schemas", {})
        for name, role in _roles(one.candidate.value, schemas).items():
            scope = scope_of(role, one)
            component = found.setdefault((scope, name), Component(scope, name))
            pointer = join("/components/schemas", name)
            component.candidates.append(Candidate(schemas[name], one.candidate.source, pointer))
    return found


def scope_of(role: Role, one: Stated) -> Scope:
    """The scope of what `one` states in `role`."""
    if role == "request":
        return (role, one.operation, one.candidate.stem)
    return (role, one.operation if role == "response" else "", "")


def _roles(operation: JsonObject, schemas: Mapping[str, Json]) -> dict[str, Role]:
    # The order decides: a name keeps the first role that reaches it.
    parts: tuple[tuple[Role, list[Json]], ...] = (
        ("request", [operation.get("requestBody"), operation.get("parameters")]),
        ("response", [reply for status, reply in _replies(operation) if status.startswith("2")]),
        ("error", [reply for status, reply in _replies(operation) if not status.startswith("2")]),
    )
    roles: dict[str, Role] = {}
    for role, nodes in parts:
        for node in nodes:
            for name in _reached(node, schemas):
                roles.setdefault(name, role)
    return roles


def _replies(operation: JsonObject) -> list[tuple[str, Json]]:
    return [(str(status), reply) for status, reply in operation.get("responses", {}).items()]


def _reached(node: Json, schemas: Mapping[str, Json]) -> Iterator[str]:
    seen: set[str] = set()
    stack = [node]
    while stack:
        for name in references(stack.pop()):
            if name in schemas and name not in seen:
                seen.add(name)
                stack.append(schemas[name])
                yield name


def references(node: Json) -> Iterator[str]:
    """Names of the component schemas that `node` refers to, by `$ref` or discriminator mapping, in order."""
    for pointer, value in walk(node):
        tokens = split(pointer)
        by_ref = tokens[-1:] == ["$ref"]
        by_mapping = tokens[-2:-1] == ["mapping"]
        if (by_ref or by_mapping) and isinstance(value, str) and value.startswith("#/components/schemas/"):
            yield split(value)[-1]


def body_keys(extracted: Iterable[Extracted]) -> dict[tuple[str, str], str]:
    """A key per page and component that is equal where the whole bodies are, references followed.

    Found by refinement: start from each body's own normal form, then replace every reference by the key of what it
    names, until no two keys part any more. Cycles need no special care.
    """
    bodies: dict[tuple[str, str], JsonObject] = {}
    for source in extracted:
        for name, body in ((source.document or {}).get("components", {}).get("schemas", {})).items():
            bodies[source.page.path, name] = normal(body)
    keys = dict.fromkeys(bodies, "")
    count = 0
    while True:
        keys = {where: _digest(body, where[0], keys) for where, body in bodies.items()}
        if len(set(keys.values())) == count:
            return keys
        count = len(set(keys.values()))


def _digest(body: JsonObject, page: str, keys: Mapping[tuple[str, str], str]) -> str:
    def key_of(reference: str) -> str:
        return keys.get((page, split(reference)[-1]), reference)

    text = json.dumps(rewrite(body, key_of), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def rewrite(node: Json, key_of: Callable[[str], str]) -> Json:
    """A copy of `node` with every reference to a component schema replaced by `key_of(reference)`."""
    if is_array(node):
        return [rewrite(item, key_of) for item in node]
    if not is_object(node):
        return node
    result: JsonObject = {}
    for name, value in node.items():
        if name == "$ref" and isinstance(value, str):
            result[name] = key_of(value)
        elif name == "mapping" and is_object(value):
            result[name] = {k: key_of(v) if isinstance(v, str) else v for k, v in value.items()}
        else:
            result[name] = rewrite(value, key_of)
    return result
