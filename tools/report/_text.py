"""For people: one line per subject, then what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.report._report import count, flat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.model import Change
    from tools.report._report import Report

PRECEDENCE: Final = "settled-by-precedence"
"""The rule that somebody asked for on the command line: what it settled is never passed over."""


def render(reports: Sequence[Report]) -> str:
    """Findings, and what was settled by precedence, in full; of everything else only how much there is."""
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
        yield from _everything(report)
    else:
        for decision in report.decisions:
            if decision.rule == PRECEDENCE:
                yield f"  settled: {decision.message}"
        hidden = _hidden(report)
        if hidden:
            yield f"  {hidden} (--verbose lists them)"
    for error in findings:
        yield ""
        yield str(error)
    if findings:
        yield ""
        yield f"{report.subject}: {count(len(findings), 'finding')}"


def _everything(report: Report) -> Iterator[str]:
    for decision in report.decisions:
        yield f"  decided by {decision.rule}: {decision.message}"
        yield from (f"    at {place}" for place in decision.places)
    yield from (f"  mended by {one.rule}: {one.place}: {one.found} → {one.made}" for one in report.repairs)
    for proposal in report.proposals:
        yield f"  proposed: {proposal.message}"
        yield from (f"    at {place}" for place in proposal.places)
        yield from (f"    {row}" for row in proposal.action.splitlines())
    yield from (f"  note: {note}" for note in report.notes)


def _hidden(report: Report) -> str:
    changes = 0 if report.changes_count else len(report.changes)
    counts = (
        (changes, "difference"),
        (sum(1 for one in report.decisions if one.rule != PRECEDENCE), "rule decision"),
        (len(report.repairs), "repair"),
        (len(report.proposals), "proposal"),
        (len(report.notes), "note"),
    )
    return ", ".join(count(number, what) for number, what in counts if number)


def _change(change: Change) -> Iterator[str]:
    yield f"  {change.rule}: {change.message}"
    yield f"    {change.old}"
    yield f"    {change.new}"
