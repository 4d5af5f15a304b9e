"""The server against everything that schemathesis knows to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vidgate.simulator import DEFAULT_KEY

from ..._examination import examine, known_checks
from ..._exclusions import judge
from ..._settings import requirement
from ..._verdict import demand_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..._subject import Subject


@requirement("server-contract")
def check_schemathesis_finds_nothing(subject: Subject, tally: Callable[[int], None]) -> None:
    """All checks in all phases pass, but for the listed exclusions."""
    simulator = subject.simulator(seconds=0)
    done = examine(subject.contract, simulator.app, key=DEFAULT_KEY)
    tally(done.interactions)
    demand_none(judge(done, subject.provider, known_checks()), f"{subject.provider} server")
