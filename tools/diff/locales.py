"""Translations of one page must state the same structure and the same facts; their words may differ.

All languages of a page are compared at once, so that the odd one out has a name and a disagreement is one finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.diff._drift import drift
from tools.diff._examples import examples
from tools.diff._sides import Votes, language_change, named, translations
from tools.diff._structure import structural
from tools.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.model import Change, Extracted

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
