"""Two sides from wherever they stand → what changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.build.paths import roots
from tools.build.states import compare_states, state_of
from tools.diff import fold
from tools.diff.rules import RULES
from tools.diff.severity import Severity, read_severity
from tools.errors import UsageError
from tools.report import Accepted, Comparison
from tools.store import read_bytes

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from tools.build.options import Progress
    from tools.report import FailOn
    from tools.store import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """What `diff` was told; `today` is the day that acceptances and sunsets are measured by."""

    old: str
    new: str
    provider: str | None = None
    fail_on: FailOn = "error"
    config: Path | None = None
    today: dt.date | None = None


def compare_sides(workspace: Workspace, asked: Sides, progress: Progress) -> Comparison:
    """Load both sides and compare them; raises UsageError for a side that is none."""
    severity = _severity(asked.config)
    old, new = (state_of(name, workspace, asked.provider, progress) for name in (asked.old, asked.new))
    progress("read both sides")
    applied = severity.apply(compare_states(old, new, today=asked.today), today=asked.today)
    provider = asked.provider or next((name for name in (asked.new, asked.old) if name in workspace.providers()), "")
    return Comparison(
        title=provider or asked.new,
        old=asked.old,
        new=asked.new,
        changes=fold(applied.changes),
        provider=provider,
        roots=(roots(asked.old, workspace, provider), roots(asked.new, workspace, provider)),
        fail_on=asked.fail_on,
        rules={rule.id: rule.why for rule in RULES},
        accepted=tuple(
            Accepted(change=change, reason=one.reason, until=one.until.isoformat()) for change, one in applied.accepted
        ),
        stale=tuple(str(finding) for finding in applied.findings),
    )


def _severity(path: Path | None) -> Severity:
    if path is None:
        return Severity()
    if not path.is_file():
        raise UsageError(f"there is no file {path}", fix="Name the configuration with --config.")
    return read_severity(read_bytes(path).decode("utf-8", "replace"), path=str(path))
