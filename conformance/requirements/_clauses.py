"""The clauses of a vendored page: everything in it that a requirement, or a waiver, must answer to. Pure.

A clause is
- each constraint of the page's own schema: a type, an enum, a bound, a format, a default, an example, a required name;
- each documented status and media type, the server, the security scheme, and the request body that is required;
- each row of a table of errors, each example, and each attribute of a parameter tag;
- each bullet, and each sentence that has a number, a code word or a word such as must, only, at most.
Its key leaves out what differs between pages that say the same: the language, and the name of the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSTRAINTS = frozenset(
    {
        *("type", "enum", "const", "default", "format", "pattern"),
        *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"),
    }
)
FENCE = re.compile(r"^````yaml")
# must, only, not, at most, at least, forbidden … in the languages of the pages.
BINDING = re.compile(
    r"must|only|cannot|at most|at least|never|always|forbidden|required|"
    r"必须|必需|不能|不得|禁止|仅|最多|至少|不超过|均需|不支持|不提供|"
    r"必須|のみ|できません|以内|まで|禁止|必要|最大|"
    r"필요|만 |금지|초과|최대|불가|없습니다|않습니다|고정|이내"
)
TELLING = re.compile(r"[0-9`]")
SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+")
HEADING = re.compile(r"^(\*\*[^*]+[:：]\s*\*\*|#+ .*|[^.。]*[:：])$")
BULLET = re.compile(r"^>?\s*[-*]\s+")
TAG = re.compile(r'^\s*<(ParamField|ResponseField)\s+([^>]*(?:>(?="))?[^>]*)>\s*$')
ATTRIBUTE = re.compile(r'(\w+)(?:="([^"]*)")?')
ROW = re.compile(r"^\|\s*(\d{3})\s*\|")
JSON_FENCE = re.compile(r"^\s*```json\s+(\d{3})\b")
MODEL = re.compile(r"(/components/schemas/)\w+Request\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One thing that a page says. `first` and `last` are its lines, `pointer` leads into the page's schema, if any."""

    page: str
    key: str
    first: int
    last: int
    text: str
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.first}: {self.key}: {self.text[:90]}"


def clauses(page: str, text: str) -> tuple[Clause, ...]:
    """Every clause of a page, in the order of its lines."""
    lines = text.splitlines()
    begin = next((number for number, line in enumerate(lines) if FENCE.match(line)), None)
    if begin is None:
        return tuple(_of_markup(page, lines))
    end = next(number for number in range(begin + 1, len(lines)) if lines[number].startswith("````"))
    inside = [*_of_schema(page, lines, begin + 1, end)]
    # The words above the schema are those of the operation's description once more.
    said = {_plain(clause.text) for clause in inside}
    above = [clause for clause in _prose(page, "page", lines, 4, begin) if _plain(clause.text) not in said]
    return (*above, *inside)


def _of_schema(page: str, lines: list[str], begin: int, end: int) -> Iterator[Clause]:
    root = yaml.compose("\n".join(lines[begin:end]), Loader=yaml.SafeLoader)
    yield from _node(page, lines, begin, root, "")


def _node(page: str, lines: list[str], begin: int, node: Any, pointer: str) -> Iterator[Clause]:
    """The clauses of a YAML node and of all below it."""
    if isinstance(node, yaml.SequenceNode):
        for number, inner in enumerate(node.value):
            yield from _node(page, lines, begin, inner, f"{pointer}/{number}")
        return
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        name = str(key.value)
        at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        first, last = begin + key.start_mark.line + 1, begin + value.end_mark.line + 1
        made = _Made(page=page, pointer=at, first=first, last=max(first, last - 1), text=_shown(lines, first))
        if name == "description" and not pointer.endswith("/properties"):
            start = begin + value.start_mark.line
            yield from _prose(
                page, _key(at, page), lines, start, max(start + 1, begin + value.end_mark.line), pointer=at
            )
        elif pointer.endswith("/properties") or name not in _LEAVES:
            yield from made.container(name, pointer)
            yield from _node(page, lines, begin, value, at)
        elif name == "required" and isinstance(value, yaml.SequenceNode):
            for entry in value.value:
                line = begin + entry.start_mark.line + 1
                yield Clause(page=page, key=f"{_key(at, page)}/{entry.value}", first=line, last=line,
                             text=f"required: {entry.value}", pointer=at)  # fmt: skip
        else:
            yield made.clause()


