"""Requirements that follow from the contract mechanically: one for each field and rule, over all models.

Pure: reads a contract and the hashes of the files it was made of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from .._json import is_array, is_object
from ._model import PREFIXES, Case, Derived, Requirement, Source
from ._walk import Found, constraints
from ._wording import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._contract import Contract, Operation
    from .._json import Json, JsonObject
    from .._settings import ProviderName
    from ._model import Kind, Level, Rule

NO_MODEL = ("model",)
OK = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What the contract was made of: file name → SHA-256. The supplement and the overlay are among them."""

    files: Mapping[str, str]

    def sources(self, holder: JsonObject, tail: str = "") -> tuple[Source, ...]:
        """The sources that a part of the contract names, with the way down to the constraint."""
        found: list[Source] = []
        rows: list[dict[str, Any]] = holder.get("x-vidgate-source", [])
        for row in rows:
            name = str(row["page"]) if "page" in row else "supplement.yaml"
            found.append(
                Source(
                    page=name if "page" in row else f"{name}#{row['supplement']}",
                    sha256=self.files.get(name, ""),
                    locale=str(row.get("locale", "")),
                    pointer=f"{row['pointer']}{tail}",
                    line=row.get("line"),
                )
            )
        return tuple(found)


def derive(contract: Contract, provider: ProviderName, evidence: Evidence) -> tuple[Requirement, ...]:
    """All derived requirements of a contract, sorted by id."""
    constraints = [
        *_requests(contract, evidence),
        *_parameters(contract, evidence),
        *_responses(contract, evidence),
        *_errors(contract, evidence),
    ]
    grouped: dict[str, list[Found]] = {}
    for found in constraints:
        grouped.setdefault(_identity(PREFIXES[provider], found), []).append(found)
    return tuple(_merged(identity, group) for identity, group in sorted(grouped.items()))


def _merged(identity: str, group: list[Found]) -> Requirement:
    first = group[0]
    sources: dict[Source, None] = dict.fromkeys(source for found in group for source in found.sources)
    cases = {
        (found.subject, found.pointer): Case(subject=found.subject, pointer=found.pointer, value=found.value)
        for found in group
    }
    return Requirement(
        id=identity,
        level=first.level,
        area=first.area,
        text=sentence(first, group),
        sources=tuple(sources),
        needs=_NEEDS.get(first.status, ()) if first.kind.startswith("error") else (),
        derived=Derived(
            kind=first.kind,
            rule=first.rule,
            field=first.field,
            operation=first.operation,
            status=first.status,
            cases=tuple(cases.values()),
        ),
    )


_NEEDS: Mapping[int | None, tuple[str, ...]] = {
    402: ("no_quota",),
    429: ("limited",),
    500: ("broken",),
    502: ("broken",),
}


def _identity(prefix: str, found: Found) -> str:
    name = found.label or spoken(found.field)
    parts: tuple[str, ...]
    match found.kind:
        case "request" | "parameter":
            parts = (prefix, "REQ", name, found.rule)
        case "response":
            parts = (prefix, "RES", dashed(found.operation), name, found.rule)
        case "error":
            parts = (prefix, "ERR", str(found.status))
        case "error-body":
            parts = (prefix, "ERR", str(found.status), "BODY")
        case "error-type":
            parts = (prefix, "ERR", str(found.status), found.label, "TYPE")
    return "-".join(part for part in parts if part)


