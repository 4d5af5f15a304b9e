"""`kill -9` at any moment loses nothing that was paid and pays nothing twice.

Children submit, wait and download against simulators on real ports until they are killed: every other one at a random
moment, the others at a stage of their work that they have certainly come to. Half of them give callback addresses, and
callbacks go on arriving here. Then the command line picks up what they left. VIDGATE_KILL_RUNS sets the number of
children, VIDGATE_KILL_SEED the moments.
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
from tests.vidgate.kill_nursery import STAGES
from vidgate._journal.records import UNSETTLED
from vidgate.cli import main
from vidgate.journal import Journal
from vidgate.simulator import Simulator
from vidgate.webhooks import handle

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    import pytest

    from vidgate.journal import Entry
    from vidgate.simulator._contract import Provider
    from vidgate.webhooks import Outcome

ROOT = Path(vidgate.__file__).parents[1]
RUNS = int(os.environ.get("VIDGATE_KILL_RUNS", "25"))
PROVIDERS: tuple[Provider, ...] = ("evolink", "apimart")
SEED = int(os.environ.get("VIDGATE_KILL_SEED", "5"))
ENOUGH = 16
"""Runs in which each stage comes with callbacks and without."""
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
    """Start a child, let it live for `delay` seconds or until it has come to its stage, and kill it."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    assert process.stdout.readline() == "ready\n"
    if order["stage"] is None:
        time.sleep(delay)  # the moment is what this is about
    else:
        assert process.stdout.readline() == "there\n"
    os.kill(child, signal.SIGKILL)
    assert process.stdout.readline().strip() == str(-signal.SIGKILL), "the child ended by itself"


def orders(moments: random.Random) -> Iterator[dict[str, Any]]:
    """What the children are to do; within sixteen staged ones, each stage comes with and without callbacks."""
    for run in range(RUNS):
        staged = run // 2
        yield {
            "run": run,
            "stage": STAGES[staged % len(STAGES)] if run % 2 else None,
            "callback": bool(staged // len(STAGES) % 2),
            "provider": moments.choice(("evolink", "apimart")),
            "colour": moments.choice(("sync", "async")),
        }


def wait_for_callbacks(simulators: Iterable[Simulator]) -> None:
    """Return when every callback was taken, or given up."""
    while any(parcel.state in {"waiting", "sending"} for one in simulators for parcel in one.courier.parcels):
        time.sleep(0.01)


def test_nothing_paid_is_lost_and_nothing_is_paid_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every charge has its row, every row one task, every file is whole."""
    moments = random.Random(SEED)
    place = tmp_path / "journal.sqlite3"
    journal = Journal(place)
    monkeypatch.setenv("VIDGATE_JOURNAL", str(place))
    films = tmp_path / "films"
    films.mkdir()

    def receive(body: bytes, headers: Mapping[str, str], url: str) -> Outcome:
        return handle(body, headers, url=url, journal=journal)

    simulators = {
        name: Simulator(name, seconds=0.01, api_keys=("sim-key",), egress=receive, time_scale=0.01)
        for name in PROVIDERS
    }
    with contextlib.ExitStack() as stack:
        urls = {name: stack.enter_context(one.running()) for name, one in simulators.items()}
        for name in urls:
            monkeypatch.setenv(f"{name.upper()}_API_KEY", "sim-key")
        process = stack.enter_context(nursery())
        for order in orders(moments):
            there = {"url": urls[order["provider"]], "journal": str(place), "folder": str(films)}
            kill_one(process, {**order, **there}, moments.uniform(0.0, LONGEST))
        charged_before = {charge.task for one in simulators.values() for charge in one.ledger}
        wait_for_callbacks(simulators.values())

        left = journal.entries()
        print("killed with", dict(collections.Counter(entry.state for entry in left)))  # noqa: T201 - shown by -s
        open_ones = [entry for entry in left if entry.state in UNSETTLED]
        named = [entry for entry in left if entry.state == "named"]
        assert main(["resume", "--all", "--into", str(films)]) == (1 if open_ones else 0)
        by_callback = [journal.find(entry.submit_id) for entry in named]
        assert {entry and entry.state for entry in by_callback} <= {"downloaded"}
        posts = sum(one.received["submit"] for one in simulators.values())
        for entry in open_ones:
            assert main(["recover", entry.submit_id, "--replay"]) == 0
        replayed = sum(one.received["submit"] for one in simulators.values()) - posts
        assert replayed == len(open_ones), "settled by callback, and sent again all the same"
        assert main(["resume", "--all", "--into", str(films)]) == 0

        charges = [(name, charge.task) for name, one in simulators.items() for charge in one.ledger]
        film = httpx.get(_any_link(urls["evolink"])).content
    entries = journal.entries()
    journal.close()
    print(f"{len(entries)} paid, {len(named)} settled by callback, {replayed} by replay")  # noqa: T201 - the same
    assert len(entries) > RUNS // 2, "the children were killed before they did anything"
    assert {(entry.provider, entry.task_id) for entry in entries} == set(charges)
    assert len(set(charges)) == len(charges) == len(entries)
    assert len({entry.request_hash for entry in entries}) == len(entries), "one request, two tasks"
    assert {entry.state for entry in entries} == {"downloaded"}
    assert {entry.request for entry in entries} == {None}, "a request is kept although it is settled"
    # A submission that was answered after its child's death, and whose callback came, needs nobody to send it again.
    assert not [entry for entry in open_ones if entry.nonce_hash and _task_of(entries, entry) in charged_before]
    if RUNS >= ENOUGH:
        assert len(named) >= 1
        assert replayed >= 2, "one that had not left, and one whose answer nobody took"
        assert [path for path in films.iterdir() if path.name.endswith(".part")], "nobody was killed while saving"
    for path in films.glob("*.mp4"):
        assert path.read_bytes() == film
    for entry in entries:
        assert all(Path(file).read_bytes() == film for file in entry.files)


def _task_of(entries: Sequence[Entry], entry: Entry) -> str | None:
    return next(one.task_id for one in entries if one.submit_id == entry.submit_id)


def _any_link(url: str) -> str:
    """The link of one more film, to compare the others with."""
    with vidgate.EvoLink("sim-key", base_url=url, journal=False) as client:
        task = client.videos.create(model="gemini-omni-flash-text-to-video", prompt="whole", duration=6)
        while not task.done:
            task = task.refresh()
        return task.results[0].url
