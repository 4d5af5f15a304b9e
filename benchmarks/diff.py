# ruff: noqa: T201 - a script that prints
"""`python -m tools diff` beside Redocly's `diff`, in one run: time, memory, output, and growth with the document.

    python -m benchmarks.diff --redocly node_modules/.bin/redocly

Redocly comes from npm (`npm install --no-save @redocly/cli@2.77.0`); without it only our side is measured.
Every round runs each program once per size, in turns, so that a busy machine disturbs both, and every ratio is one of
two runs of the same round. Both run as installed: with their code compiled before. Prints, asserts nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.synthesis import document, later, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.synthesis import Edit
    from tools.model import Json, JsonObject

ROOT: Final = Path(__file__).parents[1]
EDITS: Final = 20
"""Edits per size 1."""

_FAILED: Final = 2
"""Both programs end with 0 or 1 when they have compared; more means that they have not."""

_KIBIBYTE: Final = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two documents on disk and what was done between them."""

    size: int
    old: Path
    new: Path
    bytes: int
    edits: tuple[Edit, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One run of one program: wall and processor seconds, the peak of its memory, and what it printed.

    `failure` is the last thing it said when it did not compare the documents.
    """

    seconds: float
    processor: float
    peak_megabytes: float
    output: bytes
    failure: str = ""


def measure(command: Sequence[str], folder: Path) -> Measured:
    """Run a program to its end. Without output, or with an exit code above 1, it has not compared anything."""
    out, err = folder / "stdout", folder / "stderr"
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "NO_COLOR": "1",
        "REDOCLY_TELEMETRY": "off",
    }
    with out.open("wb") as output, err.open("wb") as errors:
        actions = [
            (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        ]
        started = time.perf_counter()
        process = os.posix_spawnp(command[0], list(command), environment, file_actions=actions)
        _, status, used = os.wait4(process, 0)  # the one way to learn the peak of this very process
        seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    said = next((line for line in err.read_text("utf-8", "replace").splitlines() if "Error" in line), "no output")
    failed = not 0 <= code < _FAILED or not out.stat().st_size
    peak = used.ru_maxrss / _KIBIBYTE if sys.platform == "linux" else used.ru_maxrss / _KIBIBYTE**2
    return Measured(
        seconds=seconds,
        processor=used.ru_utime + used.ru_stime,
        peak_megabytes=peak,
        output=out.read_bytes(),
        failure=f"ended with {code}: {said.strip()[:120]}" if failed else "",
    )


def prepare(folder: Path, seed: int, sizes: Sequence[int]) -> tuple[Pair, ...]:
    """The documents of every size and their later versions."""
    pairs: list[Pair] = []
    for size in sorted(sizes):
        before = document(seed, size=size)
        after, edits = later(before, seed, edits=EDITS * size)
        old, new = folder / f"old-{size}.json", folder / f"new-{size}.json"
        content = text_of(before)
        old.write_bytes(content)
        new.write_bytes(text_of(after))
        pairs.append(Pair(size=size, old=old, new=new, bytes=len(content), edits=edits))
    return tuple(pairs)


def commands(pair: Pair, redocly: str | None) -> dict[str, list[str]]:
    """What is run for a pair, by the name it is reported under."""
    sides = [str(pair.old), str(pair.new)]
    found = {"ours": [sys.executable, "-m", "tools", "diff", *sides, "--format", "json"]}
    if redocly is not None:
        found["redocly"] = [redocly, "diff", *sides, "--format", "json"]
    return found


def run_rounds(
    pairs: Sequence[Pair], redocly: str | None, rounds: int, folder: Path
) -> dict[tuple[str, int], list[Measured]]:
    """Every round in another order, so that nobody is always first; one unmeasured run each warms the disk's cache."""
    found: dict[tuple[str, int], list[Measured]] = {}
    for name, command in commands(pairs[0], redocly).items():
        print(f"warming up {name}", file=sys.stderr, flush=True)
        measure(command, folder)
    for number in range(rounds):
        for pair in pairs:
            these = list(commands(pair, redocly).items())
            for name, command in these if number % 2 == 0 else reversed(these):
                found.setdefault((name, pair.size), []).append(measure(command, folder))
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return found


def findings(output: bytes) -> int | None:
    """How many changes a JSON report lists; None when it is in no form known here."""
    try:
        value: Json = json.loads(output)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    reports: list[JsonObject] = value.get("comparisons", [value])
    return sum(len(one["changes"]) for one in reports) if all("changes" in one for one in reports) else None


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Median, least and greatest."""
    return f"{statistics.median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def table(pairs: Sequence[Pair], measured: Mapping[tuple[str, int], Sequence[Measured]]) -> list[str]:
    """The results as lines of Markdown."""
    names = list(dict.fromkeys(name for name, _ in measured))
    failures: list[str] = []
    lines = [
        "| size | program | seconds | processor seconds | peak MB | findings | output bytes | bytes per finding |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for pair in pairs:
        for name in names:
            runs = measured[name, pair.size]
            if runs[-1].failure:
                failures.append(f"{name} failed at {pair.size}x: {runs[-1].failure}")
                continue
            told = findings(runs[-1].output)
            each = f"{len(runs[-1].output) / told:,.0f}" if told else "?"
            cells = (
                f"{pair.size}x, {pair.bytes / 1e6:.1f} MB, {len(pair.edits)} edits",
                name,
                spread([one.seconds for one in runs]),
                spread([one.processor for one in runs]),
                f"{max(one.peak_megabytes for one in runs):.0f}",
                str(told) if told is not None else "?",
                f"{len(runs[-1].output):,}",
                each,
            )
            lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *failures]
    good = {key for key, runs in measured.items() if not any(run.failure for run in runs)}
    for pair in pairs:
        if {("ours", pair.size), ("redocly", pair.size)} <= good:
            lines.append(_ratio(pair.size, measured["ours", pair.size], measured["redocly", pair.size]))
    for name in names:
        lines += _growth(name, [pair for pair in pairs if (name, pair.size) in good], measured)
    same = all(len({one.output for one in measured["ours", pair.size]}) == 1 for pair in pairs)
    lines.append(f"our output is {'the same' if same else 'NOT THE SAME'} in every round")
    return lines


def _ratio(size: int, ours: Sequence[Measured], theirs: Sequence[Measured]) -> str:
    """How much of the other's time we take, round by round."""
    rounds = list(zip(ours, theirs, strict=True))
    seconds = spread([one.seconds / other.seconds for one, other in rounds])
    processor = spread([one.processor / other.processor for one, other in rounds])
    return f"ours / redocly at {size}x: {seconds} of its seconds, {processor} of its processor seconds"


def _growth(name: str, pairs: Sequence[Pair], measured: Mapping[tuple[str, int], Sequence[Measured]]) -> list[str]:
    """The power of the size that the time grows with, round by round: 1 is linear."""
    steps = list(itertools.pairwise(pairs))
    lines: list[str] = []
    for small, large in [*steps, *([(pairs[0], pairs[-1])] if len(steps) > 1 else [])]:
        rounds = zip(measured[name, small.size], measured[name, large.size], strict=True)
        scale = math.log(large.bytes / small.bytes)
        powers = [math.log(more.processor / less.processor) / scale for less, more in rounds]
        lines.append(f"growth of {name} from {small.size}x to {large.size}x: bytes to the power of {spread(powers)}")
    return lines


def main() -> int:
    """Run the benchmark; exit code 2 when a program cannot be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redocly", metavar="PROGRAM", help="Redocly's command line; left out when not given")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="5 by default")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 4], metavar="N", help="1 2 4 by default")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the documents; 1 by default")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vidgate-") as name:
        folder = Path(name)
        # In a process of its own: what this one holds would count as the peak of every program it starts.
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as apart:
            pairs = apart.submit(prepare, folder, given.seed, given.sizes).result()
        try:
            measured = run_rounds(pairs, given.redocly, max(1, given.rounds), folder)
        except OSError as error:
            print(f"{error.filename or given.redocly}: {error.strerror}", file=sys.stderr)
            return 2
        print("\n".join(table(pairs, measured)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
