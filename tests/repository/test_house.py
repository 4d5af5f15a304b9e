"""Rules about our own files that no linter knows."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows or would add, generated code and pages apart."""
    listed = subprocess.run(
        ("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    paths = (ROOT / name for name in listed if not name.startswith("generated/") and "/pages/" not in name)
    return [path for path in paths if path.is_file()]


def test_tests_say_what_they_show() -> None:
    """Each test has a docstring: the behaviour in one sentence."""
    silent = [
        f"{path.relative_to(ROOT).as_posix()}::{node.name}"
        for path in tracked("tests/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_no_test_is_skipped() -> None:
    """What cannot run here belongs behind a marker with a session of its own; a skip is never looked at again."""
    skipping = {"skip", "skipif", "importorskip"}
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path in tracked("tests/*.py", "conformance/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in skipping and "pytest" in ast.unparse(node)
    ]
    assert found == []
