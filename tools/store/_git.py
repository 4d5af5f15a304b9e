"""Files of commits, read with dulwich: nothing here starts a process."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from dulwich.errors import NotGitRepository
from dulwich.objects import Blob, Commit, Tree
from dulwich.objectspec import parse_commit
from dulwich.repo import Repo

from tools.errors import UsageError
from tools.store._read import CONTRACT

if TYPE_CHECKING:
    from tools.store._read import Workspace

_REVISION: Final = re.compile(r"(?P<base>[^~^]*)(?P<steps>(?:~\d*|\^)*)")


def read_commit(name: str, *, workspace: Workspace, provider: str | None) -> bytes:
    """The file that `git:REV[:PATH]` names; PATH may be a provider, whose contract it then is. Raises UsageError."""
    revision, _, path = name.removeprefix("git:").partition(":")
    path = path or provider or ""
    if not path:
        raise UsageError(f"{name!r} does not say which file", fix="Write git:REV:PATH, or name a --provider.")
    if path in workspace.providers() or ("/" not in path and "." not in path):
        path = f"specs/{path}/{CONTRACT}"
    try:
        repository = Repo.discover(str(workspace.root))
    except NotGitRepository:
        raise UsageError(f"{workspace.root.name} is no git repository", fix="Name files instead.") from None
    with repository:
        found = repository[_commit(repository, revision, name).tree]
        for part in PurePosixPath(path).parts:
            if not isinstance(found, Tree) or part.encode() not in found:
                raise UsageError(f"{revision} holds no {path}", fix="Name a path from the repository's root.")
            found = repository[found[part.encode()][1]]
        if not isinstance(found, Blob):
            raise UsageError(f"{path} is no file in {revision}", fix="Name a file.")
        content: bytes = found.data
        return content


def _commit(repository: Repo, revision: str, name: str) -> Commit:
    match = _REVISION.fullmatch(revision)
    unknown = UsageError(f"{name!r}: there is no commit {revision!r}", fix="Name a branch, a tag or a hash.")
    if match is None:
        raise unknown
    try:
        commit = parse_commit(repository, match["base"] or "HEAD")
        for step in re.findall(r"~\d*|\^", match["steps"]):
            for _ in range(int(step[1:] or 1)):
                found = repository[commit.parents[0]]
                if not isinstance(found, Commit):
                    raise unknown
                commit = found
    except (KeyError, IndexError, ValueError):
        raise unknown from None
    return commit
