"""Schemas of two documents: the law, the conventions on top of it, and a witness for what breaks.

Every pair of schemas that operations use is related once; a difference is one finding, whoever uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tools.diff.documents._findings import Spot, shown, subject
from tools.diff.documents._views import FLAGS, flagged, view
from tools.diff.rules import BY_ID, KEYWORDS, schema_rule
from tools.model import Usage
from tools.schema.pointers import join, resolve
from tools.schema.relate import Memo, relate, witness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.diff.documents._findings import Findings
    from tools.diff.rules import Rule
    from tools.model import Json, JsonObject, Level, Witness
    from tools.schema.relate import Difference, Relation
    from tools.store import Side

Polarity: TypeAlias = Literal["request", "response"]

_BREAKING: Final[Mapping[Polarity, frozenset[str]]] = {
    "request": frozenset({"narrower", "incomparable"}),
    "response": frozenset({"wider", "incomparable"}),
}
_WANT: Final[Mapping[Polarity, Literal["valid-before-invalid-after", "invalid-before-valid-after"]]] = {
    "request": "valid-before-invalid-after",
    "response": "invalid-before-valid-after",
}
_ANNOTATIONS: Final[Mapping[str, str]] = {
    "default": "default-changed",
    "readOnly": "read-only-changed",
    "writeOnly": "write-only-changed",
}
_RANK: Final[Mapping[Level, int]] = {"info": 0, "warning": 1, "error": 2}
_UNWITNESSED: Final = "no payload was found that shows it"
_UNREFUSED: Final[Mapping[str, str]] = {
    "default-changed": "no payload is refused, but the same one may mean something else",
    "request-property-removed": "the object is open: what is still sent is not refused, but may be ignored",
}
_SILENT: Final[Mapping[Polarity, str]] = {
    "request": "a read-only member is not part of requests",
    "response": "a write-only member is not part of responses",
}


class Made(dict[str, "Json"]):
    """A schema made for the comparison: it stands for what is at its pointer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Where operations use a pair of schemas in one direction."""

    old: Json
    new: Json
    old_at: str
    new_at: str
    polarity: Polarity


@dataclass(kw_only=True, slots=True)
class _Judged:
    """One difference with the gravest reading of it so far."""

    difference: Difference
    rule: Rule
    level: Level
    why: str
    site: Site | None
    polarity: Polarity
    usages: dict[Usage, None] = field(default_factory=dict[Usage, None])


class Schemas:
    """Collects sites, then judges them together."""

    def __init__(self, old: Side, new: Side) -> None:
        self._sites: dict[tuple[str, str, Polarity, str], tuple[Site, dict[Usage, None]]] = {}
        self._old, self._new = old, new
        self._whole = _Pair(old.document, new.document)
        self._flags: dict[Polarity, frozenset[str]] = {}
        self._pairs: dict[Polarity, _Pair] = {}
        for polarity in FLAGS:
            if polarity == "none":
                continue
            flags = flagged(old.document, polarity) | flagged(new.document, polarity)
            self._flags[polarity] = flags
            self._pairs[polarity] = (
                _Pair(view(old.document, flags), view(new.document, flags)) if flags else self._whole
            )

    def use(self, site: Site, usage: Usage) -> None:
        """A pair of schemas that an operation uses."""
        key = (site.old_at, site.new_at, site.polarity, "" if site.old_at else str(id(site)))
        self._sites.setdefault(key, (site, {}))[1][usage] = None

    def judge(self, findings: Findings) -> None:
        """Add a finding for every difference of the collected sites."""
        judged: dict[tuple[str, str, str, str | None, str, str], _Judged] = {}
        for site, usages in self._sites.values():
            for one in self._of_site(site):
                d = one.difference
                key = (d.old, d.new, d.keyword, d.member, shown(d.before), shown(d.after))
                known = judged.get(key)
                if known is not None and _RANK[known.level] >= _RANK[one.level]:
                    known.usages.update(usages)
                    continue
                one.usages = {**(known.usages if known else {}), **usages}
                judged[key] = one
        for one in judged.values():
            self._report(one, findings)

    def _of_site(self, site: Site) -> list[_Judged]:
        polarity = site.polarity
        whole = self._whole.relate(site)
        pair = self._pairs[polarity]
        part = whole if pair is self._whole else pair.relate(site)
        breaks = part.verdict in _BREAKING[polarity] or part.verdict == "unknown"
        seen = {(d.old, d.new, d.keyword, d.member) for d in part.differences}
        found: list[_Judged] = []
        for difference in part.differences:
            one = self._judge(difference, site)
            if one is None:
                continue
            if self._silent(difference, polarity):
                one.level, one.why, one.site = "info", _SILENT[polarity], None
            elif one.level == "error" and not one.rule.structural and not breaks:
                one.level = "info"
                one.why = "together with the other differences every value keeps its verdict"
            found.append(one)
        for difference in whole.differences if part is not whole else ():
            if (difference.old, difference.new, difference.keyword, difference.member) in seen:
                continue
            one = self._judge(difference, site)
            if one is not None:
                one.level, one.why, one.site = "info", _SILENT[polarity], None
                found.append(one)
        return found

    def _judge(self, difference: Difference, site: Site) -> _Judged | None:
        rule = _rule(difference, site.polarity)
        if rule is None:
            return None
        return _Judged(
            difference=difference,
            rule=rule,
            level=rule.level,
            why=difference.why or _UNREFUSED.get(rule.id, ""),
            site=site,
            polarity=site.polarity,
        )

    def _silent(self, difference: Difference, polarity: Polarity) -> bool:
        """Whether the difference concerns a property that does not take part in this direction."""
        if difference.member is None or difference.keyword not in {"properties", "required"}:
            return False
        flags = self._flags[polarity]
        return any(join(at, "properties", difference.member) in flags for at in (difference.old, difference.new))

    def _report(self, one: _Judged, findings: Findings) -> None:
        d = one.difference
        found: Witness | None = None
        level, why = one.level, one.why
        if level == "error" and one.site is not None:
            found = self._pairs[one.polarity].witness(one.site, one.polarity, d)
            if found is None and not one.rule.structural:
                level, why = "warning", why or _UNWITNESSED
        if d.verdict == "unknown" and not why:
            why = "the relation of the two cannot be decided"
        tail = (d.keyword, d.member) if d.keyword == "properties" and d.member is not None else (d.keyword,)
        findings.add(
            one.rule.id,
            Spot(old=join(d.old, *tail), new=join(d.new, *tail)),
            _message(d, one.rule),
            before=d.before,
            after=d.after,
            usages=one.usages,
            level=level,
            witness=found,
            why=why,
            member=d.member or "",
        )


class _Pair:
    """Two roots with what is known about their schemas already."""

    def __init__(self, old: JsonObject, new: JsonObject) -> None:
        self._old, self._new = old, new
        self._memo = Memo(old, new)

    def relate(self, site: Site) -> Relation:
        old, new = self._of(site)
        return relate(
            old,
            new,
            old_root=self._old,
            new_root=self._new,
            old_at=site.old_at,
            new_at=site.new_at,
            memo=self._memo,
        )

    def witness(self, site: Site, polarity: Polarity, hint: Difference) -> Witness | None:
        old, new = self._of(site)
        return witness(
            old,
            new,
            old_root=self._old,
            new_root=self._new,
            want=_WANT[polarity],
            hint=hint,
            old_at=site.old_at,
            new_at=site.new_at,
            memo=self._memo,
        )

    def _of(self, site: Site) -> tuple[Json, Json]:
        """The schemas as they stand in these roots."""
        return _at(self._old, site.old_at, site.old), _at(self._new, site.new_at, site.new)


def _at(root: JsonObject, pointer: str, own: Json) -> Json:
    """What stands at `pointer`, or the site's own: a schema made for the comparison stands nowhere."""
    try:
        return resolve(root, pointer) if pointer and not isinstance(own, Made) else own
    except KeyError:
        return own


def _rule(difference: Difference, polarity: Polarity) -> Rule | None:
    keyword = difference.keyword
    if keyword in _ANNOTATIONS:
        if keyword == "default" and polarity == "response":
            return None
        return BY_ID[_ANNOTATIONS[keyword]]
    if keyword == "deprecated":
        return BY_ID["deprecated-added" if difference.after is True else "deprecated-removed"]
    return schema_rule(polarity, keyword, difference.action, difference.verdict, member=difference.member is not None)


def _message(d: Difference, rule: Rule) -> str:
    where = subject(d.new or d.old)
    if d.keyword == "properties" and d.member is not None:
        return f"{where}: the property {d.member!r} was {d.action}"
    if rule.area == "union":
        return f"{where}: the variant {d.member!r} was {d.action}"
    what = KEYWORDS.get(d.keyword, (d.keyword, d.keyword))[0].replace("-", " ")
    member = f" {d.member!r}" if d.member is not None else ""
    if d.action == "added":
        return f"{where}: {what}{member} was added ({shown(d.after)})"
    if d.action == "removed":
        return f"{where}: {what}{member} was removed (it was {shown(d.before)})"
    return f"{where}: {what}{member} was {shown(d.before)}, is {shown(d.after)}"
