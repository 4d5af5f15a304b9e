"""Where the structure of a page differs between its languages: all languages walked at once.

Prose (see `tools.schema.prose`) and the locale a link leads into are not compared, nor order where it
says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.diff._sides import ABSENT, Votes, foreign, language_change, named, neutral, short, text_of, vote
from tools.schema.branches import UNIONS, branch_name
from tools.schema.canonical import dumps
from tools.schema.pointers import join, split
from tools.schema.prose import DATA, NAMED, structure_of
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.model import Change, Extracted, Json

_BY_MEMBER: Final[Mapping[str, str]] = {
    "$ref": "reference-differs",
    "default": "default-differs",
    "enum": "enum-differs",
    "required": "required-differs",
    "type": "type-differs",
    **dict.fromkeys(
        (
            "const", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maxProperties",
            "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "nullable", "pattern",
            "uniqueItems",
        ),
        "constraint-differs",
    ),
}  # fmt: skip

_WORDING: Final[Mapping[str, str]] = {
    "constraint-differs": "{name} is",
    "default-differs": "the default is",
    "enum-differs": "the listed values are",
    "locale-value-translated": "{name} is translated:",
    "page-kind-differs": "the page is",
    "reference-differs": "it refers to",
    "required-differs": "required are",
    "type-differs": "the type is",
    "value-differs": "{name} is",
}

_SETS: Final = frozenset({"enum", "required", "type"})
"""Lists of plain values whose order says nothing."""

"""Lists of schemas whose order says nothing."""

_VALUES: Final = frozenset({"const", "default", "enum"})

EDITION: Final = 25
"""More differences of one kind of page than this, and the odd one is no slip but another edition of the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Structural:
    """The differences of one page, and its languages in groups that are editions of the same page."""

    changes: tuple[Change, ...]
    comparable: tuple[Mapping[str, Extracted], ...]


def structural(sides: Mapping[str, Extracted]) -> Structural:
    """The differences of one page, in document order; a language with another edition of it counts as one."""
    if len(sides) < 2:  # noqa: PLR2004  a comparison needs two
        return Structural(changes=(), comparable=(sides,))
    kinds = {locale: f"{item.kind}{'' if item.document else ' without operation'}" for locale, item in sides.items()}
    if len(set(kinds.values())) > 1:
        change = _change(_Difference("page-kind-differs", dict.fromkeys(sides, ""), kinds, kinds), sides)
        return _apart(change, sides, vote(kinds))
    structures = {locale: structure_of(item.document) for locale, item in sides.items()}
    if len({dumps(structure) for structure in structures.values()}) == 1:
        return Structural(changes=(), comparable=(sides,))  # so are most pages: nothing to look for
    found = list(_differences(structures))
    counts: dict[Votes, int] = {}
    for difference in found:
        votes = vote(difference.keys)
        counts[votes] = counts.get(votes, 0) + 1
    for votes, number in counts.items():
        if number > EDITION:
            return _apart(_edition(votes, number, sides), sides, votes)
    return Structural(changes=tuple(_change(difference, sides) for difference in found), comparable=(sides,))


