"""Reading is suspicious: regular files only, nothing outside the folder that was named, and no more than a page has."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from tools.errors import HostilePage, JudgementError, PageError, Place, UsageError
from tools.model import Judgements, Page
from tools.schema import yaml
from tools.schema.pointers import join, split
from tools.schema.shapes import is_array, is_object
from tools.store._cache import CACHE, Cache
from tools.store._sources import SOURCES, SourceFile, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Json, JsonObject, Source

PAGE_BYTES: Final = 8 * 1024 * 1024
"""No page of any site comes near it; a larger file is refused before it is read."""

PAGES, CONTRACT, LOCALES, LOCK = "pages", "openapi.json", "locales", "lock.json"
OVERLAY, SUPPLEMENT = "overlay.yaml", "supplement.yaml"
JUDGEMENTS: Final = (OVERLAY, SOURCES, SUPPLEMENT)

LEFTOVERS: Final = "x-leftovers"
_ACTION: Final = 2
"""Tokens of the pointer of an action: `/actions/3`."""

_OURS: Final = yaml.Limits(nodes=5_000_000, pointers=1_000_000_000)
"""For files the pipeline wrote itself: all pages of a provider in one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSet:
    """The pages of a folder in path order, and the files beside them that are no pages."""

    pages: tuple[Page, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """Actions of another overlay file, and the index of the first among all."""

    path: str
    first: int
    count: int

    def place(self, place: Place) -> Place:
        """Where an action that the merge places in the one overlay stands in its own file."""
        tokens = split(place.pointer or "")
        if place.path != OVERLAY or len(tokens) < _ACTION or tokens[0] != "actions":
            return place
        index = int(tokens[1]) - self.first
        if not 0 <= index < self.count:
            return place
        return Place(path=self.path, line=place.line, pointer=join("", "actions", index, *tokens[_ACTION:]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """A checkout: `specs/` and `generated/` under one root.

    `cached` is the checkout whose cache it uses: its own, unless it is another one's draft.
    """

    root: Path
    cached: Path | None = None

    def specs(self, provider: str) -> Path:
        """The provider's folder of evidence, judgements and contract."""
        return self.root / "specs" / provider

    def providers(self) -> tuple[str, ...]:
        """Every provider that has a `sources.toml`, in alphabetical order."""
        return tuple(sorted(path.parent.name for path in self.root.glob(f"specs/*/{SOURCES}")))

    def provider(self, name: str) -> str:
        """`name`, if there is such a provider; raises UsageError with the nearest name."""
        known = self.providers()
        if name in known:
            return name
        raise UsageError(f"there is no provider {name!r}", fix=nearest(name, known, "provider"))

    def source(self, provider: str) -> SourceFile:
        """The provider's `sources.toml`; raises JudgementError."""
        return read_source(self.specs(provider) / SOURCES, provider=provider)

    def pages(self, provider: str) -> PageSet:
        """The vendored pages."""
        folder = self.specs(provider) / PAGES
        if not folder.is_dir():
            return PageSet(pages=())
        return read_pages(folder, source=self.source(provider).source)

    def judgements(self, provider: str, extra: Sequence[Path] = ()) -> tuple[Judgements, tuple[Added, ...]]:
        """The provider's overlay and supplement, with the actions of `extra` overlays after its own.

        Where those came from tells the second value: to the merge all actions stand in one overlay.
        """
        folder = self.specs(provider)
        overlay, overlay_lines = _read_yaml(folder / OVERLAY, shown=OVERLAY)
        supplement, supplement_lines = _read_yaml(folder / SUPPLEMENT, shown=SUPPLEMENT)
        actions = list(_list(overlay, "actions", OVERLAY)) if "actions" in overlay else []
        leftovers = list(_list(overlay, LEFTOVERS, OVERLAY)) if LEFTOVERS in overlay else []
        lines = dict(overlay_lines)
        added: list[Added] = []
        for path in extra:
            if not path.is_file():
                raise UsageError(f"there is no overlay file {path}", fix="Name an existing YAML file.")
            more, more_lines = _read_yaml(path, shown=str(path), member="actions")
            found = _list(more, "actions", str(path))
            added.append(Added(path=str(path), first=len(actions), count=len(found)))
            lines |= _moved(more_lines, len(actions))
            actions.extend(found)
            if LEFTOVERS in more:
                leftovers.extend(_list(more, LEFTOVERS, str(path)))
        judgements = Judgements(
            overlay={"overlay": "1.1.0", **overlay, "actions": actions, LEFTOVERS: leftovers},
            supplement=supplement,
            overlay_lines=lines,
            supplement_lines=supplement_lines,
        )
        return judgements, tuple(added)

    def contract(self, provider: str) -> JsonObject:
        """The contract on disk; raises UsageError when it was never built."""
        path = self.specs(provider) / CONTRACT
        if not path.is_file():
            raise UsageError(
                f"{provider} has no contract yet", fix=f"Run `python -m tools build --provider {provider}`."
            )
        return read_json(path, shown=f"specs/{provider}/{CONTRACT}")

    def locales(self, provider: str) -> dict[str, JsonObject]:
        """The locale overlays on disk."""
        folder = self.specs(provider) / LOCALES
        paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
        return {path.stem: _read_yaml(path, shown=f"{LOCALES}/{path.name}", limits=_OURS)[0] for path in paths}

    def cache(self, name: str) -> Cache:
        """The checkout's cache of this name."""
        return Cache(folder=(self.cached or self.root) / CACHE / name)

    def lock(self, provider: str) -> JsonObject:
        """The provider's `lock.json`, empty when there is none."""
        path = self.specs(provider) / LOCK
        return read_json(path, shown=f"specs/{provider}/{LOCK}") if path.is_file() else {}


def nearest(name: str, known: Sequence[str], what: str) -> str:
    """Advice for a name that is not among `known`."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known {what}s: {', '.join(known)}." if known else f"There is no {what} yet."


def digest(content: bytes) -> str:
    """Sha256, as `lock.json` records it."""
    return hashlib.sha256(content).hexdigest()


def read_bytes(path: Path, *, limit: int = PAGE_BYTES, shown: str | None = None) -> bytes:
    """A regular file of at most `limit` bytes; raises PageError for one that cannot be read.

    Device files and pipes would never end, so that they raise HostilePage, as what is too large does.
    """
    place = Place(path=shown or str(path))
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise HostilePage("is no regular file", fix="Take it out of the folder.", places=[place])
        if found.st_size > limit:
            problem = f"has {found.st_size:,} bytes, more than the {limit:,} a page may have"
            raise HostilePage(problem, fix="Take it out of the folder.", places=[place])
        return path.read_bytes()
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise PageError(problem, fix="Make it readable, or take it away.", places=[place]) from None


def walk_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below `folder` as (relative path, path), sorted; raises UsageError for a link that leads outside."""
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", fix="Name an existing folder.")
    home = folder.resolve()
    found: list[tuple[str, Path]] = []
    for here, folders, files in os.walk(folder, followlinks=False):
        for name in (*folders, *files):
            path = Path(here, name)
            if path.is_symlink() and not _leads_into(path, home):
                problem = f"{path} is a link that leads out of {folder}"
                raise UsageError(problem, fix="Put a copy in its place, or take it away.")
        found.extend((Path(here, name).relative_to(folder).as_posix(), Path(here, name)) for name in files)
    yield from sorted(found)


def _leads_into(link: Path, home: Path) -> bool:
    try:
        return link.resolve().is_relative_to(home)
    except (OSError, RuntimeError):  # a loop of links: until Python 3.12 no OSError
        return False


def read_pages(folder: Path, *, source: Source) -> PageSet:
    """Pages of a folder whose first level are locale folders; every other file is only listed.

    Raises UsageError for a folder that is no locale of the source.
    """
    pages: list[Page] = []
    ignored: list[str] = []
    for relative, path in walk_files(folder):
        locale, slash, _ = relative.partition("/")
        if not slash or not relative.endswith(".md"):
            ignored.append(relative)
        elif locale not in source.locales:
            advice = nearest(locale, source.locales, "locale")
            raise UsageError(f"{folder}: {locale!r} is no locale of {source.provider}", fix=advice)
        else:
            content = read_bytes(path, shown=f"{PAGES}/{relative}")
            pages.append(Page(provider=source.provider, locale=locale, path=relative, content=content))
    return PageSet(pages=tuple(pages), ignored=tuple(ignored))


def read_tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by relative path, without what running Python leaves there."""
    return {
        relative: path.read_bytes()
        for relative, path in walk_files(folder)
        if "__pycache__" not in PurePosixPath(relative).parts
    }


def _list(overlay: JsonObject, member: str, shown: str) -> list[Json]:
    value: Json = overlay.get(member)
    if not is_array(value):
        fix = f"Write `{member}:` with a list; in a file for --overlay the list may stand alone."
        raise JudgementError(f"{member!r} is no list", fix=fix, places=[Place(path=shown)])
    return value


def _moved(lines: Mapping[str, int], by: int) -> dict[str, int]:
    """Lines of actions, as if `by` others came before them."""
    moved: dict[str, int] = {}
    for pointer, line in lines.items():
        tokens = split(pointer)
        if len(tokens) >= _ACTION and tokens[0] == "actions":
            moved[join("", "actions", int(tokens[1]) + by, *tokens[_ACTION:])] = line
    return moved


def read_json(path: Path, *, shown: str) -> JsonObject:
    """A JSON object of ours; raises JudgementError."""
    try:
        value: Json = json.loads(path.read_bytes())
    except ValueError as error:  # a bad encoding is a ValueError, too
        places = [Place(path=shown)]
        raise JudgementError(f"is not JSON: {error}", fix="Restore it, or build again.", places=places) from None
    if not is_object(value):
        raise JudgementError("is no JSON object", fix="Restore it, or build again.", places=[Place(path=shown)])
    return value


def _read_yaml(
    path: Path, *, shown: str, member: str | None = None, limits: yaml.Limits | None = None
) -> tuple[JsonObject, Mapping[str, int]]:
    """A file of ours, empty when absent or blank. With `member`, a file that is a list alone stands for it."""
    if not path.is_file():
        return {}, {}
    places = [Place(path=shown)]
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise JudgementError(f"is not UTF-8: {error}", fix="Save it as UTF-8.", places=places) from None
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        return {}, {}
    complaints = yaml.Complaints(hostile=JudgementError, broken=JudgementError)
    value, lines = yaml.load(text, path=shown, limits=limits, complaints=complaints)
    if member is not None and is_array(value):
        return {member: value}, {join("", member) + pointer: line for pointer, line in lines.items()}
    if not is_object(value):
        raise JudgementError("is no mapping", fix="Write members at the top level.", places=places)
    return value, lines
