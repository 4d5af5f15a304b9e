"""Derived requirements in words: one sentence each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._model import Rule
    from ._walk import Found

SAID: Mapping[str, str] = {
    "TYPE": "{what} is of the type {value}",
    "MIN": "{what} is at least {value}",
    "MAX": "{what} is at most {value}",
    "MIN-LENGTH": "{what} has at least {value} characters",
    "MAX-LENGTH": "{what} has at most {value} characters",
    "MIN-ITEMS": "{what} has at least {value} items",
    "MAX-ITEMS": "{what} has at most {value} items",
    "ENUM": "{what} is one of {value}",
    "CONST": "{what} is {value}",
    "FORMAT": "{what} has the format {value}",
    "PATTERN": "{what} matches {value}",
    "REQUIRED": "{what} is there",
    "ONE-OF": "{what} fits exactly one of its alternatives",
    "CONDITION": "the condition on {what} holds",
}


def sentence(first: Found, group: list[Found]) -> str:
    """One sentence that says what must hold."""
    values = sorted({json.dumps(found.value, ensure_ascii=False, sort_keys=True) for found in group})
    value = " or ".join(values)
    what = f"`{_dotted(first.field)}`" if first.field else "the body"
    match first.kind, first.rule:
        case ("error", _):
            return f"What the pages answer with HTTP {first.status} is answered with HTTP {first.status}."
        case ("error-body", _):
            return f"An answer with HTTP {first.status} has the documented error body."
        case ("error-type", "EXAMPLE"):
            return f"The error of an HTTP {first.status} has a documented code and type."
        case ("error-type", _):
            row: dict[str, str] = first.value
            return f"HTTP {first.status} has the error type {row['type']} where: {row['description']}"
        case _:
            pass
    if first.kind == "response":
        return f"In the answer of {first.operation}, {_said(first.rule, what, value)}."
    if first.rule == "EXAMPLE":
        told = "Every documented request" if not first.field else f"Every documented value of {what}"
        return f"{told} is accepted."
    if first.rule == "CONDITION":
        return f"Refused with 400: {str(first.value).rstrip('.')}."
    if first.rule == "NULL":
        return f"A null for {what} is refused with 400."
    if first.rule == "DEFAULT":
        return f"A request may leave out {what}, which then counts as {value}."
    return f"A request is refused unless {_said(first.rule, what, value)}; on the bound it is accepted."


def _dotted(pointer: str) -> str:
    return pointer.removeprefix("/").replace("/*", "[]").replace("/", ".")


def _said(rule: Rule, what: str, value: str) -> str:
    return SAID[rule].format(what=what, value=value)
