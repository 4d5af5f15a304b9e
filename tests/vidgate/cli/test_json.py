"""`--json` of every command: the members that docs/commands.md names, and nothing but JSON on standard output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from docs.commands import SHAPES
from vidgate.cli import _journal
from vidgate.cli._main import app

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "gemini-omni-flash-text-to-video"
BOAT = (MODEL, "prompt=A boat")


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A journal of its own."""
    monkeypatch.setenv("VIDGATE_JOURNAL", str(tmp_path / "journal.sqlite3"))


def rows(text: str) -> list[dict[str, Any]]:
    """One document, or one a line; a list is its items."""
    try:
        found = json.loads(text)
    except ValueError:
        found = [json.loads(line) for line in text.splitlines()]
    return found if isinstance(found, list) else [found]


def members(shape: str) -> list[str]:
    """What the page says."""
    return list(SHAPES[shape][1])


def test_every_command_has_it() -> None:
    """Whatever a command prints, a program can read; the page says how."""
    group: Any = typer.main.get_command(app)
    without = [name for name, one in group.commands.items() if not any("--json" in each.opts for each in one.params)]
    assert without == []
    assert {shape.partition(" ")[0] for shape in SHAPES} == set(group.commands)


def test_what_is_offline(terminal: Any) -> None:
    """Models, one model, a good and a bad request, and what is configured."""
    assert [list(row) for row in rows(terminal("models", "--json").out)] == [members("models")] * 5
    assert [list(row) for row in rows(terminal("models", MODEL, "--json").out)] == [members("models")]
    for words in (BOAT, (MODEL, "duration=99")):
        assert [list(row) for row in rows(terminal("check", *words, "--json").out)] == [members("check")]
    assert {tuple(row) for row in rows(terminal("doctor", "--json").out)} == {tuple(members("doctor"))}


def test_from_a_submission_to_a_file(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run, get, ls and resume."""
    monkeypatch.setattr(_journal, "CLOCK", terminal.clock)
    ran = rows(terminal("run", *BOAT, "--json").out)
    assert [list(row) for row in ran] == [members("run")]
    assert [list(row) for row in rows(terminal("get", ran[0]["id"], "--json").out)] == [members("get")]
    assert terminal("run", *BOAT, "--no-download").code == 0
    assert [sorted(row) for row in rows(terminal("ls", "--json").out)] == [sorted(members("ls"))] * 2
    resumed = terminal("resume", "--all", "--json")
    assert [list(row) for row in rows(resumed.out)] == [members("resume")]
    assert rows(terminal("resume", "--all", "--json").out) == []


def test_a_request_that_is_not_valid_and_a_task_that_fails(terminal: Any) -> None:
    """The exit code is 1, and the report, or the task, is there to read."""
    refused = terminal("run", MODEL, "duration=99", "--json")
    assert (refused.code, [list(row) for row in rows(refused.out)]) == (1, [members("check")])
    failed = terminal("run", MODEL, "prompt=POLICY_VIOLATION", "--json")
    (task,) = rows(failed.out)
    assert (failed.code, list(task), task["verdict"]) == (1, members("run"), "failed")
    assert set(task["error"]) == {"code", "message", "retryable"}


def test_a_settled_submission(terminal: Any) -> None:
    """Recover."""
    terminal.simulators["apimart"].fail_next("reset-after", operation="submit")
    assert terminal("run", "Omni-Flash-Ext", "prompt=A boat").code == 1
    (unknown,) = rows(terminal("ls", "--pending", "--json").out)
    recovered = terminal("recover", unknown["submit_id"], "--json")
    assert [list(row) for row in rows(recovered.out)] == [members("recover")]


def test_items_of_a_batch(terminal: Any, tmp_path: Path) -> None:
    """Results are JSON in any case; with the option the faults of items are, too."""
    good, bad = ({"item": name, "model": MODEL, "prompt": name} for name in ("a", "b"))
    (tmp_path / "good.jsonl").write_text(json.dumps(good))
    (tmp_path / "mixed.jsonl").write_text("\n".join(json.dumps(one) for one in (good, bad | {"duration": 99})))
    for option in ((), ("--json",)):
        assert [list(row) for row in rows(terminal("batch", "x", "good.jsonl", *option).out)] == [members("batch")]
    refused = terminal("batch", "y", "mixed.jsonl", "--dry-run", "--json")
    assert (refused.code, [list(row) for row in rows(refused.out)]) == (1, [members("batch --json")])
    assert rows(refused.out)[0]["item"] == "b"
    assert terminal("batch", "y", "mixed.jsonl").out == ""


def test_what_a_worker_does(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One object a line, as things happen."""

    async def run_worker(url: str, *, tell: Any, **options: Any) -> None:
        tell("took up a job")
        tell("finished it")

    monkeypatch.setattr("vidgate.cluster.run_worker", run_worker)
    outcome = terminal("worker", "--on", "postgresql://nobody@nowhere/db", "--json")
    assert [list(row) for row in rows(outcome.out)] == [members("worker")] * 2
    assert [row["message"] for row in rows(outcome.out)] == ["took up a job", "finished it"]
    assert "finished it" in terminal("worker", "--on", "postgresql://nobody@nowhere/db").err


@pytest.mark.parametrize("options", [(), ("--provider", "apimart")], ids=["both", "one"])
def test_where_the_simulator_listens(terminal: Any, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]) -> None:
    """A script starts it, reads one line, and knows all it needs."""

    def serve(app: object, host: str, port: int, on_listening: Any) -> None:
        on_listening(f"http://{host}:{port}")

    monkeypatch.setattr("vidgate.simulator.serve", serve)
    outcome = terminal("simulate", "--port", "8080", "--json", *options)
    (served,) = rows(outcome.out)
    assert (outcome.code, outcome.out.count("\n")) == (0, 1)
    assert all(list(one) == members("simulate") for one in served.values())
    place = "http://127.0.0.1:8080" + ("" if options else "/apimart")
    assert served["apimart"]["base_url"] == place
    assert ("evolink" in served) == (not options)
