"""Two specifications against each other."""

from __future__ import annotations

import datetime as dt
import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, get_args

from tools.build.compare import Sides, compare_sides
from tools.commands._arguments import SIDE, day, folder
from tools.commands._run import FINDINGS, GOOD
from tools.report import COMPARISON_FORMATS, FailOn, render_comparisons, wants_color

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

    from tools.commands._run import Run

EXAMPLES: Final = (
    "diff git:HEAD~1 evolink --provider evolink",
    "diff old.yaml new.yaml --fail-on any --format html",
)


def arguments(command: argparse.ArgumentParser) -> None:
    """Both sides, and what counts as good."""
    command.add_argument("old", metavar="OLD", help=SIDE)
    command.add_argument("new", metavar="NEW", help=SIDE)
    command.add_argument("--provider", metavar="P", help="whose pages or contract the sides are")
    command.add_argument(
        "--fail-on", choices=get_args(FailOn), default="error", help="the least level that gives exit code 1"
    )
    command.add_argument("--config", type=folder, metavar="FILE", help="levels and acceptances, in TOML")
    command.add_argument("--format", choices=tuple(COMPARISON_FORMATS), default="text", help="how to write it")
    command.add_argument("--today", type=day, metavar="DATE", help="the day acceptances are measured by")


def run(run: Run) -> int:
    given = run.arguments
    asked = Sides(
        old=given.old,
        new=given.new,
        provider=given.provider,
        fail_on=given.fail_on,
        config=given.config,
        today=given.today or dt.datetime.now(tz=dt.UTC).date(),
    )
    with _without_collector():
        comparison = compare_sides(run.workspace, asked, run.progress)
    form = "json" if given.json else given.format
    run.out.write(render_comparisons([comparison], form, color=wants_color(run.out, os.environ)))
    return GOOD if comparison.good and not comparison.stale else FINDINGS


@contextmanager
def _without_collector() -> Generator[None]:
    """Two documents are many objects that live to the end: looking for garbage among them costs a tenth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
