"""What a comparison of two sides found, before it is written in any format: order, groups, names that stay."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tools.report._report import count
from tools.schema.shapes import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tools.model import Change, Level

FailOn: TypeAlias = Literal["error", "warning", "any", "never"]

LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "info")
"""Worst first: the order of every format."""

AXES: Final = ("wire", "sdk", "prose", "language")

_FAILING: Final[Mapping[FailOn, tuple[Level, ...]]] = {
    "error": LEVELS[:1],
    "warning": LEVELS[:2],
    "any": LEVELS,
    "never": (),
}

_LOCALE: Final = re.compile(r"(?:^|/)pages/([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A change that people live with, for a reason and until a day (`2026-12-31`; empty: for good)."""

    change: Change
    reason: str
    until: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What one comparison found.

    `old` and `new` are the two sides as the user named them. `provider` is empty where a side is just a file.
    `roots` say for each side how the repository calls its paths, by what they start with: SARIF, JUnit and GitHub name
    files from there, people get the shorter ones. `rules` says, per rule id, why it matters. `fail_on` decides whether
    it is `good`. `stale` are acceptances that match nothing any more or have run out, one sentence each.
    """

    title: str
    old: str
    new: str
    changes: Sequence[Change] = ()
    provider: str = ""
    roots: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    fail_on: FailOn = "error"
    rules: Mapping[str, str] = field(default_factory=dict[str, str])
    accepted: Sequence[Accepted] = ()
    stale: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def good(self) -> bool:
        """Whether nothing reaches the level that fails."""
        return not any(self.fails(change) for change in self.changes)

    def fails(self, change: Change) -> bool:
        """Whether this change alone makes the comparison fail."""
        return change.level in _FAILING[self.fail_on]

    def counts(self) -> dict[Level, int]:
        """How many changes there are of each level, worst first."""
        return {level: sum(change.level == level for change in self.changes) for level in LEVELS}

    def file(self, change: Change, *, new: bool) -> str:
        """The path of one place of a change as seen from the repository, or an absolute one outside of it."""
        path = change.new.path if new else change.old.path
        side = self.roots[new or change.axis == "language"]  # translations are those of the new side
        start = next((one for one in side if path.startswith(one)), None)
        return path if start is None else side[start] + path.removeprefix(start)


def ordered(changes: Iterable[Change]) -> list[Change]:
    """Worst first, then by component and pointer: the same list whatever order the changes came in."""
    return sorted(changes, key=_order)


def ordered_acceptances(comparison: Comparison) -> list[Accepted]:
    """What is accepted, in the order of changes."""
    return sorted(comparison.accepted, key=lambda one: (_order(one.change), one.until, one.reason))


def _order(change: Change) -> tuple[Any, ...]:
    return (
        LEVELS.index(change.level),
        component(change),
        change.pointer,
        change.rule,
        change.new.path,
        change.new.line or 0,
        change.old.path,
        change.old.line or 0,
        change.message,
        _canonical(change.before),
        _canonical(change.after),
    )


def rules_used(comparisons: Sequence[Comparison]) -> dict[str, str]:
    """Why each rule that found something matters, by id; empty where nobody says."""
    found: dict[str, str] = {}
    for one in comparisons:
        for change in (*one.changes, *(accepted.change for accepted in one.accepted)):
            found[change.rule] = one.rules.get(change.rule) or found.get(change.rule, "")
    return dict(sorted(found.items()))


def summary(comparison: Comparison) -> str:
    """How many of each level: `2 errors, 1 warning, 3 info, 1 accepted`."""
    counts = comparison.counts()
    found = [count(counts[level], level) for level in LEVELS[:2] if counts[level]]
    found += [f"{counts['info']} info"] if counts["info"] else []
    found += [f"{len(comparison.accepted)} accepted"] if comparison.accepted else []
    return ", ".join(found) or "no change"


def component(change: Change) -> str:
    """What the change stands in, as people call it: `CreateVideoRequest`, `POST /v1/videos`; a page for languages."""
    return _component(change, change.pointer)


def copies(change: Change) -> list[str]:
    """The other schemas that the same lines of a page make."""
    return [_component(change, pointer) for pointer in change.copies]


def _component(change: Change, pointer: str) -> str:
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    match tokens:
        case ["components", "schemas", name, *_]:
            return name
        case ["components", kind, name, *_]:
            return f"{name} ({kind})"
        case ["paths" | "webhooks", path, method, *_] if method in METHODS:
            return f"{method.upper()} {path}"
        case ["paths" | "webhooks", path, *_]:
            return path
        case _ if change.axis in {"language", "prose"} and change.new.path:
            return change.new.path
        case [first, *_]:
            return first
        case _:
            return "document"


def languages(change: Change) -> tuple[str, ...]:
    """The languages a change speaks of: those that have it, else those of its pages. Empty: not known."""
    if change.locales:
        return tuple(sorted(set(change.locales)))
    found = (_LOCALE.search(f"/{place.path}") for place in (change.old, change.new))
    return tuple(sorted({match[1] for match in found if match}))


def fingerprints(comparison: Comparison, changes: Iterable[Change]) -> list[str]:
    """A name for each change that survives moved lines, other wording and other changes around it.

    Changes that cannot be told apart get a number, in the order given.
    """
    seen: dict[str, int] = {}
    found: list[str] = []
    for change in changes:
        pages = [change.old.path, change.new.path] if change.axis == "language" else []
        facts = [comparison.provider, change.rule, change.axis, change.pointer, *pages]
        text = "\n".join((*facts, _canonical(change.before), _canonical(change.after)))
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
        number = seen[digest] = seen.get(digest, 0) + 1
        found.append(digest if number == 1 else f"{digest}-{number}")
    return found


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
