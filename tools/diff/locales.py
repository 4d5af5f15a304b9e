"""Translations of one page must state the same structure and the same facts; their words may differ.

All languages of a page are compared at once, so that the odd one out has a name and a disagreement is one finding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.diff._drift import drift
from tools.diff._examples import examples
from tools.diff._sides import Votes, language_change, named, neutral, translations
from tools.diff._structure import structural
from tools.errors import Place
from tools.schema.normal import key
from tools.schema.pointers import join, resolve, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Change, Extracted, Json, JsonObject

_SEVERAL = 2


def compare_locales(extracted: Sequence[Extracted], *, precedence: Sequence[str] = ()) -> tuple[Change, ...]:
    """Every structural difference between the languages of a page, by page, then in document order."""
    return tuple(change for sides in translations(extracted, precedence) for change in structural(sides).changes)


def compare_languages(extracted: Sequence[Extracted], precedence: Sequence[str] = ()) -> tuple[Change, ...]:
    """The same, and missing pages, examples that were translated, and facts that languages state differently.

    Pages first, then by page: structure, examples, facts. A language with another edition of a page is compared no
    further: everything on it would differ.
    """
    pages = list(translations(extracted, precedence))
    changes = list(_missing(pages))
    for sides in pages:
        found = structural(sides)
        changes += found.changes
        for group in found.comparable:
            changes += examples(group)
            changes += drift(group)
    return tuple(changes)


def count_translations(extracted: Sequence[Extracted]) -> int:
    """How many pages exist in more than one locale."""
    return sum(1 for sides in translations(extracted, ()) if len(sides) >= _SEVERAL)


def count_differing(changes: Sequence[Change]) -> int:
    """How many pages the differences between languages are on; translations of a page are one page."""
    return len({change.old.path.removeprefix("pages/").partition("/")[2] for change in changes})


def spread(
    old: Sequence[Extracted],
    new: Sequence[Extracted],
    changes: Sequence[Change],
    *,
    precedence: Sequence[str] = (),
    contracts: tuple[JsonObject, JsonObject] | None = None,
) -> tuple[Change, ...]:
    """The changes between two snapshots of pages, each with the languages that already have it.

    A language has a change when its new page states what the changed page now states, and its old one did not. Places
    go into the pages' own fragments, or, where both contracts are given, into these; their `x-vidgate-source` leads to
    the pages. A change that no page of the new snapshot states keeps what it has.
    """
    was, now = (_Snapshot(side, contract) for side, contract in zip((old, new), contracts or (None, None), strict=True))
    order = {locale: rank for rank, locale in enumerate(precedence)}
    result: list[Change] = []
    for change in changes:
        if change.axis in {"language", "prose"}:
            result.append(change)
            continue
        before, after = was.states(change.old, change.pointer), now.states(change.new, change.pointer)
        value = _chosen(after, change.new, now)
        having = {locale for locale in after | before if after.get(locale) == value != before.get(locale)}
        ranked = sorted(having, key=lambda locale: (order.get(locale, len(order)), locale))
        result.append(replace(change, locales=tuple(ranked) or change.locales))
    return tuple(result)


def _chosen(stated: Mapping[str, str | None], place: Place, snapshot: _Snapshot) -> str | None:
    """What the page at the place states; in a contract, what the first of its pages does."""
    page = snapshot.pages.get(place.path.removeprefix("pages/"))
    if page is not None and page.page.locale in stated:
        return stated[page.page.locale]
    return next(iter(stated.values()), None)


class _Snapshot:
    """The pages of one day, and the contract they make."""

    def __init__(self, extracted: Sequence[Extracted], contract: JsonObject | None) -> None:
        self.pages = {item.page.path: item for item in extracted}
        self._contract = contract
        self._stems: dict[str, list[Extracted]] = {}
        for item in extracted:
            self._stems.setdefault(item.page.stem, []).append(item)

    def states(self, place: Place, pointer: str) -> dict[str, str | None]:
        """What each language states at a place, without words; None where it states nothing."""
        at = place.pointer or pointer
        if self._contract is not None:
            return {item.page.locale: _stated(item, there) for item, there in self._sources(self._contract, at)}
        page = self.pages.get(place.path.removeprefix("pages/"))
        stem = (
            place.path.removeprefix("pages/").partition("/")[2].removesuffix(".md") if page is None else page.page.stem
        )
        return {item.page.locale: _stated(item, at) for item in self._stems.get(stem, ())}

    def _sources(self, contract: JsonObject, pointer: str) -> Iterator[tuple[Extracted, str]]:
        """The pages that state the nearest node with sources, and the pointer into each."""
        node: Json = contract
        sources: list[Json] = []
        rest: list[str] = []
        for token in split(pointer):
            try:
                node = resolve(node, join("", token))
            except KeyError:
                node = None
            rest.append(token)
            if is_object(node) and is_array(node.get("x-vidgate-source")):
                sources, rest = node["x-vidgate-source"], []
        seen: set[str] = set()
        for source in filter(is_object, sources):
            item = self.pages.get(str(source.get("page")))
            if item is not None and item.page.locale not in seen:
                seen.add(item.page.locale)
                yield item, join(source["pointer"], *rest)


def _stated(item: Extracted, pointer: str) -> str | None:
    try:
        value: Json = resolve(item.document, pointer)
    except KeyError:
        return None
    return key(neutral(value, item.page.locale))


def _missing(pages: Sequence[dict[str, Extracted]]) -> Iterator[Change]:
    """Pages a language lacks, where pages are kept in several languages at all.

    A hand-picked page or two per language is no translated site, and a language that has hardly a page is none of its
    languages: nothing is missing there.
    """
    translated = [sides for sides in pages if len(sides) >= _SEVERAL]
    if len(translated) * 2 < len(pages):
        return
    spoken = list(dict.fromkeys(locale for sides in pages for locale in sides))
    kept = [one for one in spoken if sum(one in sides for sides in translated) * 2 >= len(translated)]
    for sides in pages:
        lacking = tuple(locale for locale in kept if locale not in sides)
        if lacking:
            having = tuple(sides)
            first = sides[having[0]]
            places = {locale: item.page.place(item.lines.get("")) for locale, item in sides.items()}
            places |= {locale: Place(path=f"pages/{locale}/{first.page.stem}.md") for locale in lacking}
            has, lacks = ("has" if len(one) == 1 else "have" for one in (having, lacking))
            message = f"{named(having)} {has} the page {first.page.stem}, {named(lacking)} {lacks} not"
            yield language_change(
                "locale-page-missing", message, places, Votes(most=having, odd=(lacking,)), before=first.page.stem
            )
