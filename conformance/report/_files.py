"""Writes the reports of a run into a directory, each whole or not at all."""

from __future__ import annotations

import functools
import importlib.resources
import json
import os
from typing import TYPE_CHECKING

from .._live import write_cassettes
from .._page import write_page
from ._document import as_document
from ._junit import as_junit

if TYPE_CHECKING:
    from pathlib import Path

    from .._json import JsonObject
    from .._secrets import Redactor
    from .._suite import Verdict

JSON_NAME = "report.json"
JUNIT_NAME = "junit.xml"


@functools.cache
def schema() -> JsonObject:
    """The published JSON Schema of report.json."""
    text = (importlib.resources.files(__package__ or "") / "report.schema.json").read_text(encoding="utf-8")
    found: JsonObject = json.loads(text)
    return found


def write_reports(verdict: Verdict, directory: Path, redact: Redactor) -> JsonObject:
    """Write all reports; returns the document of report.json. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    document = as_document(verdict, redact)
    write(directory / JSON_NAME, f"{json.dumps(document, ensure_ascii=False, indent=1)}\n")
    write(directory / JUNIT_NAME, as_junit(verdict, redact))
    write_page(document, directory)
    write_cassettes([report.run for report in verdict.reports], directory, redact)
    return document


def write(path: Path, content: str) -> None:
    """Write a file so that it is there whole or not at all; raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(content, encoding="utf-8", errors="backslashreplace", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
