"""Rows of a page → fences, JSX tags and text, nested as they stand. No meaning is read here.

Fences go first, at any indentation (they stand inside `<RequestExample>`, too); tags are looked for only outside
fences and only where a row begins, or right behind another tag: `<token>` in running text is text. One pass forward,
with positions instead of slices and no backtracking, so that hostile input costs linear time.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tools.errors import HostilePage, PageError, ToolError
from tools.schema import characters, jsontext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Page

MAX_DEPTH: Final = 50
"""How deep tags may nest; real pages reach 5."""

MAX_TAGS: Final = 20_000
"""How many tags a page may hold; real pages reach 300."""

MAX_HEAD_ROWS: Final = 40
"""How many rows an opening tag may span."""

_FENCE: Final = re.compile(r"[ \t]*+(`{3,}+|~{3,}+)(.*)")
_TAG: Final = re.compile(r"[ \t]*+<(/?)([A-Z][A-Za-z0-9.]*+)(?=[\s/>]|$)")
_ATTRIBUTE: Final = re.compile(r"""\s*+([A-Za-z_:][\w:.-]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|(\{)))?""", re.ASCII)
_HEAD_END: Final = re.compile(r"\s*+(/?)>")
_NOTHING: Final = re.compile(r"\s*+$")
_BRACE: Final = re.compile(r"[{}\"'`]")
_FLAG: Final = re.compile(r"""\b[A-Za-z]++=(?:\{[^{}]*+\}|"[^"]*+")""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """A JSX attribute value in braces that is not JSON: kept as it is written."""

    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TextRun:
    """Rows of plain Markdown, indentation kept; `first` is the line of the first row."""

    first: int
    rows: tuple[str, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Fence:
    """A code fence: lines `first` and `last` hold the marks; `rows` are de-indented by the opening mark's indent."""

    first: int
    last: int
    mark: str
    info: str
    rows: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.info.partition(" ")[0].lower()

    @property
    def label(self) -> str:
        """What the info string says behind the language, without flags such as `theme={null}`."""
        return plain_info(self.info).partition(" ")[2].strip()

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    @property
    def source(self) -> str:
        """The fence as Markdown, de-indented, without flags."""
        info = f"{self.language} {self.label}".strip()
        return f"{self.mark}{info}\n{self.text}\n{self.mark}"


@dataclass(kw_only=True, slots=True, eq=False)
class Tag:
    """A JSX element: its head covers lines `first` to `head_last`, its closing tag stands on line `last`.

    Attribute values: text as text, `{…}` as the JSON value in it or as an Expression, a bare name as True.
    """

    name: str
    attributes: dict[str, Any]
    first: int
    head_last: int
    last: int
    children: list[Block] = field(default_factory=list["Block"])

    def text_of(self, attribute: str) -> str | None:
        value = self.attributes.get(attribute)
        return value if isinstance(value, str) else None


def plain_info(info: str) -> str:
    """An info string without flags such as `theme={null}`."""
    return " ".join(_FLAG.sub("", info).split())


Block: TypeAlias = TextRun | Fence | Tag


@dataclass(frozen=True, kw_only=True, slots=True)
class Scanned:
    """The blocks of a page, and lines that make no sense as first line, last line and reason."""

    blocks: tuple[Block, ...]
    nonsense: tuple[tuple[int, int, str], ...]


def fences(page: Page, rows: Sequence[str], start: int = 1) -> tuple[Fence, ...]:
    """Every code fence from line `start` on; raises PageError for one that is never closed."""
    found: list[Fence] = []
    opened: tuple[int, str, str] | None = None
    marked = [(number, row) for number, row in enumerate(rows, 1) if "```" in row or "~~~" in row]
    for number, row in marked:
        match = _FENCE.match(row) if number >= start else None
        if opened is None:
            if match and not (match[1][0] == "`" and "`" in match[2]):
                opened = (number, match[1], match[2].strip())
        elif match and match[1].startswith(opened[1]) and not match[2].strip():
            first, mark, info = opened
            indent = len(rows[first - 1]) - len(rows[first - 1].lstrip(" \t"))
            inside = rows[first : number - 1]
            inner = tuple(_dedent(row, indent) for row in inside) if indent else tuple(inside)
            found.append(Fence(first=first, last=number, mark=mark, info=info, rows=inner))
            opened = None
    if opened:
        raise PageError(
            f"the code fence {(opened[1] + opened[2])[:60]} is never closed",
            fix="The page was cut off; vendor it again.",
            places=[page.place(opened[0])],
        )
    return tuple(found)


