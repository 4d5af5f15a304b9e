"""One side of a comparison: its document, what its pages state where it has pages, and all that changed between two."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.build.options import Options
from tools.diff import compare_languages, compare_page_prose, compare_prose, contradictions, spread, texts_of
from tools.diff.documents import compare_documents
from tools.errors import Findings, UsageError
from tools.schema.common import share
from tools.schema.pointers import resolve, split, walk
from tools.schema.shapes import is_array, is_object
from tools.store import CONTRACT, read_side, side_of_document

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tools.build.options import Progress
    from tools.errors import Place
    from tools.model import Change, Extracted, Json, JsonObject
    from tools.store import Side, Workspace

_CONFLICT: Final = "x-vidgate-conflict"
_SOURCE: Final = "x-vidgate-source"
_SCHEMAS: Final = "#/components/schemas/"


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

    derived = derive(workspace, workspace.provider(provider), Options(pages=folder), progress)
    if derived.document is None:
        raise Findings(derived.findings)
    side = side_of_document(settle(derived.document.openapi, derived.extracted), name=name)
    return State(side=side, pages=derived.extracted, locales=workspace.source(provider).source.locales)


def contract_state(workspace: Workspace, provider: str, progress: Progress) -> State:
    """The contract on disk with the pages beside it."""
    from tools.build.derive import extract_pages

    side = side_of_document(workspace.contract(provider), name=f"specs/{provider}/{CONTRACT}")
    extracted, _ = extract_pages(workspace.pages(provider).pages, progress)
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


def settle(document: JsonObject, extracted: Sequence[Extracted]) -> JsonObject:
    """The document with the first candidate, that is the first by precedence, wherever pages still disagree.

    A component that only candidates refer to is not part of the contract yet: it comes from the candidate's page.
    """
    settled = copy.deepcopy(document)
    pages = {one.page.path: one for one in extracted}
    pointers = [pointer for pointer, _ in walk(settled) if split(pointer)[-1:] == [_CONFLICT]]
    for pointer in sorted(pointers, key=_depth, reverse=True):
        at = pointer.rpartition("/")[0]
        node: Json = resolve(settled, at)
        for row in node.pop(_CONFLICT):
            chosen = row["candidates"][0]
            if row["member"]:
                if "value" in chosen:
                    node[row["member"]] = chosen["value"]
                    for source in chosen[_SOURCE]:
                        _complete(settled, {row["member"]: chosen["value"]}, pages.get(str(source.get("page"))))
            elif chosen.get("absent"):
                _remove(settled, at)
    return settled


def _complete(document: JsonObject, value: Json, page: Extracted | None) -> None:
    """Take the schemas that `value` refers to, and those that they refer to, from the page they stand on."""
    waiting = [value]
    while waiting and page is not None and page.document is not None:
        for pointer, reference in walk(waiting.pop()):
            if not pointer.endswith("/$ref") or not str(reference).startswith(_SCHEMAS):
                continue
            at = str(reference).removeprefix("#")
            name = split(at)[-1]
            schemas: JsonObject = document.setdefault("components", {}).setdefault("schemas", {})
            if name not in schemas and name in page.document.get("components", {}).get("schemas", {}):
                row = {"page": page.page.path, "locale": page.page.locale, "line": page.lines.get(at), "pointer": at}
                schemas[name] = {**copy.deepcopy(page.document["components"]["schemas"][name]), _SOURCE: [row]}
                waiting.append(schemas[name])


def _depth(pointer: str) -> tuple[int, list[tuple[int, str]]]:
    """Innermost first, and later items of a list before earlier ones: removing one moves those behind it."""
    tokens = split(pointer)
    return len(tokens), [(int(token) if re.fullmatch(r"\d{1,9}", token) else -1, token) for token in tokens]


def _remove(document: JsonObject, pointer: str) -> None:
    parent: Json = resolve(document, pointer.rpartition("/")[0])
    token = split(pointer)[-1]
    if is_array(parent):
        del parent[int(token)]
    elif is_object(parent):
        del parent[token]
