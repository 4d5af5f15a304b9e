"""The one strict YAML reader, for pages, overlay and supplement alike. No I/O.

YAML 1.2 core schema: `16:9`, `yes`, `1_000` and `2026-01-01` are text, `0o7` is 7, `.inf` is refused. Anchors and
aliases (unless the caller wants them), tags, merge keys, duplicate keys, several documents and keys that are not
scalars are refused with their place; an unquoted key such as `200:` is the text it is spelled with.

It works on the parser's events, never on its recursive composer: a hundred thousand brackets cost one short read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

import yaml
from yaml import events

from tools.schema import aliases, characters
from tools.schema._tree import Complaints, Limits, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tools.model import Json

__all__ = ["Complaints", "Limits", "Loaded", "load", "read"]

_CONSTANTS: Final[dict[str, Json]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_DECIMAL: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_BASED: Final = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)")
_ENDLESS: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SPECIAL: Final = "~nNtTfF+-.0123456789"
"""How plain scalars begin that may be something else than text; the empty one is, too."""

_NO_KEYS: Final = ("<<", "")
_COMMENT: Final = re.compile(r"#(?<![^\s:,\[\]{}]#)")
"""Begins with what is rare, so that it is looked for and not tried at every character."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A document: its value, the line of every JSON pointer, and the lines that carry a comment.

    The line of a mapping's value is its key's line. Comments are no part of the value: whoever must not lose text
    looks at `comments`.
    """

    value: Json
    lines: Mapping[str, int]
    comments: tuple[int, ...]


def load(
    text: str, *, path: str, first_line: int = 1, limits: Limits | None = None, complaints: Complaints | None = None
) -> tuple[Json, Mapping[str, int]]:
    """The value of `text` and the line of every JSON pointer into it.

    `path` and `first_line` (the number of the first line of `text` in that file) are for messages and lines.
    Raises `complaints.hostile` (`HostilePage`) and `complaints.broken` (`PageError`).
    """
    loaded = read(text, path=path, first_line=first_line, limits=limits, complaints=complaints)
    return loaded.value, loaded.lines


def read(
    text: str,
    *,
    path: str,
    first_line: int = 1,
    limits: Limits | None = None,
    complaints: Complaints | None = None,
    anchors: bool = False,
) -> Loaded:
    """Like `load`, with the comments; with `anchors`, aliases are written out, as far as the limits allow."""
    tree = Tree(path=path, limits=limits or Limits(), complaints=complaints or Complaints())
    found = characters.refused(text)
    if found:
        tree.hostile(f"{found.what} stands in the text", first_line + text.count("\n", 0, found.index))
    ends: dict[int, int] = {}

    def refuse(problem: str, event: events.Event) -> NoReturn:
        tree.hostile(problem, first_line + _spot(event)[0], fix="Write the value out.")

    seen = ends if _COMMENT.search(text) else None  # nothing else can be a comment, as in `'#/components/…'`
    try:
        if anchors:
            for event, repeated in aliases.written_out(_events(text), refuse):
                _take((event,), tree, first_line, None if repeated else seen)
        else:
            _take(_events(text), tree, first_line, seen)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # An unexpected end is reported behind the last line.
        line = first_line + min(mark.line if mark else 0, text.count("\n"))
        tree.broken(f"this is not YAML: {error.problem or error.context}", line)
    except yaml.YAMLError as error:
        tree.broken(f"this is not YAML: {error}", first_line)
    if not tree.finished:
        tree.broken("there is no YAML document here", first_line)
    comments = () if seen is None else _comments(text, ends, first_line)
    return Loaded(value=tree.value, lines=tree.lines, comments=comments)


def _events(text: str) -> Iterator[events.Event]:
    """The parser's own events; what `yaml.parse` does for every one of them costs as much as parsing does."""
    # The stub says nothing of what it returns.
    following: Callable[[], events.Event | None] = yaml.CSafeLoader(text).get_event  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return iter(following, None)


def _spot(event: events.Event, *, end: bool = False) -> tuple[int, int]:
    """Line and column, from 0. The stubs let a mark be absent; the parser never does."""
    mark = event.end_mark if end else event.start_mark
    return (mark.line, mark.column) if mark else (0, 0)


