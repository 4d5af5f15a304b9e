"""Who is sending a submission right now: two processes never send under one key at once.

A claim stands in the row from the intent to the outcome. It ends by itself when its time is over, and at once when the
process that made it is gone, as far as that can be seen from here: nobody waits for one that was killed.
"""

from __future__ import annotations

import functools
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vidgate._journal.records import Entry

_UNDER_WAY: set[str] = set()


def new_claim() -> str:
    """A claim of this process: where, who, which one. It holds until it is released, or too old."""
    claim = f"{_machine()} {os.getpid()} {secrets.token_hex(4)}"
    _UNDER_WAY.add(claim)
    return claim


def release(claim: str) -> None:
    """Nothing is sent under this claim any more, whatever stands in the row."""
    _UNDER_WAY.discard(claim)


def is_held(entry: Entry, now: float) -> bool:
    """Whether somebody is sending this submission right now."""
    if entry.holder is None or entry.held_until is None or entry.held_until <= now:
        return False
    machine, process, _ = entry.holder.split(" ")
    if machine != _machine():
        return True  # only time tells
    if int(process) == os.getpid():
        return entry.holder in _UNDER_WAY
    return _is_alive(int(process))


@functools.cache
def _machine() -> str:
    """Where process numbers mean the same: a machine, and on Linux a container of it."""
    import socket

    try:
        space = str(Path("/proc/self/ns/pid").readlink()) if sys.platform == "linux" else ""
    except OSError:
        space = ""
    return "".join(f"{socket.gethostname()}{space}".split()) or "?"


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":
        return True  # there, asking for a process by a signal would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True
