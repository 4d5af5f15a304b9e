"""Published pages into specs/, from the provider's site or from a folder."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.commands._arguments import day, folder
from tools.errors import UsageError
from tools.report import Report, count
from tools.vendor import Vendored, Wanted, vendor, vendor_site

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

    from tools.commands._run import Run
    from tools.vendor import Watch

_STEP = 100
"""Pages between two lines of progress where no bar can be drawn."""


def arguments(command: argparse.ArgumentParser) -> None:
    """Whose pages, which of them, and where from."""
    command.add_argument("provider", metavar="PROVIDER")
    command.add_argument("--locale", action="append", metavar="L", help="only this locale; may stand several times")
    command.add_argument(
        "--include", action="append", metavar="GLOB", help="only pages whose path matches, as in 'videos/*'"
    )
    origin = "a folder of pages, or the http(s) address of a site or its llms.txt; the provider's site without it"
    command.add_argument("--from", dest="origin", metavar="DIR|URL", help=origin)
    command.add_argument("--retrieved", type=day, metavar="DATE", help="the day the site showed a folder's pages")
    command.add_argument("--prune", action="store_true", help="take pages out of specs/ that the site no longer has")
    command.add_argument("--dry-run", action="store_true", help="say what would be done")


def run(run: Run) -> int:
    given = run.arguments
    provider = run.workspace.provider(given.provider)
    wanted = Wanted(locales=tuple(given.locale or ()), include=tuple(given.include or ()))
    origin: str | None = given.origin
    if origin is None or "://" in origin:
        if given.retrieved is not None:
            raise UsageError("--retrieved is for a folder", fix="What a site shows, it shows today: leave it away.")
        with _watching(run, provider) as watch:
            result = vendor_site(
                run.workspace,
                provider,
                url=origin,
                wanted=wanted,
                prune=given.prune,
                dry_run=given.dry_run,
                watch=watch,
            )
    elif given.prune:
        raise UsageError("--prune needs a site", fix="A folder need not hold all pages: leave it away.")
    else:
        result = vendor(
            run.workspace, provider, folder(origin), wanted=wanted, retrieved=given.retrieved, dry_run=given.dry_run
        )
    return _show(run, provider, result)


@contextmanager
def _watching(run: Run, provider: str) -> Generator[Watch, None, None]:
    """A progress bar where there is a terminal, else a line now and then for --verbose."""
    if not sys.stderr.isatty() or run.arguments.json:

        def tell(done: int, total: int, path: str, /) -> None:
            if done % _STEP == 0 or done == total:
                run.progress(f"{provider}: brought {done} of {total} pages, last {path}")

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(provider, total=None)

        def move(done: int, total: int, path: str, /) -> None:
            bar.update(task, completed=done, total=total, description=path)

        yield move


def _show(run: Run, provider: str, result: Vendored) -> int:
    kinds = {
        "new": result.new,
        "changed": result.changed,
        "unchanged": result.unchanged,
        "removed": result.removed,
    }
    parts = [f"{len(paths)} {kind}" for kind, paths in kinds.items() if paths or kind != "removed"]
    if result.left_out:
        parts.append(f"{result.left_out} not wanted")
    traffic = f"; {count(result.asked, 'request')}, {result.kept} not modified" if result.asked else ""
    if result.resumed:
        traffic += f", {result.resumed} from a run that was interrupted"
    state = "written" if result.written else "nothing was written"
    report = Report(
        subject=provider,
        summary=f"{', '.join(parts)}; {len(result.elsewhere)} files are not its pages{traffic}; {state}",
        facts={
            **{kind: list(paths) for kind, paths in kinds.items()},
            "left_out": result.left_out,
            "requests": result.asked,
            "not_modified": result.kept,
            "resumed": result.resumed,
            "written": result.written,
        },
        findings=result.findings,
        notes=(*result.remarks, *(f"{name}: no page of {provider}" for name in result.elsewhere)),
    )
    told = kinds if run.arguments.verbose else [kind for kind in kinds if kind != "unchanged"]
    lines = [f"  {kind}: {path}" for kind in told for path in kinds[kind]]
    return run.show_with([report], lines)
