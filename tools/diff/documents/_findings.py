"""Findings on the way: equal ones of several operations become one with several usages."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from tools.diff.rules import BY_ID
from tools.model import Change
from tools.schema.pointers import split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.model import Axis, Json, Level, Usage, Witness
    from tools.store import Side

SHOWN: Final = 60
"""Characters of a value that a message shows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where something stands on both sides; what is gone stands where it stood."""

    old: str
    new: str


class Findings:
    """Collects changes by rule and place."""

    def __init__(self, old: Side, new: Side) -> None:
        self._old, self._new = old, new
        self._found: dict[tuple[str, str, str, str], Change] = {}
        self._users: dict[tuple[str, str, str, str], list[tuple[Usage, ...]]] = {}
        self.unpromised: dict[str, str] = {}
        """Operations that may change or go at any time, with the level of stability that says so."""

    def add(
        self,
        rule: str,
        spot: Spot,
        message: str,
        *,
        before: Json = None,
        after: Json = None,
        usages: Iterable[Usage] = (),
        level: Level | None = None,
        witness: Witness | None = None,
        why: str = "",
        axis: Axis = "wire",
        member: str = "",
    ) -> None:
        """One finding; `level` differs from the rule's where its place says so."""
        key = (rule, spot.old, spot.new, member or _text(before) + _text(after))
        self._users.setdefault(key, []).append(tuple(usages))
        if key in self._found:
            return
        self._found[key] = Change(
            rule=rule,
            level=level or BY_ID[rule].level,
            pointer=spot.new,
            message=message,
            old=self._old.place(spot.old),
            new=self._new.place(spot.new),
            before=before,
            after=after,
            axis=axis,
            witness=witness,
            why=why,
        )

    def changes(self) -> tuple[Change, ...]:
        """All of them, worst first, then by place."""
        ranks = {"error": 0, "warning": 1, "info": 2}
        found = [self._lowered(self._used(key, change)) for key, change in self._found.items()]
        return tuple(sorted(found, key=lambda one: (ranks[one.level], one.pointer, one.rule, one.message)))

    def _used(self, key: tuple[str, str, str, str], change: Change) -> Change:
        """With everybody who uses it; findings that were added with one and the same users go on sharing them."""
        users = self._users[key]
        return replace(change, usages=users[0] if len(users) == 1 else tuple(dict.fromkeys(chain(*users))))

    def _lowered(self, change: Change) -> Change:
        """A break of nothing but operations that nobody promised to keep is a warning."""
        if change.level != "error" or not self.unpromised:
            return change
        names = {usage.operation for usage in change.usages}
        if not names or not names <= self.unpromised.keys():
            return change
        levels = " or ".join(sorted({self.unpromised[name] for name in names}))
        return replace(change, level="warning", why=f"its stability is {levels}: nobody was promised that it stays")


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def shown(value: Json) -> str:
    """A value as a message shows it."""
    text = _text(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def subject(pointer: str) -> str:
    """A pointer in words: `Pet.name`, `the request of POST /pets: name`."""
    tokens = split(pointer)
    if tokens[:1] == ["components"] and len(tokens) > 2:  # noqa: PLR2004 - components/schemas/Pet
        return _path(tokens[2], tokens[3:])
    if tokens[:1] in (["paths"], ["webhooks"]) and len(tokens) > 2:  # noqa: PLR2004 - paths/{path}/{method}
        return _path(f"{tokens[2].upper()} {tokens[1]}", tokens[3:])
    return pointer or "the document"


_PLAIN: Final = {"items": "[]", "additionalProperties": ".*", "prefixItems": "", "allOf": "", "anyOf": "", "oneOf": ""}
_STRUCTURE: Final = frozenset({"content", "schema", "properties", "$defs", "patternProperties"})


def _path(root: str, tokens: list[str]) -> str:
    words = root
    names = False
    for token in tokens:
        if names:
            words += f".{token}"
            names = False
        elif token in {"properties", "patternProperties"}:
            names = True
        elif token in _PLAIN:
            words += _PLAIN[token]
        elif token == "requestBody":
            words += " request"
        elif token not in _STRUCTURE and not (token.isdigit() and len(token) < 3):  # noqa: PLR2004 - a status has three
            words += f" {token}"
    return words
