"""What a part of the client checks found, by rule. A part looks once and serves many requirements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

MOST_KEPT = 20
"""Findings of one rule that are kept with their exchanges; the rest is counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that the client did wrong, and what went over the wire then."""

    message: str
    request: httpx.Request | None = None
    response: httpx.Response | None = None


@dataclass(slots=True)
class Findings:
    """Findings and the number of cases looked at, by rule."""

    cases: Counter[str] = field(default_factory=Counter[str])
    numbers: Counter[str] = field(default_factory=Counter[str])
    kept: dict[str, list[Finding]] = field(default_factory=dict[str, list[Finding]])

    def saw(self, *rules: str, cases: int = 1) -> None:
        """Count cases of rules."""
        for rule in rules:
            self.cases[rule] += cases

    def add(
        self, rule: str, message: str, request: httpx.Request | None = None, response: httpx.Response | None = None
    ) -> None:
        """Note a finding."""
        self.numbers[rule] += 1
        found = self.kept.setdefault(rule, [])
        if len(found) < MOST_KEPT:
            found.append(Finding(message=message, request=request, response=response))
