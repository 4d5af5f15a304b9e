"""`python -m conformance`: reads the arguments, refuses what must not run, writes the reports.

Exit codes: 0 everything that is scored holds, 1 a requirement is broken, 2 the suite, its use, or the subject's set-up
is at fault.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from ._settings import ProviderName
from ._verdict import HarnessError, SubjectError, describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ._secrets import Redactor
    from ._suite import Settings, Target
    from .requirements import Requirement

FAULT = 2
PROVIDERS: tuple[ProviderName, ...] = get_args(ProviderName)
EPILOG = (
    "exit codes: 0 all that is scored holds, 1 a requirement is broken, 2 the suite or the subject's set-up is at fault"
)


class UsageError(Exception):
    """The arguments, or the environment, do not allow this run."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as leaving:  # argparse has said what is wrong, or has shown its help
        return FAULT if leaving.code else 0
    try:
        from ._secrets import redactor
        from .report._terminal import say
    except ImportError as error:
        sys.stderr.write(f'conformance: {error}\ntip: pip install "vidgate[conformance]"\n')
        return FAULT
    redact = redactor()
    try:
        if arguments.command == "requirements":
            return _requirements(Path(arguments.specs), check=arguments.check)
        settings = _settings(arguments)
        redact = redactor(_tokens(settings))
        return _run(settings, arguments.report, redact)
    except (UsageError, SubjectError) as error:
        say(sys.stderr, f"conformance: {redact(str(error))}")
    except HarnessError as error:
        say(sys.stderr, f"conformance: fault of the suite: {redact(str(error))}")
    except Exception as error:  # noqa: BLE001 - a suite that falls over is never the subject's fault
        say(sys.stderr, f"conformance: fault of the suite: {redact(describe(error))}")
    return FAULT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vidgate-conformance",
        description="Judge a server of video generation tasks against the pages that document it.",
        epilog=EPILOG,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="judge a subject", epilog=EPILOG)
    subject = run.add_mutually_exclusive_group(required=True)
    subject.add_argument("--subject", type=Path, metavar="FILE", help="a subject file (TOML): which server, which keys")
    subject.add_argument(
        "--profile",
        choices=("mock", "simulator"),
        help="the simulators that come with vidgate: mock in this process, with the checks of the client beside; "
        "simulator on a port",
    )
    run.add_argument("--provider", choices=(*PROVIDERS, "all"), default=None, help="with --profile: which simulator")
    run.add_argument("--report", type=Path, metavar="DIR", help="write report.json, junit.xml and the page there")
    run.add_argument("--level", choices=("MUST", "SHOULD"), default="MUST", help="what counts as broken")
    run.add_argument("--only", nargs="+", action="extend", default=[], metavar="ID", help="only these requirements")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed sends the same requests")
    run.add_argument(
        "--thorough", action="store_true", help="profile mock: prove the client with every combination (some minutes)"
    )
    run.add_argument("--live", action="store_true", help="allow a subject of the profile live: it costs money")
    derive = commands.add_parser("requirements", help="derive the requirements again (in a checkout)", epilog=EPILOG)
    derive.add_argument("--specs", type=Path, required=True, metavar="DIR", help="the folder with the pages")
    derive.add_argument("--check", action="store_true", help="write nothing; tell what has drifted")
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    """What the arguments ask for; raises UsageError or SubjectError when it must not run."""
    from ._suite import Settings, built_in
    from .requirements import load
    from .subjects import read_subject

    providers: tuple[ProviderName, ...]
    if arguments.subject is not None:
        if arguments.provider is not None:
            message = "--provider goes with --profile; the subject file names its own"
            raise UsageError(message)
        subject = read_subject(arguments.subject, load)
        if subject.profile == "live" and not arguments.live:
            message = f"{subject.name} names a live server, which costs money: --live allows it. Nothing was sent"
            raise UsageError(message)
        targets: tuple[Target, ...] = (subject,)
        providers = (subject.provider,)
    else:
        chosen: ProviderName | Literal["all"] = arguments.provider or "all"
        providers = PROVIDERS if chosen == "all" else (chosen,)
        targets = built_in(arguments.profile, providers)
    _check_target(arguments.report)
    settings = Settings(
        targets=targets,
        level=arguments.level,
        only=_only(arguments.only, [load(name) for name in providers]),
        seed=arguments.seed,
        thorough=arguments.thorough,
    )
    beside = sorted(name for name in settings.only if settings.profile != "mock" and "-CLIENT-" in name)
    if beside:
        message = f"--only: {beside[0]} is about the client, which --profile mock judges, not {settings.profile}"
        raise UsageError(message)
    return settings


def _only(names: Iterable[str], known: Sequence[Mapping[str, Requirement]]) -> frozenset[str]:
    """The ids that were asked for; a name without its provider means that of each."""
    entries = [entry for table in known for entry in table.values()]
    found: set[str] = set()
    for name in names:
        meant = {entry.id for entry in entries if name.upper() in {entry.id, entry.name}}
        if not meant:
            near = difflib.get_close_matches(name.upper(), [entry.id for entry in entries], n=1)
            tip = f"did you mean {near[0]}?" if near else "the ids stand in the reports and in conformance/requirements"
            message = f"--only: there is no requirement {name!r}; {tip}"
            raise UsageError(message)
        found |= meant
    return frozenset(found)


def _check_target(directory: Path | None) -> None:
    """Refuse a report that could not be written before the work is done."""
    if directory is None:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"--report: {directory} cannot be made ({error.strerror}); name another directory"
        raise UsageError(message) from None


def _tokens(settings: Settings) -> tuple[str, ...]:
    return tuple(
        token for target in settings.targets if not isinstance(target, tuple) for token in target.tokens.values()
    )


def _run(settings: Settings, directory: Path | None, redact: Redactor) -> int:
    from ._suite import run
    from .report import Progress, table, write_reports
    from .report._terminal import say

    progress = Progress(sys.stderr)
    verdict = run(settings, prepared=progress.prepared, on_outcome=progress.outcome)
    progress.end()
    for line in table(verdict, redact):
        say(sys.stdout, line)
    if directory is not None:
        try:
            write_reports(verdict, directory, redact)
        except OSError as error:
            message = f"--report: {directory} cannot be written ({error.strerror}); name another directory"
            raise UsageError(message) from None
    return verdict.code


def _requirements(specs: Path, *, check: bool) -> int:
    """Derive again, or tell drift; 1 when something has drifted."""
    from ._judge import client_checks, server_checks
    from .observe._watch import WATCHERS
    from .report._terminal import say
    from .requirements._freeze import drift, refreeze, trace_of
    from .requirements._trace import figures

    if not specs.is_dir():
        message = f"{specs} is no directory: name the folder of a checkout that holds the pages"
        raise UsageError(message)
    if check:
        found = list(drift(specs))
        for line in (*found, *figures({name: trace_of(specs, name) for name in PROVIDERS})):
            say(sys.stdout, line)
        counts = f"{len(server_checks())} of servers, {len(client_checks())} of the client, {len(WATCHERS)} watchers"
        say(sys.stdout, f"checks: {counts}")
        return 1 if found else 0
    for path in refreeze(specs):
        say(sys.stdout, f"written: {path}")
    return 0


def console() -> None:
    """The console script."""
    sys.exit(main(cast("Sequence[str]", sys.argv[1:])))