def _take(  # noqa: C901, PLR0912 - a call for every node would cost as much as all the rest
    stream: Iterable[events.Event], tree: Tree, first_line: int, ends: dict[int, int] | None
) -> None:
    """Take events, the frequent kinds first; `ends` is told how far scalars reach.

    Every node of every page passes through here: what is usual is decided in place, and the rest elsewhere.
    """
    for event in stream:
        mark = event.start_mark
        line = first_line + mark.line if mark else first_line
        if isinstance(event, events.ScalarEvent):
            if event.anchor is not None or event.tag is not None:
                _refuse_decoration(event, tree, line)
            text: str = event.value
            plain = not event.style  # None from the Python parser, "" from the C one
            if event.style == '"':
                text = tree.sound(text, line)
            if not tree.wants_key:
                tree.scalar(_resolve(text, tree, line) if plain and text[:1] in _SPECIAL else text, line)
            elif plain and text in _NO_KEYS:
                _refuse_key(text, tree, line)
            else:
                tree.key(text, line)
            if ends is not None:
                _remember(event, ends)
        elif isinstance(event, events.CollectionEndEvent):
            tree.close()
        elif isinstance(event, events.CollectionStartEvent):
            if event.anchor is not None or event.tag is not None:
                _refuse_decoration(event, tree, line)
            if tree.wants_key:
                tree.hostile("a key that is a sequence or a mapping", line, fix="Use text as key.")
            tree.open({} if isinstance(event, events.MappingStartEvent) else [], line)
        else:
            _rare(event, tree, line)


def _rare(event: events.Event, tree: Tree, line: int) -> None:
    match event:
        case events.AliasEvent():
            tree.hostile(f"the alias *{event.anchor!s:.80}; aliases are not read", line, fix="Write the value out.")
        case events.DocumentStartEvent():
            if tree.finished:
                tree.hostile("a second YAML document begins here", line, fix="Keep one document.")
            if event.tags:
                tree.hostile("a %TAG directive; tags are not read", line, fix="Remove it.")
        case _:
            pass


def _refuse_decoration(event: events.ScalarEvent | events.CollectionStartEvent, tree: Tree, line: int) -> None:
    if event.anchor is not None:
        tree.hostile(f"the anchor &{event.anchor!s:.80}; anchors are not read", line, fix="Write the value out.")
    tree.hostile(f"the tag {event.tag!s:.80}; tags are not read", line, fix="Remove the tag.")


def _refuse_key(text: str, tree: Tree, line: int) -> NoReturn:
    if text:
        tree.hostile("a merge key; merges are not read", line, fix="Write the keys out.")
    tree.hostile("a key without text", line, fix="Name the key.")


def _resolve(text: str, tree: Tree, line: int) -> Json:
    """The value of a plain scalar that begins as one of another type than text does."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _DECIMAL.fullmatch(text):
        return tree.number(text, line)
    if _BASED.fullmatch(text):
        return tree.number(text[2:], line, base=8 if text[1] == "o" else 16)
    if _ENDLESS.fullmatch(text):
        tree.hostile(f"{text} is no number JSON can hold", line, fix="Quote it, or use a number.")
    return text


def _remember(event: events.ScalarEvent, ends: dict[int, int]) -> None:
    """Note how far scalars reach on their lines, so that a `#` inside one is not taken for a comment."""
    (first, _), (last, column) = _spot(event), _spot(event, end=True)
    block = event.style in ("|", ">")
    for line in range(first + 1 if block else first, last):
        ends[line] = -1
    if not block:
        ends[last] = column if first == last or ends.get(last) != -1 else -1


def _comments(text: str, ends: Mapping[int, int], first_line: int) -> tuple[int, ...]:
    found: list[int] = []
    for number, row in enumerate(text.split("\n")):
        end = ends.get(number, 0)
        if end >= 0 and "#" in row and _COMMENT.search(row[end:] if end else row):
            found.append(first_line + number)
    return tuple(found)
