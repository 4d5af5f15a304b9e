"""What is known of a batch: its items in the journal, and what they have cost so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from vidgate import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._engine import Engine
    from vidgate._journal.records import Entry

NOT_REFUNDED: Final = frozenset({"intent", "unknown", "submitted", "completed", "downloaded"})


class BatchState:
    """What is known of a batch: its items in the journal, and what they cost so far."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        *,
        max_in_flight: int,
        max_credits: float | None,
        credits_per_item: float | None,
    ) -> None:
        if not name or name != name.strip():
            raise errors.ConfigurationError(f"{name!a} is no name of a batch.", hint="Give it one, such as posters.")
        if isinstance(max_in_flight, bool) or max_in_flight < 1:
            raise errors.ConfigurationError(f"max_in_flight is {max_in_flight!r}.", hint="Give 1 or more.")
        for label, value in (("max_credits", max_credits), ("credits_per_item", credits_per_item)):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise errors.ConfigurationError(f"{label} is {value!r}.", hint="Give a number above 0 or nothing.")
        if max_credits is not None and credits_per_item is None and engine.provider.reserved is None:
            raise errors.ConfigurationError(
                f"{engine.provider.title} does not say what a submission reserves, so max_credits cannot be kept.",
                hint="Give credits_per_item, the most that one item can cost.",
            )
        self.engine = engine
        self.name = name
        self.max_in_flight = max_in_flight
        self.max_credits = max_credits
        self.credits_per_item = credits_per_item
        self.stopped: str | None = None
        self.known: dict[str, Entry] = {}
        self.spent = 0.0
        self._dearest: dict[str | None, float] = {}
        engine.kept()

    def read_journal(self) -> None:
        """Learn what earlier runs did; reads the journal's file."""
        self.stopped, self.spent = None, 0.0
        self.known = {}
        for entry in self.engine.kept().entries(batch=self.name):
            if entry.item is not None:
                self.known[entry.item] = entry
                if entry.state in NOT_REFUNDED:
                    self._count(entry.model, entry.credits_reserved)

    def spend(self, request: Mapping[str, Any], reserved: float | None) -> None:
        """Count a submission; one whose price or outcome nobody knows counts as the dearest that it can be."""
        self._count(_model(request), reserved)

    def ceiling_of(self, request: Mapping[str, Any]) -> str | None:
        """Why this request may not be submitted; None when it may.

        The first request of a model shows what it costs, unless credits_per_item says so before.
        """
        if self.max_credits is None:
            return None
        price = self._price(_model(request))
        if self.spent >= self.max_credits or self.spent + price > self.max_credits:
            return f"{self.spent:g} of {self.max_credits:g} credits are spent, and it may cost {price:g}"
        return None

    def _count(self, model: str | None, reserved: float | None) -> None:
        if reserved is not None:
            self._dearest[model] = max(reserved, self._dearest.get(model, 0.0))
        self.spent += self._price(model) if reserved is None else reserved

    def _price(self, model: str | None) -> float:
        if self.credits_per_item is not None:
            return self.credits_per_item
        return self._dearest.get(model, max(self._dearest.values(), default=0.0))


def _model(request: Mapping[str, Any]) -> str | None:
    model = request.get("model")
    return model if isinstance(model, str) else None
