"""Values that a Markdown table lists: below a label such as `Supported values:`, or in a first column that one heads.

Read as narrowly as lists are: a table of which one cell is no plain value lists none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.diff.facts import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HEADS: Final[Mapping[str, str]] = {
    "en": r"values?|options?",
    "cn": r"值|参数值|枚举值",
    "ja": r"値|設定値",
    "ko": r"값|설정값",
    "de": r"werte?",
    "fr": r"valeurs?",
    "es": r"valor(?:es)?",
}
"""What may head the column of values beside the labels of `tools.diff.constraints`."""

_HEAD: Final = "|".join(HEADS.values())
_RULE: Final = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_SPAN: Final = re.compile(r"(?<!`)`++[\"']?([^`]+?)[\"']?`++")
_REMARK: Final = re.compile(r"\([^()]*\)")
_BETWEEN: Final = re.compile(
    r"(?:[\s,、/|*_]|or\b|and\b|和|或|と|および|및|또는|und\b|oder\b|et\b|ou\b|y\b|o\b)*", re.IGNORECASE
)
_BARE: Final = re.compile(r"-?[A-Za-z0-9][A-Za-z0-9._:/+-]*")


def tabled_values(text: str, label: str) -> list[str]:
    """The values that the tables of a text in one spelling list, as shown, each once; empty where one is unclear."""
    found: dict[str, str] = {}
    for above, head, rows in _tables(text):
        column = _column(above, head, label)
        if column is None:
            continue
        for row in rows:
            values = _cell(row[column]) if len(row) == len(head) else []
            if not values:
                return []
            found.update((value.casefold(), value) for value in values)
    return list(found.values())


def _tables(text: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Every table: the nearest line of text above it, the cells of its head, those of its rows."""
    lines = text.split("\n")
    above, number = "", 0
    while number < len(lines):
        line = lines[number]
        if "|" in line and number + 1 < len(lines) and "-" in lines[number + 1] and _RULE.fullmatch(lines[number + 1]):
            end = number + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            yield above, _cells(line), [_cells(row) for row in lines[number + 2 : end]]
            above, number = "", end
            continue
        above = line if line.strip() else above
        number += 1


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _column(above: str, head: Sequence[str], label: str) -> int | None:
    """Which column lists the values; None where the table is about something else."""
    named = [_says(cell, f"{label}|{_HEAD}") for cell in head]
    if _says(above, label):
        return named.index(True) if any(named) else 0
    return 0 if named[0] else None


def _says(text: str, label: str) -> bool:
    return re.fullmatch(rf"[\s*#_-]*(?:{label})[\s*_]*:?[\s*_]*", text, re.IGNORECASE) is not None


def _cell(cell: str) -> list[str]:
    """The values of a cell that holds nothing else but a remark in brackets."""
    spans = [span.strip() for span in _SPAN.findall(cell)]
    rest = _REMARK.sub(" ", _SPAN.sub(" ", cell)).strip(" *_")
    if spans:
        return spans if _BETWEEN.fullmatch(rest) and all(map(literal, spans)) else []
    return [rest] if _BARE.fullmatch(rest) else []
