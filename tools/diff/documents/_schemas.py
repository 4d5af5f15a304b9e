"""Schemas of two documents: the law, the conventions on top of it, and a witness for what breaks.

Every pair of schemas that operations use is related once; a difference is one finding, whoever uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.diff.documents._findings import Spot, shown, subject
from tools.diff.documents._notes import NOTES, note_rule
from tools.diff.documents._text import Made, is_taken_as_text
from tools.diff.documents._views import FLAGS, flagged, view
from tools.diff.rules import KEYWORDS, schema_rule
from tools.model import Usage
from tools.schema.canonical import dumps
from tools.schema.pointers import join, resolve
from tools.schema.relate import Memo, relate, too_long, witness
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.diff.documents._findings import Findings
    from tools.diff.documents._operations import Operation
    from tools.diff.documents._text import Polarity, Text
    from tools.diff.rules import Rule
    from tools.model import Json, JsonObject, Level, Witness
    from tools.schema.relate import Difference, Relation, Want
    from tools.store import Side

_BREAKING: Final[Mapping[Polarity, frozenset[str]]] = {
    "request": frozenset({"narrower", "incomparable"}),
    "response": frozenset({"wider", "incomparable"}),
}
_BROKEN: Final[Mapping[Polarity, str]] = {"request": "narrower", "response": "wider"}
_WANT: Final[Mapping[Polarity, Want]] = {
    "request": "valid-before-invalid-after",
    "response": "invalid-before-valid-after",
}
_RANK: Final[Mapping[Level, int]] = {"info": 0, "warning": 1, "error": 2}
WITNESSED: Final = 8
"""Uses of a component that are searched for a payload: in the first one the difference may come to nothing."""

_UNDECIDED: Final = 2
"""The same for what could not be decided, where there may be nothing to find."""

_UNWITNESSED: Final = "no payload was found that shows it"
_UNREFUSED: Final[Mapping[str, str]] = {
    "default-changed": "no payload is refused, but the same one may mean something else",
    "request-property-removed": "the object is open: what is still sent is not refused, but may be ignored",
}
_AS_TEXT: Final = "on the wire every value is text, and any text is taken"
_SILENT: Final[Mapping[Polarity, str]] = {
    "request": "a read-only member is not part of requests",
    "response": "a write-only member is not part of responses",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Where operations use a pair of schemas in one direction.

    `text`: what of it is text on the wire. `default_said`: the default on top is reported where it is used.
    """

    old: Json
    new: Json
    old_at: str
    new_at: str
    polarity: Polarity
    text: Text = ""
    default_said: bool = False


@dataclass(kw_only=True, slots=True)
class _Alike:
    """Sites that have everything in common but their place, and who uses them."""

    relations: tuple[Relation, ...] = ()
    sites: list[Site] = field(default_factory=list["Site"])
    usages: dict[Usage, None] = field(default_factory=dict[Usage, None])


@dataclass(kw_only=True, slots=True)
class _Judged:
    """One difference with the gravest reading of it so far."""

    difference: Difference
    rule: Rule
    level: Level
    why: str
    sites: tuple[Site, ...]
    polarity: Polarity
    uses: tuple[_Alike, ...] = ()


