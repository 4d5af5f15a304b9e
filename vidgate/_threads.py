"""Blocking work of async clients."""

from __future__ import annotations

import contextlib
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def to_its_end(function: Callable[..., T], *arguments: object) -> T:
    """Call the function in a thread, and leave when it is over, not before: also when this is cancelled meanwhile.

    Else a file or a row would change behind the back of whoever goes on after the cancellation.
    """
    import asyncio  # a sync client has no use for it

    # Begun at once and no task: an event loop that ends cancels all its tasks, those that have not begun as well.
    context = copy_context()
    work = asyncio.get_running_loop().run_in_executor(None, lambda: context.run(function, *arguments))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            with contextlib.suppress(asyncio.CancelledError):  # who cancels twice waits as well
                await asyncio.wait([work])
        raise
