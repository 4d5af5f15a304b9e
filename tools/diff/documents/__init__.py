"""Two OpenAPI documents: what changed, and whom it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.diff.documents._findings import Findings, Spot
from tools.diff.documents._life import Announced, compare_life, compare_schema_life, removal, unpromised
from tools.diff.documents._operations import operations
from tools.diff.documents._schemas import Schemas
from tools.diff.documents._sdk import compare_components, compare_names
from tools.diff.documents._security import compare_schemes
from tools.diff.documents._wire import Wire
from tools.diff.rules import BY_ID
from tools.model import Usage

if TYPE_CHECKING:
    import datetime as dt

    from tools.diff.documents._operations import Operation
    from tools.diff.severity import Severity
    from tools.model import Change
    from tools.store import Side

__all__ = ["compare_documents"]


def compare_documents(
    old: Side, new: Side, *, config: Severity | None = None, today: dt.date | None = None
) -> tuple[Change, ...]:
    """Every difference between two documents, worst first.

    `today` decides whether what was announced to end has ended, and which acceptances of `config` still hold.
    """
    findings = Findings(old, new)
    documents = old.document, new.document
    schemas = Schemas(old, new)
    wire = Wire(documents=documents, findings=findings, schemas=schemas, today=today)
    for member in ("paths", "webhooks"):
        before, after = (operations(document, member) for document in documents)
        for key, operation in before.items():
            other = after.get(key)
            if level := unpromised(operation):
                findings.unpromised[(other or operation).name] = level
            if other is None:
                _gone(operation, member, findings, today)
                continue
            if schemas.unchanged(operation, other):
                continue
            wire.operation(operation, other, turned=member == "webhooks")
            compare_names(operation, other, findings)
            left, right = (Announced(node=one, name=other.name) for one in (operation, other))
            compare_life(left, right, Usage(operation=other.name, role="request"), findings)
        for key, operation in after.items():
            if key not in before:
                rule = "operation-added" if member == "paths" else "webhook-added"
                spot = Spot(old=f"/{member}", new=operation.at)
                usage = Usage(operation=operation.name, role="request" if member == "paths" else "callback")
                findings.add(rule, spot, f"{operation.name} was added", usages=[usage])
    schemas.judge(findings)
    compare_schemes(documents, findings)
    compare_schema_life(*documents, findings)
    compare_components(*documents, findings)
    changes = findings.changes()
    return changes if config is None else config.apply(changes, today=today).changes


def _gone(operation: Operation, member: str, findings: Findings, today: dt.date | None) -> None:
    rule = "webhook-removed" if member == "webhooks" else removal(operation, today)
    usages = [Usage(operation=operation.name, role="callback" if member == "webhooks" else "request")]
    spot = Spot(old=operation.at, new=f"/{member}")
    findings.add(rule, spot, f"{operation.name} was removed", usages=usages, member=operation.at)
    if BY_ID[rule].level != "error" or unpromised(operation):
        message = f"the function of {operation.name} is gone"
        findings.add("operation-function-removed", spot, message, usages=usages, axis="sdk", member=operation.at)
