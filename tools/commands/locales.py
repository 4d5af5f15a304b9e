"""The translations of every page, against each other."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.build._remembered import remembered
from tools.build.derive import extract_pages, select_pages
from tools.build.paths import roots
from tools.commands._arguments import add_pages, add_provider
from tools.commands._run import FINDINGS, GOOD
from tools.diff.locales import compare_languages, count_differing, count_translations
from tools.diff.rules import RULES
from tools.errors import UsageError
from tools.report import COMPARISON_FORMATS, Comparison, Report, count, render_comparisons, wants_color
from tools.store import nearest, read_bytes, walk_files
from tools.vendor import index_of

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run
    from tools.errors import ToolError
    from tools.model import Change

EXAMPLES: Final = (
    "locales",
    "locales evolink --format html",
)


def arguments(command: argparse.ArgumentParser) -> None:
    """Whose languages."""
    add_provider(command)
    add_pages(command)
    command.add_argument(
        "subject", nargs="?", metavar="PROVIDER|DIR", help="a provider, or a folder of its pages by locale"
    )
    formats = "how to write it, remarks included; a summary per provider without it"
    command.add_argument("--format", choices=tuple(COMPARISON_FORMATS), help=formats)


def run(run: Run) -> int:
    chosen, folder = _translated_site(run)
    sites = [_read(run, provider, folder) for provider in chosen]
    if run.arguments.format is None:
        everything = run.arguments.json or run.arguments.verbose
        return run.show([_report(site, everything=everything) for site in sites])
    comparisons = [_comparison(run, site, folder) for site in sites]
    run.out.write(render_comparisons(comparisons, run.arguments.format, color=wants_color(run.out, os.environ)))
    return GOOD if all(one.good for one in comparisons) and not any(site.errors for site in sites) else FINDINGS


@dataclass(frozen=True, kw_only=True, slots=True)
class _Site:
    """A provider's pages in all their languages, and how these differ."""

    provider: str
    locales: tuple[str, ...]
    pages: int
    translated: int
    changes: tuple[Change, ...]
    errors: tuple[ToolError, ...]


def _read(run: Run, provider: str, folder: Path | None) -> _Site:
    source = run.workspace.source(provider).source
    pages = select_pages(run.workspace, provider, folder).pages
    extracted, errors = extract_pages(pages, run.progress, remembered(run.workspace))
    return _Site(
        provider=provider,
        locales=tuple(name for name in source.locales if any(page.locale == name for page in pages)),
        pages=len(pages),
        translated=count_translations(extracted),
        changes=compare_languages(extracted, source.locales),
        errors=errors,
    )


def _report(site: _Site, *, everything: bool) -> Report:
    sure = tuple(change for change in site.changes if change.level != "info")
    differing, remarks = count_differing(sure), len(site.changes) - len(sure)
    found = f"{count(site.pages, 'page')} in {count(len(site.locales), 'locale')}"
    verdict = "equal" if not sure else f"{count(differing, 'page')} differ{'s' if differing == 1 else ''}"
    if remarks:
        verdict += f", {count(remarks, 'remark')}{'' if everything else ' (--verbose lists them)'}"
    return Report(
        subject=site.provider,
        summary=f"{found}, {site.translated} of them in several: {verdict}",
        facts={
            "pages": site.pages,
            "locales": list(site.locales),
            "translated": site.translated,
            "differing": differing,
            "remarks": remarks,
        },
        findings=site.errors,
        changes=site.changes if everything else sure,
        changes_count=bool(sure),
    )


def _comparison(run: Run, site: _Site, folder: Path | None) -> Comparison:
    where = roots(site.provider if folder is None else str(folder), run.workspace, site.provider)
    return Comparison(
        title=f"{site.provider}: {', '.join(site.locales)}",
        old="what most languages say",
        new="what the odd one says",
        provider=site.provider,
        changes=site.changes,
        roots=(where, where),
        fail_on="warning",
        rules={rule.id: rule.why for rule in RULES},
        notes=tuple(str(error) for error in site.errors),
    )


def _translated_site(run: Run) -> tuple[tuple[str, ...], Path | None]:
    """Whose languages to compare, and the folder of pages if one was named; raises UsageError."""
    subject, folder = run.arguments.subject, run.arguments.pages
    if subject is None:
        return run.providers(), folder
    if subject in run.workspace.providers():
        return (subject,), folder
    if not Path(subject).is_dir():
        known = run.workspace.providers()
        raise UsageError(f"{subject!r} is neither a provider nor a folder", fix=nearest(subject, known, "provider"))
    if run.arguments.provider is not None:
        return (run.workspace.provider(run.arguments.provider),), Path(subject)
    indices = {run.workspace.source(name).source.index: name for name in run.workspace.providers()}
    for name, file in walk_files(Path(subject)):
        index = index_of(read_bytes(file)) if name.endswith(".md") else None
        if index in indices:
            return (indices[index],), Path(subject)
    raise UsageError(f"no page in {subject} says whose it is", fix="Name the provider with --provider.")
