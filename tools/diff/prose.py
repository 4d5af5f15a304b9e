"""Prose over time: a description that alters a literal, a number, an address or a must is more than reworded.

Whether prose and schema contradict each other is in `tools.diff.contradictions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tools.diff._sides import named
from tools.diff.facts import read
from tools.diff.rules import BY_ID
from tools.errors import Place
from tools.model import Change
from tools.schema.pointers import resolve, split
from tools.schema.prose import split_prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Extracted, JsonObject, Prose

_MEMBERS = ("description", "summary", "title")


class Where(Protocol):
    """Says where the text of a pointer stands in one language; `new` tells the two sides apart."""

    def __call__(self, locale: str, pointer: str, *, new: bool) -> Place: ...


def compare_prose(
    old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]], *, where: Where | None = None
) -> tuple[Change, ...]:
    """What changed in texts by pointer and locale. Languages that changed alike share one finding.

    A text without its counterpart on the other side is a matter of structure, not of words.
    """
    place = where or _nowhere
    return tuple(
        change
        for pointer, texts in new.items()
        if pointer in old
        for change in _compare_texts(pointer, old[pointer], texts, place)
    )


def texts_of(document: JsonObject, locale: str = "") -> dict[str, dict[str, str]]:
    """The texts of one document as `compare_prose` takes them; `locale` is the language it is written in."""
    return {pointer: {locale: text} for pointer, text in _texts(document)}


def compare_page_prose(old: Sequence[Extracted], new: Sequence[Extracted]) -> tuple[Change, ...]:
    """The same for all pages of two snapshots that exist in both, languages of a page taken together."""
    before, after = _by_stem(old), _by_stem(new)
    changes: list[Change] = []
    for stem, sides in sorted(after.items()):
        known = before.get(stem, {})
        shared = {locale: (known[locale], item) for locale, item in sides.items() if locale in known}
        was: dict[str, dict[str, str]] = {}
        now: dict[str, dict[str, str]] = {}
        for locale, (earlier, later) in shared.items():
            for pointer, (one, other) in _pairs(earlier, later):
                was.setdefault(pointer, {})[locale] = one
                now.setdefault(pointer, {})[locale] = other
        changes += compare_prose(was, now, where=_Places(shared))
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Places:
    shared: Mapping[str, tuple[Extracted, Extracted]]

    def __call__(self, locale: str, pointer: str, *, new: bool) -> Place:
        item = self.shared[locale][new]
        if not pointer.startswith(_LINE):
            return item.place(pointer)
        index = int(pointer.removeprefix(_LINE))
        return item.page.place(_pieces(item)[index].line)


_LINE = "#prose-"
"""Stands for the pointer of a text outside the document; no JSON pointer starts like this."""


def _pairs(earlier: Extracted, later: Extracted) -> Iterator[tuple[str, tuple[str, str]]]:
    was, now = (dict(_texts(item.document)) for item in (earlier, later))
    for pointer in dict.fromkeys((*was, *now)):
        if pointer in was and pointer in now:
            yield pointer, (was[pointer], now[pointer])
        elif _exists(later if pointer in was else earlier, pointer.rpartition("/")[0]):
            yield pointer, (was.get(pointer, ""), now.get(pointer, ""))
    one, other = _pieces(earlier), _pieces(later)
    if [piece.role for piece in one] == [piece.role for piece in other]:
        for index, (first, second) in enumerate(zip(one, other, strict=True)):
            yield f"{_LINE}{index}", (first.text, second.text)


def _texts(document: JsonObject | None) -> Iterator[tuple[str, str]]:
    for pointer, text in split_prose(document)[1].items():
        if isinstance(text, str) and split(pointer)[-1] in _MEMBERS:
            yield pointer, text


def _exists(item: Extracted, pointer: str) -> bool:
    try:
        resolve(item.document, pointer)
    except KeyError:
        return False
    return True


def _pieces(item: Extracted) -> list[Prose]:
    return [one for one in item.prose if one.pointer is None and one.role not in {"code", "rule"}]


def _by_stem(extracted: Sequence[Extracted]) -> dict[str, dict[str, Extracted]]:
    stems: dict[str, dict[str, Extracted]] = {}
    for item in extracted:
        stems.setdefault(item.page.stem, {})[item.page.locale] = item
    return stems


def _nowhere(locale: str, pointer: str, *, new: bool) -> Place:
    return Place(path=f"{'new' if new else 'old'} ({locale})", pointer=pointer)


def _where(locales: Sequence[str]) -> str:
    return f" in {named(locales)}" if any(locales) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """What one edit took away and brought, as shown."""

    lost: tuple[str, ...]
    gained: tuple[str, ...]

    @property
    def message(self) -> str:
        if not self.lost and not self.gained:
            return "the words have changed"
        if not self.lost:
            return f"now states {', '.join(self.gained)}"
        if not self.gained:
            return f"no longer states {', '.join(self.lost)}"
        return f"states {', '.join(self.gained)} instead of {', '.join(self.lost)}"


def _edit(before: str, after: str) -> tuple[frozenset[tuple[str, str, bool]], _Edit]:
    """A key that is equal for the same edit in two languages, and the edit."""
    one, other = read(before), read(after)
    lost = [fact for fact in one.facts if not other.states(fact)]
    gained = [fact for fact in other.facts if not one.states(fact)]
    key = {(fact.kind, fact.value, False) for fact in lost} | {(fact.kind, fact.value, True) for fact in gained}
    if not key:  # else languages that word the same edit differently would fall apart
        key |= {("must", must, must in other.musts) for must in one.musts ^ other.musts}
    shown = _Edit(
        lost=(*(fact.shown for fact in lost), *(f'"{must}"' for must in sorted(one.musts - other.musts))),
        gained=(*(fact.shown for fact in gained), *(f'"{must}"' for must in sorted(other.musts - one.musts))),
    )
    return frozenset(key), shown


def _compare_texts(pointer: str, before: Mapping[str, str], after: Mapping[str, str], where: Where) -> Iterator[Change]:
    edits: dict[frozenset[tuple[str, str, bool]], list[str]] = {}
    shown: dict[frozenset[tuple[str, str, bool]], _Edit] = {}
    for locale, text in after.items():
        if locale in before and before[locale].split() != text.split():
            key, edit = _edit(before[locale], text)
            edits.setdefault(key, []).append(locale)
            shown.setdefault(key, edit)
    for key, locales in edits.items():
        rule = BY_ID["prose-fact-changed" if key else "prose-reworded"]
        first, edit = locales[0], shown[key]
        factual = bool(key)
        old, new = (where(first, pointer, new=side) for side in (False, True))
        yield Change(
            rule=rule.id,
            level=rule.level,
            axis="prose",
            pointer="" if pointer.startswith(_LINE) else pointer,
            message=f"the text {edit.message}{_where(locales)}",
            old=old,
            new=new,
            before=list(edit.lost) if factual else before[first],
            after=list(edit.gained) if factual else after[first],
            locales=tuple(filter(None, locales)),
        )
