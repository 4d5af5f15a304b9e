"""For people: one line per subject, then what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.report._report import count, flat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.model import Change
    from tools.report._report import Report


def render(reports: Sequence[Report]) -> str:
    """Findings in full; of what was decided by rule, and of notes, only how many there are."""
    return "".join(f"{line}\n" for report in reports for line in _report(report, everything=False))


def render_all(reports: Sequence[Report]) -> str:
    """The same with every decision, note and change."""
    return "".join(f"{line}\n" for report in reports for line in _report(report, everything=True))


def _report(report: Report, *, everything: bool) -> Iterator[str]:
    findings = list(flat(report.findings))
    yield f"{report.subject}: {report.summary}"
    if everything or report.changes_count:
        for change in report.changes:
            yield from _change(change)
    if everything:
        for decision in report.decisions:
            yield f"  decided by {decision.rule}: {decision.message}"
            yield from (f"    at {place}" for place in decision.places)
        yield from (f"  note: {note}" for note in report.notes)
    else:
        hidden = _hidden(report)
        if hidden:
            yield f"  {hidden} (--verbose lists them)"
    for error in findings:
        yield ""
        yield str(error)
    if findings:
        yield ""
        yield f"{report.subject}: {count(len(findings), 'finding')}"


def _hidden(report: Report) -> str:
    changes = 0 if report.changes_count else len(report.changes)
    counts = (
        (changes, "difference"),
        (len(report.decisions), "rule decision"),
        (len(report.notes), "note"),
    )
    return ", ".join(count(number, what) for number, what in counts if number)


def _change(change: Change) -> Iterator[str]:
    yield f"  {change.rule}: {change.message}"
    yield f"    {change.old}"
    yield f"    {change.new}"
