"""Changes as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tools.report._comparison import (
    component,
    copies,
    fingerprints,
    languages,
    ordered,
    ordered_acceptances,
    rules_used,
)
from tools.report._values import compact, dumps, line, listed, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.model import Change, JsonObject
    from tools.report._comparison import Accepted, Comparison

_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}
_VALUE: Final = 500
_NAMES: Final = 20
"""Schemas and operations that a result names."""


def render(comparisons: Sequence[Comparison]) -> str:
    """One run per comparison, because each has files of its own."""
    reasons = rules_used(comparisons)
    value = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [_run(one, reasons) for one in comparisons],
    }
    return dumps(value, indent=2) + "\n"


def _run(comparison: Comparison, reasons: Mapping[str, str]) -> JsonObject:
    accepted = ordered_acceptances(comparison)
    changes = ordered(comparison.changes)
    used = sorted({change.rule for change in (*changes, *(one.change for one in accepted))})
    results = _results(comparison, changes, used)
    for one, result in zip(accepted, _results(comparison, [one.change for one in accepted], used), strict=True):
        results.append({**result, "suppressions": [_suppression(one)]})
    run: JsonObject = {
        "tool": {"driver": {"name": "vidgate", "rules": [_rule(rule, reasons[rule]) for rule in used]}},
        "automationDetails": {"id": f"vidgate-diff/{line(comparison.provider or comparison.title)}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"old": line(comparison.old), "new": line(comparison.new)},
    }
    told = [f"Stale acceptance: {line(text)}" for text in comparison.stale] + [line(text) for text in comparison.notes]
    if told:
        notifications = [{"level": "note", "message": {"text": text}} for text in told]
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": notifications}]
    return run


def _rule(rule: str, why: str) -> JsonObject:
    words = rule.replace("-", " ")
    name = "".join(word.capitalize() for word in rule.split("-"))
    return {
        "id": rule,
        "name": name,
        "shortDescription": {"text": f"{words[:1].upper()}{words[1:]}."},
        "fullDescription": {"text": line(why) or words},
        "help": {"text": line(why) or f"See the page of rules, under {rule}."},
    }


def _results(comparison: Comparison, changes: Sequence[Change], used: Sequence[str]) -> list[JsonObject]:
    numbers = {rule: number for number, rule in enumerate(used)}
    names = fingerprints(comparison, changes)
    return [
        _result(comparison, change, name, numbers[change.rule]) for name, change in zip(names, changes, strict=True)
    ]


def _result(comparison: Comparison, change: Change, name: str, number: int) -> JsonObject:
    result: JsonObject = {
        "ruleId": change.rule,
        "ruleIndex": number,
        "level": _LEVELS[change.level],
        "message": {"text": _message(change)},
        "locations": [_location(comparison, change, new=bool(change.new.path))],
        "partialFingerprints": {"vidgateChange/v1": name},
        "properties": {
            "axis": change.axis,
            "languages": [line(locale) for locale in languages(change)],
            "usages": [f"{line(usage.operation)} ({usage.role})" for usage in change.usages[:_NAMES]],
        },
    }
    if change.old.path and change.new.path:
        old = {"physicalLocation": _location(comparison, change, new=False)["physicalLocation"]}
        if old["physicalLocation"] != result["locations"][0]["physicalLocation"]:
            result["relatedLocations"] = [{**old, "id": 1, "message": {"text": f"In {line(comparison.old)}"}}]
    return result


def _message(change: Change) -> str:
    rows = [line(change.message)]
    if change.before is not None or change.after is not None:
        rows.append(f"Before: {compact(change.before, _VALUE)}")
        rows.append(f"After: {compact(change.after, _VALUE)}")
    if change.copies:
        rows.append(f"And in {listed(list(map(line, copies(change))), 1)}.")
    if change.usages:
        more = len(change.usages) - 1
        rows.append(f"Used by {line(change.usages[0].operation)}{f' and {more} more' if more else ''}.")
    if change.witness is not None:
        rows.append(f"A payload {verdict(change.witness)}: {compact(change.witness.payload, _VALUE)}")
    if change.why:
        rows.append(line(change.why))
    # `[text](1)` in a message is a link to a related location, unless its brackets are escaped
    return "\n".join(rows).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(comparison: Comparison, change: Change, *, new: bool) -> JsonObject:
    location: JsonObject = {}
    place = change.new if new else change.old
    if place.path:
        path = comparison.file(change, new=new)
        uri = quote(path, safe="/-._~!$&'()*+,;=@", errors="replace")
        region = {} if place.line is None else {"region": {"startLine": place.line}}
        address = f"file://{uri}" if path.startswith("/") else uri
        location["physicalLocation"] = {"artifactLocation": {"uri": address}, **region}
    named = [(component(change), change.pointer), *zip(copies(change), change.copies, strict=True)]
    location["logicalLocations"] = [
        {"name": line(name), "fullyQualifiedName": line(pointer) or "/", "kind": "member"}
        for name, pointer in named[:_NAMES]
    ]
    return location


def _suppression(accepted: Accepted) -> JsonObject:
    until = f" (until {line(accepted.until)})" if accepted.until else ""
    return {"kind": "external", "status": "accepted", "justification": f"{line(accepted.reason)}{until}"}
