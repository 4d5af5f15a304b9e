"""Within a budget of three, a live run still finds most of what is broken on servers, and never spends more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance._judge import judge_reach
from conformance.mutants import by_hand
from conformance.requirements import load
from conformance.subjects import Budget
from tests.conformance.playing_live import playing_live

if TYPE_CHECKING:
    from conformance._settings import ProviderName

BUDGET = Budget(max_paid_requests=3, max_credits=500)
WANTED = 0.6
STEP = 4
"""Every fourth mutant: the whole catalogue takes minutes."""


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_most_mutants_are_found(provider: ProviderName) -> None:
    """Of the mutants that need no other account, callback or ledger, at least 60 % are found, for three tasks each."""
    entries = load(provider)
    reachable = [
        mutant
        for mutant in by_hand()
        if mutant.provider == provider and mutant.breaks in entries and not set(entries[mutant.breaks].needs) - {"time"}
    ]
    tried = reachable[::STEP]
    assert len(tried) >= 15
    survivors: list[str] = []
    for mutant in tried:
        report, made = playing_live(provider, judge_reach, budget=BUDGET, build=mutant.build)
        assert len(made[0].ledger) <= BUDGET.max_paid_requests, mutant.id
        if not (report.broken or report.faults):
            survivors.append(mutant.id)
    assert len(survivors) <= (1 - WANTED) * len(tried), survivors
