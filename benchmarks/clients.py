# ruff: noqa: T201 - a script that prints
"""What our client costs beside raw httpx and other makers' SDKs: import, memory, one create and one get, packages.

    python benchmarks/clients.py

Fetches the SDKs from PyPI into a virtual environment that is thrown away (or stays, with `--venv DIR`). Every figure
comes from fresh interpreters there, in turns, so that a busy machine disturbs all of them; where it does, look at the
processor's seconds, which have no waiting in them. Ratios are of medians. Prints, asserts nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[1]
PROBES: Final = Path(__file__).with_name("clients_probe.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """`package` as pip knows it; `statement` as its documentation begins."""

    name: str
    package: str
    statement: str


LIBRARIES: Final = (
    Library(name="httpx", package="httpx", statement="import httpx"),
    Library(name="vidgate", package=str(ROOT), statement="from vidgate import EvoLink"),
    Library(name="Runway", package="runwayml", statement="from runwayml import RunwayML"),
    Library(name="OpenAI", package="openai", statement="from openai import OpenAI"),
    Library(name="fal", package="fal-client", statement="import fal_client"),
)
# Nothing but `time` is there before the statement: what another import has brought would be missing from its share.
FRESH: Final = """
import time
wall, processor = time.perf_counter(), time.process_time()
{}
print(time.perf_counter() - wall, time.process_time() - processor)
print(open("/proc/self/status").read())
"""

GOALS: Final[Mapping[str, float]] = {"import": 1.6, "memory": 3.0, "calls": 1.3, "packages": 10}


@contextlib.contextmanager
def environment(place: Path | None) -> Generator[Path]:
    """The Python of an environment that has them all."""
    with contextlib.ExitStack() as stack:
        folder = place or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vidgate-clients-")))
        python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        if not python.exists():
            venv.create(folder, with_pip=True)
        run(python, "-m", "pip", "install", "--quiet", *(library.package for library in LIBRARIES))
        yield python


def run(*command: object) -> str:
    """What a program prints; it ends well, or this script does not."""
    words = [str(word) for word in command]
    place = Path(__file__).parent
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=place)  # noqa: S603 - our own words
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def packages_of(python: Path, library: Library) -> int:
    """How many packages pip would install beside it into an empty environment."""
    words = ("install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-", library.package)
    report: dict[str, Any] = json.loads(run(python, "-m", "pip", *words))
    return len(report["install"]) - 1


def measure_import(python: object, statement: str) -> dict[str, float]:
    """Seconds of one statement in a fresh interpreter, and the MiB that are resident then and were at most."""
    times, _, status = run(python, "-c", FRESH.format(statement)).partition("\n")
    seconds, processor = map(float, times.split())
    rows = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    resident, peak = (int(rows[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return {"seconds": seconds, "processor": processor, "resident": resident, "peak": peak}


def measure_imports(python: Path, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Every library once a round, in changing order; the first round is thrown away."""
    found: dict[str, list[dict[str, float]]] = {library.name: [] for library in LIBRARIES}
    for number in range(rounds + 1):
        for library in LIBRARIES if number % 2 else reversed(LIBRARIES):
            figures = measure_import(python, library.statement)
            if number:
                found[library.name].append(figures)
    return found


def measure_calls(python: Path, rounds: int, calls: int) -> dict[str, list[float]]:
    """Processor seconds of so many creates and gets for each library and round, all in one process and in turns."""
    found: dict[str, list[float]] = json.loads(run(python, PROBES, rounds, calls))
    return found


def ratios(values: Sequence[float], base: Sequence[float]) -> str:
    """Of the medians; behind it the least and greatest ratio within a round."""
    found = [value / other for value, other in zip(values, base, strict=True)]
    return f"{statistics.median(values) / statistics.median(base):.2f} ({min(found):.2f}-{max(found):.2f})"


def show(imports: Mapping[str, Sequence[Mapping[str, float]]], calls: Mapping[str, Sequence[float]]) -> list[str]:
    """The rows of the table, without the packages."""
    base = imports["httpx"]
    lines: list[str] = []
    for library in LIBRARIES:
        mine = imports[library.name]
        seconds, processor = ([one[name] for one in mine] for name in ("seconds", "processor"))
        memory, peak = (statistics.median(one[name] for one in mine) for name in ("resident", "peak"))
        above = memory - statistics.median(one["resident"] for one in base)
        cells = (
            library.name,
            f"{statistics.median(seconds) * 1000:.0f}",
            ratios(seconds, [one["seconds"] for one in base]),
            ratios(processor, [one["processor"] for one in base]),
            f"{memory:.1f} ({above:+.1f})",
            f"{peak:.1f}",
            ratios(calls[library.name], calls["httpx"]),
        )
        lines.append(" | ".join(cells))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--venv", type=Path, help="keep the environment here, and use it again")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=200, help="creates and gets in a round")
    options = parser.parse_args()
    with environment(options.venv) as python:
        print(
            f"Python {run(python, '-c', 'import sys; print(sys.version.split()[0])').strip()}, {options.rounds} rounds"
        )
        imports = measure_imports(python, options.rounds)
        calls = measure_calls(python, options.rounds, options.calls)
        print("\n| library | import, ms | ÷ httpx | processor ÷ httpx | RSS, MiB | peak | create + get ÷ | packages |")
        print("|---|---|---|---|---|---|---|---|")
        for library, line in zip(LIBRARIES, show(imports, calls), strict=True):
            print(f"| {line} | {packages_of(python, library)} |")
    goals = "import {import} times, memory {memory:+} MiB, create + get {calls} times, {packages:g} packages"
    print(f"\nGoals for vidgate, at most: {goals.format_map(GOALS)}.")


if __name__ == "__main__":
    main()
