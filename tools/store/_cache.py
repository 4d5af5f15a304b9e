"""What a run may leave for the next one. A cache never decides a result: losing it costs time, nothing else.

Every entry begins with the digest of what follows, so that a damaged one is known and counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CACHE: Final = "build/cache"
"""Below the checkout, beside what else can be made again: other checkouts and tests never see it."""

_DIGEST: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    """Entries by key below `folder`, in files named by the key's digest. Nothing here raises OSError."""

    folder: Path

    def get(self, key: str) -> bytes | None:
        """What `put` was given last for this key; None when that is not there, or not whole any more."""
        return self.read(self._path(key))

    def read(self, path: Path) -> bytes | None:
        """What an entry's file holds; None when it is not there, or not whole any more."""
        try:
            content = path.read_bytes()
        except OSError:
            return None
        stated, payload = content[: _DIGEST + 1], content[_DIGEST + 1 :]
        return payload if stated == hashlib.sha256(payload).hexdigest().encode() + b"\n" else None

    def put(self, key: str, payload: bytes) -> None:
        """Keep `payload`; a reader sees the old entry or the new one, never a part. Does nothing on a full disk."""
        path = self._path(key)
        temporary = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(payload).hexdigest().encode() + b"\n")
                file.write(payload)
            Path(temporary).replace(path)
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()

    def drop(self, key: str) -> None:
        """Forget one entry."""
        with contextlib.suppress(OSError):
            self._path(key).unlink()

    def only(self, version: str) -> Cache:
        """The part of the cache that belongs to `version`; those of other versions are thrown away."""
        with contextlib.suppress(OSError):
            for other in self.folder.iterdir():
                if other.name != version and other.is_dir() and not other.is_symlink():
                    shutil.rmtree(other, ignore_errors=True)
        return Cache(folder=self.folder / version)

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / name[:2] / name[2:]


def code_digest(*names: str) -> str:
    """Digest of the source of these modules and packages of `tools`: a version that nobody can forget to raise."""
    home = Path(__file__).parents[1]
    digest = hashlib.sha256(sys.version.encode())
    for name in names:
        for path in sorted((home / name).rglob("*.py") if (home / name).is_dir() else [home / f"{name}.py"]):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(home).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()
