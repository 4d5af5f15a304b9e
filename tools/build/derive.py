"""From pages to a contract in memory. Errors of all pages are collected, so that one run shows them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.build._readers import read_all
from tools.build._remembered import remembered
from tools.diff.locales import compare_locales
from tools.diff.proposals import propose
from tools.errors import ToolError, UsageError
from tools.schema.memory import without_collector
from tools.store import nearest, read_pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.build._derivation import Merged
    from tools.build._remembered import Remembered
    from tools.build.options import Options, Progress
    from tools.model import Change, Document, Extracted, Judgements, Page, Proposal, Source
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
    proposals: tuple[Proposal, ...] = ()


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
    found: list[Extracted | ToolError | None] = [*memory.get(pages)] if memory is not None else [None] * len(pages)
    new = [position for position, one in enumerate(found) if one is None]
    done = len(pages) - len(new)
    for index, result in read_all([pages[position] for position in new], memory):
        found[new[index]] = result
        done += 1
        if done % 100 == 0 and done < len(pages):
            progress(f"{pages[0].provider}: read {done} of {len(pages)} pages")
    if pages:
        progress(f"{pages[0].provider}: read {len(pages)} of {len(pages)} pages")
    extracted = tuple(one for one in found if one is not None and not isinstance(one, ToolError))
    return extracted, tuple(one for one in found if isinstance(one, ToolError))


def derive(workspace: Workspace, provider: str, options: Options, progress: Progress) -> Derived:
    """Everything before the generator. `document` is None when pages or judgements could not be read."""
    with without_collector():
        return _derive(workspace, provider, options, progress)


def _derive(workspace: Workspace, provider: str, options: Options, progress: Progress) -> Derived:
    pages = select_pages(workspace, provider, options.pages)
    source = workspace.source(provider).source
    extracted, errors = extract_pages(pages.pages, progress, remembered(workspace))
    notes = [f"{name}: no page, ignored" for name in pages.ignored]
    findings: list[ToolError] = list(errors)
    added: tuple[Added, ...] = ()
    merged: Merged | None = None
    try:
        judgements, added = workspace.judgements(provider, options.overlays)
        if not errors:
            merged = _merge(workspace, extracted, judgements, source, options)
    except UsageError:
        raise
    except ToolError as error:
        findings.append(error)
    changes = compare_locales(extracted, precedence=source.locales) if merged is None else merged.changes
    if merged is not None:
        findings.extend(merged.document.findings)
        notes.extend(merged.document.notes)
        progress(f"{provider}: merged")
    for finding in findings:
        for one in added:
            finding.places = tuple(one.place(place) for place in finding.places)
    return Derived(
        provider=provider,
        pages=pages,
        extracted=extracted,
        document=merged.document if merged is not None else None,
        changes=changes,
        findings=tuple(findings),
        notes=tuple(notes),
        proposals=merged.proposals if merged is not None else (),
    )


def _merge(
    workspace: Workspace, extracted: Sequence[Extracted], judgements: Judgements, source: Source, options: Options
) -> Merged:
    """What follows from pages and judgements, from memory where all of them are as they were."""
    from tools.build._derivation import Merged, derivations, key_of  # most of what reads pages merges none
    from tools.merge import normalize

    memory = derivations(workspace)
    fatal, accept = options.pages is None, options.accept_precedence
    key = key_of([one.page for one in extracted], judgements, source, fatal, accept)
    known = memory.get(key)
    if known is not None:
        return known
    document = normalize(extracted, judgements, source, stale_is_fatal=fatal, accept_precedence=accept)
    merged = Merged(
        document=document,
        changes=compare_locales(extracted, precedence=source.locales),
        proposals=propose(extracted, document.openapi, source.locales),
    )
    if not document.findings:
        memory.put(key, merged)
    return merged


def check_locale(derived: Derived, locale: str | None) -> None:
    """Raises UsageError for a language no page of the provider is written in."""
    if locale is None or derived.document is None or locale in derived.document.locales:
        return
    advice = nearest(locale, tuple(derived.document.locales), "locale")
    raise UsageError(f"no page of {derived.provider} is written in {locale!r}", fix=advice)
