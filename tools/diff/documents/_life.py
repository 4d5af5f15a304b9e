"""Announcements: deprecated, the day something ends, how stable it is. Nothing of it is on the wire."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.diff.documents._findings import Spot, shown, subject
from tools.diff.documents._operations import Node
from tools.schema.lift import schema_nodes
from tools.schema.pointers import join

if TYPE_CHECKING:
    from tools.diff.documents._findings import Findings
    from tools.diff.documents._operations import Operation
    from tools.model import Json, JsonObject, Usage

SUNSET, STABILITY = "x-sunset", "x-stability-level"
_LEVELS: Final = ("draft", "alpha", "beta", "stable")
UNPROMISED: Final = ("draft", "alpha")
"""Levels of operations that may change or go at any time: what breaks their callers is a warning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Announced:
    """What may announce something, an operation or a parameter, and how people call it."""

    node: Node | Operation
    name: str

    @property
    def at(self) -> str:
        return self.node.at

    @property
    def value(self) -> JsonObject:
        return self.node.value


def compare_life(old: Announced, new: Announced, usage: Usage | None, findings: Findings) -> None:
    """What the two sides announce."""
    for member, compared in (("deprecated", _deprecated), (SUNSET, _sunset), (STABILITY, _stability)):
        before, after = (one.value.get(member) for one in (old, new))
        told = compared(before, after, new) if before != after else None
        if told is not None:
            spot = Spot(old=join(old.at, member), new=join(new.at, member))
            findings.add(
                told[0], spot, f"{new.name}: {told[1]}",
                before=before, after=after, usages=[usage] if usage else [],
            )  # fmt: skip


def _deprecated(before: Json, after: Json, _: Announced) -> tuple[str, str] | None:
    if (before is True) == (after is True):
        return None
    return ("deprecated-added", "is deprecated") if after is True else ("deprecated-removed", "is no longer deprecated")


def _sunset(before: Json, after: Json, new: Announced) -> tuple[str, str]:
    was, now = day(before), day(after)
    message = f"it ends on {shown(after)}, it was {shown(before)}"
    if after is None:
        still = new.value.get("deprecated") is True
        return (
            "sunset-removed" if still else "sunset-changed",
            f"it no longer says when it ends (it was {shown(before)})",
        )
    if now is None:
        return "sunset-unreadable", f"{shown(after)} is no date"
    if before is None:
        return "sunset-added", f"it ends on {shown(after)}"
    if was is None:
        return "sunset-undecided", message
    return "sunset-earlier" if now < was else "sunset-changed", message


def _stability(before: Json, after: Json, _: Announced) -> tuple[str, str] | None:
    if after is not None and after not in _LEVELS:
        return "stability-unreadable", f"{shown(after)} is no level of stability"
    was, now = _rank(before), _rank(after)
    if was == now:
        return None
    return f"stability-{'decreased' if was > now else 'increased'}", f"it was {shown(before)}, is {shown(after)}"


def _rank(level: Json) -> int:
    """How stable something is; what says nothing, or nothing readable, has not been called less than stable."""
    return _LEVELS.index(level) if level in _LEVELS else _LEVELS.index("stable")


def compare_schema_life(old: JsonObject, new: JsonObject, findings: Findings) -> None:
    """What schemas at the same place announce; `deprecated` itself comes with the relation of the two."""
    nodes: dict[str, JsonObject] = {}

    def remember(pointer: str, node: JsonObject) -> None:
        if SUNSET in node or STABILITY in node:
            nodes[pointer] = node

    def visit(pointer: str, node: JsonObject) -> None:
        before = nodes.pop(pointer, {})
        if before or SUNSET in node or STABILITY in node:
            left, right = (
                Announced(
                    node=Node(value={**one, "deprecated": node.get("deprecated")}, at=pointer), name=subject(pointer)
                )
                for one in (before, node)
            )
            compare_life(left, right, None, findings)

    schema_nodes(old, remember, beside=new)
    schema_nodes(new, visit, beside=old)


def removal(operation: Operation, today: dt.date | None) -> str:
    """The rule for the end of an operation: announced for a day that has passed, for no day at all, or not."""
    if operation.value.get("deprecated") is not True:
        return "operation-removed"
    if SUNSET not in operation.value:
        return "operation-removed-after-deprecation"
    end = day(operation.value.get(SUNSET))
    passed = end is not None and today is not None and end <= today
    return "operation-removed-after-sunset" if passed else "operation-removed"


def unpromised(operation: Operation) -> str:
    """The level of an operation that was never promised to stay as it is; empty for all others."""
    level = operation.value.get(STABILITY)
    return level if level in UNPROMISED else ""


def day(value: Json) -> dt.date | None:
    """The date a text starts with; None when it is none."""
    try:
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
