"""For people: one line per subject, then what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.errors import by_language
from tools.report._report import count, flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.errors import Place
    from tools.model import Change, Decision, Repair
    from tools.report._report import Report

PRECEDENCE: Final = "settled-by-precedence"
"""The rule that somebody asked for on the command line: what it settled is never passed over."""


def render(reports: Sequence[Report]) -> str:
    """Findings, and what was settled by precedence, in full; of everything else only how much there is."""
    return "".join(f"{line}\n" for report in reports for line in _report(report, everything=False))


def render_all(reports: Sequence[Report]) -> str:
    """The same with every decision, repair, proposal, note and change."""
    return "".join(f"{line}\n" for report in reports for line in _report(report, everything=True))


def _report(report: Report, *, everything: bool) -> Iterator[str]:
    findings = list(flat(report.findings))
    yield f"{report.subject}: {report.summary}"
    if everything or report.changes_count:
        for change in report.changes:
            yield from _change(change)
    if everything:
        yield from _everything(report)
    yield from _settled([one for one in report.decisions if one.rule == PRECEDENCE])
    hidden = "" if everything else _hidden(report)
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
        if decision.rule != PRECEDENCE:
            yield f"  decided by {decision.rule}: {decision.message}"
            yield from _at(by_language(decision.places))
    yield from _repairs(report.repairs)
    for proposal in report.proposals:
        yield f"  proposed: {proposal.message}"
        yield from _at(by_language(proposal.places))
        yield from _yaml(proposal.action)
    for note in report.notes:
        first, *others = note.splitlines()
        yield f"  note: {first}"
        yield from (f"    {row.strip()}" for row in others)


def _settled(decisions: Sequence[Decision]) -> Iterator[str]:
    """What precedence settled, and after it all that decides the same in one piece, as an overlay takes it."""
    for decision in decisions:
        yield f"  settled: {decision.message}"
        yield from _at(by_language(decision.places))
    if decisions:
        yield f"  {count(len(decisions), 'decision')} settled by precedence. To keep them, paste into overlay.yaml:"
        yield from (row for decision in decisions for row in _yaml(decision.action))


def _yaml(actions: str) -> Iterator[str]:
    """As deep as the actions of the overlays stand, so that they can be pasted as they are."""
    return (f"  {row}" for row in actions.splitlines())


def _at(rows: Iterable[str]) -> Iterator[str]:
    return (f"    at {row}" for row in rows)


def _repairs(repairs: Sequence[Repair]) -> Iterator[str]:
    """Every repair with its line; the same one, made in many places, is explained once."""
    groups: dict[tuple[str, str, str], list[Place]] = {}
    for one in repairs:
        groups.setdefault((one.rule, one.found, one.made), []).append(one.place)
    for (rule, found, made), places in groups.items():
        yield f"  mended by {rule}, {count(len(places), 'time')}: {found} → {made}"
        yield from _at(_by_page(places))


def _by_page(places: Sequence[Place]) -> Iterable[str]:
    pages: dict[str, list[Place]] = {}
    for place in places:
        pages.setdefault(place.path, []).append(place)
    if len(pages) == len(places):
        return by_language(places)
    return (
        f"{path}:{', '.join(dict.fromkeys(str(place.line) for place in there))}" if len(there) > 1 else str(there[0])
        for path, there in pages.items()
    )


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
