"""The simulator's files, and a video that a client saved, are that to a program that does not know us."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.external

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path for path in (ROOT / "vidgate" / "simulator" / "data").iterdir() if path.suffix != ".html")
STREAMS = {"video": "video", "image": "video", "audio": "audio"}
SAVED = pytest.param(Path(os.environ.get("VIDGATE_VIDEO", "")), "video", id="client")


@pytest.mark.parametrize(("path", "kind"), [*(pytest.param(path, path.stem, id=path.name) for path in SHIPPED), SAVED])
def test_ffprobe_reads_it(path: Path, kind: str) -> None:
    """One stream of its kind that can be decoded to the end; a picture is a video of one frame."""
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
    streams = [stream for stream in found["streams"] if stream["codec_type"] == STREAMS[kind]]
    assert len(streams) == 1
    assert int(streams[0]["nb_read_frames"]) > 0
    assert kind == "image" or float(found["format"]["duration"]) > 0
