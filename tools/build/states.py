"""One side of a comparison: its document, what its pages state where it has pages, and all that changed between two."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tools.build.options import Options
from tools.diff import (
    compare_languages,
    compare_page_prose,
    compare_pages,
    compare_prose,
    contradictions,
    spread,
    texts_of,
)
from tools.diff.documents import compare_documents
from tools.errors import Findings, UsageError
from tools.schema.common import share
from tools.store import CONTRACT, read_side, side_of_document

if TYPE_CHECKING:
    import datetime as dt

    from tools.build.options import Progress
    from tools.errors import Place
    from tools.model import Change, Extracted
    from tools.store import Side, Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One side: its document, and what its pages state where it has pages."""

    side: Side
    pages: tuple[Extracted, ...] | None = None
    locales: tuple[str, ...] = ()


def state_of(name: str, workspace: Workspace, provider: str | None, progress: Progress) -> State:
    """What `name` says: an OpenAPI file, a folder of pages, a provider, or `git:REV[:PATH]`.

    Raises UsageError for a side that is none, and Findings for pages that cannot be merged.
    """
    if name in workspace.providers():
        return contract_state(workspace, name, progress)
    folder = Path(name)
    if name.startswith("git:") or not folder.is_dir():
        return State(side=read_side(name, workspace=workspace, provider=provider))
    if provider is None:
        raise UsageError(f"{name} is a folder of pages", fix="Say whose pages these are with --provider.")
    from tools.build.derive import derive  # files need no reader of pages

    derived = derive(workspace, workspace.provider(provider), Options(pages=folder, accept_precedence=True), progress)
    if derived.document is None:
        raise Findings(derived.findings)
    side = side_of_document(derived.document.openapi, name=name)
    return State(side=side, pages=derived.extracted, locales=workspace.source(provider).source.locales)


def contract_state(workspace: Workspace, provider: str, progress: Progress) -> State:
    """The contract on disk with the pages beside it."""
    from tools.build._remembered import remembered
    from tools.build.derive import extract_pages

    side = side_of_document(workspace.contract(provider), name=f"specs/{provider}/{CONTRACT}")
    extracted, _ = extract_pages(workspace.pages(provider).pages, progress, remembered(workspace))
    return State(side=side, pages=extracted, locales=workspace.source(provider).source.locales)


def compare_states(old: State, new: State, *, today: dt.date | None = None) -> tuple[Change, ...]:
    """What changed in the contract, in words and, where both sides have pages, between their translations.

    A translation that disagrees, or a text that contradicts its schema, is told only where the old side had it not.
    """
    documents = old.side.document, share(old.side.document, new.side.document)
    new = replace(new, side=replace(new.side, document=documents[1]))
    changes = compare_documents(old.side, new.side, today=today)
    before = {(one.rule, one.pointer) for one in contradictions(documents[0], beside=documents[1])}
    found = contradictions(documents[1], place=new.side.place, beside=documents[0])
    contrary = tuple(one for one in found if (one.rule, one.pointer) not in before)
    if old.pages is None or new.pages is None:
        texts = texts_of(documents[0], beside=documents[1]), texts_of(documents[1], beside=documents[0])
        return (*changes, *compare_prose(*texts, where=_Where(old.side, new.side)), *contrary)
    changes = spread(old.pages, new.pages, changes, precedence=new.locales, contracts=documents)
    known = {_key(change) for change in compare_languages(old.pages, precedence=old.locales)}
    languages = compare_languages(new.pages, precedence=new.locales)
    return (
        *changes,
        *compare_pages(old.pages, new.pages, precedence=new.locales),
        *compare_page_prose(old.pages, new.pages, precedence=new.locales),
        *(one for one in languages if _key(one) not in known),
        *contrary,
    )


@dataclass(frozen=True, slots=True)
class _Where:
    old: Side
    new: Side

    def __call__(self, locale: str, pointer: str, *, new: bool) -> Place:  # noqa: ARG002 - a document has one language
        return (self.new if new else self.old).place(pointer)


def _key(change: Change) -> tuple[str, ...]:
    """A disagreement without its lines, which move with every edit."""
    return (change.rule, change.pointer, re.sub(r":\d+", "", change.message), change.old.path, change.new.path)
