"""One schema out of what several pages say of it.

Translations of one page must say the same. Different pages may differ where a rule of `RULES` allows it; every use of
a rule is recorded as a Decision. What no rule covers stays open: the node gets `x-vidgate-conflict` with each
candidate, its page and its pointer, and the overlay decides.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.merge._candidates import SCHEMAS, references_in, rewrite
from tools.model import SUPPLEMENT, Decision
from tools.schema.branches import UNIONS, matched
from tools.schema.canonical import dumps
from tools.schema.normal import key
from tools.schema.pointers import escape, join, split
from tools.schema.prose import PROSE
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tools.merge._candidates import Candidate, Role
    from tools.model import Json, JsonObject

CONFLICT = "x-vidgate-conflict"
SOURCE = "x-vidgate-source"

RULES: Mapping[str, str] = {
    "property-added": "A page that documents more properties of a response adds them: readers ignore what is new.",
    "enum-united": "A response may carry any value that one of the pages lists.",
    "required-intersected": "Only what every page requires of a response can be relied on.",
    "error-code-united": "Error codes are numbers on some pages and names on others; the contract allows both.",
    "nullable-united": "A response member that one page calls nullable may be null.",
    "model-documented-twice": "The page that documents the fewest models describes a model best.",
    "model-listed-by-language": "Where translations list different models, the first by precedence lists them.",
    "model-from-default": "A page without an enum for `model` names its model in the default or the example.",
    "first-stated": "Headers, links, callbacks, encodings and ways to authenticate are taken from the first page.",
    "component-renamed": "One name that means different things on different pages becomes several names.",
    "settled-by-precedence": "Whoever builds with --accept-precedence takes what comes first: see PRECEDENCE.",
}
"""Every rule by which the merge settles something, and why it may."""

PRECEDENCE: Sequence[str] = (
    "the language that stands first in sources.toml",
    "the page that documents the fewest models",
    "what most pages of that language say",
    "the page whose path comes first",
)
"""Who is proposed to be right where no rule settles a disagreement: each is asked where those before it are silent."""

_REFERENCE = SCHEMAS.encode()
_ABSENT: JsonObject = {"absent": True}
_ONE_SCHEMA = ("items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties",
               "unevaluatedItems", "unevaluatedProperties")  # fmt: skip
_SCHEMA_LISTS = ("oneOf", "anyOf", "allOf", "prefixItems")
_SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")


@dataclass(slots=True)
class Ledger:
    """What the merge learns on its way: prose by language, and decisions by rule."""

    prose: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, "Json"]])
    """Pointer into the contract (ending in the prose member) → locale → text."""
    decided: dict[tuple[str, str], dict[str, Candidate]] = field(
        default_factory=dict[tuple[str, str], "dict[str, Candidate]"]
    )

    def say(self, at: str, candidates: Sequence[Candidate]) -> Json:
        """Record one prose member in every language; the text of the first candidate is the contract's."""
        texts = self.prose.setdefault(at, {})
        for candidate in candidates:
            texts.setdefault(candidate.locale, candidate.value)
        return candidates[0].value

    def decide(self, rule: str, message: str, candidates: Sequence[Candidate]) -> None:
        """Record the use of a rule; the same use on many pages is one decision with many places."""
        if rule not in RULES:
            raise KeyError(rule)
        places = self.decided.setdefault((rule, message), {})
        for candidate in candidates:
            places.setdefault(f"{candidate.source.page.path}#{candidate.pointer}", candidate)

    def decisions(self) -> tuple[Decision, ...]:
        return tuple(
            Decision(rule=rule, message=message, places=tuple(c.source.place(c.pointer) for c in found.values()))
            for (rule, message), found in self.decided.items()
        )


@dataclass(frozen=True, slots=True)
class Precedence:
    """Which of several statements comes first, where somebody asks for one: see `PRECEDENCE`.

    `locales` gives the rank of a language, `models` how many models a page documents.
    """

    locales: Mapping[str, int]
    models: Mapping[str, int]

    def __call__(self, candidates: Sequence[Candidate]) -> tuple[int, int, int, str]:
        """A key that sorts what these pages say together."""
        first = min(self._locale(c) for c in candidates)
        own = [c for c in candidates if self._locale(c) == first]
        fewest = min(self.models.get(c.stem, 1) for c in own)
        return first, fewest, -len(own), min(c.source.page.path for c in own)

    def _locale(self, candidate: Candidate) -> int:
        return self.locales.get(candidate.locale, len(self.locales))


