"""Wait for thousands of tasks of a local simulator on one event loop, and print what that costs.

    python benchmarks/waits.py --tasks 10000 --rate 500 --seconds 90

Beside it stands what most programs do: for each task a coroutine of its own, which asks with httpx, sleeps and asks
again; it sleeps as long as one round takes at the same rate, so both ask about as often. Each way runs in a process of
its own, one after the other.

Memory per task is what the process grows by from before the first reading until the last outcome; memory per wait is
what Python allocates before anything is read. The busiest second shows whether there is a budget at all: a provider
would answer a burst with 429. Added latency is the time from a task's completion until its outcome is there; with more
tasks than the budget can serve it is about one round, tasks divided by rate.
The simulator runs in the same process and on the same loop, so its work is in the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
import tracemalloc
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from vidgate import AsyncEvoLink
from vidgate.simulator import DEFAULT_KEY, Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from vidgate import AsyncTask

MODEL = "gemini-omni-flash-text-to-video"
ENDED = frozenset({"completed", "failed", "cancelled"})
WAYS = ("vidgate", "naive")


@dataclass(kw_only=True, slots=True)
class Figures:
    """What one run shows; times in seconds."""

    bytes_per_wait: float = 0.0
    bytes_per_task: float = 0.0
    reads: list[float] = field(default_factory=list[float])
    latencies: list[float] = field(default_factory=list[float])
    ended: int = 0
    coroutines: int = 0
    elapsed: float = 0.0
    processor: float = 0.0


class Counting(httpx.AsyncBaseTransport):
    """Notes when each reading left."""

    leaves_process = False

    def __init__(self, inner: httpx.AsyncBaseTransport, figures: Figures) -> None:
        self._inner = inner
        self._figures = figures

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Note the time of a reading, and hand the request on."""
        if request.method == "GET":
            self._figures.reads.append(time.monotonic())
        return await self._inner.handle_async_request(request)


async def scheduled(
    client: AsyncEvoLink, tasks: Sequence[AsyncTask], rate: float, limit: float, http: httpx.AsyncClient
) -> AsyncIterator[str]:
    """The ids of tasks as they end, by the client's own schedule."""
    del http
    async for outcome in client.as_completed(tasks, timeout=limit, requests_per_second=rate):
        if outcome:
            yield outcome.task.id


async def polled(
    client: AsyncEvoLink, tasks: Sequence[AsyncTask], rate: float, limit: float, http: httpx.AsyncClient
) -> AsyncIterator[str]:
    """The ids of tasks as they end, each asked for by a coroutine of its own."""
    pause = max(8.0, len(tasks) / rate)
    headers = {"authorization": f"Bearer {DEFAULT_KEY}"}

    async def poll(task_id: str) -> str:
        while True:
            answer = await http.get(f"{client.base_url}/v1/tasks/{task_id}", headers=headers)
            if answer.json()["status"] in ENDED:
                return task_id
            await asyncio.sleep(pause)

    for ended in asyncio.as_completed([poll(task.id) for task in tasks], timeout=limit):
        yield await ended


async def measure(way: str, count: int, rate: float, seconds: float, limit: float) -> Figures:
    """Submit `count` tasks that take `seconds`, and wait for all of them, for `limit` seconds at most."""
    figures = Figures()
    simulator = Simulator("evolink", seconds=seconds)
    transport = Counting(simulator.async_transport(), figures)
    client = AsyncEvoLink(DEFAULT_KEY, transport=transport, validate=False, journal=False)
    # The same connections, the same simulator; nothing but the waiting differs.
    http = httpx.AsyncClient(transport=transport)
    async with client, http:
        tasks: list[AsyncTask] = [
            await client.videos.create_from({"model": MODEL, "prompt": f"cat {number}"}) for number in range(count)
        ]
        if way == "vidgate":
            figures.bytes_per_wait = allocated_by(lambda: client.as_completed(tasks)) / count
        before = resident()
        started, worked = time.monotonic(), time.process_time()
        async for task_id in (scheduled if way == "vidgate" else polled)(client, tasks, rate, limit, http):
            figures.ended += 1
            # Looking at all coroutines costs time of its own, so it is done now and then.
            if figures.ended % 500 == 1:
                figures.coroutines = max(figures.coroutines, len(asyncio.all_tasks()))
            simulated = simulator.tasks.find(task_id)
            if simulated is not None:
                # A task that was ready before the wait began waits from then on.
                ready = max(simulated.created + seconds, time.time() - (time.monotonic() - started))
                figures.latencies.append(time.time() - ready)
        figures.elapsed = time.monotonic() - started
        figures.processor = time.process_time() - worked
        figures.bytes_per_task = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / count
    return figures


