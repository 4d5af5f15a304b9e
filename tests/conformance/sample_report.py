"""A small report as `report.json` has it, for the tests of what is made of one."""

from __future__ import annotations

from typing import Any

RESULTS = ("pass", "fail", "warn", "skip", "unreachable", "ambiguous", "disabled", "error")
AREAS = ("AUTH", "REQ", "TASK", "CLIENT")


def exchange(number: int, body: str = '{"error":{"code":"x"}}', **changes: Any) -> dict[str, Any]:
    """A submission and its refusal."""
    return {
        "number": number,
        "role": "valid",
        "purpose": "a submission",
        "method": "POST",
        "url": "https://api.example.com/v1/videos/generations",
        "request": side([["authorization", "Bearer [key]"]], '{"model":"m","prompt":"p"}'),
        "response": {"status": 400, **side([["content-type", "application/json"]], body)},
        "fault": "",
        "seconds_from": 0.1,
        "seconds": 0.02,
        "curl": 'curl --include https://api.example.com --header "Authorization: Bearer $VALID_KEY"',
        **changes,
    }


def side(headers: list[list[str]], body: str | None) -> dict[str, Any]:
    """What one side of an exchange said."""
    return {"headers": headers, "body": body, "base64": None, "bytes": len(body or "")}


def requirement(number: int, result: str = "pass", prefix: str = "EVO", **changes: Any) -> dict[str, Any]:
    """A requirement; level and area differ from one to the next."""
    area = AREAS[number % len(AREAS)]
    broken = result in {"fail", "warn"}
    return {
        "id": f"{prefix}-{area}-RULE-{number}",
        "level": "SHOULD" if result == "warn" else "MUST",
        "area": area,
        "text": f"The field `f{number}` is kept.",
        "clause": f"What f{number} is for.",
        "result": result,
        "message": f"why it is {result}" if result != "pass" else "",
        "cases": number,
        "checks": [f"check_rule_{number}"],
        "stale": False,
        "ambiguous": None,
        "sources": [
            {
                "page": "ko/create.md",
                "locale": "ko",
                "sha256": "a" * 64,
                "pointer": f"/paths/{number}",
                "line": 40 + number,
            }
        ],
        "findings": [{"message": f"f{number} is lost", "exchanges": [1, 2]}] if broken else [],
        "examples": [] if broken else [1],
        **changes,
    }


def run(provider: str = "evolink", *requirements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One subject's part of a report."""
    rows = list(requirements)
    counts = {
        level: {name: sum(row["level"] == level and row["result"] == name for row in rows) for name in RESULTS}
        for level in ("MUST", "SHOULD", "MAY")
    }
    return {
        "subject": {
            "name": f"a gateway of {provider}",
            "provider": provider,
            "base_url": "http://127.0.0.1:9000",
            "profile": "simulator",
            "roles": ["valid"],
            "callbacks": False,
            "ledger": True,
            "tasks_seconds": 0.6,
        },
        "contract": {"version": "1", "sha256": "b" * 64, "requirements": f"{provider}/2026-07-02"},
        "verdict": "not conformant",
        "sentence": "one requirement is broken",
        "faults": [],
        "counts": counts,
        "spending": {"requests": 30, "paid_tasks": 2, "credits": 200.0, "budget": None},
        "coverage": {"operations": [OPERATION]},
        "requirements": rows,
        "exchanges": [exchange(1), exchange(2)],
        **changes,
    }


OPERATION = {
    "operation": "createVideo",
    "method": "POST",
    "path": "/v1/videos/generations",
    "requests": 30,
    "statuses": [
        {"status": 200, "documented": True, "seen": 2},
        {"status": 402, "documented": True, "seen": 0},
        {"status": 418, "documented": False, "seen": 1},
    ],
    "fields": [{"field": "/duration", "sent": 12, "values": [{"value": "auto", "sent": 3}, {"value": 4, "sent": 0}]}],
}


def report(*runs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A whole report."""
    return {
        "format": 1,
        "verdict": "not conformant",
        "exit": 1,
        "sentence": "one requirement is broken",
        "level": "MUST",
        "seed": 7,
        "faults": [],
        "runs": list(runs),
        **changes,
    }


def mixed() -> dict[str, Any]:
    """Two subjects: every result once, and four that hold."""
    first = run("evolink", *(requirement(number, result) for number, result in enumerate(RESULTS)))
    second = run("apimart", *(requirement(number, prefix="API") for number in range(4)), verdict="conformant")
    return report(first, second)
