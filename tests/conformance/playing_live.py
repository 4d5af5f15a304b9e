"""A simulator that plays a real server, for the tests of live runs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from conformance.subjects import Budget, Reach, in_process
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._settings import ProviderName


def playing_live(
    provider: ProviderName,
    judge: Callable[[Reach], Any],
    *,
    budget: Budget | None,
    build: Callable[..., Simulator] | None = None,
    key: str | None = None,
) -> tuple[Any, list[Simulator]]:
    """A simulator that plays a real server: one key, no callbacks, no ledger that the suite could see."""
    made: list[Simulator] = []

    def make(**options: Any) -> Simulator:
        made.append(build(**options) if build else Simulator(provider, **options))
        return made[-1]

    with in_process(provider, make, profile="live") as reach:
        tokens = {"valid": reach.subject.tokens["valid"]} if key is None else {"valid": key} if key else {}
        subject = dataclasses.replace(reach.subject, tokens=tokens, callbacks=None, ledger=None, budget=budget)
        return judge(dataclasses.replace(reach, subject=subject, receiver=None)), made
