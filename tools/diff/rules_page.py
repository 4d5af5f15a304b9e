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

Conventions stand on top of the law; where one does not suit you, the configuration gives its rule another level.

- What was not documented nobody sends: a new optional member of an open request object breaks nobody.
  What was documented somebody reads: a member that vanishes from responses breaks its readers.
- A read-only member is not part of requests, a write-only one not of responses.
- What is drafted or in alpha (`x-stability-level`) was never promised to stay: what breaks its callers is a warning.
  Without a readable level an operation is stable, so that a lower level takes a promise back.
- An operation that was deprecated may go: after its announced day (`x-sunset`) that is information, without a day a
  warning, before its day or with one that nobody can read an error.
- The default of a parameter says what a request means that leaves it out: another one, or none any more, breaks.
  A default that is said for the first time is a warning, and so is every default within a schema, where JSON Schema
  takes it for a remark; the default of what must be sent is never used.
- An open list of values (`x-extensible-enum`) may grow everywhere; a value that requests may no longer name breaks.
- Parameters, headers, forms, XML and plain text carry text, so that a string without constraints takes the place of a
  number or boolean; null has no spelling there.
  One value becomes a list of one only where its text cannot hold what separates the list.
- A discriminator tells variants apart: another member, a value that goes from requests, comes to responses or means
  another variant breaks, although no validator refuses a payload.
- An added server, way to sign in, media type or status breaks nobody; one that is gone does, except for a failure.
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
