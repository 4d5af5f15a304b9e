"""The benchmark of `diff`: what it makes of its measurements."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.diff import EDITS, Measured, Pair, commands, findings, measure, prepare, table


def pair(size: int) -> Pair:
    """Documents of as many megabytes as the size says."""
    return Pair(size=size, old=Path("old"), new=Path("new"), bytes=size * 1_000_000, edits=())


def runs(*seconds: float, failure: str = "") -> list[Measured]:
    """Runs of so many seconds, half of them on the processor."""
    output = json.dumps({"changes": [{}, {}]}).encode()
    return [
        Measured(seconds=one, processor=one / 2, peak_megabytes=one * 10, output=output, failure=failure)
        for one in seconds
    ]


def test_ratios_are_those_of_a_round() -> None:
    """A slow round disturbs both programs: ours / theirs is the same in it; medians with their spread are shown."""
    measured = {("ours", 1): runs(1.0, 3.0, 1.0), ("redocly", 1): runs(2.0, 6.0, 4.0)}
    lines = table([pair(1)], measured)
    assert "| 1x, 1.0 MB, 0 edits | ours | 1.00 (1.00-3.00) | 0.50 (0.50-1.50) | 30 | 2 | 21 | 10 |" in lines
    told = "ours / redocly at 1x: 0.50 (0.25-0.50) of its seconds, 0.50 (0.25-0.50) of its processor seconds"
    assert told in lines


def test_growth_is_a_power_of_the_size() -> None:
    """Twice the time for twice the size is 1, four times the time 2; several sizes are also told as a whole."""
    measured = {("ours", 1): runs(1.0, 1.0), ("ours", 2): runs(2.0, 2.0), ("ours", 4): runs(8.0, 4.0)}
    lines = table([pair(1), pair(2), pair(4)], measured)
    assert "growth of ours from 1x to 2x: bytes to the power of 1.00 (1.00-1.00)" in lines
    assert "growth of ours from 2x to 4x: bytes to the power of 1.50 (1.00-2.00)" in lines
    assert "growth of ours from 1x to 4x: bytes to the power of 1.25 (1.00-1.50)" in lines


def test_a_program_that_fails_is_not_compared() -> None:
    """It is named with what it said, and no ratio is made of it."""
    measured = {("ours", 1): runs(1.0), ("redocly", 1): runs(0.1, failure="ended with 70: Error: no")}
    lines = table([pair(1)], measured)
    assert "redocly failed at 1x: ended with 70: Error: no" in lines
    assert not any("ours / redocly" in line or "growth of redocly" in line for line in lines)


def test_a_run_is_measured(tmp_path: Path) -> None:
    """Output, time and peak are those of the program, which compiles what it imports only once."""
    code = "import json; print('x' * 5); b = b'1' * 50_000_000"
    (tmp_path / "m.py").write_text(code, encoding="utf-8")
    found = measure([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import m"], tmp_path)
    assert (found.output, found.failure) == (b"xxxxx\n", "")
    assert found.processor > 0
    assert found.peak_megabytes > 40
    assert list((tmp_path / "bytecode").rglob("m.*.pyc"))
    failed = measure([sys.executable, "-c", "raise SystemExit('an Error it was')"], tmp_path)
    assert failed.failure == "ended with 1: an Error it was"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param(b'{"changes": [1, 2]}', 2, id="one-report"),
        pytest.param(b'{"comparisons": [{"changes": [1]}, {"changes": []}]}', 1, id="several"),
        pytest.param(b"[]", None, id="a-list"),
        pytest.param(b"no", None, id="no-json"),
    ],
)
def test_findings_are_counted(output: bytes, expected: int | None) -> None:
    """In both programs' reports; nothing is made up for other output."""
    assert findings(output) == expected


def test_documents_are_prepared(tmp_path: Path) -> None:
    """Both versions of a size, and the command that compares them."""
    (made,) = prepare(tmp_path, 1, [1])
    assert made.bytes == made.old.stat().st_size
    assert made.old.read_bytes() != made.new.read_bytes()
    assert len(made.edits) == EDITS
    assert commands(made, "redocly")["redocly"][:3] == ["redocly", "diff", str(made.old)]
    assert list(commands(made, None)) == ["ours"]
