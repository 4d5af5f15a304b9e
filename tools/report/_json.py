"""For machines: one JSON object per run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tools.errors import ConflictError
from tools.report._report import KINDS, flat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.errors import Place, ToolError
    from tools.model import Change, Json, JsonObject
    from tools.report._report import Report

USAGES: Final = 20
"""Usages that are listed of one change; `usages_total` says how many there are."""


def render(reports: Sequence[Report]) -> str:
    """All reports; `good` is what the exit code says."""
    value = {"version": 1, "good": all(report.good for report in reports), "reports": [_report(one) for one in reports]}
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _report(report: Report) -> JsonObject:
    return {
        "subject": report.subject,
        "good": report.good,
        "summary": report.summary,
        **report.facts,
        "findings": [finding(error) for error in flat(report.findings)],
        "changes": [change_object(change) for change in report.changes],
        "decisions": [
            {
                "rule": one.rule,
                "message": one.message,
                "places": [place_object(place) for place in one.places],
                **({"action": one.action} if one.action else {}),
            }
            for one in report.decisions
        ],
        "repairs": [
            {"rule": one.rule, "place": place_object(one.place), "found": one.found, "made": one.made}
            for one in report.repairs
        ],
        "proposals": [
            {"message": one.message, "places": [place_object(place) for place in one.places], "action": one.action}
            for one in report.proposals
        ],
        "notes": list(report.notes),
    }


def finding(error: ToolError) -> JsonObject:
    """One finding; `action` is YAML to paste into the overlay."""
    kind = next(KINDS[base] for base in type(error).__mro__ if base in KINDS)
    value: JsonObject = {"kind": kind, "problem": error.problem, "fix": error.fix}
    value["places"] = [place_object(place) for place in error.places]
    if isinstance(error, ConflictError) and error.action:
        value["action"] = error.action
    return value


def place_object(place: Place) -> JsonObject:
    """A place without what is not known."""
    members: tuple[tuple[str, Json], ...] = (("path", place.path), ("line", place.line), ("pointer", place.pointer))
    return {name: value for name, value in members if value is not None}


def change_object(change: Change) -> JsonObject:
    """One change; the witness only where there is one, and of many usages the first: all would be their product."""
    value: JsonObject = {
        "rule": change.rule,
        "level": change.level,
        "axis": change.axis,
        "pointer": change.pointer,
        "message": change.message,
        "old": place_object(change.old),
        "new": place_object(change.new),
        "before": change.before,
        "after": change.after,
        "usages": [{"operation": usage.operation, "role": usage.role} for usage in change.usages[:USAGES]],
        "usages_total": len(change.usages),
        "copies": list(change.copies),
        "locales": list(change.locales),
        "why": change.why,
    }
    if change.witness is not None:
        value["witness"] = {
            "payload": change.witness.payload,
            "valid_before": change.witness.valid_before,
            "valid_after": change.witness.valid_after,
        }
    return value
