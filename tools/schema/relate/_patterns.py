"""A few strings for common patterns: literals, classes, counts, alternation. What it cannot read gives none."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

_MOST = 12
_LONGEST = 4096

_reader: Any = cast("Any", re)._parser  # noqa: SLF001 - the standard library's reader of patterns has no other door


@lru_cache(maxsize=4096)
def strings(pattern: str) -> tuple[str, ...]:
    """Up to a dozen strings that match, shortest first; none when the pattern is beyond the reader."""
    try:
        parsed = _reader.parse(pattern)
        made = _sequence(parsed, 0)
    except (re.error, RecursionError, ValueError, OverflowError):
        return ()
    kept = [text for text in dict.fromkeys(made) if accepted(frozenset({pattern}), text)]
    return tuple(kept[:_MOST])


def accepted(patterns: frozenset[str], text: str) -> bool:
    """Whether all patterns match somewhere in the text."""
    try:
        return all(re.search(pattern, text) is not None for pattern in patterns)
    except re.error:
        return False


def _sequence(items: Any, depth: int) -> list[str]:
    if depth > 20:  # noqa: PLR2004 - groups in groups
        raise ValueError
    made = [""]
    for operation, argument in items:
        options = _options(str(operation), argument, depth)
        made = (
            [head + tail for head in made for tail in options][:_MOST]
            if len(options) * len(made) <= _MOST * 4
            else [made[index % len(made)] + tail for index, tail in enumerate(options)]
        )
    return made


def _options(operation: str, argument: Any, depth: int) -> list[str]:
    if operation == "LITERAL":
        return [chr(argument)]
    if operation == "NOT_LITERAL":
        return ["b" if chr(argument) == "a" else "a"]
    if operation == "ANY":
        return ["a"]
    if operation == "AT":
        return [""]
    if operation == "IN":
        return _class(argument)
    if operation == "BRANCH":
        return [text for branch in argument[1] for text in _sequence(branch, depth + 1)[:4]]
    if operation == "SUBPATTERN":
        return _sequence(argument[-1], depth + 1)
    if operation in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        low, high, inner = argument
        counts = sorted({int(low), min(int(high), int(low) + 1), min(int(high), int(low) + 3), min(int(high), 64)})
        bases = _sequence(inner, depth + 1)[:3]
        return list(dict.fromkeys(base * count for count in counts if count <= _LONGEST for base in bases))
    if operation in {"ASSERT", "ASSERT_NOT"}:
        return [""]
    raise ValueError(operation)


_CATEGORIES = {"CATEGORY_DIGIT": "07", "CATEGORY_WORD": "aZ_0", "CATEGORY_SPACE": " ", "CATEGORY_NOT_DIGIT": "a",
               "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_WORD": "-"}  # fmt: skip


def _class(members: Any) -> list[str]:
    found: list[str] = []
    negated = False
    for operation, argument in members:
        name = str(operation)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            found.append(chr(argument))
        elif name == "RANGE":
            found += [chr(argument[0]), chr(argument[1])]
        elif name == "CATEGORY":
            found += list(_CATEGORIES.get(str(argument), ""))
    if not negated:
        return found[:8]
    try:
        taken = re.compile("|".join(re.escape(text) for text in found) or "$^")
    except re.error:
        return []
    return [text for text in "a0 -Z_é" if not taken.match(text)][:2]
