"""New pages in; contract, client, changelog and version out."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from tools.build.regenerate import Arriving, regenerate, version_lines
from tools.commands._arguments import folder
from tools.commands._arrival import add_arrival, origin, wanted, watching
from tools.commands._run import FINDINGS, GOOD
from tools.errors import UsageError
from tools.store import Workspace

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tools.commands._run import Run

EXAMPLES: Final = (
    "regenerate evolink",
    "regenerate evolink --from DIR --retrieved 2026-08-21 --run-tests",
)


def arguments(command: argparse.ArgumentParser) -> None:
    """What came, and what to do with it."""
    add_arrival(command)
    decisions = "decisions to append to the provider's overlay"
    command.add_argument("--overlay", type=folder, action="append", metavar="FILE", help=decisions)
    command.add_argument("--root", type=folder, metavar="CHECKOUT", help="another checkout than this one")
    tests = "run the checkout's tests afterwards, in the checkout; with COMMAND instead of pytest"
    command.add_argument("--run-tests", nargs="?", const="", metavar="COMMAND", help=tests)


def run(run: Run) -> int:
    given = run.arguments
    workspace = Workspace(root=given.root) if given.root is not None else run.workspace
    provider = workspace.provider(given.provider)
    tests = _tests(given.run_tests) if given.run_tests is not None else None
    with watching(run, provider) as watch:
        arriving = Arriving(
            origin=origin(run),
            wanted=wanted(run),
            retrieved=given.retrieved,
            prune=given.prune,
            overlays=tuple(given.overlay or ()),
            watch=watch,
        )
        report = regenerate(workspace, provider, arriving, run.progress)
    code = run.show_with([report], version_lines(report))
    if code != GOOD or tests is None:
        return code
    failed = _run_tests(workspace.root, tests)
    if not given.json:
        run.out.write(f"the tests failed with exit code {failed}\n" if failed else "the tests passed\n")
    return FINDINGS if failed else GOOD


def _tests(command: str) -> list[str]:
    """The command as words; raises UsageError when it cannot be run, before anything is written."""
    if not command:
        if find_spec("pytest") is None:
            raise UsageError("pytest is not installed", fix="Install the group `tests`, or name another command.")
        return [sys.executable, "-m", "pytest", "tests", "-q"]
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--run-tests {command!r}: {error}", fix="Quote it as for a shell.") from None
    if shutil.which(words[0]) is None:
        raise UsageError(f"there is no program {words[0]!r}", fix="Name one that is on the path.")
    return words


def _run_tests(root: Path, command: list[str]) -> int:
    """In a process of their own: this one holds the modules of the client as it was. What they print is progress."""
    return subprocess.run(command, cwd=root, stdout=2, check=False).returncode
