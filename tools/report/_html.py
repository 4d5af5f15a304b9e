"""Changes as one page that needs nothing else: style, script and data stand in it, and its policy forbids the rest.

The files beside this one in `page/` are the page without its data.
What comes from pages or documents enters only as JSON in a data block, from where the script makes text nodes.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Final

from tools.report._comparison import (
    component,
    copies,
    fingerprints,
    languages,
    ordered,
    ordered_acceptances,
    rules_used,
)
from tools.report._values import aligned, cut, dumps, line, pretty, short, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.model import Change, Json, JsonObject
    from tools.report._comparison import Accepted, Comparison

_SCRIPTS: Final = ("tree.js", "sides.js", "filters.js", "page.js")
_NAMES: Final = 50
_LIMIT: Final = 20_000
_QUOTED: Final = 60
_INERT: Final[Mapping[int, str]] = {ord(char): f"\\u{ord(char):04x}" for char in "<>&"}
"""In JSON these stand only inside strings; escaped, no text can end the data block or open a comment."""


def render(comparisons: Sequence[Comparison]) -> str:
    """The page; equal lists of operations stand in it once, so that it grows with the findings alone."""
    style, script = _part("page.css"), _script()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )
    return Template(_part("page.html")).substitute(
        title=escape(line("What changed: " + ", ".join(one.title for one in comparisons))),
        policy=escape(policy, quote=False),
        style=style,
        data=dumps(_data(comparisons), separators=(",", ":")).translate(_INERT),
        script=script,
    )


def _part(name: str) -> str:
    return (resources.files("tools.report") / "page" / name).read_text(encoding="utf-8")


def _script() -> str:
    """The parts share one scope of their own."""
    return f'"use strict";\n(() => {{\n{"".join(map(_part, _SCRIPTS))}}})();\n'


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _data(comparisons: Sequence[Comparison]) -> JsonObject:
    uses: dict[tuple[tuple[str, str], ...], int] = {}
    changes: list[JsonObject] = []
    for number, one in enumerate(comparisons):
        listed = ordered(one.changes)
        accepted = ordered_acceptances(one)
        everything = [*listed, *(acceptance.change for acceptance in accepted)]
        reasons: list[Accepted | None] = [*(None for _ in listed), *accepted]
        for change, name, reason in zip(everything, fingerprints(one, everything), reasons, strict=True):
            used = tuple((line(usage.operation), usage.role) for usage in change.usages[:_NAMES])
            changes.append(
                {
                    "comparison": number,
                    "fingerprint": name,
                    **_change(change),
                    "uses": uses.setdefault(used, len(uses)) if used else None,
                    "uses_total": len(change.usages),
                    "accepted": reason and {"reason": line(reason.reason), "until": line(reason.until)},
                }
            )
    return {
        "comparisons": [_comparison(one) for one in comparisons],
        "rules": {rule: line(why) for rule, why in rules_used(comparisons).items() if why},
        "uses": [list(map(list, used)) for used in uses],
        "changes": changes,
    }


def _comparison(comparison: Comparison) -> JsonObject:
    return {
        "title": line(comparison.title),
        "provider": line(comparison.provider),
        "old": line(comparison.old),
        "new": line(comparison.new),
        "counts": {**comparison.counts(), "accepted": len(comparison.accepted)},
        "stale": [line(text) for text in comparison.stale],
        "notes": [line(text) for text in comparison.notes],
    }


def _change(change: Change) -> JsonObject:
    witness = change.witness
    return {
        "rule": change.rule,
        "level": change.level,
        "axis": change.axis,
        "component": line(component(change)),
        "pointer": line(change.pointer),
        "message": line(change.message),
        "old": short(change.old),
        "new": short(change.new),
        "before": _value(change.before),
        "after": _value(aligned(change.after, change.before)),
        "why": line(change.why),
        "copies": list(map(line, copies(change)[:_NAMES])),
        "copies_total": len(change.copies),
        "locales": [line(locale) for locale in change.locales],
        "languages": [line(locale) for locale in languages(change)],
        "witness": witness
        and {
            "payload": pretty(witness.payload, _LIMIT),
            "valid_before": witness.valid_before,
            "valid_after": witness.valid_after,
        },
    }


def _value(value: Json) -> str | None:
    """A text as text, because prose reads badly inside quotes; everything else as JSON."""
    if isinstance(value, str) and ("\n" in value or len(value) > _QUOTED):
        return cut(visible(value), _LIMIT)
    return None if value is None else pretty(value, _LIMIT)
