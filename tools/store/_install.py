"""Writing is all or nothing: every file is prepared beside its target and moved in only when all are there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.errors import UsageError
from tools.store._canonical import json_bytes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from tools.model import JsonObject

_STAGING: Final = ".vidgate-staging"


@contextmanager
def temporary_folder() -> Generator[Path]:
    """A folder outside the checkout that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="vidgate-") as name:
        yield Path(name)


def install(root: Path, files: Mapping[str, bytes], *, whole: Iterable[str] = ()) -> tuple[str, ...]:
    """Put all files (relative path → bytes) below `root`, or none; returns the paths whose bytes are new.

    A folder named in `whole` afterwards holds exactly the files given for it. Everything is written beside its target
    first, then moved in; a failure on the way moves everything back, and a run that was killed in between is undone by
    the next one. Raises UsageError when a target lies outside `root` through a link, or cannot be written.
    """
    folders = tuple(sorted(set(whole)))
    inside = {path: next((folder for folder in folders if path.startswith(f"{folder}/")), path) for path in files}
    units = sorted({*folders, *inside.values()})
    changed = tuple(sorted(path for path, content in files.items() if _differs(root / path, content)))
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _exclusive(root):
            _undo(root)
            for unit in units:
                if not (root / unit).parent.resolve().is_relative_to(root.resolve()) or (root / unit).is_symlink():
                    problem = f"{root / unit} leads out of {root} through a link"
                    raise UsageError(problem, fix="Put a real folder in its place.")
            staging = root / _STAGING
            for path, content in sorted(files.items()):
                _write(staging / "new" / path, content)
            for folder in folders:
                _folders(staging / "new" / folder)
            _move_in(root, units)
    except OSError as error:
        problem = f"{error.filename or root} cannot be written: {error.strerror}"
        raise UsageError(problem, fix="Nothing was changed. Make the folder writable, or choose another.") from error
    return changed


def _differs(path: Path, content: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != content


def _write(path: Path, content: bytes) -> None:
    _folders(path.parent)
    path.write_bytes(content)
    path.chmod(0o644)


def _folders(path: Path) -> None:
    """Make a folder and those above it, whatever the umask."""
    for folder in reversed([folder for folder in (path, *path.parents) if not folder.exists()]):
        folder.mkdir()
        folder.chmod(0o755)


def _move_in(root: Path, units: Sequence[str]) -> None:
    """Move every unit from staging to its place. The plan on disk tells a later run what to undo."""
    staging = root / _STAGING
    plan = {unit: (root / unit).exists() for unit in units}
    _write(staging / "plan.tmp", json_bytes(plan))
    (staging / "plan.tmp").replace(staging / "plan.json")
    try:
        for unit, existed in plan.items():
            target, new, old = root / unit, staging / "new" / unit, staging / "old" / unit
            if existed:
                _folders(old.parent)
                target.rename(old)
            _folders(target.parent)
            if new.exists():
                new.rename(target)
    except BaseException:
        _undo(root)
        raise
    (staging / "plan.json").unlink()  # from here on there is nothing to undo
    shutil.rmtree(staging)


def _undo(root: Path) -> None:
    """Take back what a run that did not finish has moved, and what it staged."""
    staging = root / _STAGING
    plan = staging / "plan.json"
    if plan.is_file():
        existed: JsonObject = json.loads(plan.read_bytes())
        for unit, was_there in existed.items():
            target, old, new = root / unit, staging / "old" / unit, staging / "new" / unit
            moved_in = not new.exists()
            if (old.exists() or not was_there) and moved_in and target.exists():
                shutil.rmtree(target) if target.is_dir() else target.unlink()
            if old.exists():
                old.rename(target)
        plan.unlink()
    if staging.exists():
        shutil.rmtree(staging)


@contextmanager
def _exclusive(root: Path) -> Generator[None]:
    """One writer per folder; the lock dies with its process. Systems without `fcntl` go without."""
    try:
        import fcntl  # absent on Windows
    except ImportError:
        yield
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another run is writing to {root}", fix="Wait for it to end.") from None
        yield
    finally:
        os.close(handle)
