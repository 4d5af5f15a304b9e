"""A verdict as JSON: what `report.json` holds, and what the HTML page is made of."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .._results import RESULTS
from ..requirements import LEVELS, revision_of
from ._clause import clause_of
from ._coverage import coverage
from ._curl import curl
from ._words import sentence, sentence_over_all

if TYPE_CHECKING:
    from .._json import JsonObject
    from .._results import Judged, Report
    from .._run import Run
    from .._secrets import Redactor
    from .._suite import Verdict
    from ..observe import Exchange

FORMAT = 1
LONGEST_BODY = 16_384
"""Bytes of a body that a report shows."""


def as_document(verdict: Verdict, redact: Redactor) -> JsonObject:
    """The whole report, without any key."""
    document: JsonObject = {
        "format": FORMAT,
        "verdict": verdict.state,
        "exit": verdict.code,
        "sentence": sentence_over_all(verdict),
        "level": verdict.settings.level,
        "seed": verdict.settings.seed,
        "faults": list(verdict.faults),
        "runs": [_run(report, redact) for report in verdict.reports],
    }
    plain: JsonObject = redact.tree(document)
    return plain


def _run(report: Report, redact: Redactor) -> JsonObject:
    run = report.run
    subject = run.subject
    budget = subject.budget
    cited = {number for entry in report.judged for number in (*_cited(entry), *run.shown.get(entry.requirement.id, ()))}
    began = run.exchanges[0].started if run.exchanges else 0.0
    return {
        "subject": {
            "name": subject.name,
            "provider": subject.provider,
            "base_url": subject.base_url,
            "profile": subject.profile,
            "roles": sorted(subject.tokens),
            "callbacks": run.reach.receiver is not None,
            "ledger": subject.ledger is not None,
            "tasks_seconds": subject.tasks.seconds,
        },
        "contract": {
            "version": str(run.contract.document["info"]["version"]),
            "sha256": run.contract.digest,
            "requirements": f"{subject.provider}/{revision_of(subject.provider)}",
        },
        "verdict": report.state,
        "sentence": sentence(report),
        "faults": list(report.faults),
        "counts": {
            level: {
                result: sum((entry.requirement.level, entry.result) == (level, result) for entry in report.judged)
                for result in RESULTS
            }
            for level in LEVELS
        },
        "spending": {
            "requests": len(run.exchanges),
            "paid_tasks": len(run.paid),
            "credits": run.credits,
            "budget": None
            if budget is None
            else {"max_paid_requests": budget.max_paid_requests, "max_credits": budget.max_credits},
        },
        "coverage": coverage(run),
        "requirements": [_requirement(entry, run) for entry in report.judged],
        "exchanges": [exchange_document(one, began, redact) for one in run.exchanges if one.number in cited],
    }


def _cited(entry: Judged) -> tuple[int, ...]:
    return tuple(number for finding in entry.findings for number in finding.exchanges)


def _requirement(entry: Judged, run: Run) -> JsonObject:
    demand = entry.requirement
    return {
        "id": demand.id,
        "level": demand.level,
        "area": demand.area,
        "text": demand.text,
        "clause": clause_of(run.contract, demand),
        "result": entry.result,
        "message": entry.message,
        "cases": entry.cases,
        "checks": list(entry.checks),
        "stale": entry.stale,
        "ambiguous": demand.ambiguous,
        "sources": [
            {
                "page": source.page,
                "locale": source.locale,
                "sha256": source.sha256,
                "pointer": source.pointer,
                "line": source.line,
            }
            for source in demand.sources
        ],
        "findings": [{"message": one.message, "exchanges": list(one.exchanges)} for one in entry.findings],
        "examples": list(run.shown.get(demand.id, ())),
    }


def exchange_document(one: Exchange, began: float, redact: Redactor) -> JsonObject:
    answered = one.status != 0
    return {
        "number": one.number,
        "role": one.role,
        "purpose": one.purpose,
        "method": one.method,
        "url": one.url,
        "request": {"headers": [list(pair) for pair in one.request_headers], **body_of(one.request_body, redact)},
        "response": {
            "status": one.status,
            "headers": [list(pair) for pair in one.headers],
            **body_of(one.body, redact),
        }
        if answered
        else None,
        "fault": " ".join(part for part in (one.fault, one.fault_text) if part),
        "seconds_from": round(one.started - began, 6),
        "seconds": round(one.ended - one.started, 6),
        "curl": curl(one),
    }


def body_of(content: bytes, redact: Redactor) -> dict[str, Any]:
    """Text where it is text, base64 otherwise; keys are taken out before, because base64 would hide them."""
    plain = redact.content(content)
    shown = plain[:LONGEST_BODY]
    try:
        text = shown.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_inside = len(plain) > LONGEST_BODY and error.start > LONGEST_BODY - 4
        if not cut_inside:
            return {"body": None, "base64": base64.b64encode(shown).decode("ascii"), "bytes": len(content)}
        text = shown[: error.start].decode("utf-8")
    return {"body": text, "base64": None, "bytes": len(content)}
