"""A run as a table, as JSON, as JUnit XML.

Every text passes the redactor. No times and durations: equal runs give equal reports.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from ._exclusions import EXCLUSIONS, Exclusion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ._json import JsonObject
    from ._suite import Row, Verdicts

HEAD = ("check", "provider", "covers", "cases", "result")
MOST_DETAILS = 5
# Characters that XML 1.0 cannot hold.
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENTS = {"fail": "failure", "error": "error", "skip": "skipped"}


def table(verdicts: Verdicts, redact: Callable[[str], str]) -> Iterator[str]:
    """The lines that people read."""
    lines = [HEAD, *(_cells(row) for row in verdicts.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for index, line in enumerate(lines):
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        if index == 0:
            yield "  ".join("-" * width for width in widths)
    for row in verdicts.rows:
        yield from (redact(line) for line in _details(row))
    for fault in verdicts.faults:
        yield redact(f"\nfault of the suite: {fault}")
    if verdicts.settings.profile == "simulator":
        yield ""
        yield from (_left_out(exclusion) for exclusion in EXCLUSIONS)
    yield ""
    yield summary(verdicts)


def summary(verdicts: Verdicts) -> str:
    """One line: how it ended."""
    counts = {
        word: sum(row.verdict == verdict for row in verdicts.rows)
        for verdict, word in (("pass", "passed"), ("fail", "failed"), ("error", "in error"), ("skip", "skipped"))
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    cases = sum(row.cases for row in verdicts.rows)
    faults = f"; {len(verdicts.faults)} faults of the suite" if verdicts.faults else ""
    return f"{verdicts.settings.profile}: {verdicts.state}: {told or 'nothing ran'} ({cases} cases){faults}"


def as_json(verdicts: Verdicts, redact: Callable[[str], str]) -> str:
    """The run for machines."""
    document: JsonObject = {
        "profile": verdicts.settings.profile,
        "state": verdicts.state,
        "summary": summary(verdicts),
        "versions": dict(verdicts.versions),
        "subjects": [
            {
                "provider": subject.provider,
                "contract": subject.contract.document["info"]["version"],
                "contract_sha256": subject.contract.digest,
                "base_url": subject.base_url,
            }
            for subject in verdicts.settings.subjects
        ],
        "exclusions": [dataclasses.asdict(row) for row in EXCLUSIONS],
        "results": [
            {
                "check": row.requirement.id,
                "provider": row.provider,
                "requirement": row.requirement.text,
                "cases": row.cases,
                "result": row.verdict,
                "problems": [
                    {"case": outcome.name, "result": outcome.verdict, "message": redact(outcome.message)}
                    for outcome in row.outcomes
                    if outcome.verdict != "pass"
                ],
            }
            for row in verdicts.rows
        ],
        "faults": [redact(fault) for fault in verdicts.faults],
    }
    return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n"


def as_junit(verdicts: Verdicts, redact: Callable[[str], str]) -> str:
    """The run as JUnit XML: one test case for each case, faults of the suite as errors of a case of their own."""

    def text(value: str) -> str:
        return NO_XML.sub("\N{REPLACEMENT CHARACTER}", redact(value))

    outcomes = [outcome for row in verdicts.rows for outcome in row.outcomes]
    counts = {verdict: sum(outcome.verdict == verdict for outcome in outcomes) for verdict in ELEMENTS}
    suite = ET.Element(
        "testsuite",
        name=f"conformance.{verdicts.settings.profile}",
        tests=str(len(outcomes) + len(verdicts.faults)),
        failures=str(counts["fail"]),
        errors=str(counts["error"] + len(verdicts.faults)),
        skipped=str(counts["skip"]),
    )
    for outcome in outcomes:
        classname = f"{outcome.provider}.{outcome.requirement}"
        case = ET.SubElement(suite, "testcase", classname=classname, name=text(outcome.name))
        if outcome.verdict in ELEMENTS:
            found = ET.SubElement(case, ELEMENTS[outcome.verdict], message=text(outcome.message.partition("\n")[0]))
            found.text = text(outcome.message)
    for fault in verdicts.faults:
        case = ET.SubElement(suite, "testcase", classname="suite", name="fault")
        ET.SubElement(case, "error", message=text(fault))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def write(path: Path, content: str) -> None:
    """Write a report so that it is there whole or not at all; raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(content, encoding="utf-8", errors="backslashreplace", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _left_out(exclusion: Exclusion) -> str:
    where = " ".join(part for part in (exclusion.provider, exclusion.operation) if part) or "everywhere"
    return f"left out: {exclusion.check} ({exclusion.kind}, {where}): {exclusion.reason}"


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    skipped = sum(outcome.verdict == "skip" for outcome in row.outcomes)
    result = f"{row.verdict} ({skipped} skipped)" if skipped and row.verdict != "skip" else row.verdict
    shown = result if row.verdict in {"pass", "skip"} else result.upper()
    return row.requirement.id, row.provider, row.requirement.covers, str(row.cases), shown


def _details(row: Row) -> Iterator[str]:
    found = [outcome for outcome in row.outcomes if outcome.verdict != "pass"]
    for outcome in found[:MOST_DETAILS]:
        yield f"\n{outcome.verdict}: {outcome.requirement}, {outcome.name}\n  {outcome.message}"
    if len(found) > MOST_DETAILS:
        yield f"\n… and {len(found) - MOST_DETAILS} more of {row.requirement.id} for {row.provider}; see --json"
