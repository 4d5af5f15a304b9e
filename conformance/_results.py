"""Results of a run, requirement by requirement, and the verdict over all. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._run import Finding, Run
    from .requirements import Level, Requirement

Result: TypeAlias = Literal["pass", "fail", "warn", "skip", "disabled", "unreachable", "ambiguous", "error"]
State: TypeAlias = Literal["conformant", "partial", "not conformant", "harness error"]
Said: TypeAlias = Literal["pass", "fail", "skip", "unreachable", "error"]

RESULTS: tuple[Result, ...] = get_args(Result)
CODES: Mapping[State, int] = {"conformant": 0, "partial": 0, "not conformant": 1, "harness error": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one check said of one requirement, in one case of its own."""

    requirement: str
    check: str
    said: Said
    message: str = ""
    cases: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One requirement with its result. `message` says why, unless it passed; `stale`: known to fail, but it holds."""

    requirement: Requirement
    result: Result
    message: str = ""
    findings: tuple[Finding, ...] = ()
    cases: int = 0
    checks: tuple[str, ...] = ()
    stale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One subject's results. `faults`: what kept the suite from its work; then nothing it says counts."""

    run: Run
    judged: tuple[Judged, ...]
    faults: tuple[str, ...] = ()
    level: Level = "MUST"
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def state(self) -> State:
        """The verdict."""
        found = {(entry.result, entry.requirement.level) for entry in self.judged}
        if self.faults or not self.judged or any(result == "error" for result, _ in found):
            return "harness error"
        if any(result == "fail" for result, _ in found):
            return "not conformant"
        if self.level == "SHOULD" and ("warn", "SHOULD") in found:
            return "not conformant"
        return "partial" if ("skip", "MUST") in found else "conformant"

    @property
    def broken(self) -> tuple[str, ...]:
        """Ids of the requirements that are broken, MUST and SHOULD."""
        return tuple(entry.requirement.id for entry in self.judged if entry.result in {"fail", "warn"})


def settle(
    entry: Requirement, outcomes: list[Outcome], findings: list[Finding], cases: int, known_failing: Mapping[str, str]
) -> Judged:
    """The result of one requirement from all that was said and seen."""
    said = {outcome.said for outcome in outcomes}
    checks = tuple(dict.fromkeys(outcome.check for outcome in outcomes))
    cases += sum(outcome.cases for outcome in outcomes if outcome.said in {"pass", "fail"})
    messages = {kind: [one.message for one in outcomes if one.said == kind and one.message] for kind in get_args(Said)}
    broken = bool(findings) or "fail" in said
    reason = known_failing.get(entry.id)
    result: Result
    stale = False
    told = [one.message for one in findings] + messages["fail"]
    if "error" in said:
        result, told = "error", messages["error"]
    elif entry.ambiguous is not None:
        result, told = "ambiguous", [entry.ambiguous]
    elif broken and reason is not None:
        result, told = "disabled", [reason]
    elif broken:
        result = "fail" if entry.level == "MUST" else "warn"
    elif "skip" in said and "pass" not in said:
        result, told = "skip", messages["skip"]
    elif "pass" not in said:
        result, told = "unreachable", messages["unreachable"] or ["nothing that the subject did says anything about it"]
    else:
        result, stale = "pass", reason is not None
        told = [f"known to fail ({reason}), but it holds: take it out of [known_failing]"] if stale else []
    return Judged(
        requirement=entry,
        result=result,
        message="\n".join(dict.fromkeys(told)),
        findings=tuple(findings),
        cases=cases,
        checks=checks,
        stale=stale,
    )
