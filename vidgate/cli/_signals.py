"""What ends a command from outside: it still says what was paid for and how to go on."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Generator

ENDING = ("SIGTERM", "SIGHUP")


@contextlib.contextmanager
def ended_as_interrupted() -> Generator[None]:
    """Within the block a request to end is what Ctrl-C is; one that is ignored, as under nohup, stays so."""
    previous: dict[int, signal.Handlers] = {}
    if threading.current_thread() is threading.main_thread():  # nobody else may set handlers
        for name in ENDING:
            number = getattr(signal, name, None)  # Windows lacks one
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                previous[number] = signal.SIG_DFL
                signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
