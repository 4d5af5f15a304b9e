"""tools.diff.rules: every outcome the model allows has a rule, and every rule an outcome."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Literal, get_args

import pytest

from tools.diff.rules import BY_ID, DIRECTIONS, KEYWORDS, RULES, schema_rule
from tools.diff.rules_page import rules_page
from tools.model import Level
from tools.schema.relate import Action, Verdict

ROOT = Path(__file__).parents[3]

WAIVED: dict[tuple[str, str, str], str] = {
    ("*", "*", "equal"): "no instance changes sides: it is a spelling, not a change",
}
"""Keyword, action and verdict for which no rule is wanted; `properties` speaks of members even when equal."""


def outcomes() -> list[tuple[Literal["request", "response"], str, str, str, bool]]:
    """Everything a difference of two schemas can be."""
    return list(
        itertools.product(DIRECTIONS, KEYWORDS, get_args(Action), get_args(Verdict), (False, True))
    )  # fmt: skip


def waiver(keyword: str, action: str, verdict: str) -> tuple[str, str, str] | None:
    """The waiver that covers an outcome."""
    given = (keyword, action, verdict)
    return next((row for row in WAIVED if all(a in {"*", b} for a, b in zip(row, given, strict=True))), None)


def test_every_outcome_has_a_rule_or_a_waiver() -> None:
    """No keyword, action, verdict and direction falls through; a waiver that covers nothing is stale."""
    used: set[tuple[str, str, str]] = set()
    for direction, keyword, action, verdict, member in outcomes():
        rule = schema_rule(direction, keyword, action, verdict, member=member)
        if rule is None:
            found = waiver(keyword, action, verdict)
            assert found is not None, (direction, keyword, action, verdict)
            used.add(found)
        else:
            assert rule.direction == direction
    assert used == set(WAIVED)


def test_every_schema_rule_can_come_out() -> None:
    """No row of the registry is dead."""
    reached = {
        rule.id
        for direction, keyword, action, verdict, member in outcomes()
        if (rule := schema_rule(direction, keyword, action, verdict, member=member)) is not None
    }
    assert {rule.id for rule in RULES if rule.area in {"schema", "member", "union"}} == reached


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_law(direction: str) -> None:
    """Narrower and incomparable break requests, wider and incomparable break responses, unknown warns."""
    breaking = {"request": {"narrower", "incomparable"}, "response": {"wider", "incomparable"}}[direction]
    for keyword, verdict in itertools.product(KEYWORDS, get_args(Verdict)):
        rule = schema_rule(direction, keyword, "changed", verdict, member=False)  # type: ignore[arg-type]
        if rule is not None:
            assert (rule.level == "error") == (verdict in breaking)
            assert (rule.level == "warning") == (verdict == "unknown")


def test_ids_and_sentences() -> None:
    """Ids are kebab-case and unique, every cell is filled, every reason is one sentence."""
    assert len(BY_ID) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
        assert rule.level in get_args(Level)
        assert all((rule.direction, rule.area, rule.kind, rule.action))
        assert re.fullmatch(r"[A-Z0-9][^\n]*[.]", rule.why), rule.id


def test_the_page_is_what_the_registry_says() -> None:
    """docs/rules.md is written by `python -m tools rules --markdown`."""
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == rules_page()
