"""Reading every page once: what a page gave is remembered by its bytes and by the readers' own source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from tools.extract import dump, load
from tools.store import Packs, code_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Extracted, Page
    from tools.store import Workspace

_CACHE: Final = "extract"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What the present readers made of pages, from this run or from one before it."""

    packs: Packs

    def get(self, pages: Sequence[Page]) -> list[Extracted | None]:
        """What these very bytes gave; None where they were never read, or what was kept is damaged."""
        found: list[Extracted | None] = [None] * len(pages)
        wanted: dict[str, list[int]] = {}
        for position, page in enumerate(pages):
            wanted.setdefault(page.sha256, []).append(position)
        for keys, saved in self.packs.all():
            while any(wanted.get(key) for key in keys):  # several pages may have the same bytes
                held = [wanted[key].pop() if wanted.get(key) else None for key in keys]
                loaded = load([None if place is None else pages[place] for place in held], saved)
                if loaded is None:
                    for key, place in zip(keys, held, strict=True):
                        wanted[key] += [place] if place is not None else []
                    break
                for place, one in zip(held, loaded, strict=True):
                    if place is not None:
                        found[place] = one
        return found

    def put(self, found: Sequence[Extracted]) -> bytes:
        """Keep what pages gave; returns it as `dump` writes it."""
        saved = dump(found)
        self.packs.put([one.page.sha256 for one in found], saved)
        return saved


def remembered(workspace: Workspace) -> Remembered:
    """The checkout's memory; what other versions of the readers left is thrown away."""
    return Remembered(packs=Packs(cache=workspace.cache(_CACHE).only(_readers())))


@cache
def _readers() -> str:
    """Everything that decides what a page gives, beside its bytes."""
    return f"{code_digest('extract', 'schema', 'model', 'errors')}-{version('pyyaml')}"
