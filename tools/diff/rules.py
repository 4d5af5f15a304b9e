"""The one registry of what a comparison can report. Ids are never renamed and never used for something else.

Rules about schemas follow from one law and are spelled out by it: in requests what narrows or is incomparable breaks,
in responses what widens or is incomparable breaks, and what cannot be decided is a warning. Everything else is a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.model import Level

Direction: TypeAlias = Literal["request", "response", "none"]
Effect: TypeAlias = Literal["narrowed", "widened", "changed", "undecided"]

DIRECTIONS: Final[tuple[Literal["request", "response"], ...]] = ("request", "response")
ACTIONS: Final = ("added", "removed", "changed")
EFFECTS: Final[Mapping[str, Effect]] = {
    "narrower": "narrowed", "wider": "widened", "incomparable": "changed", "unknown": "undecided",
}  # fmt: skip
"""What a verdict of the relation does to the set of instances; `equal` has no rule, because it is no change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One outcome: `why` says in one sentence why it matters and whom it hurts.

    `structural`: the fact alone breaks (an operation is gone), so that an error needs no payload as its witness.
    """

    id: str
    level: Level
    direction: Direction
    area: str
    kind: str
    action: str
    why: str
    structural: bool = False


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

_UNJUDGED: Final = frozenset({"contentEncoding", "contentMediaType"})
"""Keywords no validator judges: that the text is encoded otherwise is a fact without a payload."""

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
    ("changed", "changed"): "changed",
    ("undecided", "added"): "undecided",
    ("undecided", "removed"): "undecided",
    ("undecided", "changed"): "undecided",
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


def _row(  # noqa: PLR0917 - a row of a table
    name: str, level: Level, direction: Direction, area: str, action: str, why: str, *, structural: bool = False
) -> Rule:
    structural = structural or (level == "error" and area not in {"member", "union"})
    return Rule(
        id=name, level=level, direction=direction, area=area, kind=area, action=action, why=why, structural=structural
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
         "What was one variant is now another: clients that send the old one may be refused."),
    _row("request-union-member-undecided", "warning", "request", "union", "changed",
         "Whether requests made today stay valid cannot be decided from the variants."),
    _row("response-union-member-added", "error", "response", "union", "added",
         "Readers meet a variant they were never promised."),
    _row("response-union-member-removed", "info", "response", "union", "removed",
         "There is one variant less to read."),
    _row("response-union-member-changed", "error", "response", "union", "changed",
         "What was one variant is now another: readers meet what they were never promised."),
    _row("response-union-member-undecided", "warning", "response", "union", "changed",
         "Whether readers understand all that may come cannot be decided from the variants."),
)  # fmt: skip

_ANNOTATIONS: Final = (
    _row("default-changed", "warning", "request", "annotation", "changed",
         "The same request may mean something else where the member is left out; no payload is refused."),
    _row("deprecated-added", "info", "none", "annotation", "added",
         "It still works, and whoever uses it should look for its successor."),
    _row("deprecated-removed", "info", "none", "annotation", "removed", "Whoever uses it may go on using it."),
    _row("read-only-changed", "info", "request", "annotation", "changed",
         "Whether clients may send the member has changed; servers ignore a read-only one."),
    _row("write-only-changed", "info", "response", "annotation", "changed",
         "Whether the member is in responses has changed."),
    _row("stability-decreased", "error", "none", "annotation", "changed",
         "What was promised to stay is promised no longer: whoever built on the promise loses it."),
    _row("stability-increased", "info", "none", "annotation", "changed", "More is promised to stay as it is."),
    _row("stability-unreadable", "error", "none", "annotation", "changed",
         "The level of stability is none of draft, alpha, beta and stable, so that nobody knows what it promises."),
    _row("sunset-changed", "info", "none", "annotation", "changed", "The day it ends has moved to a later one."),
    _row("sunset-earlier", "error", "none", "annotation", "changed",
         "The day it ends has come nearer: plans made on the old one fail."),
    _row("sunset-removed", "error", "none", "annotation", "removed",
         "The promise to keep it until a day is withdrawn: it may end any time."),
    _row("sunset-unreadable", "error", "none", "annotation", "changed",
         "The day it ends is no date, so that nobody can plan on it."),
)  # fmt: skip

_WIRE: Final = (
    _row("operation-added", "info", "none", "operation", "added", "There is one more thing to call."),
    _row("operation-removed", "error", "none", "operation", "removed", "Every call of it fails."),
    _row("operation-removed-after-sunset", "info", "none", "operation", "removed",
         "It was announced to end by a day that has passed."),
    _row("webhook-added", "info", "none", "operation", "added", "Only those who subscribe to it receive it."),
    _row("webhook-removed", "error", "none", "operation", "removed", "Whoever waits for it waits in vain."),
    _row("callback-added", "info", "none", "operation", "added", "Only those who ask for it receive it."),
    _row("callback-removed", "error", "none", "operation", "removed", "Whoever waits for it waits in vain."),
    _row("request-parameter-added", "info", "request", "parameter", "added", "Nobody has to send it."),
    _row("request-parameter-required-added", "error", "request", "parameter", "added",
         "Requests without it, which is all requests made today, are refused."),
    _row("request-parameter-removed", "warning", "request", "parameter", "removed",
         "Clients may go on sending it, but it is ignored: what they asked for does not happen."),
    _row("request-parameter-removed-early", "error", "request", "parameter", "removed",
         "It was announced to stay until a day that has not come."),
    _row("request-parameter-became-required", "error", "request", "parameter", "changed",
         "Requests that leave it out are refused."),
    _row("request-parameter-became-optional", "info", "request", "parameter", "changed",
         "Clients may leave it out."),
    _row("parameter-style-changed", "error", "request", "parameter", "changed",
         "Arrays and objects are spelled differently: the server misreads what clients send."),
    _row("parameter-reserved-changed", "warning", "request", "parameter", "changed",
         "Reserved characters are escaped differently: some values are misread."),
    _row("parameter-empty-refused", "error", "request", "parameter", "changed",
         "Requests that send the parameter without a value are refused."),
    _row("parameter-empty-allowed", "info", "request", "parameter", "changed", "The value may be left empty."),
    _row("parameter-content-changed", "error", "request", "parameter", "changed",
         "The parameter is spelled in another media type: the server misreads what clients send."),
    _row("callback-parameter-removed", "error", "response", "parameter", "removed",
         "Whoever receives the call and reads it finds nothing there."),
    _row("callback-parameter-added", "info", "response", "parameter", "added",
         "Whoever receives the call ignores what they do not know."),
    _row("request-body-added", "info", "request", "body", "added", "Nobody has to send it."),
    _row("request-body-required-added", "error", "request", "body", "added",
         "Requests without a body, which is all requests made today, are refused."),
    _row("request-body-removed", "error", "request", "body", "removed",
         "What clients send is refused or ignored."),
    _row("request-body-became-required", "error", "request", "body", "changed", "Requests without it are refused."),
    _row("request-body-became-optional", "info", "request", "body", "changed", "Clients may leave it out."),
    _row("response-body-became-optional", "error", "response", "body", "changed",
         "Whoever receives the call and reads its body may find none."),
    _row("response-body-became-required", "info", "response", "body", "changed", "There is always a body to read."),
    _row("response-body-removed", "error", "response", "body", "removed", "Whoever reads it finds nothing."),
    _row("response-body-added", "info", "response", "body", "added", "There is more to read."),
    _row("request-media-type-added", "info", "request", "media-type", "added", "There is one more way to write it."),
    _row("request-media-type-removed", "error", "request", "media-type", "removed",
         "Clients that write this media type are refused."),
    _row("response-media-type-added", "info", "response", "media-type", "added",
         "Clients that do not ask for it do not get it."),
    _row("response-media-type-removed", "error", "response", "media-type", "removed",
         "Clients that read this media type get none they understand."),
    _row("response-media-type-widened", "error", "response", "media-type", "changed",
         "A range of media types stands where there was one: readers may get one they do not understand."),
    _row("request-encoding-changed", "error", "request", "encoding", "changed",
         "A part of the form is written differently: the server misreads what clients send."),
    _row("response-encoding-changed", "error", "response", "encoding", "changed",
         "A part of the form is written differently: readers misread it."),
    _row("response-status-added", "info", "response", "status", "added",
         "Clients treat a status they do not know as the first of its hundred."),
    _row("response-success-status-removed", "error", "response", "status", "removed",
         "Clients that wait for this status take a success for a failure."),
    _row("response-error-status-removed", "info", "response", "status", "removed",
         "There is one failure less to handle."),
    _row("response-header-added", "info", "response", "header", "added", "Clients ignore headers they do not know."),
    _row("response-header-removed", "warning", "response", "header", "removed",
         "It was never promised to be there, but whoever reads it finds nothing."),
    _row("response-header-required-removed", "error", "response", "header", "removed",
         "Whoever relies on the header finds nothing."),
    _row("response-header-became-optional", "error", "response", "header", "changed",
         "Whoever relies on the header may find nothing."),
    _row("response-header-became-required", "info", "response", "header", "changed", "The header is always there."),
    _row("server-added", "info", "none", "server", "added", "There is one more address to call."),
    _row("server-removed", "error", "none", "server", "removed", "Calls to this address reach nobody."),
    _row("security-added", "error", "request", "security", "added",
         "Calls without credentials, which is all calls made today, are refused."),
    _row("security-removed", "info", "request", "security", "removed", "Credentials are no longer asked for."),
    _row("security-alternative-added", "info", "request", "security", "added", "There is one more way to sign in."),
    _row("security-alternative-removed", "error", "request", "security", "removed",
         "Clients that sign in this way are refused."),
    _row("security-requirement-added", "error", "request", "security", "changed",
         "The same credentials are no longer enough."),
    _row("security-requirement-reduced", "info", "request", "security", "changed", "Less is asked of credentials."),
    _row("security-url-changed", "warning", "request", "security", "changed",
         "Tokens come from another address; whether the old one still answers is not documented."),
)  # fmt: skip

_SDK: Final = (
    _row("operation-id-changed", "warning", "none", "sdk", "changed",
         "The generated function gets another name: programs that call it no longer compile."),
    _row("operation-id-added", "warning", "none", "sdk", "added",
         "The function that was named after its path gets another name."),
    _row("operation-id-removed", "warning", "none", "sdk", "removed",
         "The function is named after its path from now on."),
    _row("operation-tags-changed", "warning", "none", "sdk", "changed",
         "The generated function moves into another module."),
    _row("component-added", "info", "none", "sdk", "added", "There is one more generated class."),
    _row("component-removed", "warning", "none", "sdk", "removed",
         "The generated class is gone: programs that import it no longer compile."),
    _row("component-renamed", "warning", "none", "sdk", "changed",
         "The generated class gets another name: programs that import it no longer compile."),
    _row("enum-names-changed", "warning", "none", "sdk", "changed",
         "Members of the generated enum get other names: programs that use them no longer compile."),
    _row("parameter-name-changed", "warning", "none", "sdk", "changed",
         "The argument of the generated function gets another name."),
)  # fmt: skip


# --- languages and prose: rules of tools.diff.locales, tools.diff.prose and tools.diff.facts ---
def _language(name: str, level: Level, kind: str, action: str, why: str) -> Rule:
    return Rule(id=name, level=level, direction="none", area="language", kind=kind, action=action, why=why)


def _prose(name: str, level: Level, action: str, why: str) -> Rule:
    return Rule(id=name, level=level, direction="none", area="prose", kind="prose", action=action, why=why)


_LANGUAGES: Final = (
    _language("constraint-differs", "error", "structure", "changed",
              "Readers of one language send what readers of another are told is refused."),
    _language("default-differs", "error", "structure", "changed",
              "Who leaves the member out is told to expect another result in each language."),
    _language("enum-differs", "error", "structure", "changed",
              "Readers of one language miss a value, or send one that others are told is refused."),
    _language("member-added", "error", "structure", "added",
              "One language documents what the others do not: its readers send or read what may not exist."),
    _language("member-missing", "error", "structure", "removed",
              "Readers of one language do not learn of what all others are told."),
    _language("page-kind-differs", "error", "structure", "changed",
              "The page documents an operation in one language only, so that nothing else on it can be compared."),
    _language("reference-differs", "error", "structure", "changed",
              "The same member has another shape in each language."),
    _language("required-differs", "error", "structure", "changed",
              "Readers of one language leave out what others are told must be there."),
    _language("type-differs", "error", "structure", "changed",
              "Readers of one language send another type than readers of another."),
    _language("value-differs", "error", "structure", "changed",
              "The languages disagree in something that is not words."),
    _language("locale-edition-differs", "error", "structure", "changed",
              "One language shows another edition of the page: its readers work with an older or newer interface."),
    _language("locale-page-missing", "warning", "page", "removed",
              "Readers of this language do not find the page at all."),
    _language("locale-value-translated", "error", "structure", "changed",
              "A value that programs send was translated: whoever copies it is refused."),
    _language("locale-example-translated", "warning", "example", "changed",
              "A name, closed value or address of an example was translated: whoever copies it is refused."),
    _language("locale-example-differs", "info", "example", "changed",
              "Examples show something else in each language; each may be right."),
    _language("locale-fact-missing", "warning", "fact", "removed",
              "Readers of one language are not told a literal, number or address that all others are told."),
    _language("locale-fact-replaced", "warning", "fact", "changed",
              "Readers of one language are told another literal, number or address than all others."),
    _language("locale-fact-added", "info", "fact", "added",
              "One language states more than the others; it may be the first to be up to date."),
    _language("locale-fact-split", "info", "fact", "changed",
              "Some languages state a literal, number or address, and as many do not."),
    _prose("prose-fact-changed", "warning", "changed",
           "A literal, number, address or a must of a description has changed though no schema says so."),
    _prose("prose-reworded", "info", "changed", "The words have changed, and everything they state stands."),
    _prose("prose-contradicts-schema", "warning", "changed",
           "The text promises something else than the schema: one of the two misleads whoever follows it."),
)  # fmt: skip
# --- end of languages and prose ---

RULES: Final[tuple[Rule, ...]] = (*_schema_rules(), *_MEMBERS, *_ANNOTATIONS, *_WIRE, *_SDK, *_LANGUAGES)

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
