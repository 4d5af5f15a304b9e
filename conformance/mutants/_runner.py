"""Judges mutants in process, on a virtual clock, in a few processes; prints kill rates and survivors.

Exit codes: 0 every mutant is caught, and honest servers are clean; 1 otherwise; 2 wrong use.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidgate.simulator import Simulator

from . import CATEGORIES, Mutant, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .._settings import ProviderName

LONGEST = 110
WANTED_NAMES = 0.95
LATENCIES = (0.0, 0.02, 0.1, 0.5)  # seconds, of honest servers


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What became of one server. `named`: whether the requirement it breaks was among those found broken."""

    id: str
    provider: str
    category: str
    breaks: str
    text: str
    derived: bool
    killed: bool
    named: bool
    broken: tuple[str, ...]
    state: str
    seconds: float
    faults: tuple[str, ...] = ()
    schemathesis: tuple[str, ...] | None = None
    known: bool = True
    """Whether the catalogue of requirements has what it breaks."""
    messages: tuple[str, ...] = field(default=(), repr=False)
    errors: tuple[str, ...] = ()
    """Where the suite itself fell over: no broken server may do that to it."""


def try_mutant(mutant: Mutant, *, seed: int = 0, schemathesis: bool = False) -> Trial:
    """Judge one mutant: killed is what the suite calls broken; a fault of the suite is no kill."""
    from .._judge import judge

    started = time.perf_counter()
    # Only what is broken by requests made up by chance needs them; they take long.
    thorough = mutant.breaks.endswith("REQ-GENERATED-REFUSED")
    report = judge(mutant.build, mutant.provider, seed=seed, level="MAY", thorough=thorough)
    broken = tuple(report.broken)
    messages = tuple(f"{one.requirement.id}: {one.message}" for one in report.judged if one.requirement.id in broken)
    errors = tuple(f"{one.requirement.id}: {one.message}" for one in report.judged if one.result == "error")
    # A server may be so broken that the suite gives up on it, with a sentence: that is caught as well.
    stopped = bool(report.faults)
    return Trial(
        id=mutant.id,
        provider=mutant.provider,
        category=mutant.category,
        breaks=mutant.breaks,
        text=mutant.text,
        derived=mutant.derived,
        killed=bool(broken) or stopped,
        named=mutant.breaks in broken,
        broken=broken,
        state=str(report.state),
        seconds=time.perf_counter() - started,
        faults=tuple(report.faults),
        schemathesis=_schemathesis(mutant.provider, mutant.build) if schemathesis else None,
        known=mutant.breaks in report.run.requirements,
        messages=messages,
        errors=errors,
    )


def try_honest(provider: ProviderName, seed: int, *, schemathesis: bool = False) -> Trial:
    """Judge an unmutated simulator."""
    from .._judge import judge

    started = time.perf_counter()
    # Other ids with each seed, and answers that take another time.
    build = functools.partial(Simulator, provider, seed=seed, latency=LATENCIES[seed % len(LATENCIES)])
    report = judge(build, provider, seed=seed, level="MAY")
    broken = tuple(report.broken)
    errors = [one for one in report.judged if one.result == "error"]
    return Trial(
        id=f"honest-{provider}-{seed}",
        provider=provider,
        category="honest",
        breaks="",
        text="",
        derived=False,
        killed=bool(broken or report.faults or errors),
        named=False,
        broken=broken,
        state=str(report.state),
        seconds=time.perf_counter() - started,
        faults=tuple(report.faults),
        schemathesis=_schemathesis(provider, functools.partial(Simulator, provider)) if schemathesis else None,
        messages=tuple(f"{one.requirement.id}: {one.message}" for one in report.judged if one.requirement.id in broken)
        + tuple(f"{one.requirement.id}: {one.message}" for one in errors),
    )


def _schemathesis(provider: ProviderName, build: Callable[..., Any]) -> tuple[str, ...]:
    """What schemathesis alone finds, with all checks and phases, on the same contract."""
    from vidgate.simulator import DEFAULT_KEY, ManualClock

    from .._contract import shipped
    from .._examination import examine
    from .._subject import ROWS

    simulator = build(clock=ManualClock(), seconds=0.0)
    try:
        done = examine(shipped(ROWS[provider].package), simulator.app, key=DEFAULT_KEY)
    except Exception as error:  # noqa: BLE001 - a server that it cannot work with is caught as well
        return (f"gave up: {error}",)
    return tuple(sorted({str(finding) for finding in done.findings.values()} | set(done.crashes)))


