"""Changes for machines: one JSON object, described by `changes.schema.json` beside this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.report._comparison import component, fingerprints, languages, ordered, ordered_acceptances, rules_used
from tools.report._json import change_object
from tools.report._values import dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Change, JsonObject
    from tools.report._comparison import Comparison


def render(comparisons: Sequence[Comparison]) -> str:
    """All comparisons in full; `good` is what the exit code says."""
    value = {
        "version": 1,
        "good": all(one.good for one in comparisons),
        "comparisons": [_comparison(one) for one in comparisons],
        "rules": rules_used(comparisons),
    }
    return dumps(value, indent=2) + "\n"


def _comparison(comparison: Comparison) -> JsonObject:
    changes = ordered(comparison.changes)
    accepted = ordered_acceptances(comparison)
    return {
        "title": comparison.title,
        "provider": comparison.provider,
        "old": comparison.old,
        "new": comparison.new,
        "good": comparison.good,
        "fail_on": comparison.fail_on,
        "summary": {**comparison.counts(), "accepted": len(comparison.accepted)},
        "changes": _changes(comparison, changes),
        "accepted": [
            {**value, "reason": one.reason, "until": one.until}
            for one, value in zip(accepted, _changes(comparison, [one.change for one in accepted]), strict=True)
        ],
        "stale": list(comparison.stale),
        "notes": list(comparison.notes),
    }


def _changes(comparison: Comparison, changes: Sequence[Change]) -> list[JsonObject]:
    names = fingerprints(comparison, changes)
    return [
        {
            "fingerprint": name,
            "component": component(change),
            **change_object(change),
            "languages": list(languages(change)),
        }
        for name, change in zip(names, changes, strict=True)
    ]
