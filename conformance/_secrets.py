"""Nothing that leaves a run shows a key."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ._json import is_array, is_object
from ._subject import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK = "[key]"


@dataclass(frozen=True, slots=True)
class Redactor:
    """Masks keys in text, in bytes, and in whole documents."""

    keys: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Redactor({len(self.keys)} keys)"

    def __call__(self, text: str) -> str:
        """Return the text with every key masked."""
        for key in self.keys:
            text = text.replace(key, MASK)
        return text

    def content(self, content: bytes) -> bytes:
        """Return bytes with every key masked."""
        for key in self.keys:
            content = content.replace(key.encode(), MASK.encode())
        return content

    def tree(self, value: Any) -> Any:
        """Return a JSON value with every key masked, in names, too."""
        if isinstance(value, str):
            return self(value)
        if is_object(value):
            return {self(name): self.tree(inner) for name, inner in value.items()}
        if is_array(value):
            return [self.tree(inner) for inner in value]
        return value


def redactor(tokens: Iterable[str] = (), environment: Mapping[str, str] = os.environ) -> Redactor:
    """A redactor for the keys of subjects and of the environment, in each spelling that they may have."""
    plain = {environment.get(row.key_variable, "").strip() for row in ROWS.values()} | set(tokens)
    keys = {spelling for key in plain if key for spelling in (key, quote(key, safe=""), json.dumps(key)[1:-1])}
    # The longest first, as one may contain another.
    return Redactor(tuple(sorted(keys, key=lambda key: (-len(key), key))))
