"""The top of a page: front matter or preamble, index note, title, description; and the trailer at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.extract._prose import fold
from tools.schema import yaml
from tools.schema.pointers import join
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Page

_PREAMBLE: Final = re.compile(r"(?:#|>)\s*Source:\s*\S+$")
_INDEX: Final = "Documentation Index"
_TITLE: Final = re.compile(r"#\s+(.*\S)\s*$")
_TRAILERS: Final = ("Built with [Mintlify]", "> To find navigation")


@dataclass(kw_only=True, slots=True)
class Head:
    """What the top of a page says; `claims` are its lines as first, last and what, `end` the last of them."""

    title: str | None = None
    title_line: int = 0
    description: str | None = None
    description_line: int = 0
    description_last: int = 0
    api: str | None = None
    api_line: int = 0
    end: int = 0
    claims: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])

    def claim(self, first: int, last: int, what: str) -> None:
        self.claims.append((first, last, what))
        self.end = max(self.end, last)


def read(page: Page, rows: Sequence[str]) -> Head:
    """Read rows from the top until the first that belongs to the body."""
    head = Head()
    number = _preamble(rows, _front_matter(page, rows, head), head) + 1
    while number <= len(rows):
        row = rows[number - 1].rstrip()
        title = _TITLE.match(row)
        if not row.strip():
            number += 1
        elif _PREAMBLE.match(row):
            head.claim(number, number, "preamble")
            number += 1
        elif row.startswith(">") and head.description is None:
            number = _quote(rows, number, head)
        elif title and head.title is None:
            head.title, head.title_line = ("" if title[1] == "null" else title[1]), number
            head.claim(number, number, "title")
            number += 1
        else:
            break
    return head


def _quote(rows: Sequence[str], number: int, head: Head) -> int:
    first = number
    while number <= len(rows) and rows[number - 1].startswith(">"):
        number += 1
    text = [row.removeprefix(">").removeprefix(" ") for row in rows[first - 1 : number - 1]]
    if _INDEX in text[0] or text[0].startswith("## "):  # a note of the site to whoever reads by machine
        head.claim(first, number - 1, "index note" if _INDEX in text[0] else "site note")
        return number
    while number <= len(rows) and _continues(rows[number - 1]):
        text.append(rows[number - 1])
        number += 1
    head.description = "\n".join(row.rstrip() for row in text).strip()
    head.description_line, head.description_last = first, number - 1
    head.claim(first, number - 1, "description")
    return number


def _continues(row: str) -> bool:
    """Only the first line of a description carries the quote mark: what follows directly still belongs to it."""
    return bool(row.strip()) and not row.lstrip().startswith(("#", "<", "```", "~~~", ">"))


def _front_matter(page: Page, rows: Sequence[str], head: Head) -> int:
    """Read `---` … `---` at the very top; returns the last line of it, 0 when there is none."""
    if not rows or rows[0].rstrip() != "---":
        return 0
    end = next((number for number in range(2, len(rows) + 1) if rows[number - 1].rstrip() == "---"), 0)
    if not end:
        return 0
    value, lines = yaml.load("\n".join(rows[1 : end - 1]), path=page.place().path, first_line=2)
    matter = value if is_object(value) else {}
    known = {
        key: text for key, text in matter.items() if key in ("title", "description", "api") and isinstance(text, str)
    }
    head.title, head.title_line = known.get("title"), lines.get("/title", 0)
    head.description, head.description_line = known.get("description"), lines.get("/description", 0)
    head.description = head.description and head.description.strip()
    head.api, head.api_line = known.get("api"), lines.get("/api", 0)
    head.claim(1, end, "front matter")
    for key in matter.keys() - known.keys():
        line = lines[join("", key)]
        head.claims.append((line, line, ""))
    return end


def _preamble(rows: Sequence[str], last: int, head: Head) -> int:
    """Pass over comment lines that somebody put above the page, ended by `---`; returns the last line of them.

    What follows must be a page's own top: `# Title` above a rule is a title.
    """
    number = last
    while number < len(rows) and not rows[number].strip():
        number += 1
    first = number
    while number < len(rows) and rows[number].startswith("#") and not rows[number].startswith("##"):
        number += 1
    if number == first or number == len(rows) or rows[number].strip() != "---":
        return last
    top = next((row for row in rows[number + 1 :] if row.strip()), "")
    if not top.startswith(("# ", "> ## ")):
        return last
    head.claim(first + 1, number + 1, "preamble")
    return number + 1


def stretch_description(rows: Sequence[str], head: Head, stated: str) -> bool:
    """Whether the page's description is `stated` (white space folded); if so, claim all its paragraphs."""
    if head.description is None:
        return False
    wanted = fold(stated)
    parts = [fold(head.description)]
    length = len(parts[0])
    number = head.description_last
    while length < len(wanted) and number < len(rows):
        number += 1
        row = fold(rows[number - 1])
        if row.startswith(("## ", "```")):
            return False
        if row:
            parts.append(row)
            length += 1 + len(row)
    if " ".join(parts) != wanted:
        return False
    head.claim(head.description_line, number, "description")
    return True


def trailer(rows: Sequence[str]) -> int:
    """The first line of the exporter's trailer, or the line behind the page when there is none."""
    last = len(rows)
    while last and not rows[last - 1].strip():
        last -= 1
    if not last or not rows[last - 1].startswith(_TRAILERS):
        return len(rows) + 1
    first = last
    while first > 1 and (rows[first - 2].startswith(">") or rows[first - 2].strip() in ("", "---", "***")):
        first -= 1
        if rows[first - 1].strip() in ("---", "***"):
            break
    return first
