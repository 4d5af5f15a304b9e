"""The provider's `CHANGES.md`: one entry per comparison, newest first, and the version a change asks of the client.

Pure: text in, text out. Days are given, never read from a clock.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tools.store import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from tools.model import Change, JsonObject

CHANGES: Final = "CHANGES.md"
"""Beside the contract: written by `changelog` and `regenerate`; people may add to it."""

Section: TypeAlias = Literal["Breaking", "Added", "Changed", "Languages", "Words"]
SECTIONS: Final[tuple[Section, ...]] = ("Breaking", "Added", "Changed", "Languages", "Words")

Size: TypeAlias = Literal["major", "minor", "patch", "none"]

_UNRELEASED: Final = "Unreleased"
_DIGITS: Final = 16
"""Hex digits by which an entry names each side: enough to tell comparisons apart, short enough to read over."""

_HEADING: Final = re.compile(r"^## (\S+)$", re.MULTILINE)
_MARK: Final = re.compile(rf"^<!-- comparison ([0-9a-f]{{{_DIGITS}}}) ([0-9a-f]{{{_DIGITS}}}) -->$", re.MULTILINE)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bump:
    """The version step that changes ask of the client, and the changes that ask for it."""

    size: Size
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One comparison to tell of. Two of the same documents are one, whatever the day."""

    old: str
    new: str
    changes: tuple[Change, ...]


def entry_of(old: JsonObject, new: JsonObject, changes: Iterable[Change]) -> Entry:
    """The comparison of two documents, which came to `changes`."""
    return Entry(old=_name(old), new=_name(new), changes=tuple(changes))


def _name(document: JsonObject) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return digest(text.encode("utf-8", "surrogatepass"))[:_DIGITS]


def section_of(change: Change, is_addition: Callable[[Change], bool]) -> Section:
    """Where a change belongs. Words and languages break nobody's program.

    On the second axis a warning says that programs no longer compile, which is what breaks users of a client.
    """
    if change.axis == "language":
        return "Languages"
    if change.axis == "prose":
        return "Words"
    if change.level == "error" or (change.axis == "sdk" and change.level == "warning"):
        return "Breaking"
    return "Added" if is_addition(change) else "Changed"


def version_bump(changes: Sequence[Change], is_addition: Callable[[Change], bool]) -> Bump:
    """Major for what breaks callers on the wire or in generated code, minor for what is new, patch for the rest."""
    if not changes:
        return Bump(size="none")
    by_section: dict[Section, list[Change]] = {}
    for change in changes:
        by_section.setdefault(section_of(change, is_addition), []).append(change)
    sizes: tuple[tuple[Size, Section], ...] = (("major", "Breaking"), ("minor", "Added"))
    for size, section in sizes:
        if section in by_section:
            return Bump(size=size, reasons=tuple(_sentence(change) for change in by_section[section]))
    counts = [f"{len(found)} under {section}" for section, found in sorted(by_section.items())]
    return Bump(size="patch", reasons=(f"nothing breaks and nothing is new: {', '.join(counts)}",))


def with_entry(text: str, about: Entry, *, title: str, day: date | None, is_addition: Callable[[Change], bool]) -> str:
    """`text`, a `CHANGES.md` or nothing, with an entry for the comparison: newest day first, what has no day on top.

    The same text when nothing changed, or when an entry tells of this comparison already; a change that was taken
    back in between and comes again is told again.
    """
    if not about.changes or _known(text, about):
        return text
    entry = _entry(about, day=day, is_addition=is_addition)
    if not text.strip():
        text = _head(title)
    headings = list(_HEADING.finditer(text))
    before = next((one.start() for one in headings if _not_newer(one.group(1), day)), None)
    if before is None:
        return f"{text.rstrip()}\n\n\n{entry}"
    return f"{text[:before]}{entry}\n\n{text[before:]}"


def _head(title: str) -> str:
    return (
        f"# Changes of {title}'s documented API\n\n"
        "What `python -m tools changelog` and `regenerate` found, newest first; each line ends with the rule that "
        "named it.\n"
    )


def _known(text: str, about: Entry) -> bool:
    told = [match.groups() for match in _MARK.finditer(text)]
    mine = (about.old, about.new)
    if mine not in told:
        return False
    newer = told[: told.index(mine)]
    return not any(new == about.old for _, new in newer)


def _not_newer(heading: str, day: date | None) -> bool:
    """Whether an entry of `day` goes before the one with this heading; unknown headings count as old."""
    if day is None:
        return True
    if heading.strip("[]") == _UNRELEASED:
        return False
    return not (_DAY.fullmatch(heading) and heading > day.isoformat())


def _entry(about: Entry, *, day: date | None, is_addition: Callable[[Change], bool]) -> str:
    bump = version_bump(about.changes, is_addition)
    heading = f"## {day.isoformat() if day else _UNRELEASED}\n"
    mark = f"<!-- comparison {about.old} {about.new} -->\n"
    parts = [heading, f"{mark}Asks of the client: a {bump.size} version.\n"]
    for section in SECTIONS:
        lines = [_line(one) for one in about.changes if section_of(one, is_addition) == section]
        if lines:
            parts.append(f"### {section}\n\n" + "".join(f"{line}\n" for line in dict.fromkeys(lines)))
    return "\n".join(parts)


def _line(change: Change) -> str:
    details: list[str] = []
    if change.usages:
        details.append(_several([usage.operation for usage in change.usages]))
    if change.axis in {"language", "prose"}:
        details.append(change.new.path.removeprefix("pages/"))
    where = f" ({'; '.join(_plain(detail) for detail in details)})" if details else ""
    return f"- {_plain(change.message)}{where} `{change.rule}`"


_SHOWN: Final = 3


def _several(names: Iterable[str]) -> str:
    """A few names in their order, and how many more there are."""
    known = list(dict.fromkeys(names))
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more


def _sentence(change: Change) -> str:
    return f"{change.rule}: {' '.join(change.message.split())}"


def _plain(text: str) -> str:
    """Words of a page in a Markdown line of ours: on one line, and never markup, comment or heading."""
    return re.sub(r"[<>\[\]]", lambda match: f"\\{match.group()}", " ".join(text.split()))
