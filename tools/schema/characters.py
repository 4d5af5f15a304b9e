"""Which characters text may carry, and the normal form it is kept in. No I/O.

Refused wherever they stand, also where an escape of YAML, JSON or HTML spells them:

- control characters, except tab, line feed and the carriage return before a line feed;
- U+0085, U+2028 and U+2029: some parsers end a line there and others do not, so line numbers would differ;
- surrogates and noncharacters, which no encoder takes;
- every format character: bidirectional controls make text read otherwise than it runs, and those of no width
  make two names look like one.

Two format characters carry meaning in honest text: ZWNJ and ZWJ (Persian, Indic scripts, joined emoji). They are
welcome between two characters outside ASCII, so that none can hide inside an ASCII identifier.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MARKS_IN_A_ROW: Final = 30
"""Longest run of combining marks, that of the stream-safe text format: ordering a long run takes quadratic time."""

_BASIC: Final = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f"  # controls
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff"
    "\ufdd0-\ufdef\ufffe\uffff"
)
_BEYOND: Final = (
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
    + "".join(f"{chr((plane << 16) + 0xFFFE)}{chr((plane << 16) + 0xFFFF)}" for plane in range(1, 17))
)
_ALWAYS: Final = _BASIC + _BEYOND
_SUSPECT: Final = re.compile(f"[{_BASIC}\r\u200c\u200d\U00010000-\U0010ffff]")
"""What is worth a closer look: one set is searched many times faster than the choice below."""

_REFUSED: Final = re.compile(f"[{_ALWAYS}]|\r(?!\n)|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A stretch of text that must not be there: at which index, and what it is."""

    index: int
    what: str


def refused(text: str) -> Refused | None:
    """The first character of `text` that no page may carry, or the first over-long run of combining marks."""
    # To Python nothing that is refused is printable.
    suspect = None if text.replace("\n", "").isprintable() else _SUSPECT.search(text)
    match = _REFUSED.search(text, suspect.start()) if suspect else None
    if match:
        return Refused(index=match.start(), what=name(match[0][0]))
    run = _long_run_of_marks(text)
    if run is not None:
        return Refused(index=run, what=f"more than {MARKS_IN_A_ROW} combining marks in a row")
    return None


def _long_run_of_marks(text: str) -> int | None:
    if text.isascii():
        return None
    # A run that is too long covers one of these places.
    if not any(map(unicodedata.combining, set(text[:: MARKS_IN_A_ROW + 1]))):
        return None
    marks = sorted(character for character in set(text) if unicodedata.combining(character))
    match = re.search(f"[{''.join(map(re.escape, marks))}]{{{MARKS_IN_A_ROW + 1}}}", text)
    return match.start() if match else None


def name(character: str) -> str:
    """How to speak of a character without printing it, for example `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def normal(text: str) -> str:
    """`text` in NFC. Only for text that `refused` has passed: a long run of marks takes quadratic time here."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
