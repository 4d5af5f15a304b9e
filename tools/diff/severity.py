"""How grave a finding is to this project: levels by rule and place, and what was accepted until a day.

[levels]
"response-enum-value-added" = "warning"

[[override]]
rule = "request-*"
path = "/paths/~1internal*"
level = "info"

[[accept]]
rule = "operation-removed"
path = "*"
until = 2026-12-31
reason = "announced in June"
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, get_args

from tools.diff.rules import BY_ID
from tools.errors import JudgementError, Place, StaleAction
from tools.model import Level
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.errors import ToolError
    from tools.model import Change, Json

_MEMBERS: Final = {"override": {"rule", "path", "level"}, "accept": {"rule", "path", "until", "reason"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """A level for findings of one rule at some pointers; both are globs."""

    rule: str
    path: str = "*"
    level: Level

    def matches(self, change: Change) -> bool:
        """Whether the finding is one of these."""
        return _matches(self.rule, self.path, change)


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """Findings that somebody accepted until a day, with the reason; `at` is its place in the file."""

    rule: str
    path: str = "*"
    until: dt.date
    reason: str
    at: Place

    def matches(self, change: Change) -> bool:
        """Whether the finding is one of these."""
        return _matches(self.rule, self.path, change)


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """Changes with the project's levels, those it accepted, and acceptances that no longer make sense."""

    changes: tuple[Change, ...]
    accepted: tuple[tuple[Change, Acceptance], ...] = ()
    findings: tuple[ToolError, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Severity:
    """What a project's configuration says."""

    overrides: tuple[Override, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()

    def apply(self, changes: Sequence[Change], *, today: dt.date | None = None) -> Applied:
        """The last override that matches decides; an acceptance without `today` never expires."""
        used: set[int] = set()
        kept: list[Change] = []
        accepted: list[tuple[Change, Acceptance]] = []
        for change in changes:
            levelled = change
            for override in self.overrides:
                if override.matches(change):
                    levelled = replace(levelled, level=override.level)
            hits = [index for index, one in enumerate(self.acceptances) if one.matches(change)]
            used.update(hits)
            holding = [one for one in map(self.acceptances.__getitem__, hits) if today is None or today <= one.until]
            if holding:
                accepted.append((levelled, holding[0]))
            else:
                kept.append(levelled)
        findings: list[ToolError] = []
        for index, one in enumerate(self.acceptances):
            if index not in used:
                problem = f"the acceptance of {one.rule} matches no finding"
                findings.append(StaleAction(problem, fix="Remove it.", places=[one.at]))
            elif today is not None and today > one.until:
                problem = f"the acceptance of {one.rule} ended on {one.until}"
                findings.append(StaleAction(problem, fix="Correct what it accepts, or renew it.", places=[one.at]))
        return Applied(changes=tuple(kept), accepted=tuple(accepted), findings=tuple(findings))


def read_severity(text: str, *, path: str) -> Severity:
    """The configuration a TOML text spells; raises JudgementError naming `path`."""
    try:
        value: dict[str, Json] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise JudgementError(f"is not TOML: {error}", fix="Correct the syntax.", places=[Place(path=path)]) from None
    _known(value, {"levels", "override", "accept"}, path, "")
    overrides = [
        Override(rule=_rule(rule, path, f"/levels/{rule}"), level=_level(level, path, f"/levels/{rule}"))
        for rule, level in _table(value, "levels", path).items()
    ]
    acceptances: list[Acceptance] = []
    for at, row in _rows(value, "override", path):
        overrides.append(
            Override(
                rule=_rule(row.get("rule"), path, at),
                path=_glob(row, path, at),
                level=_level(row.get("level"), path, at),
            )
        )
    for at, row in _rows(value, "accept", path):
        until, reason = row.get("until"), row.get("reason")
        if not isinstance(until, dt.date) or isinstance(until, dt.datetime):
            raise _wrong("an acceptance needs a day: `until = 2026-12-31`", path, at)
        if not isinstance(reason, str) or not reason.strip():
            raise _wrong("an acceptance needs a reason", path, at)
        acceptances.append(
            Acceptance(
                rule=_rule(row.get("rule"), path, at),
                path=_glob(row, path, at),
                until=until,
                reason=reason,
                at=Place(path=path, pointer=at),
            )
        )
    return Severity(overrides=tuple(overrides), acceptances=tuple(acceptances))


def _matches(rule: str, path: str, change: Change) -> bool:
    if not fnmatchcase(change.rule, rule):
        return False
    return any(fnmatchcase(where, path) for where in (change.pointer, change.old.path, change.new.path)) or any(
        fnmatchcase(usage.operation, path) for usage in change.usages
    )


def _wrong(problem: str, path: str, at: str) -> JudgementError:
    return JudgementError(problem, fix="Correct it there.", places=[Place(path=path, pointer=at or None)])


def _known(row: dict[str, Json], members: set[str], path: str, at: str) -> None:
    for member in row:
        if member not in members:
            raise _wrong(f"{member!r} is none of {', '.join(sorted(members))}", path, at)


def _table(value: dict[str, Json], member: str, path: str) -> dict[str, Json]:
    found: Json = value.get(member, {})
    if not is_object(found):
        raise _wrong(f"{member!r} is no table", path, f"/{member}")
    return found


def _rows(value: dict[str, Json], member: str, path: str) -> list[tuple[str, dict[str, Json]]]:
    found: Json = value.get(member, [])
    if not is_array(found) or not all(is_object(row) for row in found):
        raise _wrong(f"{member!r} is no list of tables", path, f"/{member}")
    rows: list[tuple[str, dict[str, Json]]] = [(f"/{member}/{index}", dict(row)) for index, row in enumerate(found)]
    for at, row in rows:
        _known(row, _MEMBERS[member], path, at)
    return rows


def _rule(value: Json, path: str, at: str) -> str:
    if not isinstance(value, str) or not any(fnmatchcase(rule, value) for rule in BY_ID):
        raise _wrong(f"{value!r} is no rule", path, at)
    return value


def _glob(row: dict[str, Json], path: str, at: str) -> str:
    value = row.get("path", "*")
    if not isinstance(value, str) or re.search(r"[\x00-\x1f]", value):
        raise _wrong("`path` is no text", path, at)
    return value


def _level(value: Json, path: str, at: str) -> Level:
    for level in get_args(Level):
        if value == level:
            found: Level = level
            return found
    raise _wrong(f"{value!r} is none of {', '.join(get_args(Level))}", path, at)
