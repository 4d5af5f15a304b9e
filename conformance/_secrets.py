"""Nothing that leaves a run shows an API key."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._subject import ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK = "[key]"


@dataclass(frozen=True, slots=True)
class Redactor:
    """Masks keys in text."""

    keys: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Redactor({len(self.keys)} keys)"

    def __call__(self, text: str) -> str:
        """Return the text with every key masked."""
        for key in self.keys:
            text = text.replace(key, MASK)
        return text


def redactor(environment: Mapping[str, str] = os.environ) -> Redactor:
    """A redactor for the keys in the environment; the longest first, as one may contain another."""
    keys = {environment.get(row.key_variable, "").strip() for row in ROWS.values()} - {""}
    return Redactor(tuple(sorted(keys, key=len, reverse=True)))
