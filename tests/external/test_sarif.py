"""The SARIF reports pass the validator of the format's own toolkit, which knows the schema of 2.1.0 and more rules."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.__main__ import main

pytestmark = pytest.mark.external

ROOT = Path(__file__).parents[2]
PAGE = "api-manual/video-series/gemini-omni-flash/gemini-omni-flash-video-edit.md"
PLAIN = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A page in two languages, narrower in one and with another default in both than the vendored one."""
    for locale in ("ko", "ja"):
        content = (ROOT / "specs/evolink/pages" / locale / PAGE).read_bytes()
        target = tmp_path / "pages" / locale / PAGE
        target.parent.mkdir(parents=True)
        narrower = content.replace(b"          maxItems: 1\n", b"          maxItems: 2\n")
        target.write_bytes(narrower if locale == "ja" else content)
    return tmp_path / "pages"


def findings(report: Path) -> list[str]:
    """Faults by schema (JSON…) and by the prose of the standard (SARIF1…); what is only recommended (SARIF2…) is none.

    One recommendation, to name the tool's version, is never met: without it the validator did not understand the file.
    """
    found = report.with_suffix(".found.sarif")
    run = subprocess.run(
        (os.environ["VIDGATE_SARIF"], "validate", report, "--output", found, "--log", "ForceOverwrite"),
        env={**os.environ, **PLAIN},
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.is_file(), run.stdout + run.stderr
    value: Any = json.loads(found.read_text(encoding="utf-8-sig"))
    results = [result for one in value["runs"] for result in one.get("results", [])]
    assert any(one["ruleId"] == "SARIF2005" for one in results)
    return [f"{one['ruleId']}: {one['message']}" for one in results if not one["ruleId"].startswith("SARIF2")]


def report(pages: Path, command: str) -> Path:
    """The report of a command about these pages."""
    sides = {"diff": ["evolink", str(pages), "--provider", "evolink"], "locales": [str(pages)]}[command]
    out = io.StringIO()
    assert main([command, *sides, "--format", "sarif"], out=out) == 1
    path = pages.parent / f"{command}.sarif"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["diff", "locales"])
def test_a_report_is_valid(command: str, pages: Path) -> None:
    """Results, locations, rules and fingerprints, as both commands write them."""
    path = report(pages, command)
    assert json.loads(path.read_text(encoding="utf-8"))["runs"][0]["results"]
    assert findings(path) == []


def test_a_fault_is_found(pages: Path) -> None:
    """The judge does judge: a line that no file has."""
    path = report(pages, "locales")
    broken = re.sub(r'"startLine": \d+', '"startLine": 0', path.read_text(encoding="utf-8"))
    path.write_text(broken, encoding="utf-8")
    assert any(found.startswith("JSON1008:") for found in findings(path))
