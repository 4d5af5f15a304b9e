"""Rules of tools.diff.locales, tools.diff.prose and tools.diff.facts: languages and prose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.diff._rule import Rule

if TYPE_CHECKING:
    from tools.model import Level


def _language(name: str, level: Level, kind: str, action: str, why: str) -> Rule:
    return Rule(id=name, level=level, direction="none", area="language", kind=kind, action=action, why=why)


def _prose(name: str, level: Level, action: str, why: str) -> Rule:
    return Rule(id=name, level=level, direction="none", area="prose", kind="prose", action=action, why=why)


LANGUAGES: Final = (
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
    Rule(id="page-added", level="info", direction="none", area="prose", kind="page", action="added",
         why="There is more to read: a guide or an overview that no operation tells of."),
    Rule(id="page-removed", level="warning", direction="none", area="prose", kind="page", action="removed",
         why="What only this page said is said nowhere any more, and links to it lead nowhere."),
    _prose("prose-contradicts-schema", "warning", "changed",
           "The text promises something else than the schema: one of the two misleads whoever follows it."),
)  # fmt: skip
