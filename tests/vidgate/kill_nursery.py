"""Not a test: a process that forks children which submit, wait and download until somebody kills them.

Imports are done once, here, so that a child starts within milliseconds. One line of JSON on standard input starts a
child. Three lines of standard output answer: its id, `ready` (by the child, about to submit), and its exit code.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink

CLIENTS: dict[tuple[str, str], Any] = {
    ("evolink", "sync"): EvoLink,
    ("evolink", "async"): AsyncEvoLink,
    ("apimart", "sync"): APIMart,
    ("apimart", "async"): AsyncAPIMart,
}
REQUESTS: dict[str, dict[str, Any]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "duration": 6},
    "apimart": {"model": "Omni-Flash-Ext", "duration": 6},
}


class HastyClock:
    """The time of day, but hardly a pause."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(min(seconds, 0.003))

    async def asleep(self, seconds: float, /) -> None:
        await asyncio.sleep(min(seconds, 0.003))


def work(order: dict[str, Any]) -> None:
    """Make one video after the other, each with a prompt of its own."""
    kind = CLIENTS[order["provider"], order["colour"]]
    client = kind("sim-key", base_url=order["url"], journal=order["journal"], clock=HastyClock())
    folder = Path(order["folder"])
    print("ready", flush=True)  # noqa: T201 - the protocol
    asyncio.run(make_async(client, order, folder)) if order["colour"] == "async" else make(client, order, folder)


def make(client: Any, order: dict[str, Any], folder: Path) -> None:
    for number in range(1_000_000):
        name = f"{order['run']}-{number}"
        task = client.videos.create(**REQUESTS[order["provider"]], prompt=name)
        task.wait().download(folder / f"{name}.mp4")


async def make_async(client: Any, order: dict[str, Any], folder: Path) -> None:
    for number in range(1_000_000):
        name = f"{order['run']}-{number}"
        task = await client.videos.create(**REQUESTS[order["provider"]], prompt=name)
        await (await task.wait()).download(folder / f"{name}.mp4")


def main() -> None:
    for (provider, colour), kind in CLIENTS.items():
        if colour == "sync":
            kind("sim-key").check(**REQUESTS[provider], prompt="warm")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                print(os.getpid(), flush=True)  # noqa: T201 - the protocol
                work(json.loads(line))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the protocol


if __name__ == "__main__":
    main()
