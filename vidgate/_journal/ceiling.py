"""What a batch may cost, as all who work on it together see it: counted in the transaction that writes an intent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._journal.base import Rows

NOT_REFUNDED: Final = ("intent", "unknown", "named", "submitted", "completed", "downloaded")
"""The states of submissions that cost something, or may."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ceiling:
    """Credits: the most that a batch may cost, and the most that its next item can, as far as that is known."""

    most: float
    price: float

    def objection(self, spent: float) -> str | None:
        """Why nothing more may be submitted; None when it may."""
        if spent >= self.most or spent + self.price > self.most:
            return f"{spent:g} of {self.most:g} credits are spent, and it may cost {self.price:g}"
        return None


class CeilingReached(Exception):
    """Others have spent meanwhile what there was; nothing was sent. Between the flows of a batch, and never beyond."""


def objection_to(rows: Rows, owner: Mapping[str, str], batch: str | None, ceiling: Ceiling | None) -> str | None:
    """Why an item would lead beyond; whoever else is about to submit one waits until this one is counted."""
    if ceiling is None:
        return None
    rows.claim(*owner.values(), batch, "ceiling")
    return ceiling.objection(rows.spent(NOT_REFUNDED, ceiling.price, **owner, batch=batch))
