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

    def add(rule: str, member: str, message: str, before: Json, after: Json) -> None:
        spot = Spot(old=join(old.at, member), new=join(new.at, member))
        findings.add(rule, spot, f"{new.name}: {message}", before=before, after=after, usages=[usage] if usage else [])

    was, now = (one.value.get("deprecated") is True for one in (old, new))
    if was != now:
        word = "is deprecated" if now else "is no longer deprecated"
        add("deprecated-added" if now else "deprecated-removed", "deprecated", word, was, now)
    before, after = (one.value.get(SUNSET) for one in (old, new))
    if before != after:
        days = day(before), day(after)
        message = f"it ends on {shown(after)}, it was {shown(before)}"
        if after is not None and days[1] is None:
            add("sunset-unreadable", SUNSET, f"{shown(after)} is no date", before, after)
        elif days[0] is not None and days[1] is not None and days[1] < days[0]:
            add("sunset-earlier", SUNSET, message, before, after)
        elif after is None and now:
            add("sunset-removed", SUNSET, f"it no longer says when it ends (it was {shown(before)})", before, after)
        else:
            add("sunset-changed", SUNSET, message, before, after)
    before, after = (one.value.get(STABILITY) for one in (old, new))
    if before != after:
        ranks = [_LEVELS.index(level) if level in _LEVELS else None for level in (before, after)]
        message = f"its stability was {shown(before)}, is {shown(after)}"
        if after is not None and ranks[1] is None:
            add("stability-unreadable", STABILITY, f"{shown(after)} is no level of stability", before, after)
        elif (ranks[0] or 0) > (ranks[1] or 0):
            add("stability-decreased", STABILITY, message, before, after)
        else:
            add("stability-increased", STABILITY, message, before, after)


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

    schema_nodes(old, remember)
    schema_nodes(new, visit)


def ended(operation: Operation, today: dt.date | None) -> bool:
    """Whether the operation was announced to end by a day that has passed."""
    end = day(operation.value.get(SUNSET))
    return operation.value.get("deprecated") is True and end is not None and today is not None and end <= today


def day(value: Json) -> dt.date | None:
    """The date a text starts with; None when it is none."""
    try:
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
