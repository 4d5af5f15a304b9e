"""Files, for both drivers: a result stands under its name only when it is whole."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from vidgate import errors
from vidgate._effects import CheckTarget, CommitPart, DiscardPart, Failure, OpenPart, WriteChunk

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._effects import Effect


class Disk:
    """The partial file of a download; an uncommitted one is removed on the way out."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._path: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._discard()

    def perform(self, effect: Effect) -> Failure | None:
        try:
            match effect:
                case CheckTarget(path, overwrite):
                    _check_target(path, overwrite=overwrite)
                case OpenPart(path):
                    self._discard()
                    self._file, self._path = path.open("wb"), path
                case WriteChunk(data):
                    self._open_file().write(data)
                case CommitPart(path, overwrite):
                    self._commit(path, overwrite=overwrite)
                case DiscardPart():
                    self._discard()
                case _:
                    raise TypeError(f"no driver performs {effect!r}")
        except OSError as error:
            return Failure(error=_file_problem(error.strerror or type(error).__name__, error.filename or self._path))
        except ValueError:  # a name with a NUL or half a surrogate pair in it
            return Failure(error=_file_problem("no file can have this name", ascii(getattr(effect, "path", ""))))
        except errors.FileProblem as error:
            return Failure(error=error)
        return None

    def _open_file(self) -> BinaryIO:
        if self._file is None:
            raise TypeError("a flow writes to a file that it has not opened")
        return self._file

    def _commit(self, path: Path, *, overwrite: bool) -> None:
        file = self._open_file()
        file.flush()
        os.fsync(file.fileno())
        file.close()
        _check_target(path, overwrite=overwrite)
        part = cast("Path", self._path)
        os.replace(part, path)  # noqa: PTH105 - the name says what the manual says: atomic
        self._file = self._path = None

    def _discard(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._file = self._path = None


def _check_target(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise _file_problem("this is a folder", path, "Name a file in it.")
    if not path.parent.is_dir():
        raise _file_problem("the folder does not exist", path.parent, "Create it first.")
    if not overwrite and path.exists():
        raise _file_problem("the file exists", path, "Choose another name, or give overwrite=True.")


def _file_problem(text: str, path: object, hint: str = "Choose a place that can be written to.") -> errors.FileProblem:
    return errors.FileProblem(f"{path}: {text}", hint=hint)
