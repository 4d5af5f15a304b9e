"""Every constraint that a schema states, with the field that it is on. No judgement here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._contract import Contract
    from .._json import JsonObject
    from ._model import Area, Kind, Level, Rule, Source

KEYWORDS: Mapping[str, Rule] = {
    "minimum": "MIN",
    "maximum": "MAX",
    "minLength": "MIN-LENGTH",
    "maxLength": "MAX-LENGTH",
    "minItems": "MIN-ITEMS",
    "maxItems": "MAX-ITEMS",
    "enum": "ENUM",
    "const": "CONST",
    "format": "FORMAT",
    "pattern": "PATTERN",
}
DEPTH = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One constraint of a contract, before constraints of the same field and rule are put together."""

    kind: Kind
    area: Area
    rule: Rule
    field: str
    subject: str
    pointer: str
    value: Any = None
    operation: str = ""
    status: int | None = None
    label: str = ""
    """What the id says of the field, if not the field itself."""
    level: Level = "MUST"
    sources: tuple[Source, ...] = ()


def constraints(  # noqa: C901, PLR0912 - a line or two for each keyword
    contract: Contract, definition: JsonObject, where: str, at: str, depth: int = 0
) -> Iterator[tuple[Rule, str, str, Any]]:
    """Rule, field, pointer and value of every constraint on a value and on what is inside it."""
    if depth > DEPTH:
        return
    if "$ref" in definition:
        at = str(definition["$ref"]).removeprefix("#")
        definition = contract.resolve(definition)
    if "type" in definition and "const" not in definition:
        yield "TYPE", where, f"{at}/type", definition["type"]
    for keyword, rule in KEYWORDS.items():
        if keyword in definition:
            yield rule, where, f"{at}/{keyword}", definition[keyword]
    if "not" in definition:
        yield "CONDITION", where, f"{at}/not", definition["not"].get("x-vidgate-message")
    if "oneOf" in definition:
        yield "ONE-OF", where, f"{at}/oneOf", None
        for number, branch in enumerate(cast("list[JsonObject]", definition["oneOf"])):
            for rule, deeper, place, value in constraints(contract, branch, where, f"{at}/oneOf/{number}", depth + 1):
                if rule != "TYPE":  # what types there are, ONE-OF says
                    yield rule, deeper, place, value
    if isinstance(definition.get("items"), dict):
        yield from constraints(contract, definition["items"], f"{where}/*", f"{at}/items", depth + 1)
    properties: dict[str, JsonObject] = definition.get("properties", {})
    for name in cast("list[str]", definition.get("required", [])):
        yield "REQUIRED", f"{where}/{name}", f"{at}/required", name
    for name, inner in properties.items():
        yield from constraints(contract, inner, f"{where}/{name}", f"{at}/properties/{name}", depth + 1)
    if "if" in definition and "then" in definition:
        yield "CONDITION", where, f"{at}/if", definition.get("x-vidgate-message")
