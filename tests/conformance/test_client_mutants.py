"""Each requirement on the client is broken by some mutant of the generated client or the facade, and says so itself."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from conformance._subject import load
from conformance.checks.client._rules import PARTS, RULES
from conformance.checks.client._space import Effort
from tests.conformance.mutant_clients import facade, typed, wire
from vidgate import errors

if TYPE_CHECKING:
    from tests.conformance.mutant_clients.patches import Mutant

LITTLE = Effort(together=1, chances=60)
MUTANTS = (*typed.MUTANTS, *facade.MUTANTS, *wire.MUTANTS)


@functools.cache
def part_of(rule: str) -> str:
    """The part of the checks that looks at a rule."""
    return next(part for part, rules in RULES.items() if rule in rules)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_the_right_requirement_fails(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken client is found out by the requirement that it breaks, and by none that it keeps."""
    mutant.patch(monkeypatch)
    found = failing(part_of(mutant.breaks))
    assert found == {mutant.breaks, *mutant.also}, f"{sorted(found)}"


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
@pytest.mark.parametrize("part", sorted(PARTS))
def test_the_honest_client_keeps_all(part: Any, provider: Any) -> None:
    """What the mutants break holds without them, and every requirement of the part has had cases."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.VidgateWarning)
        findings = PARTS[part](load(provider), 0, LITTLE)
    assert {rule: [found.message for found in kept] for rule, kept in findings.kept.items()} == {}
    assert set(findings.cases) == set(RULES[part])


def test_every_requirement_has_a_mutant() -> None:
    """A check that no mutant breaks might not be able to fail."""
    assert {mutant.breaks for mutant in MUTANTS} == {rule for rules in RULES.values() for rule in rules}


def failing(part: Any) -> set[str]:
    """The requirements of a part that the client breaks as it is now."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.VidgateWarning)
        findings = PARTS[part](load("evolink"), 0, LITTLE)
    return set(findings.numbers)
