"""How an instance of a pair stands in one of its parent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._parts import Part


@dataclass(frozen=True, slots=True)
class Step:
    """In a property (`name`), an element (index), an additional or pattern property, as a name, or in place.

    Without parts: in any alternative that fits.
    """

    role: str
    name: str | int
    old: Part | None = None
    new: Part | None = None
