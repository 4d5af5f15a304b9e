"""A verdict as JUnit XML: a test case for each requirement, with its id, level and sources as properties."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._results import Judged
    from .._suite import Verdict

# Characters that XML 1.0 cannot hold.
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENTS = {
    "fail": "failure",
    "error": "error",
    "skip": "skipped",
    "disabled": "skipped",
    "unreachable": "skipped",
    "ambiguous": "skipped",
}


def as_junit(verdict: Verdict, redact: Callable[[str], str]) -> str:
    """The XML text. A broken SHOULD is a failure only where the run is judged at that level."""

    def text(value: str) -> str:
        return NO_XML.sub("\N{REPLACEMENT CHARACTER}", redact(value))

    root = ET.Element("testsuites", name="vidgate-conformance")
    for report in verdict.reports:
        run = report.run
        elements = [_element(entry, report.level) for entry in report.judged]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=f"{run.provider}.{run.subject.profile}",
            tests=str(len(elements) + len(report.faults)),
            failures=str(elements.count("failure")),
            errors=str(elements.count("error") + len(report.faults)),
            skipped=str(elements.count("skipped")),
        )
        for entry, element in zip(report.judged, elements, strict=True):
            demand = entry.requirement
            case = ET.SubElement(suite, "testcase", classname=f"{run.provider}.{demand.area}", name=demand.id)
            properties = ET.SubElement(case, "properties")
            told = {"requirement": demand.id, "level": demand.level, "result": entry.result, "text": demand.text}
            for source in demand.sources:
                told.setdefault("source", f"{source.page}#{source.pointer}")
            for name, value in told.items():
                ET.SubElement(properties, "property", name=name, value=text(value))
            if element:
                message = entry.message or entry.result
                found = ET.SubElement(case, element, message=text(f"{entry.result}: {message.splitlines()[0]}"))
                found.text = text(message)
        _faults(suite, report.faults, text)
    if verdict.faults:
        count = str(len(verdict.faults))
        _faults(ET.SubElement(root, "testsuite", name="suite", tests=count, errors=count), verdict.faults, text)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _element(entry: Judged, level: str) -> str:
    if entry.result == "warn" and level == "SHOULD" and entry.requirement.level == "SHOULD":
        return "failure"
    return ELEMENTS.get(entry.result, "")


def _faults(suite: ET.Element, faults: tuple[str, ...], text: Callable[[str], str]) -> None:
    for fault in faults:
        case = ET.SubElement(suite, "testcase", classname="suite", name="fault")
        ET.SubElement(case, "error", message=text(fault))
