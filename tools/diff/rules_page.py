"""The reference page of all rules, written from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.diff.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.diff.rules import Rule

_HEAD: Final = """# Rules

Every outcome of `python -m tools diff` and `python -m tools locales`.
This page is written by `python -m tools rules --markdown > docs/rules.md`; a test compares the two.

Rules about schemas follow from one law.
In requests, what takes fewer or other values breaks; in responses, what gives more or other values breaks.
An error carries a payload that shows it, or the fact alone breaks; without either it is a warning that says why.
Callbacks and webhooks turn the directions round.
"""


def rules_page() -> str:
    """The page, as Markdown."""
    areas = dict.fromkeys(rule.area for rule in RULES)
    return _HEAD + "".join(f"\n\n## {_heading(area)}\n\n{_table(r for r in RULES if r.area == area)}" for area in areas)


def _heading(area: str) -> str:
    return area.capitalize().replace("-", " ")


def rules_table() -> str:
    """One line per rule, for a terminal."""
    width = max(len(rule.id) for rule in RULES)
    return "".join(f"{rule.level:<8}{rule.id:<{width}}  {rule.why}\n" for rule in RULES)


def _table(rules: Iterable[Rule]) -> str:
    rows = (f"| `{rule.id}` | {rule.level} | {rule.direction} | {rule.action} | {rule.why} |\n" for rule in rules)
    return "| id | level | direction | action | why it matters |\n|---|---|---|---|---|\n" + "".join(rows)
