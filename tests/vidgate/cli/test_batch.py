"""`vidgate batch`: files in, files and JSON lines out, every item paid once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "gemini-omni-flash-text-to-video"
GOOD = "\n".join(
    json.dumps({"item": f"p{n}", "model": MODEL, "prompt": f"Poster {n}", "duration": 6}) for n in range(3)
)
TABLE = f'item,model,prompt,duration\np0,{MODEL},"A boat, drifting",6\np1,{MODEL},Rain,\n'


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A journal of its own."""
    monkeypatch.setenv("VIDGATE_JOURNAL", str(tmp_path / "journal.sqlite3"))


def write(name: str, text: str) -> str:
    """A file in the terminal's directory."""
    Path(name).write_text(text, encoding="utf-8")
    return name


def lines(text: str) -> list[dict[str, Any]]:
    """The results."""
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_of_requests_becomes_a_folder_of_videos(terminal: Any) -> None:
    """Results as they end, one JSON object a line; a second run pays for nothing."""
    source = write("in.jsonl", GOOD)
    outcome = terminal("batch", "posters", source, "--into", "out", "--max-in-flight", "2")
    assert outcome.code == 0
    assert {row["item"]: row["files"] for row in lines(outcome.out)} == {f"p{n}": [f"out/p{n}.mp4"] for n in range(3)}
    assert all(Path("out", f"p{n}.mp4").stat().st_size > 1000 for n in range(3))
    assert "3 of 3 done" in outcome.err
    again = terminal("batch", "posters", source, "--into", "out")
    assert (again.code, terminal.charges()) == (0, 3)
    assert [row["done"] for row in lines(again.out)] == [True] * 3


def test_a_table_is_typed_by_the_contract(terminal: Any) -> None:
    """Numbers become numbers, empty cells say nothing."""
    outcome = terminal("batch", "posters", write("in.csv", TABLE), "--results", "out.jsonl")
    assert (outcome.code, outcome.out) == (0, "")
    assert [row["done"] for row in lines(Path("out.jsonl").read_text(encoding="utf-8"))] == [True, True]
    bodies = [task.request for task in terminal.simulators["evolink"].tasks._tasks.values()]
    assert bodies == [
        {"model": MODEL, "prompt": "A boat, drifting", "duration": 6},
        {"model": MODEL, "prompt": "Rain"},
    ]


def test_a_dry_run_checks_and_sends_nothing(terminal: Any) -> None:
    """It says how many are valid."""
    outcome = terminal("batch", "posters", write("in.jsonl", GOOD), "--dry-run")
    assert (outcome.code, terminal.charges()) == (0, 0)
    assert "3 items are valid" in outcome.err


def test_one_wrong_item_keeps_all_from_being_sent(terminal: Any) -> None:
    """Found before the first is paid, with its fault."""
    wrong = GOOD + "\n" + json.dumps({"item": "bad", "model": MODEL, "prompt": "x", "duration": 99})
    outcome = terminal("batch", "posters", write("in.jsonl", wrong))
    assert (outcome.code, outcome.out, terminal.charges()) == (1, "", 0)
    assert "the item bad is not valid" in outcome.err
    assert "duration" in outcome.err


def test_the_ceiling_stops_it_and_says_what_is_left(terminal: Any) -> None:
    """Exit code 1, what was spent, and how to go on."""
    source = write("in.jsonl", GOOD)
    outcome = terminal("batch", "posters", source, "--max-credits", "1", "--credits-per-item", "0.9")
    assert outcome.code == 1
    assert terminal.charges() == 1
    assert "stopped before p1" in outcome.err
    assert "2 items are left" in outcome.err


def test_a_failed_task_is_in_the_results(terminal: Any) -> None:
    """Its reason stands in the line, and the exit code is 1."""
    line = json.dumps({"item": "a", "model": MODEL, "prompt": "POLICY_VIOLATION"})
    outcome = terminal("batch", "posters", write("in.jsonl", line))
    (row,) = lines(outcome.out)
    assert outcome.code == 1
    assert (row["done"], row["error"]["kind"]) == (False, "TaskFailed")
    assert row["error"]["hint"]


WRONG = {
    "no file": ("missing.jsonl", None, "cannot read missing.jsonl"),
    "nothing in it": ("in.jsonl", "\n\n", "has no items"),
    "no JSON": ("in.jsonl", '{"item": ', "in.jsonl, line 1 is not valid JSON"),
    "no object": ("in.jsonl", "[]", "line 1 holds no JSON object"),
    "no item": ("in.jsonl", json.dumps({"model": MODEL, "prompt": "x"}), "line 1 names no item"),
    "item is no text": ("in.jsonl", json.dumps({"item": 3, "model": MODEL, "prompt": "x"}), "line 1 names no item"),
    "no model": ("in.jsonl", json.dumps({"item": "a", "prompt": "x"}), "line 1 names no model"),
    "unknown model": ("in.jsonl", json.dumps({"item": "a", "model": "veo"}), "line 1: there is no model 'veo'"),
    "twice": ("in.jsonl", GOOD + "\n" + GOOD, "line 4: the item 'p0' is there twice"),
    "two providers": (
        "in.jsonl",
        GOOD + "\n" + json.dumps({"item": "a", "model": "Omni-Flash-Ext", "prompt": "x"}),
        "the items are for APIMart, EvoLink",
    ),
    "ragged table": ("in.csv", TABLE + "a,b,c,d,e\n", "line 4 has more or fewer cells"),
    "open quote": ("in.csv", TABLE + '"a', "is no CSV"),
    "not UTF-8": ("in.jsonl", b"\xff\xfe\x00", "it is not UTF-8"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_with_its_place(terminal: Callable[..., Any], case: str) -> None:
    """Exit code 2, the line and what to do; nothing is sent."""
    name, text, message = WRONG[case]
    if isinstance(text, bytes):
        Path(name).write_bytes(text)
    elif text is not None:
        write(name, text)
    outcome = terminal("batch", "posters", name)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_a_results_file_that_cannot_be_written_is_known_before_anything_is_paid(terminal: Any) -> None:
    """A directory, say."""
    Path("results").mkdir()
    outcome = terminal("batch", "posters", write("in.jsonl", GOOD), "--results", "results")
    assert (outcome.code, terminal.charges()) == (2, 0)
    assert "cannot write results" in outcome.err
