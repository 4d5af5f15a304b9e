"""Verdicts in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._results import Report, Result
    from .._suite import Verdict
    from ..requirements import Level

SCORED: tuple[Result, ...] = ("pass", "fail", "warn", "disabled")


def score(report: Report, level: Level) -> tuple[int, int]:
    """How many requirements of a level hold, of how many that were scored."""
    found = [entry.result for entry in report.judged if entry.requirement.level == level]
    return found.count("pass"), sum(result in SCORED for result in found)


def badge(report: Report) -> str:
    """`MUST 61/61 · SHOULD 12/14 · 0 skipped`."""
    parts: list[str] = []
    for level in ("MUST", "SHOULD"):
        held, scored = score(report, level)
        parts.append(f"{level} {held}/{scored}")
    skipped = sum(entry.result == "skip" for entry in report.judged)
    return " · ".join((*parts, f"{skipped} skipped"))


def sentence(report: Report) -> str:
    """One line about one subject."""
    run = report.run
    told = [f"{run.provider}: {report.state}: {badge(report)}"]
    rest = {
        word: sum(entry.result == word for entry in report.judged)
        for word in ("unreachable", "ambiguous", "disabled", "error")
    }
    others = ", ".join(f"{count} {word}" for word, count in rest.items() if count)
    if others:
        told.append(others)
    told.append(f"{len(run.exchanges)} requests, {len(run.paid)} paid tasks")
    return "; ".join(told)


def sentence_over_all(verdict: Verdict) -> str:
    """One line about all subjects of a run."""
    told = [sentence(report) for report in verdict.reports]
    if verdict.faults:
        told.append(f"nothing counts: {verdict.faults[0].splitlines()[0]}")
    return f"{verdict.settings.profile}: {' | '.join(told)}"
