"""The one registry of what a comparison can report. Ids are never renamed and never used for something else.

Rules about schemas follow from one law and are spelled out by it: in requests what narrows or is incomparable breaks,
in responses what widens or is incomparable breaks, and what cannot be decided is a warning. Everything else is a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tools.diff._rule import Direction, Rule
from tools.diff._rule import row as _row
from tools.diff._rules_wire import ANNOTATIONS, SDK, WIRE
from tools.diff._rules_words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.model import Level

__all__ = [
    "ACTIONS", "BY_ID", "DIRECTIONS", "EFFECTS", "KEYWORDS", "RULES", "Direction", "Effect", "Rule", "schema_rule",
]  # fmt: skip

Effect: TypeAlias = Literal["narrowed", "widened", "changed", "undecided"]

DIRECTIONS: Final[tuple[Literal["request", "response"], ...]] = ("request", "response")
ACTIONS: Final = ("added", "removed", "changed")
EFFECTS: Final[Mapping[str, Effect]] = {
    "narrower": "narrowed", "wider": "widened", "incomparable": "changed", "unknown": "undecided",
}  # fmt: skip
"""What a verdict of the relation does to the set of instances; `equal` has no rule, because it is no change."""

KEYWORDS: Final[Mapping[str, tuple[str, str]]] = {
    "additionalProperties": ("additional-properties", "what other members may be"),
    "allOf": ("all-of", "what must hold besides"),
    "anyOf": ("any-of", "the alternatives"),
    "const": ("const", "the only value"),
    "contains": ("contains", "what an array must contain"),
    "contentEncoding": ("content-encoding", "how the text is encoded"),
    "contentMediaType": ("content-media-type", "what the text holds"),
    "contentSchema": ("content-schema", "what the encoded text holds"),
    "dependentRequired": ("dependent-required", "which members need others"),
    "dependentSchemas": ("dependent-schemas", "what a member asks of the rest"),
    "discriminator": ("discriminator", "how a variant is told from the others"),
    "else": ("else", "what holds when the condition does not"),
    "enum": ("enum", "the listed values"),
    "exclusiveMaximum": ("exclusive-maximum", "the upper bound"),
    "exclusiveMinimum": ("exclusive-minimum", "the lower bound"),
    "format": ("format", "the format"),
    "if": ("if", "a condition"),
    "items": ("items", "what the items may be"),
    "maxContains": ("max-contains", "how many items may match"),
    "maxItems": ("max-items", "the greatest number of items"),
    "maxLength": ("max-length", "the greatest length"),
    "maxProperties": ("max-properties", "the greatest number of members"),
    "maximum": ("maximum", "the upper bound"),
    "minContains": ("min-contains", "how many items must match"),
    "minItems": ("min-items", "the least number of items"),
    "minLength": ("min-length", "the least length"),
    "minProperties": ("min-properties", "the least number of members"),
    "minimum": ("minimum", "the lower bound"),
    "multipleOf": ("multiple-of", "the step between numbers"),
    "not": ("not", "what is excluded"),
    "oneOf": ("one-of", "the variants"),
    "pattern": ("pattern", "the pattern"),
    "patternProperties": ("pattern-properties", "what members of certain names may be"),
    "prefixItems": ("prefix-items", "the first items"),
    "properties": ("properties", "the members"),
    "propertyNames": ("property-names", "how members may be called"),
    "required": ("required", "which members must be there"),
    "schema": ("schema", "the schema"),
    "then": ("then", "what holds when the condition does"),
    "type": ("type", "the type"),
    "unevaluatedItems": ("unevaluated-items", "what other items may be"),
    "unevaluatedProperties": ("unevaluated-properties", "what other members may be"),
    "uniqueItems": ("unique-items", "whether items may repeat"),
}
"""Keyword of a schema → its name in rule ids, and in words. `schema` stands for a difference no keyword names."""

_LEVELS: Final[Mapping[tuple[str, str], Level]] = {
    ("request", "narrowed"): "error", ("request", "widened"): "info",
    ("request", "changed"): "error", ("request", "undecided"): "warning",
    ("response", "narrowed"): "info", ("response", "widened"): "error",
    ("response", "changed"): "error", ("response", "undecided"): "warning",
}  # fmt: skip
"""The law."""

_WHY: Final[Mapping[tuple[str, str], str]] = {
    ("request", "narrowed"): "Less is taken of {what}: clients that send what is no longer allowed are refused.",
    ("request", "widened"): "More is taken of {what}: every request made today stays valid.",
    ("request", "changed"): "Other values are taken of {what}: clients that send the old ones are refused.",
    ("request", "undecided"): "Whether requests made today stay valid cannot be decided from {what}.",
    ("response", "narrowed"): "Less can come of {what}: readers already understand all of it.",
    ("response", "widened"): "More can come of {what}: readers meet values they were never promised.",
    ("response", "changed"): "Something else can come of {what}: readers meet values they were never promised.",
    ("response", "undecided"): "Whether readers understand all that may come cannot be decided from {what}.",
}

_UNJUDGED: Final = frozenset({"contentEncoding", "contentMediaType", "discriminator"})
"""Keywords no validator judges: that the text is encoded otherwise, or that a variant goes by another name, is a fact
without a payload."""

_SPECIAL: Final[Mapping[tuple[str, str], str]] = {
    ("enum", "narrowed"): "enum-value-removed",
    ("enum", "widened"): "enum-value-added",
    ("required", "narrowed"): "property-became-required",
    ("required", "widened"): "property-became-optional",
}
"""One value or one member, which people know by another name than its list."""

_VARIANTS: Final[Mapping[tuple[str, str], str]] = {
    ("widened", "added"): "added",
    ("narrowed", "removed"): "removed",
    ("changed", "added"): "changed",
    ("changed", "removed"): "changed",
    ("undecided", "added"): "undecided",
    ("undecided", "removed"): "undecided",
}
"""What a variant that comes or goes does as a rule; where variants overlap it is the union that narrows or widens."""


def _schema_rules() -> Iterator[Rule]:
    for keyword, (name, what) in KEYWORDS.items():
        for direction in DIRECTIONS:
            for effect in EFFECTS.values():
                yield Rule(
                    id=f"{direction}-{name}-{effect}",
                    level=_LEVELS[direction, effect],
                    direction=direction,
                    area="schema",
                    kind=keyword,
                    action=effect,
                    why=_WHY[direction, effect].format(what=what),
                    structural=keyword in _UNJUDGED,
                )


_MEMBERS: Final = (
    _row("request-enum-value-added", "info", "request", "member", "added",
         "There is one more value to send; the others are taken as before."),
    _row("request-enum-value-removed", "error", "request", "member", "removed",
         "Clients that send this value are refused."),
    _row("response-enum-value-added", "error", "response", "member", "added",
         "Readers meet a value they were never promised."),
    _row("response-enum-value-removed", "info", "response", "member", "removed",
         "There is one value less to read."),
    _row("request-property-became-required", "error", "request", "member", "changed",
         "Requests that leave it out are refused."),
    _row("request-property-became-optional", "info", "request", "member", "changed", "Clients may leave it out."),
    _row("response-property-became-required", "info", "response", "member", "changed",
         "Readers may rely on it from now on."),
    _row("response-property-became-optional", "error", "response", "member", "changed",
         "Whoever relies on it may find nothing there."),
    _row("request-property-added", "info", "request", "member", "added",
         "Nobody sends what was not documented, so that no request made today is refused."),
    _row("request-property-removed", "warning", "request", "member", "removed",
         "Clients may go on sending it, but it may be ignored: what they asked for may not happen."),
    _row("request-property-refused", "error", "request", "member", "removed",
         "The object takes no undocumented member: clients that still send this one are refused."),
    _row("response-property-added", "info", "response", "member", "added",
         "Readers of an open object ignore what they do not know."),
    _row("response-property-added-to-closed", "error", "response", "member", "added",
         "The object promised no other member: strict readers refuse the new one."),
    _row("response-property-removed", "error", "response", "member", "removed",
         "Whoever reads it finds nothing there, or something else.", structural=True),
    _row("request-union-member-added", "info", "request", "union", "added",
         "There is one more variant to send; the others are taken as before."),
    _row("request-union-member-removed", "error", "request", "union", "removed",
         "Clients that send this variant are refused."),
    _row("request-union-member-changed", "error", "request", "union", "changed",
         "Variants overlap, so that one more or less opens and closes at once: some requests made today are refused."),
    _row("request-union-member-undecided", "warning", "request", "union", "changed",
         "Whether requests made today stay valid cannot be decided from the variants."),
    _row("response-union-member-added", "error", "response", "union", "added",
         "Readers meet a variant they were never promised."),
    _row("response-union-member-removed", "info", "response", "union", "removed",
         "There is one variant less to read."),
    _row("response-union-member-changed", "error", "response", "union", "changed",
         "Variants overlap, so that one more or less opens and closes at once: readers meet what is new."),
    _row("response-union-member-undecided", "warning", "response", "union", "changed",
         "Whether readers understand all that may come cannot be decided from the variants."),
)  # fmt: skip

RULES: Final[tuple[Rule, ...]] = (*_schema_rules(), *_MEMBERS, *ANNOTATIONS, *WIRE, *SDK, *LANGUAGES)

BY_ID: Final[Mapping[str, Rule]] = {rule.id: rule for rule in RULES}


def schema_rule(
    direction: Literal["request", "response"], keyword: str, action: str, verdict: str, *, member: bool
) -> Rule | None:
    """The rule for one difference of two schemas; None when it makes no difference.

    `member`: it concerns one member of the keyword's value, as a property or a variant.
    """
    if keyword == "properties" and member and action != "changed":
        return BY_ID[_property_rule(direction, action, verdict)]
    if verdict == "equal":
        return None
    effect = EFFECTS[verdict]
    if keyword in {"anyOf", "oneOf"} and member:
        name = _VARIANTS.get((effect, action))
        if name is not None:
            return BY_ID[f"{direction}-union-member-{name}"]
    if member and (keyword, effect) in _SPECIAL:
        return BY_ID[f"{direction}-{_SPECIAL[keyword, effect]}"]
    known = keyword if keyword in KEYWORDS else "schema"
    return BY_ID[f"{direction}-{KEYWORDS[known][0]}-{effect}"]


def _property_rule(direction: str, action: str, verdict: str) -> str:
    """The conventions on properties: what was not documented nobody sends, and what vanishes somebody reads."""
    if action == "added":
        closed = direction == "response" and verdict in {"wider", "incomparable"}
        return f"{direction}-property-added{'-to-closed' if closed else ''}"
    refused = direction == "request" and verdict in {"narrower", "incomparable"}
    return f"{direction}-property-{'refused' if refused else 'removed'}"
