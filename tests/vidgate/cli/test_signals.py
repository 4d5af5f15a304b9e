"""A command that is ended from outside says what goes on without it, and how to come back."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.vidgate.raw_server import RawServer, whole
from vidgate.cli._problems import explain
from vidgate.cli._screen import Screen
from vidgate.cli._signals import ended_as_interrupted
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.vidgate.raw_server import Call

ROOT = Path(__file__).parents[3]
KEY = "sk-0123456789abcdefSECRET"
MODEL = "gemini-omni-flash-text-to-video"
TASK = {"id": "task-unified-1", "status": "processing", "progress": 5, "created": 1_800_000_000}
PATIENCE = 60.0
"""Seconds after which a test gives a command up."""


class Provider:
    """Answers like one whose tasks never end; tells when it was asked for `awaited`, and then says nothing more."""

    def __init__(self, awaited: str) -> None:
        self.reached = threading.Event()
        self._awaited = awaited

    def __call__(self, call: Call) -> None:
        if call.method == self._awaited:
            self.reached.set()
            call.connection.recv(1)  # until the client goes
            return
        call.say(whole(json.dumps(TASK).encode()))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start a command at a provider, in an empty folder with a journal."""
    started: list[subprocess.Popen[str]] = []
    servers: list[RawServer] = []

    def begin(provider: Provider, *argv: str) -> subprocess.Popen[str]:
        server = RawServer(provider).__enter__()
        servers.append(server)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-m", "vidgate.cli", *argv],
            cwd=tmp_path,
            env={
                **kept,
                "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
                "EVOLINK_API_KEY": KEY,
                "EVOLINK_BASE_URL": server.url,
                "VIDGATE_JOURNAL": str(tmp_path / "journal.sqlite3"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
    for server in servers:
        server.__exit__()


def end(process: subprocess.Popen[str], provider: Provider, number: int) -> tuple[int, str]:
    """Send a signal once the provider is asked; the exit code and standard error."""
    assert provider.reached.wait(PATIENCE)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert KEY not in err
    assert "Traceback" not in err
    return process.returncode, err


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["run", "batch"])
def test_while_submitting(start: Any, tmp_path: Path, command: str, number: int) -> None:
    """Nobody can say whether it was accepted: the journal has the intent, and the message leads to it."""
    provider = Provider("POST")
    (tmp_path / "in.jsonl").write_text(json.dumps({"item": "a", "model": MODEL, "prompt": "x"}), encoding="utf-8")
    argv = ["run", MODEL, "prompt=x"] if command == "run" else ["batch", "posters", "in.jsonl"]
    code, err = end(start(provider, *argv), provider, number)
    (entry,) = Journal(tmp_path / "journal.sqlite3").entries()
    assert (code, entry.state) == (130, "intent")
    assert (f"vidgate recover {entry.submit_id}" if command == "run" else "vidgate ls --pending") in err


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["run", "batch"])
def test_while_waiting(start: Any, tmp_path: Path, command: str, number: int) -> None:
    """The task goes on, and the command that comes back to it stands there."""
    provider = Provider("GET")
    (tmp_path / "in.jsonl").write_text(json.dumps({"item": "a", "model": MODEL, "prompt": "x"}), encoding="utf-8")
    argv = ["run", MODEL, "prompt=x"] if command == "run" else ["batch", "posters", "in.jsonl"]
    code, err = end(start(provider, *argv), provider, number)
    (entry,) = Journal(tmp_path / "journal.sqlite3").entries()
    assert (code, entry.state, entry.task_id) == (130, "submitted", "task-unified-1")
    assert ("vidgate get task-unified-1 --wait" if command == "run" else "the same command again") in err


def test_while_resuming(start: Any, tmp_path: Path) -> None:
    """What is pending stays pending, and the same command comes back to it."""
    provider = Provider("GET")
    end(start(provider, "run", MODEL, "prompt=x"), provider, signal.SIGINT)
    provider.reached.clear()  # the journal leads to the first server
    code, err = end(start(Provider("GET"), "resume", "--all", "--into", "."), provider, signal.SIGTERM)
    (entry,) = Journal(tmp_path / "journal.sqlite3").entries()
    assert (code, entry.state) == (130, "submitted")
    assert "Come back to them: vidgate resume --all" in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN], ids=lambda before: before.name)
def test_what_was_there_before_is_there_again(number: int, before: signal.Handlers) -> None:
    """A command that was started to outlive its terminal does, and a program that calls one is as it was."""
    found = signal.signal(number, before)
    try:
        with ended_as_interrupted():
            within = signal.getsignal(number)
        after = signal.getsignal(number)
    finally:
        signal.signal(number, found)
    assert within is (signal.default_int_handler if before is signal.SIG_DFL else signal.SIG_IGN)
    assert after is before


def test_a_thread_runs_commands_as_well() -> None:
    """Only the main thread may handle signals; another one goes without."""
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(_ran).result()


def _ran() -> bool:
    with ended_as_interrupted():
        return True


def test_results_that_find_no_room_are_no_fault_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk is named, without an appeal to report it."""
    code = explain(Screen(), OSError(errno.ENOSPC, "No space left on device"))
    shown = capsys.readouterr().err
    assert code == 1
    assert "cannot write: No space left on device" in shown
    assert "fault of vidgate" not in shown
