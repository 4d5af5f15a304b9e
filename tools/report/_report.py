"""What a run found, before it is written in any format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.errors import (
    ConflictError,
    DriftError,
    Findings,
    GenerateError,
    HostilePage,
    JudgementError,
    LeftoverError,
    PageError,
    StaleAction,
    ToolError,
    Unreachable,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.model import Change, Decision, Json, Proposal, Repair

KINDS: Final[Mapping[type[ToolError], str]] = {
    ConflictError: "conflict",
    DriftError: "drift",
    GenerateError: "generate",
    HostilePage: "hostile-page",
    JudgementError: "judgement",
    LeftoverError: "leftover",
    PageError: "page",
    StaleAction: "stale-action",
    Unreachable: "unreachable",
    UsageError: "usage",
}
"""What each kind of finding is called where a machine reads it. Never renamed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What one run found about one subject, a provider as a rule.

    `summary` is one line for people; `facts` the same and more for machines, in the order worth reading.
    `findings` and, where `changes_count`, `changes` decide whether all is good.
    """

    subject: str
    summary: str
    facts: Mapping[str, Json] = field(default_factory=dict[str, "Json"])
    findings: tuple[ToolError, ...] = ()
    changes: tuple[Change, ...] = ()
    changes_count: bool = False
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing is left to do."""
        return not self.findings and not (self.changes_count and self.changes)


def flat(errors: Iterable[ToolError]) -> Iterator[ToolError]:
    """Every single error, once, with collections taken apart."""
    seen: set[str] = set()
    for error in errors:
        for single in flat(error.errors) if isinstance(error, Findings) else (error,):
            text = f"{type(single).__name__} {single}"
            if text not in seen:
                seen.add(text)
                yield single


def count(number: int, what: str) -> str:
    """A number and the English noun for it: `1 page`, `2 pages`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