def _dedent(row: str, indent: int) -> str:
    return row[min(indent, len(row) - len(row.lstrip(" \t"))) :]


def scan(page: Page, rows: Sequence[str], start: int, known: Sequence[Fence]) -> Scanned:
    """The blocks from line `start` on; raises HostilePage for tags that nest too deep."""
    scanner = _Scanner(page, rows)
    by_line = {fence.first: fence for fence in known if fence.first >= start}
    number = start
    while number <= len(rows):
        fence = by_line.get(number)
        if fence:
            scanner.add(fence)
            number = fence.last + 1
        else:
            number = scanner.take_row(number, by_line)
    return scanner.finish()


class _Scanner:
    def __init__(self, page: Page, rows: Sequence[str]) -> None:
        self._page = page
        self._rows = rows
        self._root: list[Block] = []
        self._open: list[Tag] = []
        self._text_first = 0
        self._text_rows: list[str] = []
        self._nonsense: list[tuple[int, int, str]] = []
        self._tags = 0

    def add(self, block: Block) -> None:
        self._flush()
        (self._open[-1].children if self._open else self._root).append(block)

    def take_row(self, number: int, fence_lines: Mapping[int, Fence]) -> int:
        """Take the row at line `number`, and the rows that a tag's head spans; returns the next line."""
        row = self._rows[number - 1]
        position = 0
        while True:
            match = _TAG.match(row, position)
            if match:
                self._count(number)
            if match and match[1]:
                position = self._closing_tag(number, row, match)
            elif match:
                head = self._head(number, match, fence_lines)
                if isinstance(head, int):
                    return head
                number, position = head
                row = self._rows[number - 1]
            else:
                position = self._text(number, row, position)
            if position < 0 or _NOTHING.match(row, position):
                return number + 1

    def finish(self) -> Scanned:
        """End the page: tags still open lose their children to what holds them."""
        self._flush()
        while self._open:
            self._abandon()
        return Scanned(blocks=tuple(self._root), nonsense=tuple(self._nonsense))

    def _count(self, number: int) -> None:
        self._tags += 1
        if self._tags > MAX_TAGS:
            problem = f"more than {MAX_TAGS} tags"
            raise HostilePage(problem, fix="Vendor a sound page.", places=[self._page.place(number)])

    def _closing_tag(self, number: int, row: str, match: re.Match[str]) -> int:
        end = _HEAD_END.match(row, match.end())
        if not end or end[1]:
            self._nonsense.append((number, number, "a closing tag that does not end"))
            return -1
        self._close(match[2], number)
        return end.end()

    def _text(self, number: int, row: str, position: int) -> int:
        """Take text up to the closing tag of the innermost element; returns where it goes on, -1 at the end of row."""
        end = row.find(f"</{self._open[-1].name}>", position) if self._open else -1
        text = row[position:] if end < 0 else row[position:end]
        if self._text_rows and self._text_first + len(self._text_rows) != number:
            self._flush()
        if self._text_rows or text.strip():
            self._text_first = self._text_first if self._text_rows else number
            self._text_rows.append(text)
        return end

    def _flush(self) -> None:
        while self._text_rows and not self._text_rows[-1].strip():
            self._text_rows.pop()
        if self._text_rows:
            run = TextRun(first=self._text_first, rows=tuple(self._text_rows))
            self._text_rows = []
            (self._open[-1].children if self._open else self._root).append(run)

    def _close(self, name: str, number: int) -> None:
        self._flush()
        if all(tag.name != name for tag in self._open):
            self._nonsense.append((number, number, f"</{name}> closes nothing"))
            return
        while self._open[-1].name != name:
            self._abandon()
        self._open.pop().last = number

    def _abandon(self) -> None:
        """Give up the innermost element, which is never closed: its children go to its parent."""
        tag = self._open.pop()
        self._nonsense.append((tag.first, tag.head_last, f"<{tag.name}> is never closed"))
        holder = self._open[-1].children if self._open else self._root
        holder.pop()  # an open element is the last child of what holds it
        holder.extend(tag.children)

    def _head(self, number: int, match: re.Match[str], fence_lines: Mapping[int, Fence]) -> tuple[int, int] | int:
        """Take an opening tag; returns line and position behind it, or the next line when it does not end."""
        self._flush()
        row = self._rows[number - 1]
        last = number
        attributes, position, problem = self._attributes(row, match.end(), number)
        end = _HEAD_END.match(row, position)
        if not end:
            # Only now are rows joined, and from the tag on: a row full of tags would be copied once for each.
            last = self._head_limit(number, fence_lines)
            row = "\n".join((row[match.start() :], *self._rows[number:last]))
            attributes, position, problem = self._attributes(row, match.end() - match.start(), number)
            end = _HEAD_END.match(row, position)
        if problem or not end:
            self._nonsense.append((number, last, problem or f"the tag <{match[2]}> does not end"))
            return last + 1
        head_last = number if last == number else number + row.count("\n", 0, end.end())
        tag = Tag(name=match[2], attributes=attributes, first=number, head_last=head_last, last=head_last)
        (self._open[-1].children if self._open else self._root).append(tag)
        if not end[1]:
            self._open.append(tag)
            if len(self._open) > MAX_DEPTH:
                problem = f"tags nest deeper than {MAX_DEPTH}"
                raise HostilePage(problem, fix="Vendor a sound page.", places=[self._page.place(number)])
        return head_last, end.end() if last == number else end.end() - (row.rfind("\n", 0, end.end()) + 1)

    def _head_limit(self, number: int, fence_lines: Mapping[int, Fence]) -> int:
        """The last line that the head of a tag on line `number` may reach: before a blank line, fence or next tag."""
        last = number
        while last < min(len(self._rows), number + MAX_HEAD_ROWS - 1):
            row = self._rows[last]
            if not row.strip() or last + 1 in fence_lines or row.lstrip().startswith("<"):
                break
            last += 1
        return last

    def _attributes(self, text: str, position: int, number: int) -> tuple[dict[str, Any], int, str]:
        attributes: dict[str, Any] = {}
        counted, line = position, number
        while match := _ATTRIBUTE.match(text, position):
            name, double, single, brace = match.groups()
            position = match.end()
            if name in attributes:
                return attributes, position, f"the attribute {name} stands twice"
            if brace:
                end = _expression_end(text, match.end())
                if end < 0:
                    return attributes, position, f"the value of {name} does not end"
                line += text.count("\n", counted, position)
                counted = position
                attributes[name] = self._expression(text[position : end - 1], line)
                position = end
            elif double is None and single is None:
                attributes[name] = True
            else:
                attributes[name] = self._unescape(double if double is not None else single, number)
        return attributes, position, ""

    def _expression(self, source: str, line: int) -> Any:
        try:
            return jsontext.load(source, path=self._page.place().path, first_line=line)[0]
        except HostilePage:
            raise
        except ToolError:
            return Expression(source=source)

    def _unescape(self, text: str, line: int) -> str:
        if "&" not in text:
            return text
        text = html.unescape(text)
        found = characters.refused(text)
        if found:
            problem = f"an entity spells {found.what}"
            raise HostilePage(problem, fix="Vendor a sound page.", places=[self._page.place(line)])
        return characters.normal(text)


def _expression_end(text: str, position: int) -> int:
    """The position behind the brace that closes an expression, -1 when there is none."""
    depth = 1
    quote = ""
    for match in _BRACE.finditer(text, position):
        mark = match[0]
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "\"'`":
            quote = mark
        else:
            depth += 1 if mark == "{" else -1
            if depth == 0:
                return match.end()
    return -1


def walk(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block, parents first, in page order."""
    stack = list(reversed(blocks))
    while stack:
        block = stack.pop()
        yield block
        if isinstance(block, Tag):
            stack.extend(reversed(block.children))
