"""The operations and components the pages state, each with where it stands.

A component belongs to a scope, because the same name means different things on different pages: components of a
request belong to their page (in all its languages), those of a success response to their operation, those of an
error response to the whole provider.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson

from tools.schema.canonical import dumps
from tools.schema.normal import normal
from tools.schema.pointers import join, split
from tools.schema.shapes import METHODS, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tools.model import Extracted, Json, JsonObject

SCHEMAS = "#/components/schemas/"

Role: TypeAlias = Literal["request", "response", "error"]
Scope: TypeAlias = tuple[Role, str, str]
"""Role, then what it is limited to: the operation, and for requests the page; empty strings where unlimited."""


class Candidate:
    """One page's word on a node: the value, the page, and the pointer into the page's fragment. Never changed.

    A merge makes half a million of them and asks few for their pointers: these are put together when asked for.
    """

    __slots__ = ("_above", "_pointer", "_tokens", "source", "value")

    def __init__(
        self,
        value: Json,
        source: Extracted,
        pointer: str | None,
        above: Candidate | None = None,
        tokens: tuple[str | int, ...] = (),
    ) -> None:
        self.value = value
        self.source = source
        self._pointer = pointer
        self._above = above
        self._tokens = tokens

    def child(self, *tokens: str | int) -> Candidate:
        """The candidate for a member of this one's value."""
        value = self.value
        for token in tokens:
            value = value[token]
        return Candidate(value, self.source, None, self, tokens)

    @property
    def pointer(self) -> str:
        """Where the value stands."""
        if self._pointer is None:
            above = self._above.pointer if self._above is not None else ""
            self._pointer = join(above, *self._tokens)
        return self._pointer

    @property
    def member(self) -> str:
        """The last token of the pointer."""
        return str(self._tokens[-1]) if self._tokens else split(self.pointer)[-1]

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
        ("response", [operation.get("callbacks")]),
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
    return references_in(text)


def references_in(text: bytes) -> list[str]:
    """The same from JSON as `dumps` writes it."""
    return [_name(found) for found in _REFERENCE.findall(text)]


def _name(written: bytes) -> str:
    """A component's name out of a reference as JSON writes it."""
    text: str = orjson.loads(b'"' + written + b'"') if b"\\" in written else written.decode()
    return text.replace("~1", "/").replace("~0", "~") if "~" in text else text


_REFERENCE = re.compile(rb'"#/components/schemas/((?:[^"\\/]|\\.)*)"')


def body_keys(extracted: Iterable[Extracted]) -> dict[tuple[str, str], int]:
    """A key per page and component that is equal where the whole bodies are, references followed.

    Found by refinement: start from each body's own normal form, then replace every reference by the key of what it
    names, until no two keys part any more. Cycles need no special care.
    """
    bodies: dict[tuple[str, str], tuple[bytes, tuple[str, ...]]] = {}
    read: dict[bytes, tuple[bytes, tuple[str, ...]]] = {}  # many pages say the very same
    for source in extracted:
        for name, body in ((source.document or {}).get("components", {}).get("schemas", {})).items():
            said = dumps(body)
            if said not in read:
                parts = _REFERENCE.split(dumps(normal(body)))  # text and names of references in turns
                read[said] = b"\0".join(parts[::2]), tuple(map(_name, parts[1::2]))
            bodies[source.page.path, name] = read[said]
    index = {where: position for position, where in enumerate(bodies)}
    named = [(text, [index.get((page, name), name) for name in names]) for (page, _), (text, names) in bodies.items()]
    keys = [0] * len(named)
    count = 0
    while True:
        known: dict[tuple[bytes | int | str, ...], int] = {}  # most bodies are said in several languages
        keys = [
            known.setdefault((text, *(keys[at] if isinstance(at, int) else at for at in others)), len(known))
            for text, others in named
        ]
        if len(known) == count:
            return dict(zip(bodies, keys, strict=True))
        count = len(known)


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
