"""Right calls type-check and wrong ones do not, in mypy and in pyright.

The markers in `wrong.py` already make both checkers object to a line that is not wrong. Here they are taken out, and
the lines that each checker names must be exactly those. Pyright needs Node, so it takes part where it is installed:
in session `types`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GENERATED = ROOT / "generated"
MARKER = re.compile(r"  # type: ignore\[[a-z, -]+\]")

CHECKERS = [name for name in ("mypy", "pyright") if importlib.util.find_spec(name)]


def objections(checker: str, path: Path) -> set[int]:
    """The lines of a file that a checker calls wrong."""
    environment = {**os.environ, "MYPYPATH": os.pathsep.join((str(GENERATED), str(ROOT))), "NO_COLOR": "1"}
    if checker == "mypy":
        cache = f"--cache-dir={path.parent / 'cache'}"
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", cache, str(path)]
        done = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in {0, 1}, done.stderr
        found = re.findall(r"^([\w.]+):(\d+): error: ", done.stdout, flags=re.MULTILINE)
        assert {name for name, _ in found} <= {path.name}
        return {int(line) for _, line in found}
    settings = {"include": [path.name], "extraPaths": [str(GENERATED), str(ROOT)], "typeCheckingMode": "standard"}
    (path.parent / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(path.parent)]
    done = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    return {each["range"]["start"]["line"] + 1 for each in report["generalDiagnostics"] if each["severity"] == "error"}


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize(("name", "least"), [("right.py", 0), ("wrong.py", 48)])
def test_checkers_agree_with_the_markers(tmp_path: Path, checker: str, name: str, least: int) -> None:
    """Without its markers a file is wrong in the marked lines, all of them, and in no other."""
    rows = (HERE / name).read_text(encoding="utf-8").splitlines()
    marked = {number for number, row in enumerate(rows, start=1) if MARKER.search(row)}
    path = tmp_path / name
    path.write_text("\n".join(MARKER.sub("", row) for row in rows) + "\n", encoding="utf-8")
    assert len(marked) >= least
    assert objections(checker, path) == marked
