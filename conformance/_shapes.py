"""Answers against one derived rule each: which answers say something about it, and what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ._json import follow, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json
    from ._run import Run
    from .observe import Exchange
    from .requirements import Derived, Requirement

MISSING = object()
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+\S*")
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def breaches(run: Run, requirement: Requirement) -> Iterator[tuple[Exchange, list[str]]]:
    """Every answer that says something about a derived rule, with what is wrong with it."""
    derived = requirement.derived
    if derived is None:
        return
    pointers = {case.subject: case.pointer for case in derived.cases}
    for exchange in run.exchanges:
        operation = exchange.operation
        if exchange.status != derived.status or exchange.fault or operation is None or operation.id not in pointers:
            continue
        if exchange.method != operation.method:
            continue
        found = _look(run, derived, exchange, pointers[operation.id])
        if found is not None:
            yield exchange, found


def _look(run: Run, derived: Derived, exchange: Exchange, schema_pointer: str) -> list[str] | None:
    """What is wrong; None: the answer does not have what the rule speaks of."""
    if derived.rule == "BODY":
        return run.contract.violations(follow(run.contract.document, schema_pointer), exchange.json)
    if derived.rule == "REQUIRED":
        holders = list(_values(exchange.json, derived.field.rpartition("/")[0]))
        name = derived.field.rpartition("/")[2]
        told = [
            f"{derived.field} is missing" for _, holder in holders if isinstance(holder, dict) and name not in holder
        ]
        return told if any(isinstance(holder, dict) for _, holder in holders) else None
    values = list(_values(exchange.json, derived.field))
    if not values:
        return None
    if derived.rule == "CONDITION":
        schema: Any = follow(run.contract.document, schema_pointer.rpartition("/")[0])
        part = {name: schema[name] for name in ("if", "then", "else", "not") if name in schema}
        return [
            f"{place or 'the body'}: {text}" for place, value in values for text in run.contract.violations(part, value)
        ]
    bound = next(case.value for case in derived.cases)
    return [
        f"{place or 'the body'} is {value!r}, which breaks {derived.rule} {bound!r}"
        for place, value in values
        if not keeps(derived.rule, bound, value)
    ]


def _values(body: Json, field: str, place: str = "") -> Iterator[tuple[str, Json]]:
    """Every value at a pointer; `*` is any item."""
    head, _, rest = field.removeprefix("/").partition("/")
    if not field:
        yield place, body
    elif head == "*":
        for number, item in enumerate(body if is_array(body) else ()):
            yield from _values(item, f"/{rest}" if rest else "", f"{place}/{number}")
    elif is_object(body) and head in body:
        yield from _values(body[head], f"/{rest}" if rest else "", f"{place}/{head}")


def keeps(rule: str, bound: Json, value: Json) -> bool:  # noqa: C901 - a line for each rule
    """Whether a value keeps a rule; a value of a type that the rule does not speak of does."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match rule:
        case "TYPE":
            return any(is_type(value, name) for name in (bound if is_array(bound) else [bound]))
        case "MIN":
            return not number or value >= bound
        case "MAX":
            return not number or value <= bound
        case "MIN-LENGTH":
            return not isinstance(value, str) or len(value) >= bound
        case "MAX-LENGTH":
            return not isinstance(value, str) or len(value) <= bound
        case "MIN-ITEMS":
            return not is_array(value) or len(value) >= bound
        case "MAX-ITEMS":
            return not is_array(value) or len(value) <= bound
        case "ENUM":
            return any(type(value) is type(known) and value == known for known in bound)
        case "CONST":
            return type(value) is type(bound) and value == bound
        case "PATTERN":
            return not isinstance(value, str) or re.search(bound, value) is not None
        case "FORMAT":
            return bound != "uri" or not isinstance(value, str) or URI.fullmatch(value) is not None
        case _:
            return True


def is_type(value: Json, name: str) -> bool:
    """JSON's types: a boolean is no number, and 1.0 is an integer."""
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[name])
