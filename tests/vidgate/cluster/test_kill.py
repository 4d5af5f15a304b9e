"""Workers that die and a database that goes away: nothing is paid twice, and nothing is lost.

VIDGATE_CLUSTER_ITEMS sets how many items there are, VIDGATE_CLUSTER_SEED which worker is killed when.
"""

from __future__ import annotations

import collections
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import vidgate
from vidgate.cli import main
from vidgate.cli._problems import INTERRUPTED
from vidgate.cluster import Cluster, PostgresJournal
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.vidgate.cluster.conftest import Server
    from vidgate.cluster import Progress

pytestmark = pytest.mark.cluster

ROOT = Path(vidgate.__file__).parents[1]
ITEMS = int(os.environ.get("VIDGATE_CLUSTER_ITEMS", "150"))
SEED = int(os.environ.get("VIDGATE_CLUSTER_SEED", "5"))
WORKERS = 4
LONGEST = 120.0 + 2.0 * ITEMS
"""Seconds, so that a fault ends the test; it ends by itself long before."""


class Crew:
    """Four workers; whoever is killed is replaced."""

    def __init__(self, url: str, environment: dict[str, str], log: Path) -> None:
        self._command = (sys.executable, "-m", "vidgate.cli", "worker", "--on", url, "--stalled-after", "4")
        self._environment = environment
        self.log = log
        self.workers = [self._start() for _ in range(WORKERS)]
        self.killed = 0

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(self._command, env=self._environment, stderr=log, stdout=log)

    def kill_one(self, number: int) -> None:
        """SIGKILL, and another one in its place."""
        self.workers[number].kill()
        assert self.workers[number].wait() == -signal.SIGKILL, f"a worker ended by itself: {self.log.read_text()}"
        self.workers[number] = self._start()
        self.killed += 1

    def stop(self) -> list[int]:
        """Ask all to finish; their exit codes."""
        for worker in self.workers:
            worker.terminate()
        return [worker.wait(60) for worker in self.workers]


@contextlib.contextmanager
def crew(url: str, environment: dict[str, str], log: Path) -> Generator[Crew]:
    """Workers that are gone when the context is left."""
    made = Crew(url, environment, log)
    try:
        yield made
    finally:
        for worker in made.workers:
            worker.kill()
            worker.wait()


def test_nothing_is_paid_twice_and_nothing_is_lost(
    server: Server, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker is killed every second, the server crashes once; each item is done, or unknown with the way out."""
    simulator = Simulator("evolink", seconds=0.5, api_keys=("sim-key",))
    items = {f"poster-{number}": f"Poster {number}" for number in range(ITEMS)}
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(simulator.running())
        for name, value in {"EVOLINK_API_KEY": "sim-key", "EVOLINK_BASE_URL": base, "VIDGATE_JOURNAL": url}.items():
            monkeypatch.setenv(name, value)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated")))}
        client = stack.enter_context(vidgate.EvoLink())
        cluster = Cluster(client)
        requests = [
            (item, {"model": "gemini-omni-flash-text-to-video", "prompt": prompt, "duration": 6})
            for item, prompt in items.items()
        ]
        handed = cluster.dispatch("posters", requests, max_in_flight=40, into=tmp_path / "films")
        assert handed == ITEMS
        team = stack.enter_context(crew(url, environment, tmp_path / "log"))
        progress = _until_done(cluster, items, team, server)
        counts = collections.Counter(one.standing for one in progress)
        seconds = time.monotonic() - started
        # The one that was started last may not have come to the place where it listens.
        assert set(team.stop()) <= {0, INTERRUPTED, -signal.SIGTERM}, (tmp_path / "log").read_text()[-3000:]
        print(f"{ITEMS} items, {team.killed} kills, {seconds:.0f} s: {dict(counts)}")  # noqa: T201 - shown by -s

        assert team.killed >= 3
        paid = _paid(simulator)
        assert max(paid.values()) == 1, "an item is paid twice"
        _judge(progress, paid, items)
        unknown = [one for one in progress if one.standing == "unknown"]
        for one in unknown:
            assert one.entry is not None
            assert main(["recover", one.entry.submit_id, "--replay"]) == 0
        assert main(["resume", "--all", "--into", str(tmp_path)]) == 0
        assert main(["ls", "--pending", "--json"]) == 0
        paid = _paid(simulator)
        assert paid == dict.fromkeys(items.values(), 1)
        charges = [charge["task"] for charge in httpx.get(f"{base}/__sim/ledger").json()["charges"]]
        film = httpx.get(next(iter(client.tasks.get(charges[0]).results)).url).content
    journal = PostgresJournal(url)
    entries = journal.entries()
    journal.close()
    assert sorted(str(entry.task_id) for entry in entries) == sorted(charges)
    assert {entry.state for entry in entries} == {"downloaded"}
    assert {entry.request for entry in entries} == {None}, "a request is kept although it is settled"
    assert all(Path(file).read_bytes() == film for entry in entries for file in entry.files)


def _until_done(cluster: Cluster, items: dict[str, str], team: Crew, server: Server) -> tuple[Progress, ...]:
    """A kill every second, and one crash of the server when a third is done."""
    moments = random.Random(SEED)
    tick = time.monotonic()
    until, crashed = tick + LONGEST, False
    while True:
        time.sleep(max(0.0, tick + 1.0 - time.monotonic()))
        tick = time.monotonic()
        progress = cluster.progress("posters", items, saving=True)
        counts = collections.Counter(one.standing for one in progress)
        if not counts["waiting"] + counts["running"]:
            assert crashed, "all was over before the server crashed"
            return progress
        assert time.monotonic() < until, f"{counts}\n{team.log.read_text()[-3000:]}"
        if not crashed and counts["done"] >= ITEMS // 3:
            server.stop("immediate")
            time.sleep(1.0)
            server.start()
            crashed = True
        team.kill_one(moments.randrange(WORKERS))


def _paid(simulator: Simulator) -> dict[str, int]:
    """How many tasks each prompt has become."""
    return dict(collections.Counter(str(task.request["prompt"]) for task in simulator.tasks._tasks.values()))


def _judge(progress: tuple[Progress, ...], paid: dict[str, int], items: dict[str, str]) -> None:
    for one in progress:
        assert one.standing in {"done", "unknown"}, one
        if one.standing == "done":
            assert paid[items[one.item]] == 1
        else:
            assert one.entry is not None
            assert f"vidgate recover {one.entry.submit_id}" in one.hint
