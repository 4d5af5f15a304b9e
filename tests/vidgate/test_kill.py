"""`kill -9` at any moment loses nothing that was paid and pays nothing twice.

Children submit, wait and download against simulators on real ports until they are killed; then the command line picks
up what they left. VIDGATE_KILL_RUNS sets the number of children, VIDGATE_KILL_SEED the moments.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

import vidgate
from vidgate._journal.records import UNSETTLED
from vidgate.cli import main
from vidgate.journal import Journal
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Generator

    import pytest

ROOT = Path(vidgate.__file__).parents[1]
RUNS = int(os.environ.get("VIDGATE_KILL_RUNS", "25"))
SEED = int(os.environ.get("VIDGATE_KILL_SEED", "5"))
LONGEST = 0.15
"""Seconds a child may live: some turns of submitting, waiting and saving."""


@contextlib.contextmanager
def nursery() -> Generator[subprocess.Popen[str]]:
    """The process that forks the children."""
    with subprocess.Popen(
        (sys.executable, str(Path(__file__).with_name("kill_nursery.py"))),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated")))},
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def kill_one(process: subprocess.Popen[str], order: dict[str, Any], delay: float) -> None:
    """Start a child, let it live for `delay` seconds, and kill it."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)  # the moment is what this is about
    os.kill(child, signal.SIGKILL)
    assert process.stdout.readline().strip() == str(-signal.SIGKILL), "the child ended by itself"


def test_nothing_paid_is_lost_and_nothing_is_paid_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every charge has its row, every row one task, every file is whole."""
    moments = random.Random(SEED)
    journal = tmp_path / "journal.sqlite3"
    monkeypatch.setenv("VIDGATE_JOURNAL", str(journal))
    films = tmp_path / "films"
    films.mkdir()
    with contextlib.ExitStack() as stack:
        urls = {
            name: stack.enter_context(Simulator(name, seconds=0.01, api_keys=("sim-key",)).running())
            for name in ("evolink", "apimart")
        }
        for name in urls:
            monkeypatch.setenv(f"{name.upper()}_API_KEY", "sim-key")
        process = stack.enter_context(nursery())
        for run in range(RUNS):
            provider = ("evolink", "apimart")[run % 2]
            colour = ("sync", "async")[run // 2 % 2]
            order = {"run": run, "provider": provider, "colour": colour, "url": urls[provider]}
            kill_one(
                process,
                {**order, "journal": str(journal), "folder": str(films)},
                moments.uniform(0.0, LONGEST),
            )
        left = Journal(journal).entries()
        print("killed with", dict(collections.Counter(entry.state for entry in left)))  # noqa: T201 - shown by -s

        assert main(["resume", "--all", "--into", str(films)]) == (
            1 if any(entry.state in UNSETTLED for entry in left) else 0
        )
        for entry in left:
            if entry.state in UNSETTLED:
                assert main(["recover", entry.submit_id, "--replay"]) == 0
        assert main(["resume", "--all", "--into", str(films)]) == 0

        charged = {
            (name, charge["task"])
            for name, url in urls.items()
            for charge in httpx.get(f"{url}/__sim/ledger").json()["charges"]
        }
        charges = sum(len(httpx.get(f"{url}/__sim/ledger").json()["charges"]) for url in urls.values())
        film = httpx.get(_any_link(urls["evolink"])).content
    entries = Journal(journal).entries()
    assert len(entries) > RUNS // 2, "the children were killed before they did anything"
    assert {(entry.provider, entry.task_id) for entry in entries} == charged
    assert len(charged) == charges == len(entries)
    assert len({entry.request_hash for entry in entries}) == len(entries), "one request, two tasks"
    assert {entry.state for entry in entries} == {"downloaded"}
    assert {entry.request for entry in entries} == {None}, "a request is kept although it is settled"
    for path in films.glob("*.mp4"):
        assert path.read_bytes() == film
    for entry in entries:
        assert all(Path(file).read_bytes() == film for file in entry.files)


def _any_link(url: str) -> str:
    """The link of one more film, to compare the others with."""
    with vidgate.EvoLink("sim-key", base_url=url, journal=False) as client:
        task = client.videos.create(model="gemini-omni-flash-text-to-video", prompt="whole", duration=6)
        while not task.done:
            task = task.refresh()
        return task.results[0].url
