"""Answers of operations that make no task: what the contract documents, or a value that its schema allows."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from vidgate._json import is_list

if TYPE_CHECKING:
    from vidgate.simulator._contract import Contract, JsonObject, Operation

DEEPEST: Final = 8
"""Levels of a value; a schema may contain itself."""

_PLAIN: Final = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def answer(contract: Contract, operation: Operation) -> tuple[int, Any] | None:
    """Status and body of the first good answer that an operation documents; None where it has no JSON."""
    for status, response in operation.definition["responses"].items():
        media: JsonObject | None = response.get("content", {}).get("application/json")
        if status.startswith("2") and media is not None:
            documented = [example["value"] for example in media.get("examples", {}).values() if "value" in example]
            body = copy.deepcopy(documented[0]) if documented else value(contract, media.get("schema", {}))
            return int(status), body
    return None


def value(contract: Contract, schema: JsonObject, depth: int = DEEPEST) -> Any:
    """A value of a schema: what it gives as an example, else the first that fits its type."""
    schema = contract.resolve(schema)
    stated = [
        *schema.get("examples", ()),
        *(schema[name] for name in ("example", "const", "default") if name in schema),
        *schema.get("enum", ()),
    ]
    if stated:
        return copy.deepcopy(stated[0])
    for name in ("allOf", "oneOf", "anyOf"):
        if schema.get(name) and "properties" not in schema:
            return value(contract, schema[name][0], depth)
    kind: Any = schema.get("type", "object" if "properties" in schema else "null")
    kind = kind[0] if is_list(kind) else kind
    if kind == "object":
        parts: JsonObject = schema.get("properties", {}) if depth else {}
        return {name: value(contract, part, depth - 1) for name, part in parts.items()}
    if kind == "array":
        return [value(contract, schema["items"], depth - 1)] if depth and "items" in schema else []
    return "https://example.com/file" if schema.get("format") == "uri" else schema.get("minimum", _PLAIN.get(kind))