class Schemas:
    """Collects sites, then judges them together."""

    def __init__(self, old: Side, new: Side) -> None:
        self._sites: dict[tuple[str, str, Polarity, str], tuple[Site, dict[Usage, None]]] = {}
        self._same: dict[tuple[int, int], bool] = {}
        self._ranks: dict[Usage, int] = {}
        self._users: dict[tuple[int, ...], tuple[Usage, ...]] = {}
        self._old, self._new = old, new
        self._whole = _Pair(old.document, new.document)
        self._framed = self._whole.same(_frame(old.document), _frame(new.document))
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

    def unchanged(self, old: Operation, new: Operation) -> bool:
        """Whether two operations are the same text at the same place, with the same text behind every reference."""
        key = (id(old.item), id(new.item))  # the documents keep both
        if key not in self._same:
            self._same[key] = self._framed and self._whole.same(old.item, new.item)
        return old.at == new.at and self._same[key]

    def use(self, site: Site, usage: Usage) -> None:
        """A pair of schemas that an operation uses."""
        apart = f"{site.text} {site.default_said} {'' if site.old_at else id(site)}"
        key = (site.old_at, site.new_at, site.polarity, apart)
        self._sites.setdefault(key, (site, {}))[1][usage] = None
        self._ranks.setdefault(usage, len(self._ranks))

    def judge(self, findings: Findings) -> None:
        """Add a finding for every difference of the collected sites."""
        judged: dict[tuple[str, str, str, str | None, str, str], _Judged] = {}
        for alike in self._alike():
            for one in self._of_site(alike.sites[0]):
                d = one.difference
                key = (d.old, d.new, d.keyword, d.member, shown(d.before), shown(d.after))
                known = judged.get(key)
                one.uses = (*(known.uses if known else ()), alike)
                if known is not None and _RANK[known.level] >= _RANK[one.level]:
                    known.uses = one.uses
                    if known.level == one.level and known.polarity == one.polarity and one.sites:
                        known.sites = (*known.sites, *alike.sites)[:WITNESSED]
                    continue
                one.sites = tuple(alike.sites) if one.sites else ()
                judged[key] = one
        for one in judged.values():
            self._report(one, findings)

    def _alike(self) -> Iterable[_Alike]:
        """The sites, those together that have one relation: in a large document most schemas reach one circle."""
        found: dict[Json, _Alike] = {}
        for site, usages in self._sites.values():
            whole, part = self._relations(site)
            if not whole.differences and not part.differences:
                continue
            apart = site if site.text or site.default_said else None
            key = (site.polarity, id(apart), part.verdict, id(part.differences), id(whole.differences))
            alike = found.setdefault(key, _Alike())
            alike.relations = (whole, part)  # the key is their identity, so they must live
            alike.usages.update(usages)
            if len(alike.sites) < WITNESSED:
                alike.sites.append(site)
        return found.values()

    def _relations(self, site: Site) -> tuple[Relation, Relation]:
        """The relation of the site's schemas, and that of what takes part in its direction."""
        whole = self._whole.relate(site)
        pair = self._pairs[site.polarity]
        return whole, whole if pair is self._whole else pair.relate(site)

    def _of_site(self, site: Site) -> list[_Judged]:
        polarity = site.polarity
        whole, part = self._relations(site)
        breaks = part.verdict in _BREAKING[polarity] or part.verdict == "unknown"
        seen = {(d.old, d.new, d.keyword, d.member) for d in part.differences}
        found: list[_Judged] = []
        for difference in part.differences:
            one = self._judge(difference, site)
            if one is None:
                continue
            if self._silent(difference, polarity):
                one.level, one.why, one.sites = "info", _SILENT[polarity], ()
            elif one.level == "error" and not one.rule.structural and not breaks:
                one.level = "info"
                one.why = "together with the other differences every value keeps its verdict"
            found.append(one)
        for difference in whole.differences if part is not whole else ():
            if (difference.old, difference.new, difference.keyword, difference.member) in seen:
                continue
            one = self._judge(difference, site)
            if one is not None:
                one.level, one.why, one.sites = "info", _SILENT[polarity], ()
                found.append(one)
        return found

    def _judge(self, difference: Difference, site: Site) -> _Judged | None:
        rule = self._rule(difference, site)
        if rule is None:
            return None
        if rule.level == "error" and self._taken_as_text(difference, site):
            return _Judged(
                difference=difference, rule=rule, level="info", why=_AS_TEXT, sites=(), polarity=site.polarity
            )
        return _Judged(
            difference=difference,
            rule=rule,
            level=rule.level,
            why=difference.why or _UNREFUSED.get(rule.id, ""),
            sites=(site,),
            polarity=site.polarity,
        )

    def _rule(self, difference: Difference, site: Site) -> Rule | None:
        if difference.keyword == "properties" and difference.action == "removed" and difference.before is False:
            return None  # nobody could read, or send, what was not allowed to be there
        if difference.keyword not in NOTES:
            member = difference.member is not None
            return schema_rule(
                site.polarity, difference.keyword, difference.action, difference.verdict, member=member
            )  # fmt: skip
        said = site.default_said and (difference.old == site.old_at or difference.new == site.new_at)
        return note_rule(difference, site.polarity, (self._old.document, self._new.document), said=said)

    def _taken_as_text(self, difference: Difference, site: Site) -> bool:
        """Whether a value of another type is still read, because all values are text on this wire."""
        new = site.polarity == "request"
        document, at = (self._new.document, difference.new) if new else (self._old.document, difference.old)
        root = difference.old == site.old_at and difference.new == site.new_at
        return is_taken_as_text(difference, _at(document, at, None), text=site.text, root=root)

    def _silent(self, difference: Difference, polarity: Polarity) -> bool:
        """Whether the difference concerns a property that does not take part in this direction."""
        if difference.member is None or difference.keyword not in {"properties", "required"}:
            return False
        flags = self._flags[polarity]
        return any(join(at, "properties", difference.member) in flags for at in (difference.old, difference.new))

    def _united(self, uses: tuple[_Alike, ...]) -> tuple[Usage, ...]:
        """Everybody who uses one of these, in document order; findings of the same users share them."""
        key = tuple(map(id, uses))
        if key not in self._users:
            users = {usage for alike in uses for usage in alike.usages}
            self._users[key] = tuple(sorted(users, key=self._ranks.__getitem__))
        return self._users[key]

    def _decided(self, one: _Judged) -> Rule:
        """The rule for a difference that could not be decided, until a payload showed that it breaks."""
        other: Polarity = "response" if one.polarity == "request" else "request"
        effect = "incomparable" if self._witness(one, _WANT[other]) else _BROKEN[one.polarity]
        d = one.difference
        return schema_rule(one.polarity, d.keyword, d.action, effect, member=d.member is not None) or one.rule

    def _witness(self, one: _Judged, want: Want) -> Witness | None:
        strict = one.difference.verdict == "unknown"
        tried = (self._pairs[one.polarity].witness(site, want, one.difference, strict=strict) for site in one.sites)
        return next((witness for witness in tried if witness is not None), None)

    def _report(self, one: _Judged, findings: Findings) -> None:
        d = one.difference
        found: Witness | None = None
        rule, level, why = one.rule, one.level, one.why
        if d.verdict == "unknown" and level == "warning" and one.sites:
            one.sites = one.sites[:_UNDECIDED]
            found = self._witness(one, _WANT[one.polarity])
            if found is not None:
                rule, level, why = self._decided(one), "error", ""
        elif level == "error" and one.sites:
            found = self._witness(one, _WANT[one.polarity])
            if found is None and not rule.structural:
                level, why = "warning", why or too_long(d.keyword, d.before, d.after) or _UNWITNESSED
        if d.verdict == "unknown" and found is None and not why:
            why = "the relation of the two cannot be decided"
        tail = (d.keyword, d.member) if d.keyword == "properties" and d.member is not None else (d.keyword,)
        before, after = d.before, d.after
        if before is None and after is None:  # a schema became a union of others, or the other way round
            before, after = _at(self._old.document, d.old, None), _at(self._new.document, d.new, None)
        findings.add(
            rule.id,
            Spot(old=join(d.old, *tail), new=join(d.new, *tail)),
            _message(d, rule, before, after),
            before=before,
            after=after,
            usages=self._united(one.uses),
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

    def same(self, old: Json, new: Json) -> bool:
        """Whether two values are the same text, with the same text behind every reference."""
        text = dumps(old)
        return text == dumps(new) and self._memo.same_text(text)

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

    def witness(self, site: Site, want: Want, hint: Difference, *, strict: bool) -> Witness | None:
        old, new = self._of(site)
        return witness(
            old,
            new,
            old_root=self._old,
            new_root=self._new,
            want=want,
            hint=hint,
            old_at=site.old_at,
            new_at=site.new_at,
            memo=self._memo,
            strict=strict,
        )

    def _of(self, site: Site) -> tuple[Json, Json]:
        """The schemas as they stand in these roots."""
        return _at(self._old, site.old_at, site.old), _at(self._new, site.new_at, site.new)


def _frame(document: JsonObject) -> list[Json]:
    """What a document says of all its operations."""
    components: Json = document.get("components")
    schemes: Json = components.get("securitySchemes") if is_object(components) else None
    return [document.get("servers"), document.get("security"), schemes]


def _at(root: JsonObject, pointer: str, own: Json) -> Json:
    """What stands at `pointer`, or the site's own: a schema made for the comparison stands nowhere."""
    try:
        return resolve(root, pointer) if pointer and not isinstance(own, Made) else own
    except KeyError:
        return own


def _message(d: Difference, rule: Rule, before: Json, after: Json) -> str:
    where = subject(d.new or d.old)
    if d.before is None and d.after is None and d.action == "changed":
        return f"{where}: {_shape(before)} became {_shape(after)}"
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


def _shape(schema: Json) -> str:
    """One schema, or a union of so many."""
    members = next((schema[name] for name in ("anyOf", "oneOf") if name in schema), None) if is_object(schema) else None
    return f"a union of {len(members)}" if is_array(members) else "one schema"
