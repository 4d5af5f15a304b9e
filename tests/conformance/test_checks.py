"""Every check can fail: on a server with one fault, asked for one requirement alone, it names that requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance._judge import judge
from conformance.mutants import Mutant, by_hand
from conformance.requirements import Requirement, load

if TYPE_CHECKING:
    from conformance._settings import ProviderName

PROVIDERS: tuple[ProviderName, ...] = ("evolink", "apimart")
WRITTEN: dict[str, Requirement] = {
    entry.id: entry
    for provider in PROVIDERS
    for entry in load(provider).values()
    if entry.derived is None and entry.area != "CLIENT" and entry.ambiguous is None
}
FAULTS: dict[str, Mutant] = {}
for mutant in by_hand():
    if mutant.breaks in WRITTEN:
        FAULTS.setdefault(mutant.breaks, mutant)
# A server that is slow from the first answer on is not judged at all. This one becomes slow after a while, and is given
# up after some answers more.
AMONG_OTHERS = frozenset({"EVO-WIRE-SLOW", "API-WIRE-SLOW"})


def test_every_requirement_written_by_hand_has_a_fault() -> None:
    """Only what the documents leave open has none."""
    assert WRITTEN.keys() - FAULTS.keys() == set()


@pytest.mark.parametrize("identity", FAULTS)
def test_a_fault_is_found_alone(identity: str) -> None:
    """With `only`, little is sent, and the fault is seen all the same."""
    mutant = FAULTS[identity]
    among_others = identity in AMONG_OTHERS
    report = judge(mutant.build, mutant.provider, only=[] if among_others else [identity])
    assert identity in report.broken
    assert among_others or report.faults == ()


@pytest.mark.parametrize("identity", FAULTS)
def test_without_the_fault_there_is_none(identity: str) -> None:
    """The same check, asked for alone, on the honest simulator."""
    report = judge(None, FAULTS[identity].provider, only=[identity])
    (judged,) = report.judged
    assert (report.faults, judged.result) == ((), "pass")
