"""`vidgate worker`: jobs of a database, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import os

from vidgate._clock import Clock, SystemClock
from vidgate._providers import PROVIDERS
from vidgate.cli._problems import GOOD, UsageProblem
from vidgate.cli._screen import Screen

CLOCK: Clock = SystemClock()


def worker(screen: Screen, url: str, *, concurrency: int, stalled_after: float, as_json: bool) -> int:
    """Run jobs; what happens goes to standard error, for machines to standard output."""
    keys = [row.key_variable for row in PROVIDERS.values()]
    if not any(os.environ.get(name) for name in keys):
        raise UsageProblem("there is no API key", f"Set {' or '.join(keys)}: keys are never in the database.")
    try:
        from vidgate.cluster import run_worker
    except ImportError as error:
        raise UsageProblem(str(error)) from None
    # The engine's own words show a job with all that it was given, prompts included; we say the same without.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)

    def tell(message: str) -> None:
        if as_json:
            screen.json_line({"time": CLOCK.now(), "message": message})
        else:
            screen.note(message)

    screen.note("Working; Ctrl-C finishes what runs, and a second one ends at once.")
    asyncio.run(run_worker(url, concurrency=concurrency, stalled_after=stalled_after, tell=tell))
    screen.note("Stopped.")
    return GOOD
