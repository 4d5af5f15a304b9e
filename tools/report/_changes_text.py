"""Changes for a terminal: by level, then by component, then one short paragraph each."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Final

from tools.report._comparison import LEVELS, component, copies, ordered, ordered_acceptances, rules_used, summary
from tools.report._values import compact, line, listed, short, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TextIO

    from tools.errors import Place
    from tools.model import Change, Usage
    from tools.report._comparison import Comparison

_STYLES: Final = {"error": "1;31", "warning": "1;33", "info": "1;36", "strong": "1", "dim": "2", "good": "1;32"}
_NAMES: Final = 3
"""Schemas and operations that a change names."""

_WIDTH: Final = 100


def wants_color(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to colour: only for a terminal that can, and not where NO_COLOR is set to anything."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def render(comparisons: Sequence[Comparison]) -> str:
    """Without colour."""
    return _render(comparisons, color=False)


def render_colored(comparisons: Sequence[Comparison]) -> str:
    """With colour; the letters are the same."""
    return _render(comparisons, color=True)


def _render(comparisons: Sequence[Comparison], *, color: bool) -> str:
    pen = _Pen(color=color)
    rows = [row for one in comparisons for row in (*_comparison(one, pen), "")]
    reasons = [(rule, why) for rule, why in rules_used(comparisons).items() if why]
    if reasons:
        rows += [pen("strong", "Why it matters"), *(row for rule, why in reasons for row in _reason(rule, why)), ""]
    return "\n".join(rows[:-1] or ["nothing was compared"]) + "\n"


class _Pen:
    """Writes text in a style, or plainly."""

    def __init__(self, *, color: bool) -> None:
        self.color = color

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color else text


def _comparison(comparison: Comparison, pen: _Pen) -> Iterator[str]:
    style = next((level for level in LEVELS[:2] if comparison.counts()[level]), "good")
    sides = f"{line(comparison.old)} → {line(comparison.new)}"
    yield f"{pen('strong', line(comparison.title))}: {sides}: {pen(style, summary(comparison))}"
    for (level, name), changes in groupby(ordered(comparison.changes), lambda one: (one.level, component(one))):
        yield ""
        yield f"{pen(level, level)} {pen('strong', line(name))}"
        for change in changes:
            yield from _change(change, pen)
    if comparison.accepted:
        yield ""
        yield pen("strong", "accepted")
        for one in ordered_acceptances(comparison):
            until = f" until {line(one.until)}" if one.until else ""
            yield f"  {one.change.rule}: {line(one.change.message)}"
            yield pen("dim", f"    accepted{until}: {line(one.reason)}")
    for kind, texts in (("stale", comparison.stale), ("note", comparison.notes)):
        if texts:
            yield ""
            yield from (f"{kind}: {line(text)}" for text in texts)


def _change(change: Change, pen: _Pen) -> Iterator[str]:
    axis = "" if change.axis == "wire" else f" ({change.axis})"
    yield f"  {change.rule}{axis}: {line(change.message)}"
    pointer = f" #{line(change.pointer)}" if change.pointer else ""
    yield pen("dim", f"    at {_places(change.old, change.new)}{pointer}")
    if change.before is not None or change.after is not None:
        before, after = (compact(value) if value is not None else "–" for value in (change.before, change.after))
        yield f"    {before} → {after}" if len(before) + len(after) < _WIDTH else f"    before {before}"
        if len(before) + len(after) >= _WIDTH:
            yield f"    after  {after}"
    if change.copies:
        yield pen("dim", f"    and in {listed(list(map(line, copies(change))), _NAMES)}")
    if change.usages:
        yield pen("dim", f"    used by {_usages(change.usages)}")
    if change.witness is not None:
        yield f"    {verdict(change.witness)}: {compact(change.witness.payload)}"
    if change.why:
        yield pen("dim", f"    {line(change.why)}")
    if change.locales and change.axis != "language":  # of translations, the message says which
        yield pen("dim", f"    already in {', '.join(map(line, change.locales))}")


def _places(old: Place, new: Place) -> str:
    return " → ".join(dict.fromkeys(filter(None, (short(old), short(new))))) or "–"


def _usages(usages: Sequence[Usage]) -> str:
    return listed([f"{line(usage.operation)} ({usage.role})" for usage in usages], _NAMES)


def _reason(rule: str, why: str) -> Iterator[str]:
    wrapped = textwrap.wrap(line(why), _WIDTH, break_long_words=False, break_on_hyphens=False)
    yield f"  {rule}"
    yield from (f"    {row}" for row in wrapped)
