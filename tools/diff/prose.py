"""Prose over time: a description that alters a literal, a number, an address or a must is more than reworded.

Whether prose and schema contradict each other is in `tools.diff.contradictions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tools.diff._sides import named, translations
from tools.diff.facts import read
from tools.diff.rules import BY_ID
from tools.errors import Place
from tools.model import Change
from tools.schema.common import NOTHING
from tools.schema.pointers import resolve
from tools.schema.prose import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Extracted, Json, JsonObject, Prose

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


def texts_of(document: JsonObject, locale: str = "", *, beside: Json = NOTHING) -> dict[str, dict[str, str]]:
    """The texts of one document as `compare_prose` takes them; `locale` is the language it is written in.

    Left out is what is the very same object at the same place of `beside`: it cannot have changed.
    """
    return {pointer: {locale: text} for pointer, text in _texts(document, beside)}


def compare_page_prose(
    old: Sequence[Extracted], new: Sequence[Extracted], *, precedence: Sequence[str] = ()
) -> tuple[Change, ...]:
    """The same for all pages of two snapshots that exist in both, languages of a page taken together.

    The first language by precedence shows the change.
    """
    before, after = ({_stem(sides): sides for sides in translations(side, precedence)} for side in (old, new))
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


def _texts(document: JsonObject | None, beside: Json = NOTHING) -> Iterator[tuple[str, str]]:
    for pointer, text in prose_of(document, beside=beside):
        if isinstance(text, str) and pointer.rpartition("/")[2] in _MEMBERS:
            yield pointer, text


def _exists(item: Extracted, pointer: str) -> bool:
    try:
        resolve(item.document, pointer)
    except KeyError:
        return False
    return True


def _pieces(item: Extracted) -> list[Prose]:
    return [one for one in item.prose if one.pointer is None and one.role not in {"code", "rule"}]


def _stem(sides: Mapping[str, Extracted]) -> str:
    return next(iter(sides.values())).page.stem


def _nowhere(locale: str, pointer: str, *, new: bool) -> Place:
    return Place(path=f"{'new' if new else 'old'} ({locale})", pointer=pointer)


def _where(locales: Sequence[str]) -> str:
    return f" in {named(locales)}" if any(locales) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """What one edit took away and brought, as shown."""

    lost: tuple[str, ...]
    gained: tuple[str, ...]

    gone: bool
    new: bool

    @property
    def message(self) -> str:
        if self.gone or self.new:
            facts = ", ".join(self.lost if self.gone else self.gained)
            return f"the text is {'gone' if self.gone else 'new'}{f', with {facts},' if facts else ''}"
        if not self.lost and not self.gained:
            return "the words have changed"
        if not self.lost:
            return f"the text now states {', '.join(self.gained)}"
        if not self.gained:
            return f"the text no longer states {', '.join(self.lost)}"
        return f"the text states {', '.join(self.gained)} instead of {', '.join(self.lost)}"


_Facts: TypeAlias = frozenset[tuple[str, str, bool]]
"""What an edit took away (False) and brought (True)."""

_Alike: TypeAlias = tuple[_Facts, bool, bool]
"""Equal for the same edit in two languages: facts, whether the text is gone, whether it is new."""


def _edit(before: str, after: str) -> tuple[_Facts, _Edit]:
    one, other = read(before), read(after)
    lost = [fact for fact in one.facts if not other.states(fact)]
    gained = [fact for fact in other.facts if not one.states(fact)]
    key = {(fact.kind, fact.value, False) for fact in lost} | {(fact.kind, fact.value, True) for fact in gained}
    if not key:  # else languages that word the same edit differently would fall apart
        key |= {("must", must, must in other.musts) for must in one.musts ^ other.musts}
    shown = _Edit(
        lost=(*(fact.shown for fact in lost), *(f'"{must}"' for must in sorted(one.musts - other.musts))),
        gained=(*(fact.shown for fact in gained), *(f'"{must}"' for must in sorted(other.musts - one.musts))),
        gone=not after.strip(),
        new=not before.strip(),
    )
    return frozenset(key), shown


def _compare_texts(pointer: str, before: Mapping[str, str], after: Mapping[str, str], where: Where) -> Iterator[Change]:
    alike: dict[_Alike, list[str]] = {}
    shown: dict[_Alike, _Edit] = {}
    for locale, text in after.items():
        if locale in before and before[locale].split() != text.split():
            facts, edit = _edit(before[locale], text)
            alike.setdefault((facts, edit.gone, edit.new), []).append(locale)
            shown.setdefault((facts, edit.gone, edit.new), edit)
    for key, locales in alike.items():
        factual = bool(key[0])
        rule = BY_ID["prose-fact-changed" if factual else "prose-reworded"]
        first, edit = locales[0], shown[key]
        old, new = (where(first, pointer, new=side) for side in (False, True))
        yield Change(
            rule=rule.id,
            level=rule.level,
            axis="prose",
            pointer="" if pointer.startswith(_LINE) else pointer,
            message=f"{edit.message}{_where(locales)}".rstrip(","),
            old=old,
            new=new,
            before=list(edit.lost) if factual else before[first] or None,
            after=list(edit.gained) if factual else after[first] or None,
            locales=tuple(filter(None, locales)),
        )
