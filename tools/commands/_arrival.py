"""New pages of a provider: from its site, a mirror of it or a folder; which of them; and how far they have come."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.commands._arguments import day
from tools.errors import UsageError
from tools.vendor import Wanted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

    from tools.commands._run import Run
    from tools.vendor import Watch

_STEP: Final = 100
"""Pages between two lines of progress where no bar can be drawn."""


def add_arrival(command: argparse.ArgumentParser) -> None:
    """Whose pages, which of them, and where from."""
    command.add_argument("provider", metavar="PROVIDER", help="whose pages they are")
    command.add_argument("--locale", action="append", metavar="L", help="only this locale; may stand several times")
    command.add_argument(
        "--include", action="append", metavar="GLOB", help="only pages whose path matches, as in 'videos/*'"
    )
    origin = "a folder of pages, or the http(s) address of a site or its llms.txt; the provider's site without it"
    command.add_argument("--from", dest="origin", metavar="DIR|URL", help=origin)
    command.add_argument("--retrieved", type=day, metavar="DATE", help="the day the site showed a folder's pages")
    command.add_argument("--prune", action="store_true", help="take pages out of specs/ that the site no longer has")


def origin(run: Run) -> Path | str | None:
    """The folder, the address, or None for the provider's own site; raises UsageError for options that do not fit."""
    given = run.arguments
    named: str | None = given.origin
    if named is None or "://" in named:
        if given.retrieved is not None:
            raise UsageError("--retrieved is for a folder", fix="What a site shows, it shows today: leave it away.")
        return named
    if given.prune:
        raise UsageError("--prune needs a site", fix="A folder need not hold all pages: leave it away.")
    return Path(named)


def wanted(run: Run) -> Wanted:
    """The pages to bring."""
    return Wanted(locales=tuple(run.arguments.locale or ()), include=tuple(run.arguments.include or ()))


@contextmanager
def watching(run: Run, provider: str) -> Generator[Watch, None, None]:
    """A progress bar where there is a terminal, else a line now and then for --verbose."""
    if not sys.stderr.isatty() or run.arguments.json:

        def tell(done: int, total: int, path: str, /) -> None:
            if done % _STEP == 0 or done == total:
                run.progress(f"{provider}: brought {done} of {total} pages, last {path}")

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    name = TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True))
    columns = (BarColumn(bar_width=20), MofNCompleteColumn(), TimeRemainingColumn(), name)
    with Progress(*columns, console=Console(stderr=True), transient=True, expand=True) as bar:
        task = bar.add_task(provider, total=None)

        def move(done: int, total: int, path: str, /) -> None:
            bar.update(task, completed=done, total=total, description=path)

        yield move
