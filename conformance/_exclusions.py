"""What schemathesis may say of a good server: the one table, each row with its reason.

A row that is no longer needed fails, so the table cannot rot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ._contract import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._examination import Examination, Finding
    from ._settings import ProviderName

Kind: TypeAlias = Literal["not run", "waived"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusion:
    """One check left out.

    `not run`: schemathesis does not evaluate it here. `waived`: it is run, and failures with this `title` count for
    nothing (None: any title). `operation` None: any operation. `provider` None: all providers.
    """

    check: str
    kind: Kind
    reason: str
    title: str | None = None
    operation: str | None = None
    provider: ProviderName | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether a failure is waived by this row."""
        return (
            self.kind == "waived"
            and self.check == finding.check
            and self.title in {None, finding.title}
            and self.operation in {None, finding.operation}
        )


EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion(
        check="max_response_time",
        kind="not run",
        reason="The verdict must not depend on the machine it runs on.",
    ),
    Exclusion(
        check="positive_data_acceptance",
        kind="waived",
        title="Schema-valid request rejected",
        operation="GET /v1/tasks/{task_id}",
        provider="apimart",
        reason="No 404 is documented for the task query, so an unknown id of valid form is answered with 400.",
    ),
)


def judge(
    done: Examination, provider: ProviderName, known: Iterable[str], exclusions: Iterable[Exclusion] = EXCLUSIONS
) -> list[str]:
    """All that speaks against the server, and against the table."""
    rows = [row for row in exclusions if row.provider in {None, provider}]
    problems = [f"the app crashed: {crash}" for crash in done.crashes]
    used: set[Exclusion] = set()
    for finding in done.findings.values():
        waiving = [row for row in rows if row.covers(finding)]
        used.update(waiving)
        if not waiving:
            problems.append(str(finding))
    left_out = {row.check for row in rows if row.kind == "not run"}
    problems += [
        f"{name} was never evaluated and no exclusion says why"
        for name in sorted(known)
        if not done.executed[name] and name not in left_out
    ]
    problems += [f"the phase {name} had nothing to do" for name in sorted(done.idle)]
    problems += [
        f"{operation} never gave a good answer, so nothing of it was judged"
        for operation, statuses in sorted(done.answered.items())
        if not statuses & set(GOOD)
    ]
    for row in rows:
        stale = done.executed[row.check] > 0 if row.kind == "not run" else row not in used
        if stale:
            problems.append(f"the exclusion of {row.check} is no longer needed: remove it ({row.reason})")
    return problems
