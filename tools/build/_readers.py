"""Pages read by several processes at once: reading is most of a build, and no page needs another.

What comes back is in the order of the pages and the same for any number of processes.
"""

from __future__ import annotations

import gc
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from tools.errors import ToolError
from tools.extract import dump, extract, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.build._remembered import Remembered
    from tools.model import Extracted, Page

_WORTH_IT: Final = 200
"""Pages from which on further processes save more than they cost to start."""

_AT_ONCE: Final = 20
_PROCESSES: Final = 8


def read_all(
    pages: Sequence[Page], memory: Remembered | None, *, processes: int | None = None
) -> Iterator[Extracted | ToolError]:
    """What every page gave, or why it cannot be read; `processes` as many as there are processors, up to 8."""
    count = min(processes or os.cpu_count() or 1, _PROCESSES)
    if len(pages) < _WORTH_IT or count == 1:
        yield from (_read(page, memory) for page in pages)
        return
    rows = [pages[start : start + _AT_ONCE] for start in range(0, len(pages), _AT_ONCE)]
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=gc.disable) as pool:
        for row, results in zip(rows, pool.map(_read_row, rows, [memory] * len(rows)), strict=True):
            for page, result in zip(row, results, strict=True):
                yield result if isinstance(result, ToolError) else _whole(page, result)


def _read(page: Page, memory: Remembered | None) -> Extracted | ToolError:
    try:
        found = extract(page)
    except ToolError as error:
        return error
    except Exception as error:
        error.add_note(f"while reading {page.provider}/{page.path}")
        raise
    if memory is not None:
        memory.put(found)
    return found


def _read_row(pages: Sequence[Page], memory: Remembered | None) -> list[Extracted | ToolError | bytes]:
    """Runs in another process: what a page gave is sent as bytes where it can be, which costs least."""
    results: list[Extracted | ToolError | bytes] = []
    for page in pages:
        found = _read(page, memory)
        saved = None if isinstance(found, ToolError) else dump(found)
        results.append(found if saved is None else saved)
    return results


def _whole(page: Page, result: Extracted | bytes) -> Extracted:
    found = load(page, result) if isinstance(result, bytes) else result
    return found if found is not None else extract(page)
