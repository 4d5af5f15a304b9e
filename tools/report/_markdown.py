"""Changes for a pull request: a table of counts, then every change folded.

What comes from pages or documents is text: it can neither mark up, link, mention people nor leave its cell.
GitHub takes comments of 65,536 characters, so details end before that; the table counts them all.
"""

from __future__ import annotations

import re
from difflib import unified_diff
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from tools.report._comparison import LEVELS, component, copies, ordered, ordered_acceptances, rules_used, summary
from tools.report._values import aligned, line, listed, pretty, short, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Change
    from tools.report._comparison import Comparison

_LIMIT: Final = 60_000
_VALUE: Final = 2_000
_NAMES: Final = 20
"""Schemas and operations that a change names."""

_ICONS: Final = {"error": "🔴", "warning": "🟠", "info": "🔵"}

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>#|~&$]|^[-+=]|(?<=\d)[.)](?=\s|$)")
_ENTITIES: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LINKED: Final = re.compile(r"(?<=@)|(?<=#)(?=\d)|(?<=GH-)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_HASH: Final = re.compile(r"\b[0-9a-f]{7,40}\b")


def text(value: str) -> str:
    """The value as plain text inside Markdown, on one line."""
    escaped = _SPECIAL.sub(lambda found: _ENTITIES.get(found[0]) or f"\\{found[0]}", _parted(value))
    return escaped.replace("\0", "<!-- -->")


def markup(value: str) -> str:
    """The same where Markdown does not reach, between tags on one line."""
    return escape(_parted(value)).replace("\0", "<!-- -->")


def _parted(value: str) -> str:
    """On one line, with a zero where GitHub would link: mentions, issue numbers, addresses, commit hashes.

    An empty comment will stand there. Escapes alone do not help, because linking sees the text without them.
    """
    return _HASH.sub(lambda found: f"{found[0][:3]}\0{found[0][3:]}", _LINKED.sub("\0", line(value)))


def code(value: str) -> str:
    """The value as a code span, on one line; a vertical bar would end a cell even there."""
    shown = line(value) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}".replace("|", "\\|")


def block(value: str, language: str) -> str:
    """The value as a fenced block that nothing inside can close."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", value)), default=0) + 1)
    return f"{fence}{language}\n{value}\n{fence}"


def render(comparisons: Sequence[Comparison]) -> str:
    """One document for all comparisons."""
    parts = [part for one in comparisons for part in _head(one)]
    room = _LIMIT - sum(map(len, parts))
    reasons = rules_used(comparisons)
    for one in comparisons:
        details = list(_details(one, reasons))
        for number, part in enumerate(details):
            room -= len(part) + 2
            if room < 0:
                left = len(details) - number
                parts.append(f"_{left} more groups of {text(one.title)} did not fit; the other formats hold them all._")
                break
            parts.append(part)
    return "\n\n".join(parts or ["Nothing was compared."]) + "\n"


def _head(comparison: Comparison) -> Iterator[str]:
    yield f"### {text(comparison.title)}: {summary(comparison)}"
    yield f"{code(comparison.old)} → {code(comparison.new)}"
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for change in ordered(comparison.changes):
        row = rows.setdefault((change.axis, change.rule), dict.fromkeys(LEVELS, 0))
        row[change.level] += 1
    if rows:
        table = ["| | rule | axis | changes |", "|---|---|---|---:|"]
        for level in LEVELS:
            found = sorted((rule, axis, row[level]) for (axis, rule), row in rows.items() if row[level])
            table += [f"| {_ICONS[level]} {level} | {code(rule)} | {axis} | {many} |" for rule, axis, many in found]
        yield "\n".join(table)
    bullets = [f"- Stale acceptance: {text(one)}" for one in comparison.stale]
    bullets += [f"- {text(one)}" for one in comparison.notes]
    if bullets:
        yield "\n".join(bullets)


def _details(comparison: Comparison, reasons: Mapping[str, str]) -> Iterator[str]:
    for (level, name), group in groupby(ordered(comparison.changes), lambda one: (one.level, component(one))):
        changes = list(group)
        shown = "\n\n".join(part for change in changes for part in _change(change, reasons))
        head = f"{_ICONS[level]} {level}: {markup(name)} ({len(changes)})"
        yield f"<details><summary>{head}</summary>\n\n{shown}\n\n</details>"
    if comparison.accepted:
        rows = [
            f"- {code(one.change.rule)} {text(one.change.message)}. Accepted"
            f"{f' until {text(one.until)}' if one.until else ''}: {text(one.reason)}"
            for one in ordered_acceptances(comparison)
        ]
        yield "<details><summary>Accepted</summary>\n\n" + "\n".join(rows) + "\n\n</details>"


def _change(change: Change, reasons: Mapping[str, str]) -> Iterator[str]:
    yield f"**{code(change.rule)}** {text(change.message)}"
    facts: list[str] = []
    places = dict.fromkeys(map(short, (change.old, change.new)))
    shown = [code(place) for place in places if place]
    if shown or change.pointer:
        pointer = f" {code(f'#{change.pointer}')}" if change.pointer else ""
        facts.append(f"At {' → '.join(shown)}{pointer}")
    if change.copies:
        facts.append(f"And in {listed(list(map(code, copies(change))), _NAMES)}")
    if change.usages:
        used = [f"{code(usage.operation)} ({usage.role})" for usage in change.usages]
        facts.append(f"Used by {listed(used, _NAMES)}")
    if change.locales and change.axis != "language":  # of translations, the message says which
        facts.append(f"Already in {', '.join(map(code, change.locales))}")
    facts += [text(one) for one in (reasons.get(change.rule), change.why) if one]
    if facts:
        yield "\n".join(f"- {fact}" for fact in facts)
    if change.before is not None or change.after is not None:
        yield block(_sides(change), "diff")
    if change.witness is not None:
        yield f"A payload {verdict(change.witness)}:"
        yield block(pretty(change.witness.payload, _VALUE), "json")


def _sides(change: Change) -> str:
    """The lines that differ, with three around them, as `diff -u` shows them."""
    before, after = (
        [] if value is None else pretty(value, _VALUE).splitlines()
        for value in (change.before, aligned(change.after, change.before))
    )
    rows = list(unified_diff(before, after, lineterm=""))[3:]  # without the two names and the first line numbers
    return "\n".join(" ⋮" if row.startswith("@@") else row for row in rows) or " equal as far as shown"
