"""What is known of a batch: its items in the journal, and what they have cost so far."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from vidgate import errors
from vidgate._journal.ceiling import NOT_REFUNDED, Ceiling
from vidgate._plain import NotPlain, encode, plain
from vidgate._warn import warn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._engine import Engine
    from vidgate._journal.records import Entry


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
        if fault := name_fault(name) or (None if name == name.strip() else "has white space around it"):
            raise errors.ConfigurationError(
                f"{name!a:.80} is no name of a batch: it {fault}.", hint="Give it one, such as posters."
            )
        if not is_count(max_in_flight):
            raise errors.ConfigurationError(f"max_in_flight is {max_in_flight!r}.", hint="Give 1 or more.")
        for label, value in (("max_credits", max_credits), ("credits_per_item", credits_per_item)):
            if value is not None and not is_amount(value):
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
        self.lost: set[str] = set()
        """Items that were saved once, and whose files are no longer there."""
        self.spent = 0.0
        self._dearest: dict[str | None, float] = {}
        self._unpriced = False
        engine.kept()

    def read_journal(self) -> None:
        """Learn what earlier runs did; reads the journal's file and looks for theirs."""
        self.stopped = None
        self.recount()
        self.lost = {
            item
            for item, entry in self.known.items()
            if entry.state == "downloaded" and not all(os.path.isfile(file) for file in entry.files)  # noqa: PTH113 - of many files, this is the quick way
        }

    def recount(self) -> None:
        """Learn what others who work on the batch have submitted; reads the journal's file."""
        self.known, self.spent, self._unpriced = {}, 0.0, False
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
        if self._unpriced:
            return (
                f"{self.engine.provider.title} did not say what a submission costs, so {self.max_credits:g} credits "
                "cannot be kept to without credits_per_item"
            )
        return Ceiling(most=self.max_credits, price=self._price(_model(request))).objection(self.spent)

    def ceiling(self, request: Mapping[str, Any]) -> Ceiling | None:
        """The same, for the journal to hold against what others have spent since it was read."""
        return None if self.max_credits is None else Ceiling(most=self.max_credits, price=self._price(_model(request)))

    def advise(self, item: str, entry: Entry, request: Mapping[str, Any]) -> None:
        """Warn of a request that was changed after the item was submitted: it would be paid for, so it is not sent."""
        try:
            content = encode(plain(request))
        except NotPlain:
            return
        if self.engine.kept().journal.fingerprint(content) != entry.request_hash:
            warn(
                f"The item {item!a:.80} was submitted with another request, {entry.submit_id}, and that one counts. "
                "Give the new request a new name.",
                errors.RequestAdvice,
            )

    def _count(self, model: str | None, reserved: float | None) -> None:
        if reserved is not None and reserved >= 0.0:
            self._dearest[model] = max(reserved, self._dearest.get(model, 0.0))
            self.spent += reserved
            return
        price = self._price(model)
        self._unpriced = self._unpriced or not price
        self.spent += price

    def _price(self, model: str | None) -> float:
        if self.credits_per_item is not None:
            return self.credits_per_item
        return self._dearest.get(model, max(self._dearest.values(), default=0.0))


def name_fault(name: object) -> str | None:
    """Why this cannot be the name of a batch or an item; None when it can. It is written down, shown, and hashed."""
    if not isinstance(name, str):
        return "is no text"
    if not name.strip():
        return "is empty"
    if "\0" in name:
        return "has a NUL in it"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "has half of a surrogate pair in it"
    return None


def is_count(value: object) -> bool:
    """Whether this is a whole number, 1 or more."""
    return not isinstance(value, bool) and isinstance(value, int) and value >= 1


def is_amount(value: object) -> bool:
    """Whether this is a number of credits to spend."""
    return not isinstance(value, bool) and isinstance(value, (int, float)) and 0.0 < value < math.inf


def _model(request: Mapping[str, Any]) -> str | None:
    model = request.get("model")
    return model if isinstance(model, str) else None
