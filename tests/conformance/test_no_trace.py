"""A run without a provider leaves nothing behind in the user's own files."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HOMES = ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")


@pytest.mark.parametrize("profile", ["mock", "simulator"])
def test_the_user_s_folders_stay_empty(tmp_path: Path, profile: str) -> None:
    """No journal entry, no cache, no directory: invented submissions would be taken for paid ones."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "VIDGATE_JOURNAL"}
    subprocess.run(
        (sys.executable, "-m", "conformance", "run", "--profile", profile, "--provider", "apimart"),
        env={**environment, **dict.fromkeys(HOMES, str(home)), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    assert [str(path.relative_to(home)) for path in home.rglob("*")] == []
