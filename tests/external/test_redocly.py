"""The contracts pass a second, independent judge of OpenAPI documents."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.external

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("redocly.yaml")
OFFLINE = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def problems(document: Path) -> list[str]:
    """Redocly's findings on one document, errors and warnings alike."""
    run = subprocess.run(
        (os.environ["VIDGATE_REDOCLY"], "lint", "--format=json", f"--config={CONFIG}", "--max-problems=1000", document),
        cwd=document.parent,
        env={**os.environ, **OFFLINE},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.stdout.startswith("{"), run.stdout + run.stderr
    return [
        f"{problem['ruleId']}: {problem['message']} ({problem['location'][0].get('pointer')})"
        for problem in json.loads(run.stdout)["problems"]
    ]


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_contract_has_no_structural_fault(provider: str) -> None:
    """Neither errors nor warnings."""
    assert problems(ROOT / "specs" / provider / "openapi.json") == []


def test_a_fault_is_found(tmp_path: Path) -> None:
    """The judge does judge: a reference into nothing is named."""
    document = Path(shutil.copy(ROOT / "specs" / "evolink" / "openapi.json", tmp_path / "openapi.json"))
    broken = document.read_text(encoding="utf-8").replace("#/components/schemas/CreateVideoRequest", "#/nowhere", 1)
    document.write_text(broken, encoding="utf-8")
    assert any(problem.startswith("no-unresolved-refs:") for problem in problems(document))
