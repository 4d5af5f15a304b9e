"""Changes as workflow commands, which GitHub shows at the line: `::error file=…,line=…::message`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.report._comparison import copies, ordered, ordered_acceptances, summary
from tools.report._values import compact, line, listed, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.model import Change
    from tools.report._comparison import Comparison

_COMMANDS: Final = {"error": "error", "warning": "warning", "info": "notice"}
_VALUE: Final = 300
_NAMES: Final = 3


def render(comparisons: Sequence[Comparison]) -> str:
    """Worst first, because GitHub shows only the first ten of each kind. Every line is a command."""
    rows = [row for one in comparisons for row in _comparison(one)]
    return "".join(f"{row}\n" for row in rows) or "::notice::nothing was compared\n"


def _comparison(comparison: Comparison) -> Iterator[str]:
    for change in ordered(comparison.changes):
        new = bool(change.new.path)
        place = change.new if new else change.old
        yield _command(
            _COMMANDS[change.level],
            _message(change),
            file=comparison.file(change, new=new),
            line="" if place.line is None else str(place.line),
            title=change.rule,
        )
    for one in ordered_acceptances(comparison):
        until = f" until {one.until}" if one.until else ""
        yield _command("notice", f"{one.change.message}\n{one.reason}", title=f"accepted{until}: {one.change.rule}")
    for text in comparison.stale:
        yield _command("warning", text, title="stale acceptance")
    for text in comparison.notes:
        yield _command("notice", text, title="note")
    sides = f"{comparison.old} → {comparison.new}"
    yield _command("notice", f"{comparison.title}: {sides}: {summary(comparison)}", title="vidgate diff")


def _message(change: Change) -> str:
    rows = [line(change.message)]
    if change.before is not None or change.after is not None:
        rows += [f"before: {compact(change.before, _VALUE)}", f"after: {compact(change.after, _VALUE)}"]
    if change.copies:
        rows.append(f"and in {listed(list(map(line, copies(change))), _NAMES)}")
    if change.usages:
        rows.append(f"used by {len(change.usages)}: {line(change.usages[0].operation)}")
    if change.witness is not None:
        rows.append(f"{verdict(change.witness)}: {compact(change.witness.payload, _VALUE)}")
    return "\n".join([*rows, line(change.why)] if change.why else rows)


def _command(name: str, message: str, **properties: str) -> str:
    given = ",".join(f"{key}={_property(line(value))}" for key, value in properties.items() if value)
    shown = "\n".join(map(line, message.split("\n")))
    return f"::{name} {given}::{_data(shown)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
