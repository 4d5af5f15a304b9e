"""The benchmark of the generated package: what it builds, and what it says of differences."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from benchmarks import package
from benchmarks.words import LOCALES

if TYPE_CHECKING:
    from pathlib import Path

PAGES = 24 * len(LOCALES)


def test_the_order_of_pages_leaves_every_byte_as_it_is(tmp_path: Path) -> None:
    """Two builds, one of them of shuffled pages, have one digest; the first is written to be looked at."""
    first = package.build(PAGES, order=None, readers=1, into=tmp_path)
    assert package.build(PAGES, order=5, readers=2, into=None) == first
    written = [path for path in (tmp_path / package.PACKAGE).rglob("*") if path.is_file()]
    assert first.endswith(f"  {len(written)} files")
    assert {"contract.json", "media.py", "variants.py"} <= {path.name for path in written}


@pytest.mark.parametrize("digests", [["a", "a"], ["a", "b"]], ids=["same", "different"])
def test_a_difference_is_told_and_fails(
    digests: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is that of a finding."""
    given = iter(digests)
    monkeypatch.setattr(package, "BUILDS", {"one": {}, "two": {"seed": "77"}})
    monkeypatch.setattr(package, "built", lambda *_: next(given))
    monkeypatch.setattr(package, "seconds", lambda *_: (1.0, "Success", 0))
    monkeypatch.setattr(package, "imports", lambda *_: ["imports"])
    monkeypatch.setattr(package, "checking", lambda *_: ["checking"])
    monkeypatch.setattr("sys.argv", ["package"])
    same = len(set(digests)) == 1
    assert package.main() == (0 if same else 1)
    printed = capsys.readouterr().out
    assert ("all the same" in printed, "THEY DIFFER" in printed) == (same, not same)


def test_the_program_for_type_checkers_is_python() -> None:
    """With a call and without one."""
    for call in ("", package._ONE, package._WRONG):
        assert ast.parse(package.CALL + call.format(model="m")).body
