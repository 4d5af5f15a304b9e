"""`python -m conformance`: reads the arguments, refuses what must not run, writes the reports.

Exit codes: 0 conformant, 1 not conformant, 2 wrong use, 3 the suite itself failed.
"""

from __future__ import annotations

import argparse
import difflib
import math
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, get_args
from urllib.parse import urlsplit

from ._settings import PROFILES, Profile, ProviderName, Settings
from ._verdict import HarnessError, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ._collector import Outcome
    from ._secrets import Redactor
    from ._subject import Subject

CODES = {"conformant": 0, "not conformant": 1, "harness error": 3}
USAGE = 2
FAULT = 3
# Controls but for the line feed, bidirectional formatting, surrogates.
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class UsageError(Exception):
    """The arguments, or the environment, do not allow this run."""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as leaving:  # argparse has said what is wrong, or has shown its help
        return USAGE if leaving.code else 0
    try:
        from ._secrets import redactor
    except ImportError as error:
        return _fault(f'{error}\ntip: pip install "vidgate[conformance]"')
    redact = redactor()
    try:
        settings = _settings(arguments, os.environ)
        _check_targets(arguments.json, arguments.junit)
        return _run(settings, arguments.json, arguments.junit, redact)
    except UsageError as error:
        _say(sys.stderr, f"conformance: {redact(str(error))}")
        return USAGE
    except HarnessError as error:
        return _fault(redact(str(error)))
    except Exception as error:  # noqa: BLE001 - a suite that falls over is never the subject's fault
        return _fault(redact(describe(error)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conformance",
        description="Judge clients and servers against the contracts that ship with vidgate.",
        epilog="exit codes: 0 conformant, 1 not conformant, 2 wrong use, 3 the suite itself failed",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the checks of a profile", epilog=parser.epilog)
    run.add_argument(
        "--profile",
        required=True,
        choices=PROFILES,
        help="mock: the client against documented and derived messages; simulator: the simulator, and the client on "
        "it; live: a real server, which needs its API key in the environment and a budget",
    )
    run.add_argument("--provider", choices=(*get_args(ProviderName), "all"), default="all")
    run.add_argument("--check", action="append", default=[], metavar="ID", help="only this check; may be repeated")
    run.add_argument("--json", type=Path, metavar="FILE", help="write the results for machines")
    run.add_argument("--junit", type=Path, metavar="FILE", help="write the results as JUnit XML")
    run.add_argument("--base-url", metavar="URL", help="live only: another address of the provider")
    run.add_argument("--budget", type=float, metavar="CREDITS", help="live only: the most that the run may cost")
    return parser


def _settings(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    """What the arguments ask for; raises UsageError when it must not run."""
    profile: Profile = arguments.profile
    chosen: tuple[ProviderName, ...] = get_args(ProviderName) if arguments.provider == "all" else (arguments.provider,)
    only = _known_checks(profile, arguments.check)
    if profile != "live":
        for name, value in (("--base-url", arguments.base_url), ("--budget", arguments.budget)):
            if value is not None:
                message = f"{name} is for --profile live; {profile} sends nothing to a server"
                raise UsageError(message)
        from ._subject import load

        return Settings(profile=profile, subjects=tuple(load(name) for name in chosen), only=only)
    subjects = tuple(_live_subject(name, arguments.base_url, environment) for name in chosen)
    budget: float | None = arguments.budget
    if budget is None or not math.isfinite(budget) or budget <= 0:
        message = "a live run needs --budget CREDITS, more than 0: the most that it may cost. Nothing was sent"
        raise UsageError(message)
    if arguments.base_url is not None and len(chosen) > 1:
        message = "--base-url is one provider's address: choose it with --provider. Nothing was sent"
        raise UsageError(message)
    return Settings(profile=profile, subjects=subjects, budget=budget, only=only)


def _known_checks(profile: Profile, names: Sequence[str]) -> frozenset[str]:
    from . import requirements

    known = [entry.id for entry in requirements.load().values() if entry.profile == profile]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            tip = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
            message = f"the profile {profile} has no check {name!r}; {tip}"
            raise UsageError(message)
    return frozenset(names)


def _live_subject(name: ProviderName, base_url: str | None, environment: Mapping[str, str]) -> Subject:
    from ._subject import ROWS, load

    variable = ROWS[name].key_variable
    key = environment.get(variable, "").strip()
    if not key:
        message = f"a live run of {name} needs the API key in {variable}. Nothing was sent"
        raise UsageError(message)
    if base_url is not None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            message = "--base-url must be https: the key goes there. Only this machine may be http. Nothing was sent"
            raise UsageError(message)
    return load(name, base_url=base_url, api_key=key)


def _check_targets(*targets: Path | None) -> None:
    """Refuse a report that could not be written before the work is done."""
    for target in targets:
        if target is not None and (target.is_dir() or not target.parent.is_dir()):
            message = f"{target} cannot be written: it is a directory, or its directory does not exist"
            raise UsageError(message)


def _run(settings: Settings, json_file: Path | None, junit_file: Path | None, redact: Redactor) -> int:
    from ._report import as_json, as_junit, table, write
    from ._suite import run

    verdicts = run(settings, on_outcome=_progress() if sys.stderr.isatty() else _silence)
    for line in table(verdicts, redact):
        _say(sys.stdout, line)
    for target, render in ((json_file, as_json), (junit_file, as_junit)):
        if target is not None:
            try:
                write(target, render(verdicts, redact))
            except OSError as error:
                return _fault(f"{target} cannot be written: {error.strerror}")
    return CODES[verdicts.state]


def _progress() -> Callable[[Outcome], object]:
    """One line on a terminal that is written over and over, and wiped by the table."""
    done = 0

    def show(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        sys.stderr.write(f"\r\x1b[K{done} {outcome.requirement} {outcome.provider}\r")
        sys.stderr.flush()

    return show


def _silence(_: Outcome) -> None:
    pass


def _say(stream: TextIO, text: str) -> None:
    """Print a line: messages hold what servers say, so what a terminal would obey or cannot show is escaped."""
    plain = UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)
    encoding = stream.encoding or "utf-8"
    stream.write(f"{plain.encode(encoding, 'backslashreplace').decode(encoding)}\n")


def _fault(message: str) -> int:
    _say(sys.stderr, f"conformance: fault of the suite: {message}")
    return FAULT