@dataclass(frozen=True, slots=True)
class Uniter:
    """Unites candidates; `final_reference` maps a page's reference to the contract's."""

    ledger: Ledger
    final_reference: Callable[[Candidate, str], str]
    precedence: Precedence
    keys: dict[tuple[str, bytes, tuple[str, ...]], str] = field(
        default_factory=dict[tuple[str, bytes, tuple[str, ...]], str]
    )
    """Equal where pages mean the same; by member, what stands there, and what its references lead to."""

    def schema(self, candidates: Sequence[Candidate], at: str, role: Role) -> Json:
        """The schema at pointer `at` of the contract."""
        shapes = [c for c in candidates if is_object(c.value)]
        if len(shapes) < len(candidates):
            return self._unlike(candidates)
        result: JsonObject = {}
        conflicts: list[JsonObject] = []
        for member in _members(shapes):
            holders = [c.child(member) for c in shapes if member in c.value]
            lacking = [c for c in shapes if member not in c.value]
            where = join(at, member)
            if member in PROSE or member.startswith("x-vidgate-"):
                result[member] = self._words(member, holders, where)
            elif member == "properties":
                result[member] = self._properties(shapes, where, role)
            elif self._agree(holders) and not lacking:
                result[member] = self._inside(member, holders, where, role)
            elif member in UNIONS and not lacking and (branches := self._branches(holders)) is not None:
                result[member] = [self.schema(row, join(where, i), role) for i, row in enumerate(branches)]
            elif (settled := self._settle(member, shapes, where, role)) is not None:
                result |= settled
            elif member in _ONE_SCHEMA and not lacking and all(is_object(h.value) for h in holders):
                result[member] = self.schema(holders, where, role)
            else:
                conflicts.append(self._conflict(member, shapes))
        if conflicts:
            result[CONFLICT] = conflicts
        return result

    def _words(self, member: str, holders: Sequence[Candidate], where: str) -> Json:
        if member == "examples" and all(is_array(h.value) for h in holders):
            # Samples of every language stay: each must pass through the client unchanged.
            return _distinct(value for holder in holders for value in holder.value)
        if member.startswith("x-vidgate-"):
            return holders[0].value
        return self.ledger.say(where, holders)

    def _properties(self, shapes: Sequence[Candidate], where: str, role: Role) -> JsonObject:
        holders = [c.child("properties") for c in shapes if "properties" in c.value]
        result: JsonObject = {}
        for name in _members(holders):
            at = join(where, name)
            stating = [c.child(name) for c in holders if name in c.value]
            silent = [c for c in shapes if name not in c.value.get("properties", {})]
            node = self.schema(stating, at, role)
            if silent and (role == "request" or _torn((c, _has(c, name)) for c in shapes)):
                rows = [({"present": True}, stating), (_ABSENT, silent)]
                conflict: JsonObject = {"member": "", "candidates": self._ranked(rows)}
                whole: JsonObject = node if is_object(node) else {} if node else {"not": {}}
                node = {**whole, CONFLICT: [*whole.get(CONFLICT, []), conflict]}
            elif silent:
                self.ledger.decide("property-added", f"{at}: documented on some pages only", stating)
            result[name] = node
        return result

    def _inside(self, member: str, holders: Sequence[Candidate], where: str, role: Role) -> Json:
        first = holders[0].value
        if member == "$ref" and isinstance(first, str):
            return self.final_reference(holders[0], first)
        if member == "discriminator":
            return rewrite(first, lambda reference: self.final_reference(holders[0], reference))
        if member in _ONE_SCHEMA and is_object(first):
            return self.schema(holders, where, role)
        if member in _SCHEMA_LISTS and is_array(first):
            return [self.schema([h.child(i) for h in holders], join(where, i), role) for i in range(len(first))]
        if member in _SCHEMA_MAPS and is_object(first):
            return {name: self.schema([h.child(name) for h in holders], join(where, name), role) for name in first}
        return first

    def _branches(self, holders: Sequence[Candidate]) -> list[list[Candidate]] | None:
        """The branches of a union, each with its like on the other pages; None where these have others."""
        if not all(is_array(holder.value) for holder in holders):
            return None
        found = matched([[self._final(h.child(i)) for i in range(len(h.value))] for h in holders])
        if found is None:
            return None
        return [[h.child(index) for h, index in zip(holders, row, strict=True)] for row in found]

    def _agree(self, holders: Sequence[Candidate]) -> bool:
        # Most are the same JSON, which costs far less to see than that they mean the same.
        word = holders[0].value
        if isinstance(word, str) and SCHEMAS not in word and all(holder.value == word for holder in holders):
            return True
        first = dumps(word)
        if _REFERENCE not in first and all(dumps(holder.value) == first for holder in holders):
            return True
        return len({self._key(holder) for holder in holders}) == 1

    def _key(self, candidate: Candidate) -> str:
        member, text = candidate.member, dumps(candidate.value)
        leads = tuple(self.final_reference(candidate, SCHEMAS + escape(name)) for name in references_in(text))
        known = (member, text, leads)
        if len(leads) != text.count(_REFERENCE):  # some lead deeper into a schema
            return key({member: self._final(candidate)})
        if known not in self.keys:
            self.keys[known] = key({member: self._final(candidate)})
        return self.keys[known]

    def _settle(self, member: str, shapes: Sequence[Candidate], where: str, role: Role) -> JsonObject | None:
        """What a rule makes of a member the pages disagree on, or None. Translations never disagree by rule."""
        said = ((c, self._key(c.child(member)) if member in c.value else "") for c in shapes)
        if role == "request" or _torn(said):
            return None
        holders = [c.child(member) for c in shapes if member in c.value]
        if member == "enum" and len(holders) == len(shapes):
            self.ledger.decide("enum-united", f"{where}: the pages list different values", holders)
            return {member: _distinct(value for holder in holders for value in holder.value)}
        if member == "required":
            lists = [c.value.get("required", []) for c in shapes]
            common = [name for name in lists[0] if all(name in names for names in lists)]
            self.ledger.decide("required-intersected", f"{where}: required on some pages only", holders)
            return {member: common} if common else {}
        if member == "type" and len(holders) == len(shapes):
            return self._types(holders, where, role)
        return None

    def _types(self, holders: Sequence[Candidate], where: str, role: Role) -> JsonObject | None:
        types: list[str] = _distinct(name for h in holders for name in (h.value if is_array(h.value) else [h.value]))
        if len({name for name in types if name != "null"}) == 1:
            rule = "nullable-united"
        elif role == "error" and split(where)[-2:] == ["code", "type"] and set(types) <= {"string", "integer", "null"}:
            rule = "error-code-united"
        else:
            return None
        self.ledger.decide(rule, f"{where}: {' and '.join(types)}", holders)
        return {"type": types}

    def _conflict(self, member: str, shapes: Sequence[Candidate]) -> JsonObject:
        rows: dict[str, tuple[JsonObject, list[Candidate]]] = {}
        for shape in shapes:
            child, row = shape, _ABSENT
            if member in shape.value:
                child = shape.child(member)
                row = {"value": self._final(child)}
            rows.setdefault(json.dumps(row, sort_keys=True), (row, []))[1].append(child)
        return {"member": member, "candidates": self._ranked(rows.values())}

    def _ranked(self, rows: Iterable[tuple[JsonObject, Sequence[Candidate]]]) -> list[JsonObject]:
        """What is said and by whom, the first by precedence first."""
        ranked = sorted(rows, key=lambda row: self.precedence(row[1]))
        return [{**row, SOURCE: source_rows(candidates)} for row, candidates in ranked]

    def _final(self, candidate: Candidate) -> Json:
        if candidate.member == "$ref" and isinstance(candidate.value, str):
            return self.final_reference(candidate, candidate.value)
        return rewrite(candidate.value, lambda reference: self.final_reference(candidate, reference))

    def _unlike(self, candidates: Sequence[Candidate]) -> Json:
        if self._agree(candidates):
            return candidates[0].value
        rows: dict[str, tuple[JsonObject, list[Candidate]]] = {}
        for candidate in candidates:
            row = {"value": self._final(candidate)}
            rows.setdefault(json.dumps(row, sort_keys=True), (row, []))[1].append(candidate)
        return {CONFLICT: [{"member": "", "candidates": self._ranked(rows.values())}]}


