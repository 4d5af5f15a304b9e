"""What people see: progress while it runs, a table by area, and every requirement that did not simply pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from .._results import RESULTS
from ..requirements import AREAS, revision_of
from ._words import score, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._results import Judged, Outcome, Report
    from .._session import Session
    from .._suite import Verdict

SHOWN: tuple[str, ...] = ("fail", "warn", "error", "skip", "disabled", "ambiguous")
LOUD = frozenset({"fail", "warn", "error"})
MOST_LINES = 6
# Controls but for the line feed, bidirectional formatting, surrogates.
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def table(verdict: Verdict, redact: Callable[[str], str]) -> Iterator[str]:
    """The lines that people read."""
    for report in verdict.reports:
        yield from (redact(line) for line in _subject(report))
        yield ""
    for fault in verdict.faults:
        yield redact(f"not judged: {fault}")
    for report in verdict.reports:
        yield redact(f"{verdict.settings.profile}: {sentence(report)}")


def _subject(report: Report) -> Iterator[str]:
    run = report.run
    subject = run.subject
    revision = f"{subject.provider}/{revision_of(subject.provider)}"
    yield f"{subject.name} at {subject.base_url}, judged by {revision}"
    rows: list[tuple[str, ...]] = [("area", "MUST", "SHOULD", *RESULTS[1:], "cases")]
    for area in (*AREAS, "all"):
        entries = [entry for entry in report.judged if area in {entry.requirement.area, "all"}]
        if entries:
            rows.append(_row(area, entries, report))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = (
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)
    for entry in report.judged:
        if entry.result in SHOWN or entry.stale:
            yield from _details(entry)
    for fault in report.faults:
        yield f"\nnot judged: {fault}"


def _row(area: str, entries: list[Judged], report: Report) -> tuple[str, ...]:
    part = type(report)(run=report.run, judged=tuple(entries), level=report.level)
    counts = [sum(entry.result == result for entry in entries) for result in RESULTS[1:]]
    musts, shoulds = ("/".join(map(str, score(part, level))) for level in ("MUST", "SHOULD"))
    return (area, musts, shoulds, *(str(count or "") for count in counts), str(sum(entry.cases for entry in entries)))


def _details(entry: Judged) -> Iterator[str]:
    demand = entry.requirement
    word = "holds again" if entry.stale else entry.result
    told = word.upper() if entry.result in LOUD else word
    if entry.result not in LOUD:
        reason = entry.message.partition("\n")[0]
        yield f"\n{told}: {demand.id} ({demand.level}): {reason}".rstrip()
        return
    yield f"\n{told}: {demand.id} ({demand.level}): {demand.text}"
    lines = entry.message.splitlines()
    yield from (f"  {line}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"  … and {len(lines) - MOST_LINES} more"
    numbers = [str(number) for finding in entry.findings for number in finding.exchanges][:MOST_LINES]
    if numbers:
        yield f"  exchanges {', '.join(dict.fromkeys(numbers))}"
    for source in demand.sources[:1]:
        at = f", line {source.line}" if source.line else ""
        yield f"  stated in {source.page}{at}"


class Progress:
    """One line on a terminal that is written over and over, and wiped by the table; silent elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._session: Session | None = None
        self._done = 0
        self._wrong = 0

    def prepared(self, session: Session) -> None:
        """A subject is about to be judged."""
        self._session = session
        self._write(f"{session.run.subject.base_url} …")

    def outcome(self, outcome: Outcome) -> None:
        """A check has said something."""
        self._done += 1
        self._wrong += outcome.said in {"fail", "error"}
        wrong = f", {self._wrong} wrong" if self._wrong else ""
        self._write(f"{self._done} requirements{wrong}: {outcome.requirement}")

    def end(self) -> None:
        """Wipe the line."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{text[:110]}\r")
            self._stream.flush()


def say(stream: TextIO, text: str) -> None:
    """Print a line: messages hold what servers say, so what a terminal would obey or cannot show is escaped."""
    plain = UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)
    encoding = stream.encoding or "utf-8"
    stream.write(f"{plain.encode(encoding, 'backslashreplace').decode(encoding)}\n")