def _apart(change: Change, sides: Mapping[str, Extracted], votes: Votes) -> Structural:
    """One change that sets languages apart, and what differs within each group."""
    groups = [structural({locale: sides[locale] for locale in group}) for group in (votes.most, *votes.odd)]
    return Structural(
        changes=(change, *(one for group in groups for one in group.changes)),
        comparable=tuple(one for group in groups for one in group.comparable),
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    """`at`: pointer by locale; `values`: what stands there (or ABSENT); `keys`: equal where the values are."""

    rule: str
    at: Mapping[str, str]
    values: Mapping[str, Json]
    keys: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Node:
    """One place in all languages.

    `names`: the members are names people chose, not fixed fields; `whole`: data, compared as one.
    """

    at: Mapping[str, str]
    values: Mapping[str, Json]
    names: bool = False
    whole: bool = False

    @property
    def member(self) -> str:
        pointer = next(iter(self.at.values()))
        return split(pointer)[-1] if pointer else ""


def _differences(structures: Mapping[str, Json]) -> Iterator[_Difference]:
    stack = [_Node(at=dict.fromkeys(structures, ""), values=structures)]
    while stack:  # not recursive: depth is the page's to choose
        node = stack.pop()
        present = {locale: value for locale, value in node.values.items() if value is not ABSENT}
        if len(present) < len(node.values):
            keys = {locale: "present" if locale in present else "absent" for locale in node.values}
            rule = "member-missing" if vote(keys).most[0] in present else "member-added"
            yield _Difference(rule, node.at, node.values, keys)
            if len(present) > 1:
                at = {locale: node.at[locale] for locale in present}
                stack.append(_Node(at=at, values=present, names=node.names, whole=node.whole))
        elif not node.whole and all(map(is_object, present.values())):
            stack.extend(reversed(list(_members(node))))
        elif not node.whole and all(map(is_array, present.values())):
            stack.extend(reversed(list(_items(node))))
        else:
            keys = {locale: _key(node, value, locale) for locale, value in present.items()}
            if len(set(keys.values())) > 1:
                yield _Difference(_rule(node, keys), node.at, node.values, keys)


def _rule(node: _Node, keys: Mapping[str, str]) -> str:
    votes = vote(keys)
    translated = any(foreign(node.values[locale]) for locale in votes.odd_locales)
    if node.member in _VALUES and translated and not foreign(node.values[votes.most[0]]):
        return "locale-value-translated"
    return _BY_MEMBER.get(node.member, "value-differs")


def _members(node: _Node) -> Iterator[_Node]:
    names: dict[str, None] = {}
    for value in node.values.values():
        names |= dict.fromkeys(value)
    for name in names:
        yield _Node(
            at={locale: join(pointer, name) for locale, pointer in node.at.items()},
            values={locale: value.get(name, ABSENT) for locale, value in node.values.items()},
            names=not node.names and name in NAMED,
            whole=not node.names and name in DATA | _SETS,
        )


def _items(node: _Node) -> Iterator[_Node]:
    """Items meet under their name, whatever their order; what has no name of its own meets by position."""
    branches = node.member in UNIONS
    for name in (branch_name if branches else _parameter, text_of if branches else _nameless):
        indices = {locale: _keyed(value, name) for locale, value in node.values.items()}
        if all(positions is not None for positions in indices.values()):
            break
    else:
        indices = {locale: {str(at): at for at in range(len(value))} for locale, value in node.values.items()}
    known = {locale: positions or {} for locale, positions in indices.items()}
    keys: dict[str, None] = {}
    for positions in known.values():
        keys |= dict.fromkeys(positions)
    for key in keys:
        anywhere = next(positions[key] for positions in known.values() if key in positions)
        yield _Node(
            at={locale: join(pointer, known[locale].get(key, anywhere)) for locale, pointer in node.at.items()},
            values={
                locale: value[known[locale][key]] if key in known[locale] else ABSENT
                for locale, value in node.values.items()
            },
        )


def _keyed(items: list[Json], name: Callable[[Json], str | None]) -> dict[str, int] | None:
    """The position of each item under a name of its own; None where not all have one."""
    keyed = {known: index for index, item in enumerate(items) if (known := name(item)) is not None}
    return keyed if len(keyed) == len(items) else None


def _parameter(item: Json) -> str | None:
    return f"{item['in']} {item['name']}" if is_object(item) and "in" in item and "name" in item else None


def _nameless(_: Json) -> None:
    return None


def _key(node: _Node, value: Json, locale: str) -> str:
    if node.member in _SETS and is_array(value):
        return text_of(sorted(value, key=text_of))
    return text_of(neutral(value, locale))


def _change(difference: _Difference, sides: Mapping[str, Extracted]) -> Change:
    votes = vote(difference.keys)
    before, after = (difference.values[group[0]] for group in (votes.most, votes.odd[0]))
    places = {locale: sides[locale].place(pointer) for locale, pointer in difference.at.items()}
    return language_change(
        difference.rule,
        _message(difference, votes),
        places,
        votes,
        before=None if before is ABSENT else before,
        after=None if after is ABSENT else after,
    )


def _message(difference: _Difference, votes: Votes) -> str:
    pointer = next(iter(difference.at.values()))
    name = repr(split(pointer)[-1] if pointer else "")
    if difference.rule in {"member-missing", "member-added"}:
        having, lacking = (group for group in (votes.most, votes.odd_locales))
        if difference.rule == "member-added":
            having, lacking = lacking, having
        has = "has" if len(having) == 1 else "have"
        lacks = "has" if len(lacking) == 1 else "have"
        return f"{named(having)} {has} {name}, {named(lacking)} {lacks} not"
    groups = (*votes.odd, votes.most)
    said = ", ".join(f"{short(difference.values[group[0]])} in {named(group)}" for group in groups)
    return f"{_WORDING[difference.rule].format(name=name)} {said}"


def _edition(votes: Votes, number: int, sides: Mapping[str, Extracted]) -> Change:
    own, theirs = (_components(sides[group[0]]) for group in (votes.odd[0], votes.most))
    message = f"{named(votes.odd_locales)}: another edition of the page than {named(votes.most)}"
    message += f", {number} structural differences"
    if own != theirs:
        message += f"; {len(own - theirs)} components stand only there, {len(theirs - own)} are not there"
    places = {locale: item.place("") for locale, item in sides.items()}
    before, after = (sorted(names) or None for names in (theirs - own, own - theirs))
    return language_change("locale-edition-differs", message, places, votes, before=before, after=after)


def _components(item: Extracted) -> set[str]:
    components: Json = (item.document or {}).get("components")
    if not is_object(components):
        return set()
    return {f"{kind}/{name}" for kind, members in components.items() if is_object(members) for name in members}
