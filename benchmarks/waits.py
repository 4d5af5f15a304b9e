"""Wait for thousands of tasks of a local simulator on one event loop, and print what that costs.

    python benchmarks/waits.py --tasks 10000 --rate 500 --seconds 90

Memory per task is what Python allocates for its wait, before anything is read. The budget's share is the number of
readings per second of waiting, against `--rate`. Added latency is the time from a task's completion until its outcome
is there; with more tasks than the budget can serve it is about one round, tasks divided by rate.
The simulator runs in the same process and on the same loop, so its work is in the figures; only memory is without it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
import tracemalloc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from vidgate import AsyncEvoLink
from vidgate.simulator import DEFAULT_KEY, Simulator

if TYPE_CHECKING:
    from vidgate import AsyncTask

MODEL = "gemini-omni-flash-text-to-video"


@dataclass(kw_only=True, slots=True)
class Figures:
    """What one run shows; times in seconds."""

    bytes_per_task: float = 0.0
    reads: list[float] = field(default_factory=list[float])
    latencies: list[float] = field(default_factory=list[float])
    failed: int = 0
    coroutines: int = 0
    elapsed: float = 0.0
    processor: float = 0.0


class Counting(httpx.AsyncBaseTransport):
    """Notes when each reading left."""

    def __init__(self, inner: httpx.AsyncBaseTransport, figures: Figures) -> None:
        self._inner = inner
        self._figures = figures

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Note the time of a reading, and hand the request on."""
        if request.method == "GET":
            self._figures.reads.append(time.monotonic())
        return await self._inner.handle_async_request(request)


async def measure(count: int, rate: float, seconds: float, limit: float) -> Figures:
    """Submit `count` tasks that take `seconds`, and wait for all of them, for `limit` seconds at most."""
    figures = Figures()
    simulator = Simulator("evolink", seconds=seconds)
    transport = Counting(simulator.async_transport(), figures)
    async with AsyncEvoLink(DEFAULT_KEY, transport=transport, validate=False) as client:
        tasks: list[AsyncTask] = [
            await client.videos.create_from({"model": MODEL, "prompt": f"cat {number}"}) for number in range(count)
        ]
        tracemalloc.start()
        iterator = client.as_completed(tasks, timeout=limit, requests_per_second=rate)
        figures.bytes_per_task = tracemalloc.get_traced_memory()[0] / count
        tracemalloc.stop()
        started, worked = time.monotonic(), time.process_time()
        async for outcome in iterator:
            figures.coroutines = max(figures.coroutines, len(asyncio.all_tasks()))
            if outcome:
                simulated = simulator.tasks.find(outcome.task.id)
                if simulated is not None:
                    # A task that was ready before the wait began waits from then on.
                    ready = max(simulated.created + seconds, time.time() - (time.monotonic() - started))
                    figures.latencies.append(time.time() - ready)
            else:
                figures.failed += 1
        figures.elapsed = time.monotonic() - started
        figures.processor = time.process_time() - worked
    return figures


def busiest_second(moments: list[float]) -> int:
    """The most readings that any span of one second has."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] < moment - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Wait for many tasks on one event loop.")
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=500.0, help="requests per second")
    parser.add_argument("--seconds", type=float, default=90.0, help="how long a task takes")
    parser.add_argument("--timeout", type=float, default=600.0)
    given = parser.parse_args(arguments)
    figures = asyncio.run(measure(given.tasks, given.rate, given.seconds, given.timeout))
    latencies = sorted(figures.latencies) or [float("nan")]
    rows = {
        "tasks": f"{given.tasks:,} of {given.seconds:g} s; {figures.failed} without a result",
        "elapsed": f"{figures.elapsed:.1f} s, {figures.processor:.1f} s of them on the processor",
        "memory per wait": f"{figures.bytes_per_task:,.0f} bytes",
        "coroutines at most": f"{figures.coroutines}",
        "readings": f"{len(figures.reads):,}, {len(figures.reads) / given.tasks:.2f} per task",
        "readings per second": f"{len(figures.reads) / figures.elapsed:.1f} of {given.rate:g}"
        f" (busiest second: {busiest_second(figures.reads)})",
        "one round": f"{given.tasks / given.rate:.1f} s",
        "added latency": f"median {statistics.median(latencies):.2f} s, "
        f"95 %: {latencies[int(len(latencies) * 0.95)]:.2f} s, most: {latencies[-1]:.2f} s",
    }
    for name, value in rows.items():
        sys.stdout.write(f"{name:20}  {value}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
