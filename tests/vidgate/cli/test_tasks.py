"""`vidgate run` and `vidgate get`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest

from vidgate import Task

MODEL = "gemini-omni-flash-text-to-video"
REQUEST = (MODEL, "prompt=A paper boat", "duration=6")
APIMART_REQUEST = ("Omni-Flash-Ext", "prompt=A paper boat", "duration=6")


def test_run_makes_a_video(terminal: Any) -> None:
    """The path goes to standard output, everything else to standard error."""
    outcome = terminal("run", *REQUEST, "-o", "boat.mp4")
    assert (outcome.code, outcome.out) == (0, "boat.mp4\n")
    assert "submitted to EvoLink, about 30 seconds" in outcome.err
    assert "processing" in outcome.err
    assert "saved boat.mp4 (4,107 bytes)" in outcome.err
    assert Path("boat.mp4").read_bytes()[4:8] == b"ftyp"
    assert terminal.charges() == 1


@pytest.mark.parametrize("request_", [REQUEST, APIMART_REQUEST], ids=["evolink", "apimart"])
def test_run_for_machines(terminal: Any, request_: tuple[str, ...]) -> None:
    """The JSON holds the task, its links and the file, which is named after the task."""
    outcome = terminal("run", *request_, "--json")
    task = json.loads(outcome.out)
    assert (outcome.code, task["verdict"], task["progress"]) == (0, "completed", 100)
    assert task["files"] == [task["id"] + ".mp4"]
    assert Path(task["files"][0]).is_file()


def test_run_without_download_prints_the_links(terminal: Any) -> None:
    """One link a line, and no file."""
    outcome = terminal("run", *REQUEST, "--no-download")
    assert outcome.code == 0
    assert outcome.out.startswith("https://api.evolink.ai/results/")
    assert list(Path().iterdir()) == []


def test_a_dry_run_sends_nothing(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs no key and prints the request as it would go out, without defaults."""
    monkeypatch.delenv("EVOLINK_API_KEY")
    outcome = terminal("run", *REQUEST, "--dry-run")
    assert json.loads(outcome.out) == {"model": MODEL, "prompt": "A paper boat", "duration": 6}
    assert (outcome.code, terminal.calls, terminal.charges()) == (0, [], 0)


@pytest.mark.parametrize("extra", [[], ["--dry-run"]])
def test_a_bad_request_is_not_sent(terminal: Any, extra: list[str]) -> None:
    """The field and the fix are shown, and nothing is paid."""
    outcome = terminal("run", MODEL, "prompt=x", "duration=11", *extra)
    assert (outcome.code, outcome.out, terminal.calls) == (1, "", [])
    assert "duration" in outcome.err
    assert "from 3 to 10" in outcome.err


def test_advice_is_shown_once(terminal: Any) -> None:
    """A warning does not stop the submission."""
    outcome = terminal("run", *APIMART_REQUEST, "size=9:16", "aspect_ratio=16:9", "--no-download")
    assert (outcome.code, outcome.err.count("warning: ")) == (0, 1)


def test_a_failed_task_is_exit_code_1(terminal: Any) -> None:
    """The reason is shown; there is nothing to come back to."""
    outcome = terminal("run", MODEL, "prompt=POLICY_VIOLATION")
    assert (outcome.code, outcome.out) == (1, "")
    assert "content_policy_violation" in outcome.err
    assert "vidgate get" not in outcome.err
    failed = json.loads(terminal("run", MODEL, "prompt=POLICY_VIOLATION", "--json").out)
    assert (failed["verdict"], failed["error"]["code"]) == ("failed", "content_policy_violation")


def test_a_timeout_tells_how_to_go_on(terminal: Any) -> None:
    """The command that comes back to the task is ready to paste, and works."""
    outcome = terminal("run", *REQUEST, "-o", "my boat.mp4", "--timeout", "5")
    assert outcome.code == 1
    (line,) = [line for line in outcome.err.splitlines() if "Come back to it" in line]
    words = shlex.split(line.partition(": ")[2])
    assert words[:2] == ["vidgate", "get"]
    resumed = terminal(*words[1:])
    assert resumed.code == 0
    assert Path("my boat.mp4").is_file()
    assert terminal.charges() == 1


