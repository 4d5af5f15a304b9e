"""What a build stands on, as `lock.json` records it: pages, judgements, templates, and the programs that write code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.errors import DriftError, GenerateError, Place
from tools.generate import template_files, tool_versions
from tools.schema.shapes import is_object
from tools.store import JUDGEMENTS, LOCK, PAGES, digest, lock_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tools.errors import ToolError
    from tools.model import JsonObject, Page
    from tools.store import Workspace

_TEMPLATES: Final = "tools/generate/templates"
_BUILD_AGAIN: Final = "Run `python -m tools build`, look at what it changes, and commit both."


def templates() -> dict[str, str]:
    """The digest of every template of the generator."""
    return {name: digest(content) for name, content in template_files().items()}


def judgements(workspace: Workspace, provider: str) -> dict[str, str]:
    """The digest of every judgement file there is: every byte counts, comments too."""
    paths = {name: workspace.specs(provider) / name for name in JUDGEMENTS}
    return {name: digest(path.read_bytes()) for name, path in paths.items() if path.is_file()}


def lock_of(workspace: Workspace, provider: str, pages: Sequence[Page], extra: Sequence[Path] = ()) -> JsonObject:
    """The lock a build over `pages` leaves; a page keeps its day of retrieval while its bytes are the vendored ones."""
    known: JsonObject = workspace.lock(provider).get("pages", {})
    rows: JsonObject = {}
    for page in pages:
        row: JsonObject = known.get(page.path, {})
        day = row.get("retrieved") if row.get("sha256") == page.sha256 else None
        rows[page.path] = {"sha256": page.sha256, "bytes": len(page.content), "retrieved": day}
    decided = judgements(workspace, provider)
    decided |= {f"added/{n}/{path.name}": digest(path.read_bytes()) for n, path in enumerate(extra, start=1)}
    return {"pages": rows, "judgements": decided, "templates": templates(), "tools": tool_versions()}


def page_drift(workspace: Workspace, provider: str) -> Iterator[DriftError]:
    """Every vendored page that is not the one that was vendored."""
    known: JsonObject = workspace.lock(provider).get("pages", {})
    pages = workspace.pages(provider)
    present = {page.path: page for page in pages.pages}
    folder = f"specs/{provider}/{PAGES}"
    restore = "Pages are evidence: restore it, or bring the site's new one with `python -m tools vendor`."
    for path in sorted(known.keys() | present.keys()):
        if path not in present:
            yield _drift(f"{folder}/{path}", "is gone, but the lock names it", restore)
        elif path not in known:
            yield _drift(f"{folder}/{path}", "was not vendored: the lock does not name it", restore)
        elif known[path].get("sha256") != present[path].sha256:
            yield _drift(f"{folder}/{path}", "is not what was vendored", restore)
    for path in pages.ignored:
        yield _drift(f"{folder}/{path}", "is no page", "Take it out: the folder holds pages only.")


def tool_drift(workspace: Workspace, provider: str) -> Iterator[GenerateError]:
    """Every program whose version is not the one the lock names."""
    locked: JsonObject = workspace.lock(provider).get("tools", {})
    installed = tool_versions()
    for name in sorted(locked.keys() | installed.keys() if locked else ()):
        if locked.get(name) != installed.get(name):
            yield GenerateError(
                f"{name} {installed.get(name, '(none)')} is installed, the lock says {locked.get(name, '(none)')}",
                fix="Install the locked version; to move to the installed one, build with --update-tools.",
                places=[Place(path=f"specs/{provider}/{LOCK}")],
            )


def input_drift(workspace: Workspace, provider: str) -> Iterator[ToolError]:
    """Everything the lock says that is no longer so, and a lock that is not as a build writes it."""
    lock = workspace.lock(provider)
    shown = f"specs/{provider}/{LOCK}"
    if not lock.get("judgements"):
        yield _drift(shown, "was never completed by a build", _BUILD_AGAIN)
        return
    yield from page_drift(workspace, provider)
    yield from _digests(lock, "judgements", judgements(workspace, provider), f"specs/{provider}")
    yield from _digests(lock, "templates", templates(), _TEMPLATES)
    yield from tool_drift(workspace, provider)
    if (workspace.specs(provider) / LOCK).read_bytes() != lock_bytes(lock):
        yield _drift(shown, "is not as a build writes it", _BUILD_AGAIN)


def _digests(lock: JsonObject, member: str, found: Mapping[str, str], folder: str) -> Iterator[DriftError]:
    locked = lock.get(member, {})
    known: JsonObject = locked if is_object(locked) else {}
    for name in sorted(known.keys() | found.keys()):
        if name not in found:
            yield _drift(f"{folder}/{name}", "is gone, but the last build used it", _BUILD_AGAIN)
        elif name not in known:
            yield _drift(f"{folder}/{name}", "is new since the last build", _BUILD_AGAIN)
        elif known[name] != found[name]:
            yield _drift(f"{folder}/{name}", "has changed since the last build", _BUILD_AGAIN)


def _drift(path: str, problem: str, fix: str) -> DriftError:
    return DriftError(problem, fix=fix, places=[Place(path=path)])
