"""Broken simulators: how it is known that a check can fail.

Each mutant is the simulator with one small fault, and names the requirement that the fault breaks. Most are written by
hand, from the pages; for each requirement that follows from the contract there is a derived one, too.
`python -m conformance.mutants` judges them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _callbacks, _errors, _requests, _submits, _tasks, _wire
from ._derived import derive
from ._model import CATEGORIES, Category, Mutant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._rows import Row

__all__ = ["CATALOGUE", "CATEGORIES", "Category", "Mutant", "by_hand", "derive", "load"]

CATALOGUE: Mapping[Category, tuple[Row, ...]] = {
    "authentication and request validation": _requests.ROWS,
    "error bodies": _errors.ROWS,
    "submit responses": _submits.ROWS,
    "task life cycle and links": _tasks.ROWS,
    "callbacks": _callbacks.ROWS,
    "billing": _wire.BILLING,
    "wire": _wire.WIRE,
    "ownership and load": _wire.SHARED,
}


def by_hand() -> tuple[Mutant, ...]:
    """Return the mutants that were written by hand, EvoLink's first."""
    found = [mutant for category, rows in CATALOGUE.items() for row in rows for mutant in row.mutants(category)]
    return tuple(sorted(found, key=lambda mutant: (mutant.provider != "evolink", CATEGORIES.index(mutant.category))))


def load() -> tuple[Mutant, ...]:
    """Return all mutants, those written by hand first."""
    return (*by_hand(), *derive())
