"""Operations as a comparison needs them: references followed, and what stands above an operation brought down to it.

Nothing is rewritten: every part keeps the pointer of the place where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.diff.documents._servers import addresses
from tools.schema.lift import resolved
from tools.schema.pointers import join
from tools.schema.shapes import METHODS, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.model import Json, JsonObject

_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_UNSAID: Final = frozenset({"accept", "content-type", "authorization"})
"""Header parameters that OpenAPI tells everybody to ignore."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A value with references followed, and the pointer of the place where it stands."""

    value: JsonObject
    at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation. `name` is `POST /v1/videos`; `key` is equal for templates that differ in parameter names only.

    `item` is the whole path item, which has a say in its operations.
    """

    item: JsonObject
    name: str
    key: tuple[str, str]
    at: str
    value: JsonObject
    parameters: Mapping[tuple[str, str], Node]
    body: Node | None
    responses: Mapping[str, Node]
    servers: Mapping[str, str]
    security: tuple[Mapping[str, frozenset[str]], ...]
    security_at: str
    servers_at: str
    callbacks: Mapping[tuple[str, ...], Operation]


def template(path: str) -> str:
    """A path without the names of its parameters."""
    return _VARIABLE.sub("{}", path.rstrip("/") if len(path) > 1 else path)


def operations(document: JsonObject, member: str = "paths") -> dict[tuple[str, str], Operation]:
    """Every operation of `paths` or `webhooks` by its key, in document order."""
    found: dict[tuple[str, str], Operation] = {}
    for path, item in _members(document.get(member)):
        for operation in _of_item(document, path, item, join("", member, path)):
            found.setdefault(operation.key, operation)
    return found


def _members(node: Json) -> Iterator[tuple[str, Json]]:
    if is_object(node):
        yield from ((name, value) for name, value in node.items() if not name.startswith("x-"))


def _of_item(document: JsonObject, path: str, item: Json, pointer: str) -> Iterator[Operation]:
    item, at = resolved(document, item, pointer)
    if not is_object(item):
        return
    for method in METHODS:
        value: Json = item.get(method)
        if not is_object(value):
            continue
        here = join(at, method)
        servers, servers_at = _servers(document, (item, at), (value, here))
        security_at = join(here, "security") if is_array(value.get("security")) else "/security"
        asked = value["security"] if is_array(value.get("security")) else document.get("security")
        yield Operation(
            item=item,
            name=f"{method.upper()} {path}",
            key=(template(path), method),
            at=here,
            value=value,
            parameters=_parameters(document, path, (item, at), (value, here)),
            body=_node(document, value.get("requestBody"), join(here, "requestBody")),
            responses=dict(_responses(document, value, here)),
            servers=servers,
            servers_at=servers_at,
            security=_security(asked),
            security_at=security_at,
            callbacks=dict(_callbacks(document, value, here)),
        )


def _node(document: JsonObject, node: Json, pointer: str) -> Node | None:
    value, at = resolved(document, node, pointer)
    return Node(value=value, at=at) if is_object(value) else None


def _parameters(document: JsonObject, path: str, *levels: tuple[JsonObject, str]) -> dict[tuple[str, str], Node]:
    """Parameters of path and operation; the operation's win. Those of the path are known by their position."""
    positions = {name: str(index) for index, name in enumerate(_VARIABLE.findall(path))}
    found: dict[tuple[str, str], Node] = {}
    for value, at in levels:
        rows: Json = value.get("parameters")
        for index, row in enumerate(rows if is_array(rows) else []):
            node = _node(document, row, join(at, "parameters", index))
            if node is None:
                continue
            where, name = str(node.value.get("in")), str(node.value.get("name"))
            if where == "header":
                name = name.lower()
                if name in _UNSAID:
                    continue
            elif where == "path":
                name = positions.get(name, name)
            found[where, name] = node
    return found


def _responses(document: JsonObject, operation: JsonObject, at: str) -> Iterator[tuple[str, Node]]:
    for status, response in _members(operation.get("responses")):
        node = _node(document, response, join(at, "responses", status))
        if node is not None:
            yield status.upper() if status != "default" else status, node


def _servers(document: JsonObject, *levels: tuple[JsonObject, str]) -> tuple[dict[str, str], str]:
    """URL → pointer of every server that counts, and the pointer of the list: the innermost one."""
    for value, at in (*reversed(levels), (document, "")):
        rows: Json = value.get("servers")
        if is_array(rows) and rows:
            found = {
                url: join(at, "servers", index)
                for index, row in enumerate(rows)
                if is_object(row) and isinstance(row.get("url"), str)
                for url in addresses(row)
            }
            return found, join(at, "servers")
    return {"": "/servers"}, "/servers"


def _security(rows: Json) -> tuple[Mapping[str, frozenset[str]], ...]:
    """Alternatives of schemes with their scopes; none at all is one empty alternative."""
    if not is_array(rows) or not rows:
        return ({},)
    return tuple(
        {name: frozenset(str(scope) for scope in scopes or ()) for name, scopes in row.items()}
        for row in rows
        if is_object(row)
    )


def _callbacks(document: JsonObject, operation: JsonObject, at: str) -> Iterator[tuple[tuple[str, ...], Operation]]:
    for name, callback in _members(operation.get("callbacks")):
        node = _node(document, callback, join(at, "callbacks", name))
        if node is None:
            continue
        for expression, item in _members(node.value):
            for found in _of_item(document, expression, item, join(node.at, expression)):
                yield (name, *found.key), found
