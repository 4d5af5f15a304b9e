"""Mends what the exporter breaks and raises OpenAPI 3.0 schemas to 3.1, reporting each case.

Changes the freshly parsed document in place, moving the lines of its pointers along.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tools.errors import HostilePage, PageError
from tools.model import Repair
from tools.schema.lift import raise_bound, raise_nullable
from tools.schema.pointers import join, resolve, walk
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from tools.extract import _walk
    from tools.model import Json, JsonObject, Page

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Mender:
    """Mends one document; `repairs` grows as it goes."""

    def __init__(self, page: Page, document: JsonObject, lines: dict[str, int]) -> None:
        self._page = page
        self._document = document
        self._lines = lines
        self.repairs: list[Repair] = []

    def mend(self, pointer: str, node: JsonObject, kind: _walk.Kind) -> None:
        """Mend one node, which a walk over the document brings; most have nothing that could be broken."""
        if "$ref" in node:
            self._reference(pointer, node, kind)
        if kind != "schema":
            return
        if "nullable" in node:
            self._nullable(pointer, node)
        if "exclusiveMinimum" in node:
            self._bound(pointer, node, "exclusiveMinimum", "minimum")
        if "exclusiveMaximum" in node:
            self._bound(pointer, node, "exclusiveMaximum", "maximum")
        if "example" in node:
            self._example(pointer, node)
        if "discriminator" in node:
            self._discriminator(pointer, node)

    def raise_version(self) -> None:
        """Call the document what it is when all of it is mended: OpenAPI 3.1."""
        version = self._document["openapi"]
        if not version.startswith("3.1."):
            self._document["openapi"] = "3.1.0"
            self._report("/openapi", "openapi-version", f"openapi: {version[:80]}", "openapi: 3.1.0")

    def _reference(self, pointer: str, node: JsonObject, kind: _walk.Kind) -> None:
        target = node["$ref"]
        if isinstance(target, str) and target.startswith("#/"):
            try:
                resolve(self._document, target)
            except KeyError:
                found = f"$ref: {target[:200]}"
            else:
                return
        elif isinstance(target, str) and _UUID.fullmatch(target):
            # The exporter makes a new random name on every export; keeping it would make equal pages differ.
            found = "$ref: a random UUID"
        else:
            problem = f"$ref leads out of the page: {str(target)[:100]!r}"
            raise HostilePage(problem, fix="Only #/… is followed.", places=[self._place(join(pointer, "$ref"))])
        if kind != "schema":
            problem = f"{found} names a {kind} that is not on the page"
            raise PageError(problem, fix="Vendor a page that carries it.", places=[self._place(join(pointer, "$ref"))])
        self._report(join(pointer, "$ref"), "reference-undefined", found, "{} (any value)")
        del node["$ref"]
        self._lines.pop(join(pointer, "$ref"), None)

    def _nullable(self, pointer: str, node: JsonObject) -> None:
        if not isinstance(node.get("nullable"), bool):
            return
        here = join(pointer, "nullable")
        place = self._place(here)
        nullable, types = node["nullable"], node.get("type")
        inner = raise_nullable(node)
        self._lines.pop(here, None)
        if not nullable:
            made = "removed"
        elif inner is not None:
            for key, value in inner.items():
                self._move(join(pointer, key), join(pointer, "anyOf", 0, key), value)
            made = "anyOf: [it, type: 'null']"
        elif types is None:
            made = "removed: a schema without type takes null"
        elif isinstance(types, str) and is_array(node["type"]):
            if join(pointer, "type") in self._lines:
                self._lines[join(pointer, "type", 0)] = self._lines[join(pointer, "type")]
            made = f"type: [{types}, 'null']"
        else:
            made = f"type: {node['type']}"
        self.repairs.append(Repair(place=place, rule="nullable", found=f"nullable: {str(nullable).lower()}", made=made))

    def _bound(self, pointer: str, node: JsonObject, exclusive: str, inclusive: str) -> None:
        flag = node.get(exclusive)
        if not isinstance(flag, bool):
            return
        found = f"{exclusive}: {str(flag).lower()}, {inclusive}: {node.get(inclusive)}"
        raise_bound(node, exclusive, inclusive)
        if exclusive in node:
            self._lines.pop(join(pointer, inclusive), None)
            made = f"{exclusive}: {node[exclusive]}"
        else:
            made = f"{exclusive} removed"
        self._report(join(pointer, exclusive), "exclusive-bound", found, made)
        if exclusive not in node:
            self._lines.pop(join(pointer, exclusive), None)

    def _example(self, pointer: str, node: JsonObject) -> None:
        old, new = join(pointer, "example"), join(pointer, "examples")
        place = self._place(old)
        value = node["example"]
        kept = node.get("examples")
        examples = kept if is_array(kept) else []
        if is_object(kept):  # a map of examples is OpenAPI's, not JSON Schema's: keep the values
            examples = list(kept.values())
        if "examples" in node:
            del node["example"]
            node["examples"] = [*examples, value]
        else:
            _replace_key(node, "example", "examples", [value])
            self._lines[new] = self._lines.get(old, 0)
        self._move(old, join(new, len(examples)), value)
        self.repairs.append(Repair(place=place, rule="example", found="example", made="examples: [it]"))

    def _discriminator(self, pointer: str, node: JsonObject) -> None:
        discriminator = node.get("discriminator")
        mapping = discriminator.get("mapping") if is_object(discriminator) else None
        if not is_object(mapping):
            return
        for name, target in list(mapping.items()):
            if is_object(target) and isinstance(target.get("$ref"), str):
                here = join(pointer, "discriminator", "mapping", name)
                mapping[name] = target["$ref"]
                self._lines.pop(join(here, "$ref"), None)
                self._report(here, "discriminator-mapping", f"{{$ref: {target['$ref'][:200]}}}", mapping[name][:200])

    def _move(self, old: str, new: str, value: Json) -> None:
        """Give the lines of `value` and all within it, known at `old`, to `new`."""
        if not is_object(value) and not is_array(value):
            if old in self._lines:
                self._lines[new] = self._lines.pop(old)
            return
        moved = {suffix: self._lines.pop(old + suffix) for suffix, _ in walk(value) if old + suffix in self._lines}
        self._lines.update({new + suffix: line for suffix, line in moved.items()})

    def _place(self, pointer: str) -> Any:
        return self._page.place(self._lines.get(pointer), pointer)

    def _report(self, pointer: str, rule: str, found: str, made: str) -> None:
        self.repairs.append(Repair(place=self._place(pointer), rule=rule, found=found, made=made))


def _replace_key(node: JsonObject, old: str, new: str, value: Json) -> None:
    """Put `new: value` where `old` stands, so that the order of keys stays."""
    members = [(new, value) if key == old else (key, member) for key, member in node.items()]
    node.clear()
    node.update(members)
