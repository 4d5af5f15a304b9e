"""Which news arrived before: the providers deliver again when an answer is late."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol

from vidgate import errors


class Store(Protocol):
    """Remembers which news arrived before; a table with a unique column will do."""

    def add(self, key: str, /) -> bool:
        """Remember a key; False when it was there already. Must be atomic."""
        ...

    def discard(self, key: str, /) -> None:
        """Forget a key, so that the next delivery counts."""
        ...


class MemoryStore:
    """A store within one process; the oldest keys are forgotten first. Safe to share between threads."""

    def __init__(self, limit: int = 10_000) -> None:
        if limit < 1:
            raise errors.ConfigurationError(f"limit is {limit!r}.", hint="Give a whole number, 1 or more.")
        self._limit = limit
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, key: str, /) -> bool:
        """Remember a key; False when it was there already."""
        with self._lock:
            if key in self._keys:
                self._keys.move_to_end(key)
                return False
            self._keys[key] = None
            if len(self._keys) > self._limit:
                self._keys.popitem(last=False)
            return True

    def discard(self, key: str, /) -> None:
        """Forget a key."""
        with self._lock:
            self._keys.pop(key, None)

    def __len__(self) -> int:
        return len(self._keys)