def _job(order: tuple[str, Any]) -> Trial:
    kind, what = order
    return (
        try_honest(what[0], what[1], schemathesis=what[2])
        if kind == "honest"
        else try_mutant(what[0], seed=what[1], schemathesis=what[2])
    )


def run(orders: Sequence[tuple[str, Any]], *, processes: int) -> Iterator[Trial]:
    """Carry out orders, in any order, here or in processes of their own."""
    if processes == 1:
        yield from map(_job, orders)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        # The functions that mutants are made of cannot be sent, so their ids are.
        yield from pool.imap_unordered(_portable_job, list(_portable(orders)))


def _portable(orders: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for kind, what in orders:
        yield (kind, what) if kind == "honest" else (kind, (what[0].id, what[1], what[2]))


@functools.cache
def _by_id() -> dict[str, Mutant]:
    return {mutant.id: mutant for mutant in load()}


def _portable_job(order: tuple[str, Any]) -> Trial:
    kind, what = order
    return _job((kind, what) if kind == "honest" else (kind, (_by_id()[what[0]], what[1], what[2])))


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    chosen = [
        mutant
        for mutant in load()
        if (not arguments.provider or mutant.provider == arguments.provider)
        and (arguments.derived or not mutant.derived)
        and (not arguments.only or any(text in mutant.id or text in mutant.breaks for text in arguments.only))
    ]
    if arguments.list:
        for mutant in chosen:
            print(f"{mutant.id:44} {mutant.breaks:48} {mutant.text}"[:180])  # noqa: T201
        return 0
    providers = [arguments.provider] if arguments.provider else ["evolink", "apimart"]
    honest = [
        ("honest", (provider, seed, arguments.schemathesis))
        for provider in providers
        for seed in range(arguments.honest)
    ]
    orders: list[tuple[str, Any]] = [("mutant", (mutant, arguments.seed, arguments.schemathesis)) for mutant in chosen]
    started = time.perf_counter()
    trials = list(_shown(run([*orders, *honest], processes=arguments.processes), len(orders) + len(honest)))
    trials.sort(
        key=lambda trial: [mutant.id for mutant in chosen].index(trial.id) if trial.category != "honest" else -1
    )
    trials = without_false_alarms(trials)
    for line in lines(trials, seconds=time.perf_counter() - started, verbose=arguments.verbose):
        print(line)  # noqa: T201
    if arguments.json:
        Path(arguments.json).write_text(json.dumps([asdict(trial) for trial in trials], indent=1), encoding="utf-8")
    return 0 if is_good(trials) else 1


def without_false_alarms(trials: Sequence[Trial]) -> list[Trial]:
    """Take from what schemathesis says of a mutant what it says of the honest server as well."""

    def kind(finding: str) -> str:
        return finding.partition("): ")[0]  # check, title and operation; the rest are values

    alarms = {
        (trial.provider, kind(found))
        for trial in trials
        if trial.category == "honest"
        for found in trial.schemathesis or ()
    }
    return [
        trial
        if trial.category == "honest" or trial.schemathesis is None
        else replace(
            trial,
            schemathesis=tuple(found for found in trial.schemathesis if (trial.provider, kind(found)) not in alarms),
        )
        for trial in trials
    ]


def _shown(trials: Iterator[Trial], total: int) -> Iterator[Trial]:
    """Count on a terminal while they run."""
    for number, trial in enumerate(trials, start=1):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number} of {total} servers\x1b[K{'' if number < total else chr(10)}")
            sys.stderr.flush()
        yield trial


def is_good(trials: Sequence[Trial]) -> bool:
    """Whether every mutant is caught, nearly all for the right reason, and no honest server is blamed."""
    named = [trial.named for trial in trials if trial.category != "honest"]
    caught = all(trial.killed != (trial.category == "honest") for trial in trials)
    sound = not any(trial.errors for trial in trials)
    return caught and sound and sum(named) >= WANTED_NAMES * len(named)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance.mutants",
        description="Judge broken simulators: which of them does the suite catch, and for the right reason?",
        epilog="exit codes: 0 all are caught and honest servers are clean, 1 otherwise, 2 wrong use",
    )
    parser.add_argument("--provider", choices=("evolink", "apimart"))
    parser.add_argument(
        "--only", action="append", default=[], metavar="TEXT", help="mutants whose id, or broken id, has it"
    )
    parser.add_argument("--derived", action="store_true", help="also those made mechanically from derived requirements")
    parser.add_argument("--honest", type=int, default=0, metavar="N", help="also N seeds on each honest simulator")
    parser.add_argument("--schemathesis", action="store_true", help="also what schemathesis alone finds, beside it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1), metavar="N")
    parser.add_argument("--json", metavar="FILE", help="write the trials for machines")
    parser.add_argument("--list", action="store_true", help="list the mutants and judge nothing")
    parser.add_argument("--verbose", action="store_true", help="say what was found on each mutant")
    return parser


def lines(trials: Sequence[Trial], *, seconds: float, verbose: bool = False) -> Iterator[str]:
    """Put trials into words: a table by category, survivors, wrong names, findings on honest servers."""
    honest = [trial for trial in trials if trial.category == "honest"]
    mutants = [trial for trial in trials if trial.category != "honest"]
    compared = any(trial.schemathesis is not None for trial in trials)
    if verbose:
        yield from _details(mutants)
    for title, rows in (
        ("written by hand", [trial for trial in mutants if not trial.derived]),
        ("derived", [trial for trial in mutants if trial.derived]),
    ):
        if rows:
            yield from (*_table(rows, title, compared=compared), "")
    yield from _escaped("survivors", [trial for trial in mutants if not trial.killed])
    unnamed = [trial for trial in mutants if trial.killed and not trial.named]
    yield from _escaped("caught, the requirement not named", unnamed)
    for trial in mutants:
        yield from (f"the suite falls over on {trial.id}: {error}" for error in trial.errors)
    if honest:
        yield from _about(honest, compared=compared)
    yield f"{len(trials)} servers in {seconds:.0f} s"


def _details(mutants: Iterable[Trial]) -> Iterator[str]:
    for trial in mutants:
        yield f"{trial.id}: breaks {trial.breaks}; found {', '.join(trial.broken) or 'nothing'}"
        yield from (f"    {message}"[: LONGEST * 2] for message in trial.messages)
    yield ""


def _escaped(title: str, found: Sequence[Trial]) -> Iterator[str]:
    if not found:
        return
    yield f"{title}: {len(found)}"
    for trial in found:
        note = "" if trial.known else " (no such requirement)"
        named = f"; found {', '.join(trial.broken[:4])}" if trial.broken else ""
        stopped = f"; {trial.faults[0]}" if trial.faults else ""
        yield f"  {trial.id}: {trial.breaks}{note}: {trial.text}{named}{stopped}"
    yield ""


def _about(honest: Sequence[Trial], *, compared: bool) -> Iterator[str]:
    dirty = [trial for trial in honest if trial.killed]
    yield f"honest simulators: {len(honest)} runs, {len(dirty)} with findings"
    for message, count in Counter(text for trial in dirty for text in (*trial.messages, *trial.faults)).items():
        yield f"  {count} times {message}"
    if compared:
        false = Counter(text for trial in honest for text in trial.schemathesis or ())
        yield f"schemathesis alone on them: {sum(bool(trial.schemathesis) for trial in honest)} with findings"
        yield from (f"  {count} times {text}"[: LONGEST * 2] for text, count in false.items())


def _table(trials: Sequence[Trial], title: str, *, compared: bool) -> Iterator[str]:
    rows = [("mutants, " + title, "caught", "right name", *(("schemathesis",) if compared else ()))]
    for label, group in [
        *((name, [trial for trial in trials if trial.category == name]) for name in CATEGORIES),
        ("together", list(trials)),
    ]:
        if group:
            named = sum(trial.named for trial in group)
            row = (label, f"{sum(trial.killed for trial in group)}/{len(group)}", f"{named}/{len(group)}")
            rows.append((*row, f"{sum(bool(trial.schemathesis) for trial in group)}/{len(group)}") if compared else row)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
