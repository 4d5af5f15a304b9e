"""The videos are videos to a program that does not know us."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.external

ROOT = Path(__file__).parents[2]
(SHIPPED,) = (ROOT / "vidgate" / "simulator").rglob("*.mp4")


@pytest.mark.parametrize("path", [SHIPPED, Path(os.environ.get("VIDGATE_VIDEO", ""))], ids=["simulator", "client"])
def test_ffprobe_reads_it(path: Path) -> None:
    """One video stream that can be decoded to the end."""
    run = subprocess.run(
        ("ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(path)),
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    found = json.loads(run.stdout)
    streams = [stream for stream in found["streams"] if stream["codec_type"] == "video"]
    assert len(streams) == 1
    assert int(streams[0]["nb_read_frames"]) > 0
    assert float(found["format"]["duration"]) > 0
