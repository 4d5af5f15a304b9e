"""What pages state, and what no reader understood."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.build.derive import extract_pages, select_pages
from tools.commands._arguments import add_pages, add_provider
from tools.errors import LeftoverError, UsageError
from tools.model import Page
from tools.report import Report, count
from tools.schema.shapes import METHODS
from tools.store import nearest, read_bytes, walk_files

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tools.commands._run import Run
    from tools.errors import Place, ToolError
    from tools.model import Extracted, JsonObject
    from tools.store import Workspace

_SHOWN: Final = 300
"""Characters of a page that a message repeats."""

_FILES: Final = "files"
"""Stands for the provider of files that were named by hand: reading them needs none."""

EXAMPLES: Final = (
    "extract",
    "extract --verbose DIR",
    "extract page.md --json",
)


def arguments(command: argparse.ArgumentParser) -> None:
    """Which pages."""
    add_provider(command)
    add_pages(command)
    command.add_argument("page", nargs="*", metavar="PAGE", help="a vendored page, any file, or a folder of pages")


def run(run: Run) -> int:
    selected: dict[str, list[Page]] = {}
    if run.arguments.page:
        for name in (one for given in run.arguments.page for one in _files(given)):
            page = _find_page(run.workspace, name, run.arguments.provider)
            selected.setdefault(page.provider, []).append(page)
    else:
        for provider in run.providers():
            selected[provider] = list(select_pages(run.workspace, provider, run.arguments.pages).pages)
    reports: list[Report] = []
    found: list[Extracted] = []
    for provider, pages in selected.items():
        extracted, errors = extract_pages(pages, run.progress)
        found.extend(extracted)
        reports.extend(_page_report(one) for one in extracted)
        reports.extend(_error_report(provider, error) for error in errors)
    return run.show_with(reports, _total(found, len(reports) - len(found)) if len(reports) > 1 else ())


def _page_report(one: Extracted) -> Report:
    paths: JsonObject = (one.document or {}).get("paths", {})
    operations = [f"{name.upper()} {path}" for path, item in paths.items() for name in item if name in METHODS]
    by_hand = one.page.provider == _FILES
    findings = tuple(
        LeftoverError(
            f"{left.reason[:_SHOWN]}: {left.text[:_SHOWN]!r}",
            fix="Teach the reader, or explain it.",
            places=[_as_named(left.place, by_hand=by_hand)],
        )
        for left in one.leftovers
    )
    return Report(
        subject=one.page.path if by_hand else f"{one.page.provider}/{one.page.path}",
        summary=f"{one.kind}, {', '.join(operations) or 'no operation'}, {count(len(one.prose), 'text')}",
        facts={
            "kind": one.kind,
            "operations": operations,
            "document": one.document,
            "lines": dict(one.lines),
            "prose": [_without_empty(dataclasses.asdict(text)) for text in one.prose],
            "spans": [dataclasses.asdict(span) for span in one.spans],
        },
        findings=findings,
        repairs=tuple(dataclasses.replace(fix, place=_as_named(fix.place, by_hand=by_hand)) for fix in one.repairs),
    )


def _error_report(provider: str, error: ToolError) -> Report:
    error.places = tuple(_as_named(place, by_hand=provider == _FILES) for place in error.places)
    subject = error.places[0].path if error.places else provider
    return Report(subject=subject, summary="cannot be read", findings=(error,))


def _as_named(place: Place, *, by_hand: bool) -> Place:
    """Files that were named by hand stand in no provider's folder of pages."""
    return dataclasses.replace(place, path=place.path.removeprefix("pages/")) if by_hand else place


def _total(extracted: Sequence[Extracted], unread: int) -> list[str]:
    kinds = Counter(one.kind for one in extracted)
    shown = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    left = sum(len(one.leftovers) for one in extracted)
    mended = sum(len(one.repairs) for one in extracted)
    pages = f"{count(len(extracted), 'page')} read: {shown or 'none'}; {unread} cannot be read"
    return [f"{pages}; {count(left, 'leftover')}, {count(mended, 'repair')}"]


def _without_empty(row: JsonObject) -> JsonObject:
    return {name: value for name, value in row.items() if value not in (None, (), "")}


def _files(name: str) -> list[str]:
    """What a name stands for: every page below a folder, else itself."""
    if not Path(name).is_dir():
        return [name]
    found = [str(path) for _, path in walk_files(Path(name)) if path.suffix in {".md", ".mdx"}]
    if not found:
        raise UsageError(f"{name} holds no page", fix="Name a folder with .md or .mdx files in it.")
    return found


def _find_page(workspace: Workspace, name: str, provider: str | None) -> Page:
    """A vendored page by its path, or any file, whose path is the name it was given by."""
    providers = (workspace.provider(provider),) if provider is not None else workspace.providers()
    vendored = {(one, page.path): page for one in providers for page in workspace.pages(one).pages}
    wanted = re.sub(r"^(\./)?specs/([^/]+)/pages/", r"\2/", name)
    found = [page for (one, path), page in vendored.items() if wanted in {path, f"{one}/{path}"}]
    if len(found) == 1:
        return found[0]
    file = Path(name)
    if not file.is_file():
        advice = nearest(name, [path for _, path in vendored], "page")
        raise UsageError(f"there is no page {name!r}", fix=advice)
    return Page(provider=_FILES, locale="", path=name, content=read_bytes(file))