def allocated_by(function: Callable[[], object]) -> int:
    """Bytes that Python allocates for what the function returns."""
    tracemalloc.start()
    made = function()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del made
    return size


def resident() -> int:
    """Bytes of this process's memory that are in use now, at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def busiest_second(moments: Sequence[float]) -> int:
    """The most readings that any span of one second has."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] < moment - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def rows(figures: Figures, count: int) -> dict[str, tuple[float, str]]:
    """What is compared, and how it is written."""
    latencies = sorted(figures.latencies) or [float("nan")]
    return {
        "tasks that ended": (figures.ended, "{:,.0f}"),
        "elapsed, s": (figures.elapsed, "{:.1f}"),
        "processor, s": (figures.processor, "{:.1f}"),
        "processor per reading, ms": (1000 * figures.processor / max(1, len(figures.reads)), "{:.2f}"),
        "memory per task, bytes": (figures.bytes_per_task, "{:,.0f}"),
        "coroutines at most": (figures.coroutines, "{:,.0f}"),
        "readings": (len(figures.reads), "{:,.0f}"),
        "readings per task": (len(figures.reads) / count, "{:.2f}"),
        "readings per second": (len(figures.reads) / figures.elapsed, "{:.1f}"),
        "busiest second, readings": (busiest_second(figures.reads), "{:,.0f}"),
        "added latency, median, s": (statistics.median(latencies), "{:.2f}"),
        "added latency, 95 %, s": (latencies[int(len(latencies) * 0.95)], "{:.2f}"),
        "added latency, most, s": (latencies[-1], "{:.2f}"),
    }


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Wait for many tasks on one event loop, in two ways.")
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=500.0, help="requests per second")
    parser.add_argument("--seconds", type=float, default=90.0, help="how long a task takes")
    parser.add_argument("--timeout", type=float, default=600.0)
    parser.add_argument("--way", choices=WAYS, help="only this one, as JSON")
    given = parser.parse_args(arguments)
    if given.way:
        figures = asyncio.run(measure(given.way, given.tasks, given.rate, given.seconds, given.timeout))
        sys.stdout.write(json.dumps(asdict(figures)))
        return
    found: dict[str, Figures] = {}
    for way in WAYS:
        command = [sys.executable, __file__, *arguments, "--way", way]
        process = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - this very file
        answer: dict[str, Any] = json.loads(process.stdout)
        found[way] = Figures(**answer)
    ours, theirs = (rows(found[way], given.tasks) for way in WAYS)
    sys.stdout.write(f"{given.tasks:,} tasks of {given.seconds:g} s, {given.rate:g} requests per second allowed\n")
    sys.stdout.write(f"memory per wait, before anything is read: {found['vidgate'].bytes_per_wait:,.0f} bytes\n")
    sys.stdout.write(f"{'':26}{'vidgate':>12}{'naive':>12}{'ratio':>8}\n")
    for name, (value, form) in ours.items():
        other = theirs[name][0]
        ratio = f"{value / other:.2f}" if other else ""
        sys.stdout.write(f"{name:26}{form.format(value):>12}{form.format(other):>12}{ratio:>8}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
