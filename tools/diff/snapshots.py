"""A change of the contract, led back to the pages: the exact lines that state it, and the languages that have it.

Places and languages come from `x-vidgate-source`, which names the pages of the nearest node above the one that changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tools.diff._sides import neutral
from tools.schema.normal import key
from tools.schema.pointers import join, resolve, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.errors import Place
    from tools.model import Change, Extracted, Json, JsonObject

_SOURCE: Final = "x-vidgate-source"
_NOTHING: Final = object()
"""Stands where a page states nothing; a null is something."""

_COMPONENT: Final = 3
"""Tokens of a pointer to a component: components, schemas, its name."""


def spread(
    old: Sequence[Extracted],
    new: Sequence[Extracted],
    changes: Sequence[Change],
    *,
    precedence: Sequence[str] = (),
    contracts: tuple[JsonObject, JsonObject] | None = None,
) -> tuple[Change, ...]:
    """The changes between two snapshots of pages, each with the languages that already have it, at its exact lines.

    A language has a change when its new page states what the changed page now states, and its old one did not. Places
    go into the pages' own fragments, or, where both contracts are given, into these; then they are led to the pages.
    A change that no page of the new snapshot states keeps what it has.
    """
    was, now = (_Snapshot(side, contract) for side, contract in zip((old, new), contracts or (None, None), strict=True))
    order = {locale: rank for rank, locale in enumerate(precedence)}
    result: list[Change] = []
    for change in changes:
        if change.axis in {"language", "prose"}:
            result.append(change)
            continue
        spot = _of_model(change, contracts) if contracts else _spot(change)
        ranked = sorted(_having(spot, was, now), key=lambda locale: (order.get(locale, len(order)), locale))
        before, after = was.exact(spot.old, spot.before), now.exact(spot.new, spot.after)
        old_place, new_place = was.same_page(before, after), now.same_page(after, before)
        result.append(replace(change, locales=tuple(ranked) or change.locales, old=old_place, new=new_place))
    return tuple(result)


def fold(changes: Sequence[Change]) -> tuple[Change, ...]:
    """One change for all schemas that the same lines of a page make: a request stands in the contract once per model.

    The first stands for the others, whose pointers are its `copies`.
    """
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault(_lines(change), []).append(change)
    return tuple(_folded(group) for group in groups.values())


def _lines(change: Change) -> tuple[object, ...]:
    if change.axis in {"language", "prose"} or change.old.line is None or change.new.line is None:
        return (id(change),)
    values = tuple(key(value) for value in (change.before, change.after))
    return (change.rule, change.level, change.old, change.new, change.pointer.count("/"), *values)


def _folded(group: list[Change]) -> Change:
    first = group[0]
    usages = tuple(dict.fromkeys(usage for one in group for usage in one.usages))
    copies = dict.fromkeys(pointer for one in group for pointer in (one.pointer, *one.copies))
    copies.pop(first.pointer)
    return replace(first, usages=usages, copies=tuple(copies))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spot:
    """What a change is about, on both sides."""

    old: Place
    new: Place
    before: Json
    after: Json


def _spot(change: Change) -> _Spot:
    return _Spot(
        old=replace(change.old, pointer=change.old.pointer or change.pointer),
        new=replace(change.new, pointer=change.new.pointer or change.pointer),
        before=change.before,
        after=change.after,
    )


def _of_model(change: Change, contracts: tuple[JsonObject, JsonObject]) -> _Spot:
    """The variant of a model that came or went is, on a page, a value in the list of its models."""
    spot = _spot(change)
    reference = change.after if change.before is None else change.before
    if not change.pointer.endswith("/oneOf") or not is_object(reference) or "$ref" not in reference:
        return spot
    contract = contracts[1] if change.before is None else contracts[0]
    try:
        model: Json = resolve(contract, f"{str(reference['$ref']).removeprefix('#')}/properties/model/const")
    except KeyError:
        return spot
    old, new = (replace(one, pointer=_models(one)) for one in (spot.old, spot.new))
    return _Spot(old=old, new=new, before=change.before and model, after=change.after and model)


def _models(place: Place) -> str:
    return f"{(place.pointer or '').removesuffix('/oneOf')}/properties/model/enum"


def _having(change: _Spot, was: _Snapshot, now: _Snapshot) -> set[str]:
    member = _member(change)
    sources = dict(was.sources(change.old)), dict(now.sources(change.new))
    before = {locale: _stated(item, at, member) for locale, (item, at) in sources[0].items()}
    after = {locale: _stated(item, at, member) for locale, (item, at) in sources[1].items()}
    value = _chosen(after, change.new, now)
    for locale, (item, at) in sources[0].items():
        if locale not in after and (page := now.pages.get(item.page.path)) is not None:
            after |= _elsewhere(locale, page, at, member)
    return {locale for locale in after if after[locale] == value != before.get(locale)}


def _elsewhere(locale: str, page: Extracted, at: str, member: Json) -> dict[str, str | None]:
    """What a page states that is no source of the changed node: in the same component, if it still has that."""
    tokens = split(at)
    if len(tokens) > _COMPONENT and _at(page.document, join("", *tokens[:_COMPONENT])) is _NOTHING:
        return {}
    return {locale: _stated(page, at, member)}


def _member(change: _Spot) -> Json:
    """The one item of a list that came or went; None when it is a value that changed."""
    if (change.before is None) == (change.after is None):
        return None
    return change.after if change.before is None else change.before


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

    def sources(self, place: Place) -> Iterator[tuple[str, tuple[Extracted, str]]]:
        """The page of each language that states a place, and the pointer into it."""
        at = place.pointer or ""
        if self._contract is not None:
            for item, there in self._of_contract(self._contract, at):
                yield item.page.locale, (item, there)
            return
        page = self.pages.get(place.path.removeprefix("pages/"))
        named = place.path.removeprefix("pages/").partition("/")[2].removesuffix(".md")
        for item in self._stems.get(named if page is None else page.page.stem, ()):
            yield item.page.locale, (item, at)

    def exact(self, place: Place, value: Json) -> Place:
        """The line on the page, instead of that of the node whose sources are known."""
        if self._contract is None or place.pointer is None:
            return place
        for item, at in self._of_contract(self._contract, place.pointer):
            return item.place(_at_item(item, at, value))
        return place

    def same_page(self, place: Place, other: Place) -> Place:
        """What no page states any more, or yet, is missing on the page that states it on the other side."""
        page = self.pages.get(other.path.removeprefix("pages/"))
        return place if place.path.startswith("pages/") or page is None else page.place(place.pointer or "")

    def _of_contract(self, contract: JsonObject, pointer: str) -> Iterator[tuple[Extracted, str]]:
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
            if is_object(node) and is_array(node.get(_SOURCE)):
                sources, rest = node[_SOURCE], []
        seen: set[str] = set()
        for source in filter(is_object, sources):
            item = self.pages.get(str(source.get("page")))
            if item is not None and item.page.locale not in seen:
                seen.add(item.page.locale)
                yield item, join(source["pointer"], *rest)


def _at_item(item: Extracted, pointer: str, value: Json) -> str:
    """The pointer to the item of a list that came or went, or to the list."""
    found, at = _found(item, pointer)
    if not is_array(found) or value is None:
        return at
    wanted = key(value)
    return next((join(at, str(index)) for index, one in enumerate(found) if key(one) == wanted), at)


def _stated(item: Extracted, pointer: str, member: Json) -> str | None:
    """What a page states at a pointer, without words; of a list, whether the member is in it."""
    value, _ = _found(item, pointer)
    if value is _NOTHING:
        return None
    if member is not None and is_array(value) and (wanted := key(member)) != key(value):
        return wanted if any(key(one) == wanted for one in value) else None
    return key(neutral(value, item.page.locale))


def _found(item: Extracted, pointer: str) -> tuple[Json, str]:
    """What stands on the page at a pointer that may lead through references, and where it does."""
    node: Json = item.document
    at = ""
    for token in split(pointer):
        if is_object(node) and token not in node and str(node.get("$ref", "")).startswith("#/"):
            at = str(node["$ref"])[1:]
            node = _at(item.document, at)
        at = join(at, token)
        node = _at(node, join("", token))
    return node, at


def _at(node: Json, pointer: str) -> Json:
    try:
        return resolve(node, pointer)
    except KeyError:
        return _NOTHING
