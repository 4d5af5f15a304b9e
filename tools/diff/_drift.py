"""Facts that one language of a page states and another does not.

An alarm needs a literal, a URL or a number in digits that one language lacks entirely while all others state it;
anything less sure is information. Words of their own are each language's affair.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.diff._sides import Votes, language_change, named
from tools.diff.facts import read
from tools.schema.pointers import resolve, split
from tools.schema.prose import split_prose
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.diff.facts import Fact
    from tools.errors import Place
    from tools.model import Change, Extracted, Json, Prose

_TEXTS: Final = ("description", "summary", "title")
_SILENT: Final = frozenset({"api", "code", "rule"})
"""Roles of prose that state nothing, or only in code."""

_ATTRIBUTES: Final = ("color", "icon", "href", "cols")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Passage:
    """What one language says at one place; `beside` is structure at the same node that may state a fact, too."""

    text: str
    place: Place
    beside: str = ""

    def states(self, fact: Fact) -> bool:
        return read(self.text).states(fact) or (bool(self.beside) and read(self.beside).states(fact))


def drift(sides: Mapping[str, Extracted]) -> Iterator[Change]:
    """Every passage whose facts differ between the languages of one page."""
    if len(sides) < 2:  # noqa: PLR2004  a comparison needs two
        return
    for passages in (*_described(sides), *_written(sides)):
        yield from _compare(passages)


def _described(sides: Mapping[str, Extracted]) -> Iterator[dict[str, _Passage]]:
    """Descriptions in the document, by pointer; a node that a language lacks is a matter of structure."""
    texts = {locale: _texts(item) for locale, item in sides.items()}
    pointers: dict[str, None] = {}
    for one in texts.values():
        pointers |= dict.fromkeys(one)
    for pointer in pointers:
        passages: dict[str, _Passage] = {}
        for locale, item in sides.items():
            beside = _beside(item, pointer.rpartition("/")[0])
            if beside is not None:
                text = texts[locale].get(pointer, "")
                passages[locale] = _Passage(text=text, place=item.place(pointer), beside=beside)
        if len(passages) > 1:
            yield passages


def _texts(item: Extracted) -> dict[str, str]:
    prose = split_prose(item.document)[1]
    return {
        pointer: text
        for pointer, text in prose.items()
        if isinstance(text, str) and pointer.rpartition("/")[2] in _TEXTS
    }


def _beside(item: Extracted, pointer: str) -> str | None:
    try:
        node = resolve(item.document, pointer)
    except KeyError:
        return None
    if not is_object(node):
        return None
    plain: dict[str, Json] = {
        name: value
        for name, value in node.items()
        if name not in _TEXTS and not is_object(value) and not (is_array(value) and any(map(is_object, value)))
    }
    name = split(pointer)[-1] if pointer else ""  # a text need not name what it describes
    return f"{name} {json.dumps(plain, ensure_ascii=False)}"


def _written(sides: Mapping[str, Extracted]) -> Iterator[dict[str, _Passage]]:
    """Prose outside the document: piece by piece where all languages have the same pieces, else as a whole."""
    pieces = {
        locale: [one for one in item.prose if _speaks(one) and one.pointer is None] for locale, item in sides.items()
    }
    roles = {tuple(one.role for one in found) for found in pieces.values()}
    if len(roles) == 1:
        for row in zip(*pieces.values(), strict=True):
            yield {
                locale: _Passage(text=one.text, place=sides[locale].page.place(one.line))
                for locale, one in zip(pieces, row, strict=True)
            }
    elif all(pieces.values()):
        yield {
            locale: _Passage(text="\n\n".join(one.text for one in found), place=sides[locale].page.place(found[0].line))
            for locale, found in pieces.items()
        }


def _speaks(prose: Prose) -> bool:
    return prose.role not in _SILENT and not prose.role.endswith(_ATTRIBUTES)


@dataclass(kw_only=True, slots=True)
class _Odd:
    lacks: list[Fact] = field(default_factory=list["Fact"])
    adds: list[Fact] = field(default_factory=list["Fact"])


def _compare(passages: Mapping[str, _Passage]) -> Iterator[Change]:
    odd: dict[str, _Odd] = {}
    splits: dict[tuple[str, ...], list[Fact]] = {}
    first = next(iter(passages))
    for fact in _all_facts(passages):
        having = tuple(locale for locale, passage in passages.items() if passage.states(fact))
        lacking = tuple(locale for locale in passages if locale not in having)
        if not lacking or not having:
            continue
        if len(passages) == 2:  # noqa: PLR2004  of two, the one of lower precedence is the odd one
            one = odd.setdefault(next(locale for locale in passages if locale != first), _Odd())
            (one.lacks if having == (first,) else one.adds).append(fact)
        elif len(lacking) == 1:
            odd.setdefault(lacking[0], _Odd()).lacks.append(fact)
        elif len(having) == 1:
            odd.setdefault(having[0], _Odd()).adds.append(fact)
        else:
            splits.setdefault(having, []).append(fact)
    places = {locale: passage.place for locale, passage in passages.items()}
    for locale, one in odd.items():
        replaced = [] if one.lacks or len(passages) == 2 else _replaced(locale, passages)  # noqa: PLR2004  as above
        if replaced:
            yield _replacement(locale, one, replaced, places)
        else:
            yield _oddity(locale, one, places)
    for having, found in splits.items():
        lacking = tuple(locale for locale in passages if locale not in having)
        message = f"{named(having)} state {_shown(found)}, {named(lacking)} do not"
        most, rest = (lacking, having) if len(lacking) > len(having) else (having, lacking)
        votes = Votes(most=most, odd=(rest,))
        yield language_change("locale-fact-split", message, places, votes, after=_values(found))


def _replaced(locale: str, passages: Mapping[str, _Passage]) -> list[Fact]:
    """What all others state equally often and this one less often: something of its own stands in its place."""
    others = [read(passage.text) for other, passage in passages.items() if other != locale]
    known, own = others[0].counted, read(passages[locale].text).counted
    if any(other.counted != known for other in others) or own.total() != known.total():
        return []
    return [fact for fact in others[0].facts if own[fact.value] < known[fact.value]]


def _replacement(locale: str, odd: _Odd, replaced: list[Fact], places: Mapping[str, Place]) -> Change:
    others = tuple(other for other in places if other != locale)
    message = f"{locale} states {_shown(odd.adds)} where {named(others)} state {_shown(replaced)}"
    votes = Votes(most=others, odd=((locale,),))
    before, after = _values(replaced), _values(odd.adds)
    return language_change("locale-fact-replaced", message, places, votes, before=before, after=after)


def _oddity(locale: str, odd: _Odd, places: Mapping[str, Place]) -> Change:
    others = tuple(other for other in places if other != locale)
    votes = Votes(most=others, odd=((locale,),))
    before, after = _values(odd.lacks) or None, _values(odd.adds) or None
    if not odd.lacks:
        message = f"{locale} states {_shown(odd.adds)}, {named(others)} {_do(others)} not"
        rule = "locale-fact-missing" if len(others) == 1 else "locale-fact-added"
        return language_change(rule, message, places, votes, after=after)
    message = f"{locale} does not state {_shown(odd.lacks)}, {named(others)} {_do(others)}"
    if odd.adds:
        message += f"; it states {_shown(odd.adds)}"
    return language_change("locale-fact-missing", message, places, votes, before=before, after=after)


def _do(locales: tuple[str, ...]) -> str:
    return "does" if len(locales) == 1 else "do"


def _all_facts(passages: Mapping[str, _Passage]) -> Iterator[Fact]:
    seen: set[tuple[str, str]] = set()
    for passage in passages.values():
        for fact in read(passage.text).facts:
            if (fact.kind, fact.value) not in seen:
                seen.add((fact.kind, fact.value))
                yield fact


_SHOWN: Final = 8


def _shown(found: list[Fact]) -> str:
    names = list(dict.fromkeys(fact.shown for fact in found))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _values(found: list[Fact]) -> list[str]:
    return list(dict.fromkeys(fact.shown for fact in found))
