"""The second axis: what breaks generated code, but nothing on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.diff.documents._findings import Spot, shown
from tools.model import Usage
from tools.schema import normal
from tools.schema.lift import schema_nodes
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.diff.documents._findings import Findings
    from tools.diff.documents._operations import Operation
    from tools.model import Json, JsonObject

_NAMES: Final = ("x-enum-varnames", "x-enumNames", "x-enum-names")


def compare_names(old: Operation, new: Operation, findings: Findings) -> None:
    """Names that generators make functions, modules and arguments of."""
    usage = [Usage(operation=new.name, role="request")]
    before, after = old.value.get("operationId"), new.value.get("operationId")
    if before != after:
        rule = f"operation-id-{'added' if before is None else 'removed' if after is None else 'changed'}"
        spot = Spot(old=join(old.at, "operationId"), new=join(new.at, "operationId"))
        message = f"{new.name}: the operationId was {shown(before)}, is {shown(after)}"
        findings.add(rule, spot, message, before=before, after=after, usages=usage, axis="sdk")
    tags = [_texts(one.value.get("tags")) for one in (old, new)]
    if tags[0] != tags[1]:
        spot = Spot(old=join(old.at, "tags"), new=join(new.at, "tags"))
        message = f"{new.name}: the tags were {shown(tags[0])}, are {shown(tags[1])}"
        findings.add("operation-tags-changed", spot, message, before=tags[0], after=tags[1], usages=usage, axis="sdk")
    for key in old.parameters.keys() & new.parameters.keys():
        left, right = old.parameters[key], new.parameters[key]
        names = left.value.get("name"), right.value.get("name")
        if names[0] != names[1] and key[0] == "path":
            spot = Spot(old=join(left.at, "name"), new=join(right.at, "name"))
            message = f"the path parameter {names[0]!r} is called {names[1]!r} now"
            findings.add(
                "parameter-name-changed", spot, message,
                before=names[0], after=names[1], usages=usage, axis="sdk",
            )  # fmt: skip


def compare_components(old: JsonObject, new: JsonObject, findings: Findings) -> None:
    """Components that came, went, or only changed their name."""
    before, after = (_components(document) for document in (old, new))
    gone = {name: node for name, node in before.items() if name not in after}
    come = {name: node for name, node in after.items() if name not in before}
    by_shape: dict[str, list[str]] = {}
    for name, node in come.items():
        by_shape.setdefault(normal.key(node), []).append(name)
    for name, node in gone.items():
        twins = by_shape.get(normal.key(node), [])
        here = join("", "components", "schemas", name)
        if twins:
            twin = twins.pop(0)
            del come[twin]
            spot = Spot(old=here, new=join("", "components", "schemas", twin))
            message = f"the schema {name} is called {twin} now"
            findings.add("component-renamed", spot, message, before=name, after=twin, axis="sdk")
        else:
            spot = Spot(old=here, new="/components/schemas")
            message = f"the schema {name} was removed"
            findings.add("component-removed", spot, message, before=name, axis="sdk", member=name)
    for name in come:
        spot = Spot(old="/components/schemas", new=join("", "components", "schemas", name))
        findings.add("component-added", spot, f"the schema {name} was added", after=name, axis="sdk", member=name)
    _enum_names(old, new, findings)


def _components(document: JsonObject) -> dict[str, Json]:
    found: Json = document.get("components")
    schemas: Json = found.get("schemas") if is_object(found) else None
    return dict(schemas.items()) if is_object(schemas) else {}


def _enum_names(old: JsonObject, new: JsonObject, findings: Findings) -> None:
    before, after = dict(_named(old, new)), dict(_named(new, old))
    for pointer in before.keys() & after.keys():
        left, right = before[pointer], after[pointer]
        changed = {
            value: (left[value], right[value]) for value in left if value in right and left[value] != right[value]
        }
        if changed:
            names = [", ".join(pair[side] for pair in changed.values()) for side in (0, 1)]
            message = f"members of the enum were called {names[0]}, are called {names[1]}"
            findings.add(
                "enum-names-changed", Spot(old=pointer, new=pointer), message,
                before=names[0], after=names[1], axis="sdk",
            )  # fmt: skip


def _named(document: JsonObject, beside: JsonObject) -> Iterator[tuple[str, dict[str, str]]]:
    rows: list[tuple[str, dict[str, str]]] = []

    def visit(pointer: str, node: JsonObject) -> None:
        values: Json = node.get("enum")
        for member in _NAMES:
            names: Json = node.get(member)
            if is_array(values) and is_array(names) and len(values) == len(names):
                pairs = zip(values, names, strict=True)
                rows.append((join(pointer, member), {shown(value): str(name) for value, name in pairs}))

    schema_nodes(document, visit, beside=beside)
    yield from rows


def _texts(node: Json) -> list[str]:
    return [str(item) for item in node] if is_array(node) else []
