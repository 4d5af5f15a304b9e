"""Pages read by several processes at once: reading is most of a build, and no page needs another.

What comes back is the same for any number of processes.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tools.errors import ToolError
from tools.extract import dump, extract, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.build._remembered import Remembered
    from tools.model import Extracted, Page

    Refusals: TypeAlias = dict[int, ToolError]
    """Pages that cannot be read, by their position in the row, and why."""

_WORTH_IT: Final = 200
"""Pages from which on further processes save more than they cost to start."""

_AT_ONCE: Final = 28
_PROCESSES: Final = 8


def read_all(
    pages: Sequence[Page], memory: Remembered | None, *, processes: int | None = None
) -> Iterator[tuple[int, Extracted | ToolError]]:
    """Every page's position with what the page gave, or why it cannot be read; translations of a page together.

    `processes`: as many as there are processors, up to 8.
    """
    count = min(processes or os.cpu_count() or 1, _PROCESSES)
    order = sorted(range(len(pages)), key=lambda position: (pages[position].stem, position))
    rows = [order[start : start + _AT_ONCE] for start in range(0, len(pages), _AT_ONCE)]
    given = [[pages[position] for position in row] for row in rows]
    if len(pages) < _WORTH_IT or count == 1:
        for row, some in zip(rows, given, strict=True):
            read, refusals = _read_row(some)
            if memory is not None and read:
                memory.put(read)
            yield from _placed(row, read, refusals)
        return
    with ProcessPoolExecutor(count, mp_context=get_context(start_method()), initializer=gc.disable) as pool:
        results = pool.map(_read_and_save, given, [memory] * len(rows))
        for row, some, (saved, refusals) in zip(rows, given, results, strict=True):
            asked = [page for index, page in enumerate(some) if index not in refusals]
            yield from _placed(row, _whole(asked, saved), refusals)


def start_method() -> Literal["fork", "spawn"]:
    """A process that is forked has imported everything already; where threads run beside, a fork may never end."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _read_row(pages: Sequence[Page]) -> tuple[list[Extracted], Refusals]:
    read: list[Extracted] = []
    refusals: Refusals = {}
    for index, page in enumerate(pages):
        try:
            read.append(extract(page))
        except ToolError as error:
            refusals[index] = error
        except Exception as error:
            error.add_note(f"while reading {page.provider}/{page.path}")
            raise
    return read, refusals


def _read_and_save(pages: Sequence[Page], memory: Remembered | None) -> tuple[bytes, Refusals]:
    """Runs in another process: what pages gave is sent as it is kept, which costs least."""
    read, refusals = _read_row(pages)
    return memory.put(read) if memory is not None and read else dump(read), refusals


def _whole(pages: Sequence[Page], saved: bytes) -> list[Extracted]:
    loaded = load(pages, saved) or []
    return [one if one is not None else extract(page) for page, one in zip(pages, loaded, strict=True)]


def _placed(
    row: Sequence[int], read: Sequence[Extracted], refusals: Refusals
) -> Iterator[tuple[int, Extracted | ToolError]]:
    rest = iter(read)
    for index, position in enumerate(row):
        yield position, refusals[index] if index in refusals else next(rest)
