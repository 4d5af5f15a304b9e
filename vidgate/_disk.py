"""Files, for both drivers: a result stands under its name only when it is whole.

`film.mp4` grows as `film.mp4.part`; `film.mp4.part.json`, the note beside it, tells a later run which bytes these are.
The partial file is locked while a run works on it, so that two runs never write into one; the second run works on a
file of its own and shares nothing. A lock ends with its process, so what a killed run left can be taken up at once.
Without `fcntl` (on Windows) or where the file system has no locks, each run has a file of its own and starts anew.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from vidgate import errors
from vidgate._effects import (
    BeginPart,
    CheckTarget,
    ClaimPart,
    CommitPart,
    DiscardPart,
    Failure,
    MakeFolder,
    Part,
    WriteChunk,
)

try:
    import fcntl as _fcntl
except ImportError:  # pragma: no cover - not on this system
    locks: ModuleType | None = None
else:
    locks = _fcntl

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from vidgate._effects import Effect

LARGEST_NOTE = 4096
"""Bytes; a note is a few hundred."""

MOST_CLAIMS = 16
"""Tries to get hold of a partial file that other runs keep finishing under our hands."""

# A link in the place of the partial file would have us write to wherever it leads.
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Disk:
    """The partial file of a download; on the way out it stays if it can be taken up again, else it is removed."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._shared = False
        self._note: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._release(keep=True)

    def perform(self, effect: Effect) -> Part | Failure | None:
        try:
            return self._perform(effect)
        except OSError as error:
            return Failure(error=_file_problem(error.strerror or type(error).__name__, error.filename or self._path))
        except ValueError:  # a name with a NUL or half a surrogate pair in it
            return Failure(error=_file_problem("no file can have this name", ascii(getattr(effect, "path", ""))))
        except errors.FileProblem as error:
            return Failure(error=error)

    def _perform(self, effect: Effect) -> Part | None:
        match effect:
            case CheckTarget(path, overwrite):
                _check_target(path, overwrite=overwrite)
            case MakeFolder(path, root):
                _make_folder(path, root)
            case ClaimPart(path):
                self._release(keep=True)
                return self._claim(path)
            case BeginPart(offset, note):
                self._begin(offset, note)
            case WriteChunk(data):
                self._open_file().write(data)
            case CommitPart(path, overwrite):
                self._commit(path, overwrite=overwrite)
            case DiscardPart():
                self._release(keep=False)
            case _:
                raise TypeError(f"no driver performs {effect!r}")
        return None

    def _open_file(self) -> BinaryIO:
        if self._file is None:
            raise TypeError("a flow writes to a file that it has not opened")
        return self._file

    def _claim(self, path: Path) -> Part:
        file = _locked(path)
        self._shared = file is not None
        if file is None:
            path = path.with_name(f"{path.name.removesuffix('.part')}.{secrets.token_hex(4)}.part")
            file = os.fdopen(os.open(path, _FLAGS | os.O_EXCL, 0o666), "r+b")
        self._file, self._path = file, path
        self._note = _read_note(path) if self._shared else None
        return Part(size=file.seek(0, os.SEEK_END), note=self._note)

    def _begin(self, offset: int, note: str | None) -> None:
        file = self._open_file()
        # First the bytes, then the note: a run that is killed in between leaves an empty file, which says nothing.
        file.seek(offset)
        file.truncate(offset)
        kept = note if self._shared else None
        if kept != self._note:
            place = _note_of(cast("Path", self._path))
            self._note = None
            place.unlink(missing_ok=True)
            if kept is not None:
                place.write_text(kept, encoding="utf-8")
            self._note = kept

    def _commit(self, path: Path, *, overwrite: bool) -> None:
        file, part = self._open_file(), cast("Path", self._path)
        file.flush()
        os.fsync(file.fileno())
        _check_target(path, overwrite=overwrite)
        if locks is None:  # pragma: no cover - Windows renames closed files only
            file.close()
        os.replace(part, path)  # noqa: PTH105 - the name says what the manual says: atomic
        # The lock goes last: until here, whoever opens the partial file sees that it is taken.
        self._file = self._path = None
        if self._shared:
            with contextlib.suppress(OSError):
                _note_of(part).unlink(missing_ok=True)
        file.close()

    def _release(self, *, keep: bool) -> None:
        file, path, note = self._file, self._path, self._note
        self._file = self._path = self._note = None
        if file is None or path is None:
            return
        with contextlib.suppress(OSError, ValueError):
            file.flush()
        with contextlib.suppress(OSError, ValueError):
            if not keep or note is None or os.fstat(file.fileno()).st_size == 0:
                if self._shared:
                    _note_of(path).unlink(missing_ok=True)
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            file.close()


def _locked(path: Path) -> BinaryIO | None:
    """The partial file, locked; None when somebody else has it, or when there are no locks here."""
    if locks is None:  # pragma: no cover - not on this system
        return None
    for _ in range(MOST_CLAIMS):
        file = os.fdopen(os.open(path, _FLAGS, 0o666), "r+b")
        try:
            locks.flock(file.fileno(), locks.LOCK_EX | locks.LOCK_NB)
            # Between opening and locking, the last owner may have given the file its final name.
            if os.path.samestat(os.fstat(file.fileno()), path.stat(follow_symlinks=False)):
                return file
        except FileNotFoundError:
            pass
        except OSError:
            file.close()
            return None
        except BaseException:
            file.close()
            raise
        file.close()
    return None


def _note_of(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_note(part: Path) -> str | None:
    try:
        with _note_of(part).open("rb") as file:
            return file.read(LARGEST_NOTE).decode()
    except (OSError, ValueError):
        return None


def _make_folder(path: Path, root: Path) -> None:
    """Create `path`, which must lie in `root` also when every link on the way is followed."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise _file_problem("this folder leads out of the one that was given", path, "Remove the link in it.")
    path.mkdir(parents=True, exist_ok=True)


def _check_target(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise _file_problem("this is a folder", path, "Name a file in it.")
    if not path.parent.is_dir():
        raise _file_problem("the folder does not exist", path.parent, "Create it first.")
    if not overwrite and path.exists():
        raise _file_problem("the file exists", path, "Choose another name, or give overwrite=True.")


def _file_problem(text: str, path: object, hint: str = "Choose a place that can be written to.") -> errors.FileProblem:
    return errors.FileProblem(f"{path}: {text}", hint=hint)
