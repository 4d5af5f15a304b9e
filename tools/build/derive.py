"""From pages to a contract in memory. Errors of all pages are collected, so that one run shows them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.build._remembered import remembered
from tools.diff.locales import compare_locales
from tools.errors import ToolError, UsageError
from tools.extract import extract
from tools.store import nearest, read_pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.build._remembered import Remembered
    from tools.build.options import Options, Progress
    from tools.model import Change, Document, Extracted, Page
    from tools.store import Added, PageSet, Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Derived:
    """A provider's contract as its pages and judgements say it, or the findings that stand in its way."""

    provider: str
    pages: PageSet
    extracted: tuple[Extracted, ...]
    document: Document | None
    changes: tuple[Change, ...]
    findings: tuple[ToolError, ...]
    notes: tuple[str, ...]


def select_pages(workspace: Workspace, provider: str, folder: Path | None) -> PageSet:
    """The pages of `folder`, or the vendored ones; raises UsageError when there is none."""
    source = workspace.source(provider).source
    found = workspace.pages(provider) if folder is None else read_pages(folder, source=source)
    if not found.pages:
        where = "specs" if folder is None else folder
        raise UsageError(f"{where} holds no page of {provider}", fix="Vendor pages first, or name another folder.")
    return found


def extract_pages(
    pages: Sequence[Page], progress: Progress, memory: Remembered | None = None
) -> tuple[tuple[Extracted, ...], tuple[ToolError, ...]]:
    """What every page states, and every page that cannot be read; pages in `memory` are not read again."""
    extracted: list[Extracted] = []
    errors: list[ToolError] = []
    for number, page in enumerate(pages, start=1):
        try:
            extracted.append(_extract(page, memory))
        except ToolError as error:
            errors.append(error)
        except Exception as error:
            error.add_note(f"while reading {page.provider}/{page.path}")
            raise
        if number % 100 == 0 or number == len(pages):
            progress(f"{page.provider}: read {number} of {len(pages)} pages")
    return tuple(extracted), tuple(errors)


def _extract(page: Page, memory: Remembered | None) -> Extracted:
    found = memory.get(page) if memory is not None else None
    if found is None:
        found = extract(page)
        if memory is not None:
            memory.put(found)
    return found


def derive(workspace: Workspace, provider: str, options: Options, progress: Progress) -> Derived:
    """Everything before the generator. `document` is None when pages or judgements could not be read."""
    from tools.merge import normalize  # most of what reads pages merges none

    pages = select_pages(workspace, provider, options.pages)
    source = workspace.source(provider).source
    extracted, errors = extract_pages(pages.pages, progress, remembered(workspace))
    notes = [f"{name}: no page, ignored" for name in pages.ignored]
    changes = compare_locales(extracted, precedence=source.locales)
    document: Document | None = None
    findings = list(errors)
    added: tuple[Added, ...] = ()
    try:
        judgements, added = workspace.judgements(provider, options.overlays)
        if not errors:
            document = normalize(extracted, judgements, source, stale_is_fatal=options.pages is None)
    except UsageError:
        raise
    except ToolError as error:
        findings.append(error)
    if document is not None:
        findings.extend(document.findings)
        notes.extend(document.notes)
        progress(f"{provider}: merged")
    for finding in findings:
        for one in added:
            finding.places = tuple(one.place(place) for place in finding.places)
    return Derived(
        provider=provider,
        pages=pages,
        extracted=extracted,
        document=document,
        changes=changes,
        findings=tuple(findings),
        notes=tuple(notes),
    )


def check_locale(derived: Derived, locale: str | None) -> None:
    """Raises UsageError for a language no page of the provider is written in."""
    if locale is None or derived.document is None or locale in derived.document.locales:
        return
    advice = nearest(locale, tuple(derived.document.locales), "locale")
    raise UsageError(f"no page of {derived.provider} is written in {locale!r}", fix=advice)