def test_an_interrupt_tells_how_to_go_on(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while waiting leaves the task's id and the next command."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Task, "wait", interrupted)
    outcome = terminal("run", *REQUEST, "--base-url", "https://other.example")
    assert outcome.code == 130
    assert "Come back to it: vidgate get task-unified-" in outcome.err
    assert "--base-url https://other.example" in outcome.err


def test_an_interrupt_while_submitting_is_no_promise(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows then whether the task was accepted, and the message says so."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vidgate._media.Media.create_from", interrupted)
    outcome = terminal("run", *REQUEST)
    assert (outcome.code, "It may run and cost" in outcome.err) == (130, True)


def test_an_unknown_outcome_names_the_idempotency_key(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command with that key settles it, without a second charge."""
    simulator = terminal.simulators["evolink"]
    answer = simulator.transport()

    class Losing(httpx.BaseTransport):
        lost = False

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response: httpx.Response = answer.handle_request(request)
            if request.method == "POST" and not Losing.lost:
                Losing.lost = True
                raise httpx.ReadError("the answer was lost", request=request)
            return response

    monkeypatch.setattr(simulator, "transport", Losing)
    outcome = terminal("run", *REQUEST)
    assert (outcome.code, terminal.charges()) == (1, 1)
    (line,) = [line for line in outcome.err.splitlines() if "--idempotency-key" in line]
    again = terminal("run", *REQUEST, "--idempotency-key", line.split()[-1])
    assert (again.code, terminal.charges()) == (0, 1)


@pytest.mark.parametrize(
    ("option", "text"),
    [
        (["-o", "nowhere/boat.mp4"], "there is no directory nowhere"),
        (["-o", "."], "is a directory"),
        (["-o", "here.mp4"], "here.mp4 exists"),
        (["--timeout", "nan"], "--timeout"),  # typer refuses it from 0.28 on, in words of its own
        (["--timeout", "-1"], "--timeout"),
        (["--base-url", "ftp://x"], "base_url"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_before_it_costs(terminal: Any, option: list[str], text: str) -> None:
    """The place of the file, the time and the address are checked first."""
    Path("here.mp4").write_text("mine")
    outcome = terminal("run", *REQUEST, *option)
    assert (outcome.code, terminal.charges()) == (2, 0)
    assert text in outcome.err
    assert Path("here.mp4").read_text() == "mine"


def test_overwrite_replaces_a_file(terminal: Any) -> None:
    """The old file goes only when it was said so."""
    Path("here.mp4").write_text("mine")
    assert terminal("run", *REQUEST, "-o", "here.mp4", "--overwrite").code == 0
    assert Path("here.mp4").read_bytes()[4:8] == b"ftyp"


def test_a_refusal_of_the_provider_is_one_line_and_a_hint(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's words, the facts and what to do; no traceback."""
    monkeypatch.setenv("EVOLINK_API_KEY", "sim-no-quota")
    outcome = terminal("run", *REQUEST)
    assert outcome.code == 1
    assert outcome.err.startswith("error: Insufficient quota.")
    assert "HTTP 402" in outcome.err


def test_a_missing_key_is_named(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable and a way without a key are told."""
    monkeypatch.undo()
    monkeypatch.delenv("EVOLINK_API_KEY", raising=False)
    outcome = terminal("run", *REQUEST)
    assert outcome.code == 2
    assert "EVOLINK_API_KEY" in outcome.err
    assert "vidgate simulate" in outcome.err


@pytest.fixture
def task_id(terminal: Any) -> str:
    """A task that takes thirty seconds from now."""
    simulator = terminal.simulators["evolink"]
    body = {"model": MODEL, "prompt": "A paper boat"}
    headers = {"Authorization": f"Bearer {terminal.key}"}
    with httpx.Client(transport=simulator.transport(), base_url="https://api.evolink.ai") as client:
        return str(client.post("/v1/videos/generations", json=body, headers=headers).json()["id"])


def test_get_shows_a_running_task(terminal: Any, task_id: str) -> None:
    """Status and progress, and good."""
    terminal.clock.advance(15)
    outcome = terminal("get", task_id)
    assert outcome.code == 0
    assert "processing, 50%" in outcome.out


def test_get_shows_links_and_their_end(terminal: Any, task_id: str) -> None:
    """A completed task has links with the time until which they work."""
    terminal.clock.advance(30)
    outcome = terminal("get", task_id)
    assert "https://api.evolink.ai/results/" in outcome.out
    assert "(until 2026-01-02" in outcome.out


def test_get_waits_and_saves(terminal: Any, task_id: str) -> None:
    """--wait and --download finish what a run began."""
    outcome = terminal("get", task_id, "--wait", "--download", "boat.mp4", "--json")
    assert (outcome.code, json.loads(outcome.out)["files"]) == (0, ["boat.mp4"])
    assert Path("boat.mp4").is_file()


def test_get_cannot_save_what_is_not_there(terminal: Any, task_id: str) -> None:
    """Without --wait a running task has nothing to save; the command that works is shown."""
    outcome = terminal("get", task_id, "--download", "boat.mp4")
    assert (outcome.code, Path("boat.mp4").exists()) == (1, False)
    assert f"vidgate get {task_id} --wait --download boat.mp4" in outcome.err


@pytest.mark.parametrize("wait", [[], ["--wait"]])
def test_get_of_a_failed_task_is_exit_code_1(terminal: Any, wait: list[str]) -> None:
    """The task is shown with its error, whether or not somebody waited for it."""
    terminal("run", MODEL, "prompt=POLICY_VIOLATION", "--timeout", "0")
    (charge,) = terminal.simulators["evolink"].ledger
    if not wait:
        terminal.clock.advance(30)
    outcome = terminal("get", charge.task, *wait)
    assert outcome.code == 1
    assert "content_policy_violation" in outcome.out


@pytest.mark.parametrize(
    ("argv", "code", "text"),
    [
        (["task-unified-1-abcdefgh"], 1, "could not be found"),
        (["whatever"], 2, "--provider says which"),
        (["task_01", "--provider", "evolnk"], 2, "Did you mean evolink?"),
    ],
)
def test_get_of_no_task(terminal: Any, argv: list[str], code: int, text: str) -> None:
    """An unknown id is a finding, a wrong one wrong usage."""
    outcome = terminal("get", *argv)
    assert (outcome.code, outcome.out) == (code, "")
    assert text in outcome.err
