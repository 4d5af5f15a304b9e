"""Markdown text → pieces with a role: heading, paragraph, list, table, quote, rule, html."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.extract._scan import TextRun

_HEADING: Final = re.compile(r"\s*+(#{1,6})\s")
_ITEM: Final = re.compile(r"\s*+(?:[*+-]|[0-9]{1,9}[.)])(?:\s|$)")
_RULE: Final = re.compile(r"\s*+(?:(?:\*\s*+){3,}+|(?:-\s*+){3,}+|(?:_\s*+){3,}+)$")
_BOLD: Final = re.compile(r"\*\*([^*]+)\*\*:?：?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of text with one role; `level` is a heading's."""

    first: int
    last: int
    role: str
    text: str
    level: int = 0

    @property
    def caption(self) -> str | None:
        """The text of a paragraph that is bold as a whole, which pages use as a small heading."""
        match = _BOLD.fullmatch(self.text.strip()) if self.role == "paragraph" else None
        return match[1] if match else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of a table."""

    line: int
    cells: tuple[str, ...]


def pieces(run: TextRun) -> Iterator[Piece]:
    """The pieces of a run of text, in order."""
    rows = dedent(run.rows)
    first = 0
    role = ""
    for index in range(len(rows) + 1):
        here = _role(rows[index], role) if index < len(rows) else ""
        if role and (here != role or role in ("heading", "rule")):
            yield _piece(run.first, rows, first, index, role)
            role = ""
        if here and not role:
            first, role = index, here


def _role(row: str, open_role: str) -> str:
    """The role of a row; a plain row goes on with an open paragraph, list or quote."""
    stripped = row.strip()
    if not stripped:
        return ""
    if _HEADING.match(row):
        return "heading"
    if stripped.startswith("|"):
        return "table"
    if stripped.startswith(">"):
        return "quote"
    if _RULE.match(row):
        return "rule"
    if _ITEM.match(row):
        return "list"
    if open_role in ("paragraph", "list", "quote", "html"):
        return open_role
    return "html" if stripped.startswith("<") else "paragraph"


def _piece(offset: int, rows: Sequence[str], first: int, end: int, role: str) -> Piece:
    text = "\n".join(rows[first:end]).strip()
    level = 0
    heading = _HEADING.match(text) if role == "heading" else None
    if heading:
        level, text = len(heading[1]), text[heading.end() :].strip().rstrip("#").rstrip()
    return Piece(first=offset + first, last=offset + end - 1, role=role, text=text, level=level)


def dedent(rows: Sequence[str]) -> list[str]:
    """Rows without the indentation they have in common; blank rows are empty."""
    widths = [len(row) - len(row.lstrip()) for row in rows if row.strip()]
    width = min(widths, default=0)
    return [row[width:].rstrip() if row.strip() else "" for row in rows]


def table(piece: Piece) -> tuple[Row, ...]:
    """The rows of a table, head first, without the divider; nothing when it is no table."""
    lines = piece.text.split("\n")
    if len(lines) < 2 or not _is_divider(lines[1]):  # noqa: PLR2004 - head and divider
        return ()
    numbered = [(piece.first + index, line) for index, line in enumerate(lines) if index != 1]
    return tuple(Row(line=number, cells=_cells(line)) for number, line in numbered)


def _is_divider(line: str) -> bool:
    return set(line) <= set("|:- \t") and "-" in line


def _cells(line: str) -> tuple[str, ...]:
    r"""Split at bars; `\|` is a bar inside a cell."""
    marked = line.strip().replace("\\|", "\0")
    marked = marked.removeprefix("|").removesuffix("|")
    return tuple(cell.strip().replace("\0", "|") for cell in marked.split("|"))


def fold(text: str) -> str:
    """Text with every stretch of white space made one blank: how two spellings of a paragraph are compared."""
    return " ".join(text.split())
