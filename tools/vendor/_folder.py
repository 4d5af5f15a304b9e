"""Pages from a folder, however they are named there.

A page belongs to the provider whose docs index it names in its first lines. Its path is, in this order: the one
`sources.toml` gives for its bytes, its place in a folder laid out by locale, the OpenAPI file its fence names.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tools.errors import PageError, Place
from tools.store import digest, nearest, read_bytes, safe_path, walk_files
from tools.vendor._put import Arrival, Vendored, Wanted, collisions, put

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tools.errors import ToolError
    from tools.store import SourceFile, Workspace

_HEAD: Final = 8192
"""Bytes in which a page names its index: a few lines, after a preamble in some captures."""

_INDEX: Final = re.compile(rb"https://[^\s<>\"')]+/llms\.txt")
_FENCE: Final = re.compile(rb"^`{3,}ya?ml[ \t]+(\S+)[ \t]+\S+[ \t]+\S+[^\S\n]*$", re.MULTILINE)
_FILE: Final = re.compile(r"\.(json|ya?ml)$")


def index_of(content: bytes) -> str | None:
    """The docs index a page names in its first lines."""
    found = _INDEX.search(content[:_HEAD])
    return found.group().decode("ascii", "replace") if found else None


def token_of(content: bytes) -> str | None:
    """The path that the page's own OpenAPI file token gives it; None without one, or with several."""
    tokens = {match.decode("utf-8", "replace") for match in _FENCE.findall(content)}
    if len(tokens) != 1:
        return None
    token = tokens.pop()
    return _FILE.sub(".md", token.removeprefix("/")) if _FILE.search(token) else None


def page_path(content: bytes, *, file: str, sources: SourceFile) -> str:
    """The path of a page below `pages/`; raises PageError when nothing names one, or a bad one."""
    place = [Place(path=file)]
    given = sources.paths.get(digest(content))
    if given is not None:
        return given
    token = token_of(content)
    laid_out = file if file.endswith(".md") and file.partition("/")[0] in sources.source.locales else None
    if laid_out and token and laid_out != token:
        problem = f"lies at {laid_out}, but the page calls itself {token}"
        raise PageError(problem, fix=_table(content, laid_out), places=place)
    path = laid_out or token
    if path is None:
        raise PageError("names no OpenAPI file, or several", fix=_table(content, "<locale>/<path>.md"), places=place)
    if not safe_path(path) or not path.endswith(".md"):
        raise PageError(f"calls itself {path!r}, which is no safe path", fix="Leave this page out.", places=place)
    locale = path.partition("/")[0]
    if locale not in sources.source.locales:
        advice = nearest(locale, sources.source.locales, "locale")
        problem = f"calls itself {path!r}: {locale!r} is no locale of {sources.source.provider}"
        raise PageError(problem, fix=f"{advice} Else add it to `locales` in sources.toml.", places=place)
    return path


def vendor(
    workspace: Workspace,
    provider: str,
    folder: Path,
    *,
    wanted: Wanted | None = None,
    retrieved: date | None = None,
    dry_run: bool = False,
) -> Vendored:
    """Copy the provider's pages from `folder` into the checkout, all or none; with findings nothing is written.

    `retrieved` is the day the site showed these bytes; without it a page that is already there keeps its day.
    """
    sources = workspace.source(provider)
    chosen = wanted or Wanted()
    chosen.check(sources.source)
    arrivals, elsewhere, findings = _arrivals(folder, sources)
    taken = [arrival for arrival in arrivals if chosen.takes(arrival.path)]
    findings += collisions(taken, workspace.lock(provider).get("pages", {}))
    if findings:
        return Vendored(provider=provider, elsewhere=tuple(elsewhere), findings=tuple(findings))
    done = put(workspace, provider, taken, retrieved=retrieved, stamp_all=True, dry_run=dry_run)
    return replace(done, elsewhere=tuple(elsewhere), left_out=len(arrivals) - len(taken))


def _arrivals(folder: Path, sources: SourceFile) -> tuple[list[Arrival], list[str], list[ToolError]]:
    arrivals: list[Arrival] = []
    elsewhere: list[str] = []
    findings: list[ToolError] = []
    for file, path in walk_files(folder):
        try:
            content = read_bytes(path, shown=file)
            laid_out = file.endswith(".md") and file.partition("/")[0] in sources.source.locales
            index = index_of(content)
            if index != sources.source.index and not (index is None and laid_out):
                elsewhere.append(file)
                continue
            arrivals.append(Arrival(file=file, path=page_path(content, file=file, sources=sources), content=content))
        except PageError as error:
            findings.append(error)
    return arrivals, elsewhere, findings


def _table(content: bytes, path: str) -> str:
    return f'Say in sources.toml which path it has: [[page]] sha256 = "{digest(content)}" path = "{path}" reason = "…"'
