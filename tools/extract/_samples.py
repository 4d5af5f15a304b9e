"""Reads the code samples of a page: what a cURL call sends where, and the payloads of its twins."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tools.extract._names import PATH
from tools.extract._walk import METHODS

if TYPE_CHECKING:
    from tools.extract._scan import Fence

_METHOD: Final = re.compile(r"(?:--request|-X)[ =]*+['\"]?([A-Za-z]++)")
_URL: Final = re.compile(r"https?://[^\s'\"\\<>`]++")
_DATA: Final = re.compile(r"(?:--data(?:-raw|-binary)?|--json|-d)[ =]++'([^']*+(?:'\\''[^']*+)*+)'")
_LOOSE: Final = re.compile(r"(?:--data(?:-raw|-binary)?|--json|-d)[ =]++'(.*)'", re.DOTALL)
_BEARER: Final = re.compile(r"Authorization:\s*+Bearer\b", re.IGNORECASE)
_SERVER: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?")
_SHELLS: Final = ("bash", "sh", "shell", "curl", "console")
_PAYLOAD: Final = re.compile(r"""\b(?:payload|data|body)\b[^\n]{0,60}?\{(?=\s*+["A-Za-z_])""")
_TOKEN: Final = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*+")|(?P<mark>[{}\[\]:,])|(?P<number>-?[0-9][0-9.eE+-]*+)"""
    r"""|(?P<word>[A-Za-z_$][\w$]*+)|(?P<blank>\s++)|(?P<other>.)""",
    re.DOTALL,
)
_WORDS: Final = {"true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One HTTP request as a cURL command states it.

    `method` is in lower case; `data` is the body with the line of its first character, as written. `loose` is the body
    up to the last quote of the command, where a shell ends it at an apostrophe inside.
    """

    method: str
    server: str
    path: str
    bearer: bool = False
    data: str | None = None
    data_line: int = 0
    loose: str | None = None


def is_shell(fence: Fence) -> bool:
    """Whether a fence holds a command line."""
    return fence.language in _SHELLS and "curl" in fence.text


def curl(fence: Fence) -> Call | None:
    """The request a fence's cURL command makes; None when it names no usable URL."""
    text = fence.text
    url = _URL.search(text)
    method = _METHOD.search(text)
    data = _DATA.search(text)
    loose = _LOOSE.search(text) if data and "'" in text[data.end() :] else None
    called = request(method[1].lower() if method else "post" if data else "get", url[0]) if url else None
    if called is None:
        return None
    return replace(
        called,
        bearer=bool(_BEARER.search(text)),
        data=data[1].replace("'\\''", "'") if data else None,
        data_line=fence.first + 1 + (text.count("\n", 0, data.start(1)) if data else 0),
        loose=loose[1] if loose else None,
    )


def request(method: str, url: str) -> Call | None:
    """The bare request for a URL; None when the URL or the method is not safe to use."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    server = f"{parts.scheme}://{parts.netloc}"
    path = parts.path or "/"
    if method not in METHODS or not _SERVER.fullmatch(server) or not PATH.fullmatch(path) or ".." in path:
        return None
    return Call(method=method, server=server, path=path)


def payload(fence: Fence) -> str | None:
    """The request body in a sample of another language, as JSON text on one line; None when it is not plainly one.

    Understood are literals that differ from JSON in bare keys, trailing commas and the spelling of true, false and
    null. Anything else, a call or an operator, gives None.
    """
    start = _PAYLOAD.search(fence.text)
    if not start:
        return None
    made: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(fence.text, start.end() - 1):
        kind, token = match.lastgroup, match[0]
        if kind == "blank":
            continue
        if kind == "other":
            return None
        if token in ("}", "]") and made and made[-1] == ",":
            made.pop()
        if kind == "word":
            made.append(_WORDS.get(token, f'"{token}"'))
        else:
            made.append(token)
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token, 0)
        if depth == 0:
            return "".join(made)
    return None
