"""Each page's operations made whole: what they share by reference or by path stands in them, lines included.

OpenAPI lets a page say a parameter or a reply once for several operations. The merge compares operations, so each gets
its own copy first. Members that no contract takes over are leftovers of the page.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from tools.errors import HostilePage
from tools.merge._operations import KNOWN
from tools.model import SUPPLEMENT, Leftover
from tools.schema.pointers import join, resolve
from tools.schema.shapes import METHODS, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Extracted, Json, JsonObject

_KEPT: Final = frozenset({"schemas", "securitySchemes"})
"""Components that a contract has, too: references to them stay."""

_SECTIONS: Final = frozenset(
    {"parameters", "responses", "requestBodies", "headers", "examples", "links", "callbacks", "pathItems"}
)
_ROOT: Final = frozenset(
    {"openapi", "info", "servers", "security", "tags", "externalDocs", "paths", "components", "jsonSchemaDialect"}
)
_ITEM: Final = frozenset({"parameters", "servers", "summary", "description", *METHODS})
_PARAMETER: Final = frozenset(
    {"name", "in", "description", "required", "schema", "style", "explode", "allowReserved", "allowEmptyValue"}
    | {"deprecated", "example", "examples"}
)
_BODY: Final = frozenset({"description", "required", "content"})
_REPLY: Final = frozenset({"description", "headers", "content", "links"})
_MEDIA: Final = frozenset({"schema", "example", "examples", "encoding"})
_DATA: Final = frozenset({"schema", "example", "value", "default"})
"""What stands below these is no part of an operation's own structure."""

_NODES: Final = 100_000
"""Nodes that a page's references may stand for; components that refer to each other twice double at every step."""


def standalone(extracted: Extracted) -> Extracted:
    """The same page with operations that refer to nothing but schemas and ways to authenticate."""
    document = extracted.document
    if document is None:
        return extracted
    page = _Page(extracted=extracted, document=document, lines=dict(extracted.lines))
    paths: JsonObject = {}
    for path, item in document.get("paths", {}).items():
        at = join("/paths", path)
        paths[path] = {name: item[name] for name in item if name not in _ITEM}
        for method in METHODS:
            if method in item:
                paths[path][method] = page.operation(item, join(at, method), item[method])
    page.unknown("", "page", document, _ROOT)
    page.unknown("/components", "page's components", document.get("components", {}), _KEPT | _SECTIONS)
    return dataclasses.replace(
        extracted,
        document={**document, "paths": paths},
        lines=page.lines,
        leftovers=(*extracted.leftovers, *page.leftovers),
    )


@dataclasses.dataclass(kw_only=True, slots=True)
class _Page:
    extracted: Extracted
    document: JsonObject
    lines: dict[str, int]
    leftovers: list[Leftover] = dataclasses.field(default_factory=list["Leftover"])
    nodes: int = 0

    def operation(self, item: JsonObject, at: str, stated: JsonObject) -> JsonObject:
        """The operation at `at` with what its path says for all of its operations."""
        operation: JsonObject = self._whole(stated, at, ()) if self._shares() else dict(stated)
        above = at.rpartition("/")[0]
        self.unknown(above, "path", item, _ITEM)
        self.unknown(at, "operation", operation, KNOWN)
        for name in ("servers", "summary", "description"):
            if name in item and name not in operation:
                operation[name] = item[name]
                self._move(join(above, name), join(at, name))
        own = [one for one in operation.get("parameters", []) if one]
        taken = {(one["in"], one["name"]) for one in own}
        for index, one in enumerate(item.get("parameters", [])):
            here = join(at, "parameters", len(own))
            shared: JsonObject = self._whole(one, join(above, "parameters", index), ())
            if shared and (shared["in"], shared["name"]) not in taken:
                self._move(join(above, "parameters", index), here)
                own.append(shared)
        self._bodies(join(at, "requestBody"), "request", operation.get("requestBody", {}), _BODY)
        for status, reply in operation.get("responses", {}).items():
            self._bodies(join(at, "responses", status), "reply", reply, _REPLY)
        operation.pop("parameters", None)
        if own:
            operation["parameters"] = [self._parameter(one, join(at, "parameters", n)) for n, one in enumerate(own)]
        return operation

    def _shares(self) -> bool:
        """Whether anything can be referred to; the readers refuse what is not there, but nobody reads a supplement."""
        components = self.document.get("components", {})
        return not _SECTIONS.isdisjoint(components) or self.extracted.page.locale == SUPPLEMENT

    def _parameter(self, parameter: JsonObject, at: str) -> JsonObject:
        self.unknown(at, "parameter", parameter, _PARAMETER)
        return parameter if "schema" in parameter else {**parameter, "schema": {}}

    def _bodies(self, at: str, what: str, stated: JsonObject, known: frozenset[str]) -> None:
        self.unknown(at, what, stated, known)
        for kind, media in stated.get("content", {}).items():
            self.unknown(join(at, "content", kind), what, media, _MEDIA)

    def unknown(self, at: str, what: str, node: JsonObject, known: frozenset[str]) -> None:
        """Leave over what is not taken over."""
        for name in node:
            if name not in known and not name.startswith("x-vidgate-"):
                self._leave(join(at, name), name, f"the {what}'s member {name} is not taken over")

    def _leave(self, pointer: str, text: str, reason: str) -> None:
        place = dataclasses.replace(self.extracted, lines=self.lines).place(pointer)
        found = Leftover(place=place, text=text, reason=reason)
        if found not in self.leftovers:
            self.leftovers.append(found)

    def _whole(self, node: Json, here: str, seen: tuple[str, ...]) -> Json:
        """A copy of the node at `here` in which nothing is referred to that no contract has."""
        self.nodes += bool(seen)
        if self.nodes > _NODES:
            problem = f"the references of the page stand for more than {_NODES:,} nodes"
            place = self.extracted.page.place(None, here)
            raise HostilePage(problem, places=[place], fix="Leave this page out, and report it.")
        if is_array(node):
            return [self._whole(item, join(here, index), seen) for index, item in enumerate(node)]
        if not is_object(node):
            return node
        reference: Json = node.get("$ref")
        if isinstance(reference, str) and (target := _shared(reference)):
            return self._copied(target, node, here, seen)
        return {
            name: value if name in _DATA else self._whole(value, join(here, name), seen) for name, value in node.items()
        }

    def _copied(self, target: str, node: JsonObject, here: str, seen: tuple[str, ...]) -> Json:
        try:
            found: Json = resolve(self.document, target)
        except KeyError:
            found = None
        if not is_object(found) or target in seen:
            self._leave(here, f"#{target}", "the reference leads nowhere" if found is None else "refers to itself")
            return {}
        self._move(target, here)
        whole: JsonObject = self._whole(found, here, (*seen, target))
        beside = {name: node[name] for name in ("summary", "description") if name in node}
        return {**whole, **beside}

    def _move(self, old: str, new: str) -> None:
        self.lines.update(dict(_below(self.lines, old, new)))


def _below(lines: dict[str, int], old: str, new: str) -> Iterator[tuple[str, int]]:
    for at, line in lines.items():
        if at == old or at.startswith(f"{old}/"):
            yield new + at.removeprefix(old), line


def _shared(reference: str) -> str:
    """The pointer of a component that no contract has; empty for every other reference."""
    head, _, rest = reference.removeprefix("#/components/").partition("/")
    return reference[1:] if reference.startswith("#/components/") and head in _SECTIONS and rest else ""
