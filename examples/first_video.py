"""Make one video with the client from a simulator on this machine: no key, no cost, no waiting.

The only argument is the file to write.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vidgate import EvoLink
from vidgate.simulator import ManualClock, Simulator


def main(path: Path) -> None:
    """Submit, wait and download, printing each state of the task."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clock = ManualClock()
    simulator = Simulator("evolink", clock=clock)
    with simulator.running() as address, EvoLink("sim-key", base_url=address, clock=clock) as client:
        task = client.videos.create(
            model="gemini-omni-flash-text-to-video", prompt="A paper boat drifts down a rainy street", duration=6
        )
        task = task.wait(timeout=600, on_update=lambda seen: print(seen.id, seen.status, seen.progress))
        print(task.download(path))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
