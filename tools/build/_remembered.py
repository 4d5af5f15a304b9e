"""Reading every page once: what a page gave is remembered by its bytes and by the readers' own source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from tools.extract import dump, load
from tools.store import code_digest

if TYPE_CHECKING:
    from tools.model import Extracted, Page
    from tools.store import Cache, Workspace

_CACHE: Final = "extract"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What the present readers made of pages, from this run or from one before it."""

    cache: Cache

    def get(self, page: Page) -> Extracted | None:
        """What these very bytes gave; None when they were never read, or what was kept is damaged."""
        saved = self.cache.get(page.sha256)
        return load(page, saved) if saved is not None else None

    def put(self, found: Extracted) -> None:
        """Keep what a page gave."""
        saved = dump(found)
        if saved is not None:
            self.cache.put(found.page.sha256, saved)


def remembered(workspace: Workspace) -> Remembered:
    """The checkout's memory; what other versions of the readers left is thrown away."""
    return Remembered(cache=workspace.cache(_CACHE).only(_readers()))


@cache
def _readers() -> str:
    """Everything that decides what a page gives, beside its bytes."""
    return f"{code_digest('extract', 'schema', 'model', 'errors')}-{version('pyyaml')}"