def source_rows(candidates: Sequence[Candidate]) -> list[JsonObject]:
    """Provenance as it stands in the contract: one row per page, in order."""
    rows: list[JsonObject] = []
    for candidate in candidates:
        page = candidate.source.page
        if page.locale == SUPPLEMENT:
            rows.append({"supplement": page.stem, "pointer": candidate.pointer})
        else:
            line = candidate.source.place(candidate.pointer).line
            rows.append({"page": page.path, "locale": page.locale, "line": line, "pointer": candidate.pointer})
    return rows


def _has(candidate: Candidate, name: str) -> str:
    return str(name in candidate.value.get("properties", {}))


def _torn(said: Iterable[tuple[Candidate, str]]) -> bool:
    """Whether two translations of one page say different things."""
    by_stem: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for candidate, key_of_word in said:
        by_stem[candidate.stem][candidate.locale].add(key_of_word)
    return any(len({frozenset(words) for words in locales.values()}) > 1 for locales in by_stem.values())


def _members(candidates: Sequence[Candidate]) -> list[str]:
    return list(dict.fromkeys(name for candidate in candidates for name in candidate.value))


def _distinct(values: Iterable[Json]) -> list[Json]:
    kept: list[Json] = []
    seen: set[bytes] = set()
    for value in values:
        name = dumps(value)
        if name not in seen:
            seen.add(name)
            kept.append(value)
    return kept