def dashed(name: str) -> str:
    """`createVideo`, `callback_url` → `CREATE-VIDEO`, `CALLBACK-URL`."""
    return re.sub(r"[^A-Z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).upper()).strip("-")


def spoken(pointer: str) -> str:
    """`/image_urls/*` → `IMAGE-URLS-ITEM`; the whole body is nothing."""
    return "-".join("ITEM" if token == "*" else dashed(token) for token in pointer.split("/")[1:])  # noqa: S105 - a step


def _requests(contract: Contract, evidence: Evidence) -> Iterator[Found]:
    operation = contract.one(paid=True)
    for model, name in contract.variants(operation).items():
        schema = contract.component(name)
        base = f"/components/schemas/{name}"
        for rule, where, at, value, level, label in _of_variant(contract, schema, base):
            yield Found(
                kind="request",
                area="REQ",
                rule=rule,
                field=where,
                subject=model,
                pointer=at,
                value=value,
                operation=operation.id,
                label=label,
                level=level,
                sources=evidence.sources(schema, at.removeprefix(base)),
            )
    for example in operation.request_examples():
        media = f"/paths/{_escape(operation.path)}/post/requestBody/content/application~1json"
        yield Found(
            kind="request",
            area="REQ",
            rule="EXAMPLE",
            field="",
            subject=str(example.value["model"]),
            pointer=f"{media}/examples/{example.name}",
            value=example.value,
            operation=operation.id,
            label="BODY",
            sources=evidence.sources(_example_holder(operation, example.name)),
        )


def _of_variant(contract: Contract, schema: JsonObject, base: str) -> Iterator[tuple[Rule, str, str, Any, Level, str]]:
    """Rule, field, pointer, value, level and label of every rule on the requests of one model."""
    required: list[str] = schema.get("required", [])
    for name in required:
        yield "REQUIRED", f"/{name}", f"{base}/required", name, "MUST", ""
    properties: dict[str, JsonObject] = schema.get("properties", {})
    for name, definition in properties.items():
        at = f"{base}/properties/{name}"
        where = f"/{name}"
        for rule, deeper, place, value in constraints(contract, definition, where, at):
            yield rule, deeper, place, value, "SHOULD" if rule == "FORMAT" else "MUST", ""
        if name not in NO_MODEL:
            # A null for what may be left out is a common leniency, so only what is required must refuse it.
            yield "NULL", where, at, None, "MUST" if name in required else "SHOULD", ""
        if name not in required and "default" in definition:
            yield "DEFAULT", where, f"{at}/default", definition["default"], "MUST", ""
        shown = _shown(definition)
        if shown:
            yield "EXAMPLE", where, at, shown, "MUST", ""
    for number, condition in enumerate(cast("list[JsonObject]", schema.get("allOf", []))):
        message = condition.get("x-vidgate-message")
        yield "CONDITION", "", f"{base}/allOf/{number}", message, "MUST", _condition_label(condition)


def _example_holder(operation: Operation, name: str) -> JsonObject:
    found: JsonObject = operation.definition["requestBody"]["content"]["application/json"]["examples"][name]
    return found


def _shown(definition: JsonObject) -> list[Json]:
    """Values that the pages show for a field: its examples, and the names of an open or closed list."""
    values: list[Json] = [*definition.get("examples", []), *definition.get("x-vidgate-values", {}).get("values", [])]
    return values


def _condition_label(condition: JsonObject) -> str:
    """Name a condition by the fields that it speaks of: `DURATION-VIDEO-URLS`, `GENERATION-TYPE-FRAME`."""
    branch: JsonObject = condition.get("if") or condition.get("not") or {}
    properties: dict[str, Any] = branch.get("properties", {})
    constants = [cast("JsonObject", definition) for definition in properties.values() if isinstance(definition, dict)]
    words: list[str] = [str(name) for name in branch.get("required", [])]
    words += [str(definition["const"]) for definition in constants if "const" in definition]
    return "-".join(dashed(word) for word in words) or "BODY"


def _parameters(contract: Contract, evidence: Evidence) -> Iterator[Found]:
    for operation in contract.operations:
        for number, parameter in enumerate(cast("list[JsonObject]", operation.definition.get("parameters", []))):
            at = f"/paths/{_escape(operation.path)}/{operation.method.lower()}/parameters/{number}"
            for rule, _, place, value in constraints(contract, parameter.get("schema", {}), "", f"{at}/schema"):
                if rule == "TYPE":
                    continue  # whatever stands in a path is a string
                yield Found(
                    kind="parameter",
                    area="REQ",
                    rule=rule,
                    field=str(parameter["name"]),
                    subject=operation.id,
                    pointer=place,
                    value=value,
                    operation=operation.id,
                    label=dashed(str(parameter["name"])),
                    sources=evidence.sources(operation.definition, place.removeprefix(at.rpartition("/parameters")[0])),
                )


def _responses(contract: Contract, evidence: Evidence) -> Iterator[Found]:
    for operation in contract.operations:
        schema = operation.response_schema(200)
        if schema is None:
            continue
        place_of = f"/paths/{_escape(operation.path)}/{operation.method.lower()}"
        at = f"{place_of}/responses/200/content/application~1json/schema"
        for rule, where, place, value in constraints(contract, schema, "", at):
            holder, base = _holder(contract, place)
            yield Found(
                kind="response",
                area="RES",
                rule=rule,
                field=where,
                subject=operation.id,
                pointer=place,
                value=value,
                operation=operation.id,
                status=200,
                label=spoken(where) or "BODY",
                level="SHOULD" if rule == "FORMAT" else "MUST",
                sources=evidence.sources(holder, place.removeprefix(base)),
            )


def _errors(contract: Contract, evidence: Evidence) -> Iterator[Found]:
    for operation in contract.operations:
        base = f"/paths/{_escape(operation.path)}/{operation.method.lower()}"
        for status in operation.statuses:
            if status == OK:
                continue
            at = f"{base}/responses/{status}"
            rules: list[tuple[Kind, Rule, str, Any, Level]] = [("error", "STATUS", at, None, "MUST")]
            if operation.response_schema(status) is not None:
                rules.append(("error-body", "BODY", f"{at}/content/application~1json/schema", None, "MUST"))
            examples = [example.value for example in operation.response_examples() if example.status == status]
            if examples:
                rules.append(("error-type", "EXAMPLE", at, examples, "SHOULD"))
            for kind, rule, pointer, value, level in rules:
                yield Found(
                    kind=kind,
                    area="ERR",
                    rule=rule,
                    field="",
                    subject=operation.id,
                    pointer=pointer,
                    value=value,
                    status=status,
                    level=level,
                    sources=_error_sources(operation, status, evidence),
                )
        for number, row in enumerate(operation.documented_errors):
            yield Found(
                kind="error-type",
                area="ERR",
                rule="CONST",
                field="",
                subject=operation.id,
                pointer=f"{base}/x-vidgate-errors/{number}",
                value={"type": row["type"], "description": row.get("description", "")},
                status=int(row["status"]),
                label=dashed(str(row["type"])),
                level="SHOULD",
                sources=evidence.sources(row),
            )


def _error_sources(operation: Operation, status: int, evidence: Evidence) -> tuple[Source, ...]:
    media: JsonObject = operation.response(status).get("content", {}).get("application/json", {})
    named: dict[str, JsonObject] = media.get("examples", {})
    found = [source for example in named.values() for source in evidence.sources(example)]
    return tuple(found) or evidence.sources(operation.definition, f"/responses/{status}")


def _holder(contract: Contract, pointer: str) -> tuple[JsonObject, str]:
    """The nearest part of the contract above a pointer that names its sources, and its own pointer."""
    steps = pointer.split("/")[1:]
    value: Any = contract.document
    found: tuple[JsonObject, str] = ({}, pointer)
    for number, step in enumerate(steps):
        value = value[int(step)] if is_array(value) else value[step.replace("~1", "/").replace("~0", "~")]
        if is_object(value) and "x-vidgate-source" in value:
            found = (value, "/" + "/".join(steps[: number + 1]))
    return found


def _escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")
