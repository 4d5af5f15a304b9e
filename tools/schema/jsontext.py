"""The strict JSON reader, for the examples on pages. No I/O.

RFC 8259 and no more: duplicate keys, NaN, Infinity, numbers beyond a float, lone surrogates and format characters
(also where an escape spells them) are refused with their place. A state machine over tokens: nothing recurses.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from tools.schema import characters
from tools.schema._tree import Complaints, Limits, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.model import Json

__all__ = ["load"]

_TOKEN: Final = re.compile(
    r"""[ \t\n\r]*+(?:
    (?P<mark>[{}\[\]:,])
    |(?P<text>"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+")
    |(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+)(?![0-9A-Za-z_.+-])
    |(?P<word>true|false|null)(?![0-9A-Za-z_])
    |(?P<end>\Z)
    )""",
    re.VERBOSE | re.ASCII,
)
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}


def load(
    text: str, *, path: str, first_line: int = 1, limits: Limits | None = None, complaints: Complaints | None = None
) -> tuple[Json, Mapping[str, int]]:
    """The value of `text` and the line of every JSON pointer into it; arguments and errors as in `yaml.load`."""
    tree = Tree(path=path, limits=limits or Limits(), complaints=complaints or Complaints())
    found = characters.refused(text)
    if found:
        tree.hostile(f"{found.what} stands in the text", first_line + text.count("\n", 0, found.index))
    expected = "value"
    for kind, token, line in _tokens(text, tree, first_line):
        expected = _step(kind, token, line, tree, expected)
    return tree.value, tree.lines


def _tokens(text: str, tree: Tree, line: int) -> Iterator[tuple[str, str, int]]:
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            rest = text[position:]
            line += rest[: len(rest) - len(rest.lstrip())].count("\n")
            tree.broken(f"this is not JSON: {rest.lstrip()[:20]!r} is not expected here", line)
        kind = match.lastgroup or "end"
        line += text.count("\n", position, match.start(kind))
        position = match.end()
        yield kind, match[kind], line
        if kind == "end":
            return


def _step(kind: str, token: str, line: int, tree: Tree, expected: str) -> str:
    """Take one token and say what may follow: value, key, colon, comma, end; `value]` and `key}` may also close."""
    if kind == "end" or expected == "end":
        if kind != "end" or expected != "end":
            tree.broken("this is not JSON: the text ends too soon or goes on after the value", line)
        return "end"
    if kind == "mark" and token in "}]":
        allowed = "key}" if token == "}" else "value]"
        if expected not in ("comma", allowed) or isinstance(tree.innermost, dict) != (token == "}"):
            tree.broken(f"this is not JSON: {token!r} is not expected here", line)
        tree.close()
        return "end" if tree.finished else "comma"
    if expected == "comma" and token == ",":
        return "key" if isinstance(tree.innermost, dict) else "value"
    if expected == "colon" and token == ":":
        return "value"
    if expected.startswith("key") and kind == "text":
        tree.key(_decode(token, tree, line), line)
        return "colon"
    if expected.startswith("value") and (kind != "mark" or token in "{["):
        return _take_value(kind, token, line, tree)
    return tree.broken(f"this is not JSON: {token[:20]!r} is not expected here", line)


def _take_value(kind: str, token: str, line: int, tree: Tree) -> str:
    if kind == "mark":
        tree.open({} if token == "{" else [], line)
        return "key}" if token == "{" else "value]"
    if kind == "text":
        tree.scalar(_decode(token, tree, line), line)
    elif kind == "number":
        tree.scalar(tree.number(token, line), line)
    else:
        tree.scalar(_WORDS[token], line)
    return "end" if tree.finished else "comma"


def _decode(token: str, tree: Tree, line: int) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        text: str = json.loads(token)
    except ValueError as error:
        tree.broken(f"this is not JSON: {error}", line)
    return tree.sound(text, line)
