"""What README.md shows runs: Python as it stands, the command line against the simulator on a free port."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.subjects._file import read_subject

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_PORT = "8080"
SIMULATE = "vidgate simulate "


def blocks(language: str) -> list[str]:
    """Fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def surroundings() -> dict[str, str]:
    """This interpreter's programs first on the path, as in an activated environment; no key of a real provider."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EVOLINK_", "APIMART_"))}
    return {
        **kept,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
    }


@pytest.mark.parametrize("source", blocks("python"), ids=lambda source: source.strip().splitlines()[0][:40])
def test_python_example_runs(source: str, tmp_path: Path) -> None:
    """A reader may paste it into a file."""
    run = subprocess.run(
        (sys.executable, "-W", "error", "-c", source),
        cwd=tmp_path,
        env=surroundings(),
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


def test_every_command_is_described() -> None:
    """The table of the README and the command line name the same commands."""
    described = re.findall(r"^\| `vidgate ([a-z]+)` \|", README, flags=re.MULTILINE)
    run = subprocess.run(
        (sys.executable, "-m", "vidgate.cli", "--help"), env=surroundings(), check=True, capture_output=True, text=True
    )
    commands = run.stdout.partition("Commands")[2]
    assert sorted(described) == sorted(re.findall(r"^\W*([a-z]+)\s{2,}", commands, flags=re.MULTILINE))


def test_the_subject_file_is_one(tmp_path: Path) -> None:
    """A reader may copy it, and change what is his own."""
    (text,) = blocks("toml")
    path = tmp_path / "subject.toml"
    path.write_text(text, encoding="utf-8")
    subject = read_subject(path, lambda _: ())
    assert subject.provider == "evolink"
    assert sorted(subject.tokens) == ["no_quota", "other", "valid"]
    assert subject.callbacks is not None
    assert subject.ledger is not None


def test_shell_example_runs(tmp_path: Path) -> None:
    """The lines of the command line section work one after the other, the simulator beside them."""
    lines = [line for block in blocks("sh") if "vidgate " in block for line in block.splitlines()]
    servers = [line for line in lines if line.startswith(SIMULATE)]
    assert len(servers) == 1
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    script = "\n".join(line for line in lines if line not in servers).replace(README_PORT, port)
    with subprocess.Popen(
        shlex.split(servers[0].replace(README_PORT, port)),
        cwd=tmp_path,
        env=surroundings(),
        executable=Path(sys.executable).with_name("vidgate"),
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            assert port in server.stdout.readline(), "the simulator prints its address once it listens"
            run = subprocess.run(
                ("bash", "-euo", "pipefail", "-c", script),
                cwd=tmp_path,
                env=surroundings(),
                check=False,
                capture_output=True,
                text=True,
            )
        finally:
            server.terminate()
    assert run.returncode == 0, run.stdout + run.stderr
    assert [path for path in tmp_path.glob("*.mp4") if b"ftyp" in path.read_bytes()[:12]]
