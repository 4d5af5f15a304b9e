"""`sources.toml`: where a provider publishes its pages, and the paths of pages that do not name their own."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.errors import JudgementError, Place
from tools.model import Source
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tools.model import Json, JsonObject

SOURCES: Final = "sources.toml"

_MEMBERS: Final = frozenset({"title", "docs", "index", "locales", "base_urls", "page"})
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_PORTS: Final = frozenset(f"{port}{number}" for port in ("com", "lpt") for number in range(10))
_RESERVED: Final = frozenset({"con", "prn", "aux", "nul"}) | _PORTS


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """A provider's `sources.toml`: its row, and the paths of pages that do not name their own (by sha256)."""

    source: Source
    paths: Mapping[str, str] = field(default_factory=dict[str, str])


def safe_path(path: str) -> bool:
    """Whether a path that came with a page can be a file below `pages/` on every system."""
    segments = path.split("/")
    return len(segments) > 1 and all(
        _SEGMENT.fullmatch(segment) and segment.partition(".")[0].lower() not in _RESERVED and not segment.endswith(".")
        for segment in segments
    )


def read_source(path: Path, *, provider: str) -> SourceFile:
    """One `sources.toml`; raises JudgementError naming the member that is wrong."""
    try:
        table: JsonObject = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"is not TOML: {error}", "Mend the syntax.") from None
    unknown = sorted(set(table) - _MEMBERS)
    if unknown:
        raise _wrong(f"has unknown members: {', '.join(unknown)}", "Take them out, or correct their names.")
    locales = _texts(table, "locales")
    source = Source(
        provider=provider,
        title=_text(table, "title"),
        docs=_text(table, "docs"),
        index=_text(table, "index"),
        locales=locales,
        base_urls=_texts(table, "base_urls"),
    )
    return SourceFile(source=source, paths=_paths(table.get("page", []), locales))


def _wrong(problem: str, fix: str) -> JudgementError:
    return JudgementError(problem, fix=fix, places=[Place(path=SOURCES)])


def _text(table: JsonObject, name: str) -> str:
    value: Json = table.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{name!r} is not a text", f'Write `{name} = "…"`.')
    return value


def _texts(table: JsonObject, name: str) -> tuple[str, ...]:
    values: Json = table.get(name)
    if not is_array(values) or not values or not all(isinstance(value, str) and value for value in values):
        raise _wrong(f"{name!r} is not a list of texts", f'Write `{name} = ["…"]`, the most important first.')
    return tuple(values)


def _paths(rows: Json, locales: Sequence[str]) -> dict[str, str]:
    paths: dict[str, str] = {}
    for row in rows if is_array(rows) else [rows]:
        whole = is_object(row) and set(row) == {"sha256", "path", "reason"}
        if not whole or not all(isinstance(value, str) and value for value in row.values()):
            raise _wrong("a [[page]] table needs sha256, path and reason, and no more", "Complete the table.")
        path: str = row["path"]
        if not safe_path(path) or not path.endswith(".md") or path.partition("/")[0] not in locales:
            raise _wrong(f"{path!r} is no path of a page", "Write <locale>/<folder>/<page>.md.")
        if row["sha256"] in paths:
            raise _wrong(f"two [[page]] tables speak of {row['sha256']}", "Keep one.")
        paths[row["sha256"]] = path
    return paths
