"""The corpus marker: left out without the directory, an error when the directory is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = """
import pytest

@pytest.mark.corpus
def test_reads(corpus):
    assert corpus.is_dir()

def test_plain():
    pass
"""


def closing_line(place: Path, corpus: str | None) -> tuple[int, str]:
    """Exit code and last line of pytest on two tests, one of them marked."""
    shutil.copy(CONFTEST, place / "conftest.py")
    (place / "test_two.py").write_text(TESTS, encoding="utf-8")
    (place / "pytest.ini").write_text("[pytest]\nmarkers =\n    corpus: x\n", encoding="utf-8")
    surroundings = {name: value for name, value in os.environ.items() if name != "VIDGATE_CORPUS"}
    if corpus is not None:
        surroundings["VIDGATE_CORPUS"] = corpus
    run = subprocess.run(
        (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(place)),
        cwd=place,
        env=surroundings,
        check=False,
        capture_output=True,
        text=True,
    )
    return run.returncode, (run.stdout + run.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize("unset", [None, ""], ids=["unset", "empty"])
def test_without_corpus_its_tests_are_left_out(tmp_path: Path, unset: str | None) -> None:
    """A machine without the corpus is green, and the closing line counts what was left out."""
    code, line = closing_line(tmp_path, unset)
    assert code == 0
    assert "1 passed, 1 deselected" in line


def test_with_corpus_its_tests_run(tmp_path: Path) -> None:
    """The fixture hands on the directory."""
    code, line = closing_line(tmp_path, str(tmp_path))
    assert code == 0
    assert "2 passed" in line


def test_wrong_corpus_is_an_error(tmp_path: Path) -> None:
    """A misspelled directory must not turn tests off."""
    code, line = closing_line(tmp_path, str(tmp_path / "nowhere"))
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "nowhere" in line
    assert "VIDGATE_CORPUS" in line
