"""The body of every documented answer: UTF-8, JSON, nothing that parsers read differently."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._watch import is_documented, watches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..._run import Run
    from .._exchange import Exchange

MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Diagnosis:
    """What is wrong with a body, each thing for itself."""

    mark: tuple[str, ...]
    encoding: tuple[str, ...]
    grammar: tuple[str, ...]
    twice: tuple[str, ...]
    numbers: tuple[str, ...]


@watches("WIRE-BOM")
def body_has_no_mark(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """No byte order mark."""
    return _diagnose(exchange.body).mark if is_documented(exchange) else None


@watches("WIRE-UTF8")
def body_is_utf8(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """Bytes that are UTF-8; a NUL means UTF-16 or UTF-32, because JSON has none."""
    return _diagnose(exchange.body).encoding if is_documented(exchange) else None


@watches("WIRE-JSON")
def body_is_json(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """One JSON document."""
    return _diagnose(exchange.body).grammar if is_documented(exchange) else None


@watches("WIRE-DUPLICATE-MEMBERS")
def members_stand_once(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """No member twice: parsers disagree on which one counts."""
    return _diagnose(exchange.body).twice if is_documented(exchange) else None


@watches("WIRE-NUMBERS")
def numbers_are_json(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """No NaN, no Infinity."""
    return _diagnose(exchange.body).numbers if is_documented(exchange) else None


@watches("WIRE-CONTENT-TYPE")
def body_is_called_json(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """One Content-Type, application/json."""
    if not is_documented(exchange):
        return None
    given = exchange.all_headers("content-type")
    media = [value.partition(";")[0].strip().lower() for value in given]
    return [] if media == ["application/json"] else [f"Content-Type: {', '.join(given) or '(none)'}"]


@watches("WIRE-CHARSET")
def charset_is_utf8(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """A charset need not be named; one that is must be the right one."""
    if not is_documented(exchange):
        return None
    named = [
        part.partition("=")[2].strip().strip('"').lower()
        for value in exchange.all_headers("content-type")
        for part in value.split(";")[1:]
        if part.strip().lower().startswith("charset")
    ]
    return [f"the content type names the charset {name}" for name in named if name not in {"utf-8", "utf8"}]


@functools.lru_cache(maxsize=256)
def _diagnose(body: bytes) -> _Diagnosis:
    mark = ("the body begins with a byte order mark",) if body.startswith(MARK) else ()
    plain = body.removeprefix(MARK)
    encoding: tuple[str, ...] = ()
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = (f"the body is no UTF-8: {error}",)
        text = plain.decode("utf-8", "replace")
    if "\0" in text:
        return _Diagnosis(mark, (*encoding, "the body has NULs, as UTF-16 would"), (), (), ())
    twice: list[str] = []
    numbers: list[str] = []

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(f"the member {name} stands there twice" for name in found if names.count(name) > 1)
        return found

    grammar: tuple[str, ...] = ()
    try:
        json.loads(text, object_pairs_hook=members, parse_constant=lambda word: numbers.append(f"{word} is no number"))
    except (ValueError, RecursionError) as error:
        grammar = (f"the body is no JSON: {error}",)
    return _Diagnosis(mark, encoding, grammar, tuple(dict.fromkeys(twice)), tuple(dict.fromkeys(numbers)))
