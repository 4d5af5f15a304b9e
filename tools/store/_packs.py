"""Many small results of one run in few files: making a file costs more than writing a small one.

For keys that say all about what they stand for, such as the digest of what was read: no entry is ever replaced.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.schema.shapes import is_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.model import Json
    from tools.store._cache import Cache

MOST: Final = 1_000
"""Packs that are kept; beyond them the older half goes, so that years of small changes do not add up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packs:
    """Packs below a folder; what is damaged counts as absent. Nothing here raises OSError."""

    cache: Cache

    def put(self, keys: Sequence[str], payload: bytes) -> None:
        """Keep `payload`, which holds something for each of these keys."""
        names = json.dumps(list(keys))
        self.cache.put(names, names.encode("ascii") + b"\n" + payload)

    def all(self) -> Iterator[tuple[tuple[str, ...], bytes]]:
        """Every pack with its keys, the older ones first."""
        for path in self._paths():
            content = self.cache.read(path)
            if content is None:
                continue
            names, _, payload = content.partition(b"\n")
            with contextlib.suppress(ValueError):
                keys: Json = json.loads(names)
                if is_array(keys) and all(isinstance(key, str) for key in keys):
                    yield tuple(keys), payload

    def _paths(self) -> list[Path]:
        aged: list[tuple[int, str]] = []
        with contextlib.suppress(OSError):
            aged += [(path.stat().st_mtime_ns, str(path)) for path in self.cache.folder.rglob("*") if path.is_file()]
        paths = [Path(name) for _, name in sorted(aged)]
        if len(paths) <= MOST:
            return paths
        for path in paths[: -MOST // 2]:
            with contextlib.suppress(OSError):
                path.unlink()
        return paths[-MOST // 2 :]