_LEAVES = CONSTRAINTS | {"example", "required", "security"}
_CONTAINERS = re.compile(r"/responses/\d{3}$|/content/[^/]+$|/servers$|/examples/[^/]+$")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    page: str
    pointer: str
    first: int
    last: int
    text: str

    def clause(self) -> Clause:
        return Clause(page=self.page, key=_key(self.pointer, self.page), first=self.first, last=self.last,
                      text=self.text, pointer=self.pointer)  # fmt: skip

    def container(self, name: str, above: str) -> Iterator[Clause]:
        if _CONTAINERS.search(self.pointer) and not above.endswith("/properties") and name != "schema":
            yield self.clause()


def _of_markup(page: str, lines: list[str]) -> Iterator[Clause]:  # noqa: C901 - one kind of line after another
    """The clauses of a page that describes parameters with tags."""
    place = "page"
    start = 4
    fenced = False
    for number, line in enumerate(lines):
        if line.strip().startswith("```"):
            yield from () if fenced else _prose(page, place, lines, start, number)
            status = JSON_FENCE.match(line)
            if not fenced and (status or line.strip().startswith("```json")):
                name = f"status/{status[1]}" if status else f"example/{number + 1}"
                yield Clause(page=page, key=name, first=number + 1, last=number + 2, text=line.strip())
            fenced, start = not fenced, number + 1
            continue
        if fenced:
            continue
        tag, row = TAG.match(line), ROW.match(line)
        if tag or row or line.strip().startswith(("</", "## ")):
            yield from _prose(page, place, lines, start, number)
            start = number + 1
        if row:
            yield Clause(page=page, key=f"errors/{line.split('`')[1]}", first=number + 1, last=number + 1, text=line)
        elif tag:
            found = dict(ATTRIBUTE.findall(tag[2]))
            place, where = _place(tag[1], found, place)
            for name, value in found.items():
                if name in {"type", "default", "required"}:
                    text = f"{name}={value}" if value else name
                    yield Clause(page=page, key=f"{place}/{name}", first=number + 1, last=number + 1, text=text,
                                 pointer=f"{where}/{name}")  # fmt: skip
        elif line.startswith("## "):
            place = "page"
    yield from _prose(page, place, lines, start, len(lines))


def _place(tag: str, found: dict[str, str], outer: str) -> tuple[str, str]:
    """The key of a parameter tag, and where the contract has it in the page's words."""
    if tag == "ParamField":
        name = found.get("body") or found.get("header") or "?"
        kind = "body" if "body" in found else "header"
        return f"{kind}/{name}", f"schema/properties/{name}" if kind == "body" else f"security/{name}"
    name = found.get("name", "?")
    del outer
    return f"answer/{name}", f"CreateVideoResponse/{name}"


def _prose(page: str, place: str, lines: list[str], begin: int, end: int, *, pointer: str = "") -> Iterator[Clause]:
    """Bullets and telling sentences between two lines, numbered within their place."""
    count = 0
    for first, last, text, is_bullet in _units(lines, begin, end):
        pieces = [text] if is_bullet else [piece.strip() for piece in SENTENCE.split(text)]
        for piece in pieces:
            if not piece or HEADING.match(piece) or not (is_bullet or TELLING.search(piece) or BINDING.search(piece)):
                continue
            count += 1
            yield Clause(page=page, key=f"{place}#{count}", first=first + 1, last=last + 1, text=piece, pointer=pointer)


def _units(lines: list[str], begin: int, end: int) -> Iterator[tuple[int, int, str, bool]]:
    """Bullets and paragraphs, each on one line."""
    first, words, is_bullet = begin, list[str](), False
    for number in range(begin, end + 1):
        line = lines[number].strip() if number < end else ""
        if number == begin and (found := re.match(r"^description:\s*([|>][-+]?)?\s*(.*)$", line)):
            line = found[2]
        starts = bool(BULLET.match(line))
        if (not line or starts or line.startswith(("<", "|", "#", "```"))) and words:
            yield first, number - 1, " ".join(words), is_bullet
            words = []
        if line and not line.startswith(("<", "|", "#", "```")):
            if not words:
                first, is_bullet = number, starts
            words.append(BULLET.sub("", line) if starts else line)


def _key(pointer: str, page: str) -> str:
    """A pointer without what differs between pages that say the same."""
    plain = MODEL.sub(r"\1Request", pointer).replace("/components/schemas/", "")
    if plain.startswith("/paths/"):
        plain = plain.replace("/paths/~1v1~1videos~1generations/post", "create")
    if plain.startswith(("create/description", "/info/description")):
        return f"{page.rpartition('/')[2].removesuffix('.md')}/{plain.removeprefix('/')}"
    return plain.removeprefix("/")


def _plain(text: str) -> str:
    """Words alone, without markup, blanks and links: the two copies on a page differ in those."""
    return re.sub(r"[\W_]+|\([^)]*\)", "", re.sub(r"\]\([^)]*\)", "", text))


def _shown(lines: list[str], number: int) -> str:
    return lines[number - 1].strip()
