"""Every action of the overlay, and what it does on these pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.build.overlay_health import overlay_health, overlay_lines
from tools.commands._arguments import add_overlays, add_pages

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run

EXAMPLES: Final = ("overlay evolink",)


def arguments(command: argparse.ArgumentParser) -> None:
    """Whose overlay, and on which pages."""
    command.add_argument("provider", metavar="PROVIDER", nargs="?", help="one provider; all without it")
    add_pages(command)
    add_overlays(command)


def run(run: Run) -> int:
    reports = [overlay_health(run.workspace, name, run.options(), run.progress) for name in run.providers()]
    return run.show_with(reports, [line for one in reports for line in (f"{one.subject}:", *overlay_lines(one))])
