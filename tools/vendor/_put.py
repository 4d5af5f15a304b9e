"""Arrived pages → `specs/<provider>/pages` and its lock: all or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from tools.errors import PageError, Place, ToolError, UsageError
from tools.store import LOCK, PAGES, digest, install, lock_bytes, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from tools.model import JsonObject, Source
    from tools.store import Workspace

_RANDOM: Final = re.compile(
    rb"(\$ref:[ \t]*['\"]?)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?=['\"]?[ \t]*\r?$)", re.MULTILINE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which pages to bring: of these locales, and whose path matches one of these globs; empty means all.

    A glob is held against the path below `pages/`, with and without its locale; `*` crosses slashes.
    """

    locales: tuple[str, ...] = ()
    include: tuple[str, ...] = ()

    def check(self, source: Source) -> None:
        """Raises UsageError for a locale the provider does not have."""
        for locale in self.locales:
            if locale not in source.locales:
                problem = f"{locale!r} is no locale of {source.provider}"
                raise UsageError(problem, fix=nearest(locale, source.locales, "locale"))

    def takes(self, path: str) -> bool:
        """Whether the page at `path` is wanted."""
        locale, _, inner = path.partition("/")
        if self.locales and locale not in self.locales:
            return False
        return not self.include or any(fnmatchcase(path, glob) or fnmatchcase(inner, glob) for glob in self.include)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One page that arrived: the file or URL it came as, and the path it gets."""

    file: str
    path: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendored:
    """What a run brought: paths below `pages/`.

    `elsewhere`: files and links that are pages of other sites, or no pages. `findings` with `written`: oddities of the
    site, whose pages stay in specs/ as they were; without it, nothing was written because of them.
    """

    provider: str
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    findings: tuple[ToolError, ...] = ()
    written: bool = False
    left_out: int = 0
    """Pages the site has that were not wanted."""

    asked: int = 0
    """Requests that went out."""

    kept: int = 0
    """Pages the site said have not changed (304)."""

    resumed: int = 0
    """Pages an interrupted run had brought already."""

    retrieved: date | None = None
    """The day the site showed these pages, where it is known."""

    remarks: tuple[str, ...] = ()
    """Pages that call themselves otherwise than the site does, which is right about its own pages."""


def put(
    workspace: Workspace,
    provider: str,
    arrivals: Sequence[Arrival],
    *,
    retrieved: date | None,
    stamp_all: bool = False,
    remove: Iterable[str] = (),
    dry_run: bool = False,
) -> Vendored:
    """Write the arrivals and their rows of the lock; take out the pages in `remove`.

    `retrieved` is the day the site showed these bytes. A page whose bytes are there already keeps its day, unless
    `stamp_all` gives it the new one. Bytes that differ only in the names that the exporter makes up anew on every
    export count as the same, and those in specs/ stay.
    """
    lock = workspace.lock(provider)
    root = workspace.specs(provider) / PAGES
    kinds: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": []}
    files: dict[str, bytes] = {}
    rows: JsonObject = dict(lock.get("pages", {}))
    for _, arrival in sorted({arrival.path: arrival for arrival in arrivals}.items()):
        target = root / arrival.path
        there = target.read_bytes() if target.is_file() else None
        content = arrival.content
        if there is not None and there != content and _masked(there) == _masked(content):
            content = there
        kinds["new" if there is None else "unchanged" if there == content else "changed"].append(arrival.path)
        known: JsonObject = rows.get(arrival.path, {})
        keeps = known.get("sha256") == digest(content)
        day = retrieved.isoformat() if retrieved else None
        if keeps and (day is None or not stamp_all):
            day = known.get("retrieved") or day
        rows[arrival.path] = {"sha256": digest(content), "bytes": len(content), "retrieved": day}
        files[f"{PAGES}/{arrival.path}"] = content
    gone = sorted(path for path in set(remove) if path in rows or (root / path).is_file())
    for path in gone:
        rows.pop(path, None)
    written = bool(files or gone) and not dry_run
    if written:
        _install(workspace, provider, {**files, LOCK: lock_bytes({**lock, "pages": rows})}, gone)
    return Vendored(
        provider=provider,
        new=tuple(kinds["new"]),
        changed=tuple(kinds["changed"]),
        unchanged=tuple(kinds["unchanged"]),
        removed=tuple(gone),
        written=written,
        retrieved=retrieved,
    )


def _install(workspace: Workspace, provider: str, files: Mapping[str, bytes], gone: Sequence[str]) -> None:
    if not gone:
        install(workspace.specs(provider), files)
        return
    kept = {f"{PAGES}/{page.path}": page.content for page in workspace.pages(provider).pages if page.path not in gone}
    install(workspace.specs(provider), {**kept, **files}, whole=[PAGES])


def _masked(content: bytes) -> bytes:
    """A page without the random names that the exporter gives to references whose target is missing."""
    return _RANDOM.sub(rb"\1random", content)


def collisions(arrivals: Sequence[Arrival], known: Iterable[str]) -> list[ToolError]:
    """Two pages for one path, or paths that differ only in case: some systems cannot hold both."""
    findings: list[ToolError] = []
    seen: dict[str, Arrival] = {}
    folded = {path.casefold(): path for path in known}
    for arrival in arrivals:
        other = seen.setdefault(arrival.path.casefold(), arrival)
        if other is not arrival and (other.path, other.content) != (arrival.path, arrival.content):
            places = [Place(path=other.file), Place(path=arrival.file)]
            findings.append(PageError(f"two files want to be {arrival.path}", fix="Leave one out.", places=places))
        there = folded.get(arrival.path.casefold(), arrival.path)
        if there != arrival.path:
            problem = f"wants to be {arrival.path}, but {there} is there already"
            findings.append(PageError(problem, fix="Use the same case.", places=[Place(path=arrival.file)]))
    return findings
