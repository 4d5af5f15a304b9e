"""How much of the contract a run has touched: operations, statuses, fields, and the values that they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .._json import is_array, is_object
from ..requirements._walk import constraints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._contract import Operation
    from .._json import Json, JsonObject
    from .._run import Run
    from ..observe import Exchange


def coverage(run: Run) -> JsonObject:
    """What was sent and answered, operation by operation."""
    rows: list[JsonObject] = []
    for operation in run.contract.operations:
        here = [one for one in run.exchanges if one.operation is operation and one.method == operation.method]
        seen = {one.status for one in here if one.status}
        rows.append(
            {
                "operation": operation.id,
                "method": operation.method,
                "path": operation.path,
                "requests": len(here),
                "statuses": [
                    {
                        "status": status,
                        "documented": status in operation.statuses,
                        "seen": sum(one.status == status for one in here),
                    }
                    for status in sorted(seen | set(operation.statuses))
                ],
                "fields": _fields(run, operation, here) if operation.is_paid else [],
            }
        )
    return {"operations": rows}


def _fields(run: Run, operation: Operation, here: list[Exchange]) -> list[JsonObject]:
    named: dict[str, dict[str, Json]] = {}
    for schema in run.contract.variants(operation).values():
        definition = run.contract.component(schema)
        properties: dict[str, JsonObject] = definition.get("properties", {})
        for name, inner in properties.items():
            values = named.setdefault(f"/{name}", {})
            for rule, field, _, value in constraints(run.contract, inner, f"/{name}", ""):
                if field == f"/{name}" and rule in {"ENUM", "CONST"}:
                    listed: list[Json] = value if is_array(value) else [value]
                    values.update((json.dumps(one), one) for one in listed)
    bodies = [one.request_json for one in here]
    return [
        {
            "field": field,
            "sent": sum(1 for body in bodies for _ in _at(body, field)),
            "values": [
                {
                    "value": value,
                    "sent": sum(json.dumps(found) == text for body in bodies for found in _at(body, field)),
                }
                for text, value in values.items()
            ],
        }
        for field, values in named.items()
    ]


def _at(body: Any, field: str) -> Iterator[Json]:
    name = field.removeprefix("/")
    if is_object(body) and name in body:
        yield body[name]
