"""An independent figure of what the suite finds: faulty variations of a gateway of another origin than the simulator.

A sample is judged by default, in turn over all categories; VIDGATE_ALL_FAULTS=1 judges them all.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance._judge import judge_reach
from conformance.subjects._model import Callbacks, Ledger, Subject, Tasks
from conformance.subjects._reach import Reach
from conformance.subjects._receiver import Receiver
from tests.conformance.faults.crooked import Crooked, Fault
from tests.conformance.faults.everything import FAULTS
from tests.conformance.gateway import apps
from tests.conformance.gateway.studio import World

if TYPE_CHECKING:
    from conformance._results import Report
    from conformance._settings import ProviderName

PUBLIC = "https://hooks.example.org/in"
GATEWAY = "https://gateway.example.org"
EVERY = 4
SURVIVORS = {
    "evolink/request/callbacks to 127.x but .0.0.1": "the page names 127.0.0.1 alone and leaves the rest to an `etc.`",
}
CHOSEN = FAULTS if os.environ.get("VIDGATE_ALL_FAULTS") else FAULTS[::EVERY]
REFUTED = [fault for fault in CHOSEN if fault.id not in SURVIVORS]
SURVIVING = [fault for fault in FAULTS if fault.id in SURVIVORS]


def judged(fault: Fault) -> Report:
    """Judge the gateway with a fault, on a clock that moves only when somebody waits."""
    world = World()
    receiver = Receiver(world, PUBLIC)
    subject = Subject(
        provider=fault.provider,
        base_url=GATEWAY,
        profile="mock",
        name=fault.id,
        tokens=apps.ROLES,
        tasks=Tasks(seconds=45.0, fail_prompt=apps.FAIL_WORD),
        callbacks=Callbacks(public_url=PUBLIC),
        ledger=Ledger(url=f"{GATEWAY}/books", reset=f"{GATEWAY}/books/burn"),
    )
    transport = Crooked(fault, world, receiver, seed=0)
    reach = Reach(subject=subject, transport=transport, clock=world, receiver=receiver)
    return judge_reach(reach, seed=0, level="MAY")


def caught(report: Report) -> bool:
    """Whether a requirement is broken, and the suite itself is not."""
    return bool(report.broken) and report.state != "harness error"


@pytest.mark.parametrize("fault", REFUTED, ids=lambda fault: fault.id)
def test_the_suite_finds_the_fault(fault: Fault) -> None:
    """Each broken promise gives a finding."""
    assert caught(judged(fault)), f"{fault.id} ({fault.source}) is not found"


@pytest.mark.parametrize("fault", SURVIVING, ids=lambda fault: fault.id)
def test_what_survives_still_does(fault: Fault) -> None:
    """A survivor that is found by now is taken off the list."""
    assert not caught(judged(fault)), f"{fault.id} is found: take it off SURVIVORS"


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_the_way_to_the_gateway_breaks_nothing(provider: ProviderName) -> None:
    """Without a fault the gateway is clean, so whatever is found comes from the fault."""
    report = judged(Fault(provider=provider, category="none", name="none", source="none"))
    assert report.state == "conformant"
    assert not report.broken


def test_the_list_is_whole() -> None:
    """Ids are unique, every survivor is a fault of the list, and there are as many as the figure needs."""
    ids = [fault.id for fault in FAULTS]
    assert len(ids) == len(set(ids))
    assert set(ids) >= SURVIVORS.keys()
    assert sum(fault.provider == "evolink" for fault in FAULTS) >= 88
    assert sum(fault.provider == "apimart" for fault in FAULTS) >= 40
