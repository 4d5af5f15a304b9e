"""What pages state, and what no reader understood."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tools.build.derive import extract_pages, select_pages
from tools.commands._arguments import add_pages, add_provider
from tools.errors import LeftoverError, UsageError
from tools.model import Page
from tools.report import Report
from tools.store import nearest, read_bytes, walk_files
from tools.vendor import index_of, token_of

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run
    from tools.model import Extracted, JsonObject
    from tools.store import Workspace


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
    for provider, pages in selected.items():
        extracted, errors = extract_pages(pages, run.progress)
        reports.extend(_page_report(one) for one in extracted)
        reports.extend(Report(subject=f"{provider}: a page cannot be read", summary="", findings=(e,)) for e in errors)
    return run.show(reports)


def _page_report(one: Extracted) -> Report:
    paths: JsonObject = (one.document or {}).get("paths", {})
    operations = [f"{method.upper()} {path}" for path, item in paths.items() for method in item]
    findings = tuple(
        LeftoverError(f"{left.reason}: {left.text!r}", fix="Teach the reader, or explain it.", places=[left.place])
        for left in one.leftovers
    )
    return Report(
        subject=f"{one.page.provider}/{one.page.path}",
        summary=f"{one.kind}, {', '.join(operations) or 'no operation'}, {len(one.prose)} texts",
        facts={
            "kind": one.kind,
            "operations": operations,
            "document": one.document,
            "lines": dict(one.lines),
            "prose": [_without_empty(dataclasses.asdict(text)) for text in one.prose],
            "spans": [dataclasses.asdict(span) for span in one.spans],
        },
        findings=findings,
        notes=tuple(f"{fix.place}: {fix.rule}: {fix.found} → {fix.made}" for fix in one.repairs),
    )


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
    """A vendored page by its path, or any file; a file's provider is the one whose index it names."""
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
    content = read_bytes(file)
    index = index_of(content)
    for one in providers:
        source = workspace.source(one).source
        if source.index == index or provider is not None:
            path = token_of(content) or f"{source.locales[0]}/{file.stem}.md"
            return Page(provider=one, locale=path.partition("/")[0], path=path, content=content)
    raise UsageError(f"{name} does not say whose page it is", fix="Name the provider with --provider.")
