"""Several processes on one file at once: submitting, waiting, recovering, batches; and one of them is killed."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import vidgate
from tests.vidgate.journal.submissions import REQUESTS
from vidgate import errors
from vidgate.journal import Journal
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(vidgate.__file__).parents[1]
PROVIDERS: dict[str, Any] = {"evolink": vidgate.EvoLink, "apimart": vidgate.APIMart}


class Street:
    """One provider on a real port, one journal, and the processes that work with both."""

    def __init__(self, provider: str, url: str, simulator: Simulator, place: Path) -> None:
        self.provider, self.url, self.simulator = provider, url, simulator
        self.journal = place / "journal.sqlite3"
        self.folder = place / "films"
        self.folder.mkdir()
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
            "VIDGATE_JOURNAL": str(self.journal),
            f"{provider.upper()}_API_KEY": "sim-key",
            f"{provider.upper()}_BASE_URL": url,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A process that reads from and writes to us."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            (sys.executable, *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=self.environment, text=True
        )

    def work(self, work: str, name: str = "", films: int = 0) -> subprocess.Popen[str]:
        """A worker; it is at it when this returns."""
        process = self.start(str(Path(__file__).with_name("worker.py")))
        order = {
            "work": work,
            "name": name,
            "films": films,
            "provider": self.provider,
            "url": self.url,
            "journal": str(self.journal),
            "folder": str(self.folder),
            "request": REQUESTS[self.provider],
        }
        assert process.stdin is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        assert next_line(process) == "ready"
        return process

    def commands(self, *commands: Sequence[str]) -> list[tuple[int, str, str]]:
        """Exit code, output and diagnostics of commands that run at once."""
        processes = [self.start("-m", "vidgate.cli", *command) for command in commands]
        outputs = [process.communicate() for process in processes]
        return [(process.returncode, *output) for process, output in zip(processes, outputs, strict=True)]

    @contextlib.contextmanager
    def client(self) -> Iterator[Any]:
        """A client in this process."""
        with PROVIDERS[self.provider]("sim-key", base_url=self.url, journal=self.journal) as client:
            yield client

    def lose(self) -> str:
        """Submit, and lose the answer: the submit id."""
        self.simulator.fail_next("reset-after", operation="submit")
        with self.client() as client, pytest.raises(errors.SubmitUnknown) as caught:
            client.videos.create_from(REQUESTS[self.provider])
        assert caught.value.submit_id is not None
        return caught.value.submit_id

    def check(self) -> None:
        """Every charge has its row, every row one charge and a whole file, and the journal's file is sound."""
        entries = Journal(self.journal).entries()
        charged = collections.Counter(charge.task for charge in self.simulator.ledger)
        assert collections.Counter(entry.task_id for entry in entries) == charged
        assert set(charged.values()) == {1}
        assert {entry.state for entry in entries} == {"downloaded"}
        sizes = {Path(file).stat().st_size for entry in entries for file in entry.files}
        assert len(sizes) == 1, "half a film"
        with contextlib.closing(sqlite3.connect(self.journal)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture(params=["evolink", "apimart"])
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Street]:
    simulator = Simulator(request.param, seconds=0.05)
    with simulator.running() as url:
        yield Street(request.param, url, simulator, tmp_path)


def test_processes_submit_and_settle_at_once_and_one_is_killed(street: Street) -> None:
    """No row is lost, nothing is sent twice but what the killed one left open, and that by one of the others only."""
    settlers = [street.work("settle") for _ in range(2)]
    submitters = [street.work("submit", name, films=6) for name in ("a", "b")]
    doomed = street.work("submit", "doomed", films=1_000)
    for _ in range(4):
        next_line(doomed)
    doomed.send_signal(signal.SIGKILL)
    doomed.communicate()
    for process in (*submitters, *settlers):
        output, problems = process.communicate()
        assert (process.returncode, problems) == (0, "")
        assert process in settlers or output.count("saved") == 6
    street.check()
    assert {path.suffix for path in street.folder.iterdir()} == {".mp4"}, "a part that nobody needs any more"
    entries = Journal(street.journal).entries()
    assert len(entries) >= 6 + 6 + 2
    # What the killed one was sending is sent again by one of the two that settle, if it had left at all.
    assert street.simulator.received["submit"] - len(entries) in {0, 1}


def test_one_of_two_processes_recovers(street: Street) -> None:
    """The other one is told, or came late and finds the task; the provider sees one more POST either way."""
    submit_id = street.lose()
    street.simulator.latency = 0.5
    outcomes = street.commands(*[("recover", submit_id, "--replay")] * 2)
    assert 0 in {code for code, _, _ in outcomes}
    assert all(code == 0 or "being sent by another process" in problems for code, _, problems in outcomes)
    assert (street.simulator.received["submit"], len(street.simulator.ledger)) == (2, 1)
    assert [entry.state for entry in Journal(street.journal).entries()] == ["submitted"]


def test_two_processes_resume_everything(street: Street) -> None:
    """Both finish every task under the same names, and each file is whole."""
    with street.client() as client:
        for _ in range(4):
            client.videos.create_from(REQUESTS[street.provider])
    outcomes = street.commands(*[("resume", "--all", "--into", str(street.folder))] * 2)
    assert [(code, problems.count("error")) for code, _, problems in outcomes] == [(0, 0), (0, 0)]
    assert [path.suffix for path in street.folder.iterdir()] == [".mp4"] * 4
    street.check()


def test_a_batch_that_runs_twice_at_once_pays_each_item_once(street: Street) -> None:
    """What one of the two submits, the other one is refused or waits for; run again, both are done."""
    items = street.folder.parent / "items.jsonl"
    requests = [{"item": f"item-{number}", **REQUESTS[street.provider]} for number in range(6)]
    items.write_text("\n".join(json.dumps(request) for request in requests))
    command = ("batch", "posters", str(items), "--into", str(street.folder))
    street.commands(command, command)
    assert len(street.simulator.ledger) == street.simulator.received["submit"] == 6
    outcomes = street.commands(command, command)
    assert [code for code, _, _ in outcomes] == [0, 0], outcomes
    street.check()
