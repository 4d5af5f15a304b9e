"""Partial files: one owner at a time, kept with a note, never written through a link."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from vidgate import _disk, errors
from vidgate._disk import Disk
from vidgate._effects import BeginPart, ClaimPart, CommitPart, DiscardPart, Failure, MakeFolder, Part, WriteChunk

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_the_second_owner_gets_a_file_of_its_own(tmp_path: Path) -> None:
    """It shares neither bytes nor note, and cleans up after itself."""
    part = tmp_path / "v.part"
    with Disk() as first:
        assert first.perform(ClaimPart(part)) == Part()
        first.perform(BeginPart(0, "note"))
        first.perform(WriteChunk(b"first"))
        with Disk() as second:
            assert second.perform(ClaimPart(part)) == Part()
            second.perform(BeginPart(0, "other note"))
            second.perform(WriteChunk(b"second"))
            assert len(names(tmp_path)) == 3
        assert names(tmp_path) == ["v.part", "v.part.json"]
    assert part.read_bytes() == b"first"
    assert (tmp_path / "v.part.json").read_text() == "note"


def test_a_late_owner_does_not_write_into_the_finished_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking, the first run may finish: then the lock is on the finished film."""
    part, film = tmp_path / "v.part", tmp_path / "v"
    first = Disk()
    first.perform(ClaimPart(part))
    first.perform(BeginPart(0, None))
    first.perform(WriteChunk(b"film"))
    assert _disk.locks is not None
    real = _disk.locks.flock
    finished: list[bool] = []

    def flock(number: int, operation: int) -> None:
        if not finished:
            finished.append(first.perform(CommitPart(film, overwrite=False)) is None)
        real(number, operation)

    monkeypatch.setattr(_disk.locks, "flock", flock)
    with Disk() as second:
        assert second.perform(ClaimPart(part)) == Part()
        second.perform(BeginPart(0, None))
        second.perform(WriteChunk(b"other"))
        assert film.read_bytes() == b"film"
    assert finished == [True]
    assert names(tmp_path) == ["v"]


def test_what_a_killed_run_left_is_taken_up(tmp_path: Path) -> None:
    """The lock ends with the process, at once."""
    part = tmp_path / "v.part"
    code = (
        "import os, pathlib, signal, sys\n"
        "from vidgate._disk import Disk\n"
        "from vidgate._effects import BeginPart, ClaimPart, WriteChunk\n"
        "disk = Disk()\n"
        "disk.perform(ClaimPart(pathlib.Path(sys.argv[1])))\n"
        "disk.perform(BeginPart(0, 'note'))\n"
        "disk.perform(WriteChunk(b'x' * 500_000))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run((sys.executable, "-c", code, str(part)), check=False, env=environment)
    assert run.returncode < 0
    with Disk() as disk:
        assert disk.perform(ClaimPart(part)) == Part(size=500_000, note="note")


def test_without_locks_every_run_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts anew and leaves nothing behind."""
    monkeypatch.setattr(_disk, "locks", None)
    part = tmp_path / "v.part"
    with Disk() as disk:
        disk.perform(ClaimPart(part))
        disk.perform(BeginPart(0, "note"))
        disk.perform(WriteChunk(b"bytes"))
        assert part.name not in names(tmp_path)
    assert names(tmp_path) == []


def test_a_link_in_the_place_of_the_partial_file_is_refused(tmp_path: Path) -> None:
    """What it leads to is not touched."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (tmp_path / "v.part").symlink_to(secret)
    with Disk() as disk:
        answer = disk.perform(ClaimPart(tmp_path / "v.part"))
    assert isinstance(answer, Failure)
    assert isinstance(answer.error, errors.FileProblem)
    assert secret.read_bytes() == b"secret"


def test_the_rest_goes_behind_the_beginning(tmp_path: Path) -> None:
    """Bytes behind the offset are cut off first."""
    part = tmp_path / "v.part"
    with Disk() as disk:
        disk.perform(ClaimPart(part))
        disk.perform(BeginPart(0, "note"))
        disk.perform(WriteChunk(b"beginning and rubbish"))
    with Disk() as disk:
        assert disk.perform(ClaimPart(part)) == Part(size=21, note="note")
        disk.perform(BeginPart(9, "note"))
        disk.perform(WriteChunk(b" and rest"))
        assert disk.perform(CommitPart(tmp_path / "v", overwrite=False)) is None
    assert (tmp_path / "v").read_bytes() == b"beginning and rest"
    assert names(tmp_path) == ["v"]


def test_discarding_leaves_nothing(tmp_path: Path) -> None:
    """Neither file nor note."""
    with Disk() as disk:
        disk.perform(ClaimPart(tmp_path / "v.part"))
        disk.perform(BeginPart(0, "note"))
        disk.perform(WriteChunk(b"bytes"))
        disk.perform(DiscardPart())
    assert names(tmp_path) == []


def test_folders_stay_inside(tmp_path: Path) -> None:
    """A link on the way out of the root is refused before anything is created behind it."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    disk = Disk()
    assert disk.perform(MakeFolder(root / "a" / "b", root)) is None
    assert (root / "a" / "b").is_dir()
    (root / "link").symlink_to(outside)
    assert isinstance(disk.perform(MakeFolder(root / "link" / "c", root)), Failure)
    assert names(outside) == []
