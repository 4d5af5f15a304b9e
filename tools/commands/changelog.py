"""An entry in the provider's CHANGES.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.build.regenerate import changelog, version_lines
from tools.commands._arguments import SIDE, day

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run

EXAMPLES: Final = ("changelog evolink git:v1.0 evolink --date 2026-08-21",)


def arguments(command: argparse.ArgumentParser) -> None:
    """Whose file, both sides, and the day."""
    command.add_argument("provider", metavar="PROVIDER", help="whose CHANGES.md it is")
    command.add_argument("old", metavar="OLD", help=SIDE)
    command.add_argument("new", metavar="NEW", help=SIDE)
    command.add_argument("--date", type=day, metavar="DATE", help="the day of the change; without it: Unreleased")


def run(run: Run) -> int:
    given = run.arguments
    provider = run.workspace.provider(given.provider)
    report = changelog(run.workspace, provider, (given.old, given.new), given.date, run.progress)
    return run.show_with([report], version_lines(report))
