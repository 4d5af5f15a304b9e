"""Pages without an operation that came or went between two snapshots.

What a page with an operation brings or takes along is told by its operations; a page that only some languages lost is a
matter of languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.diff._sides import named, translations
from tools.diff.rules import BY_ID
from tools.model import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Extracted


def compare_pages(
    old: Sequence[Extracted], new: Sequence[Extracted], *, precedence: Sequence[str] = ()
) -> tuple[Change, ...]:
    """One change for each such page, whatever languages it is in; the first by precedence shows it."""
    before, after = (dict(_by_stem(side, precedence)) for side in (old, new))
    gone = [_change("page-removed", before[stem]) for stem in sorted(before) if stem not in after]
    come = [_change("page-added", after[stem]) for stem in sorted(after) if stem not in before]
    return tuple(change for change in (*gone, *come) if change is not None)


def _by_stem(pages: Sequence[Extracted], precedence: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Extracted]]]:
    for sides in translations(pages, precedence):
        yield next(iter(sides.values())).page.stem, sides


def _change(rule: str, sides: Mapping[str, Extracted]) -> Change | None:
    if any(item.document is not None for item in sides.values()):
        return None
    page = next(iter(sides.values())).page
    added = BY_ID[rule].action == "added"
    here, nowhere = page.place(1), page.place()
    return Change(
        rule=rule,
        level=BY_ID[rule].level,
        axis="prose",
        pointer="",
        message=f"the page {page.stem} was {BY_ID[rule].action} in {named(sides)}",
        old=nowhere if added else here,
        new=here if added else nowhere,
        before=None if added else page.stem,
        after=page.stem if added else None,
        locales=tuple(sides),
    )
