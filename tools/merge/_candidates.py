"""The operations and components the pages state, each with where it stands.

A component belongs to a scope, because the same name means different things on different pages: components of a
request belong to their page (in all its languages), those of a success response to their operation, those of an
error response to the whole provider.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson

from tools.schema.canonical import dumps
from tools.schema.normal import normal
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tools.model import Extracted, Json, JsonObject

SCHEMAS = "#/components/schemas/"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Role: TypeAlias = Literal["request", "response", "error"]
Scope: TypeAlias = tuple[Role, str, str]
"""Role, then what it is limited to: the operation, and for requests the page; empty strings where unlimited."""


@dataclass(slots=True, eq=False)
class Candidate:
    """One page's word on a node: the value, the page, and the pointer into the page's fragment. Never changed.

    Not frozen: a merge makes half a million of them, and freezing doubles what each costs.
    """

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
            for name in _reached(node, schemas, roles):
                roles[name] = role
    return roles


def _replies(operation: JsonObject) -> list[tuple[str, Json]]:
    return [(str(status), reply) for status, reply in operation.get("responses", {}).items()]


def _reached(node: Json, schemas: Mapping[str, Json], known: Mapping[str, Role]) -> Iterator[str]:
    """The components that `node` leads to; what is `known` when it is met has been followed before."""
    stack = [node]
    while stack:
        for name in references(stack.pop()):
            if name in schemas and name not in known:
                stack.append(schemas[name])
                yield name


def references(node: Json) -> list[str]:
    """Names of the component schemas that `node` refers to, by `$ref` or discriminator mapping, in order.

    Read from its text: a page has thousands of values and few references.
    """
    try:
        text = orjson.dumps(node)
    except TypeError:  # numbers beyond 64 bits
        text = dumps(node)
    return [_name(found) for found in _REFERENCE.findall(text)]


def _name(written: bytes) -> str:
    """A component's name out of a reference as JSON writes it."""
    text: str = orjson.loads(b'"' + written + b'"')
    return text.replace("~1", "/").replace("~0", "~") if "~" in text else text


_REFERENCE = re.compile(rb'"#/components/schemas/((?:[^"\\/]|\\.)*)"')


def body_keys(extracted: Iterable[Extracted]) -> dict[tuple[str, str], str]:
    """A key per page and component that is equal where the whole bodies are, references followed.

    Found by refinement: start from each body's own normal form, then replace every reference by the key of what it
    names, until no two keys part any more. Cycles need no special care.
    """
    bodies: dict[tuple[str, str], tuple[bytes, tuple[str, ...]]] = {}
    for source in extracted:
        for name, body in ((source.document or {}).get("components", {}).get("schemas", {})).items():
            parts = _REFERENCE.split(dumps(normal(body)))  # text and names of references in turns
            bodies[source.page.path, name] = (b"\0".join(parts[::2]), tuple(map(_name, parts[1::2])))
    keys = dict.fromkeys(bodies, "")
    count = 0
    while True:
        known: dict[tuple[bytes | str, ...], str] = {}  # most bodies are said in several languages
        keys = {where: _digest(body, where[0], keys, known) for where, body in bodies.items()}
        if len(set(keys.values())) == count:
            return keys
        count = len(set(keys.values()))


def _digest(
    body: tuple[bytes, tuple[str, ...]],
    page: str,
    keys: Mapping[tuple[str, str], str],
    known: dict[tuple[bytes | str, ...], str],
) -> str:
    text, named = body
    whole: tuple[bytes | str, ...] = (text, *(keys.get((page, name), name) for name in named))
    if whole not in known:
        said = "\0".join(keys.get((page, name), name) for name in named)
        known[whole] = hashlib.sha256(text + b"\0" + said.encode()).hexdigest()
    return known[whole]


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
