"""Published pages into specs/, from the provider's site or from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.commands._arrival import add_arrival, origin, wanted, watching
from tools.report import Report, count
from tools.vendor import Vendored, vendor, vendor_site

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run

EXAMPLES: Final = (
    "vendor evolink --dry-run",
    "vendor evolink --locale en --include 'api-manual/video-series/*'",
    "vendor evolink --from DIR --retrieved 2026-08-21",
)


def arguments(command: argparse.ArgumentParser) -> None:
    """Whose pages, which of them, and where from."""
    add_arrival(command)
    command.add_argument("--dry-run", action="store_true", help="say what would be done")


def run(run: Run) -> int:
    given = run.arguments
    provider = run.workspace.provider(given.provider)
    place, chosen = origin(run), wanted(run)
    if isinstance(place, Path):
        result = vendor(run.workspace, provider, place, wanted=chosen, retrieved=given.retrieved, dry_run=given.dry_run)
        return _show(run, provider, result)
    with watching(run, provider) as watch:
        result = vendor_site(
            run.workspace, provider, url=place, wanted=chosen, prune=given.prune, dry_run=given.dry_run, watch=watch
        )
    return _show(run, provider, result)


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
