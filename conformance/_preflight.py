"""Before anything is judged: somebody must be there, answer in time, and answer JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._verdict import SubjectError

if TYPE_CHECKING:
    from ._run import Run
    from .observe import Exchange

PATIENCE = 5.0
"""Seconds: a server that takes longer for a refusal cannot be judged in bounded time."""
BAD = 400
TIPS = {
    "connect": "start the server, or correct base_url",
    "tls": "the certificate or the protocol is at fault: give the server one that this machine trusts, or use http on "
    "this machine",
    "timeout": "the server takes connections and does not answer: look at its log",
    "reset": "the server breaks off: look at its log, and whether base_url should be http or https",
    "protocol": "what answers there speaks no HTTP: correct base_url",
    "truncated": "the server breaks off in the middle of an answer: look at its log",
    "too long": "what answers there is no API: correct base_url",
}


def preflight(run: Run) -> None:
    """Raise SubjectError, with what to do, when judging makes no sense."""
    key = run.subject.tokens.get("valid")
    if not key:
        message = "the subject file names no token for the role valid: every request needs it"
        raise SubjectError(message)
    channel = run.client("valid")
    answers = [
        channel.call(run.reading, task_id=sample_id(run), purpose="preflight", timeout=PATIENCE),
        channel.call(run.submitting, body={}, purpose="preflight", timeout=PATIENCE),
    ]
    for answer in answers:
        if answer.fault in {"connect", "tls", "protocol", "timeout"}:
            message = (
                f"{run.subject.base_url} cannot be judged: {answer.fault_text or answer.fault}; {TIPS[answer.fault]}"
            )
            raise SubjectError(message)
    slowest = max(answer.ended - answer.started for answer in answers)
    if slowest > PATIENCE:
        message = f"{run.subject.base_url} takes {slowest:.1f} s to refuse a request: too slow to be judged; try again"
        raise SubjectError(message)
    if all(_no_json(answer) for answer in answers) and not all(_is_documented_refusal(answer) for answer in answers):
        kind = answers[0].header("content-type") or "no content type"
        message = (
            f"{run.subject.base_url} answers HTTP {answers[0].status} with {kind} where JSON is documented; "
            f"base_url must be what stands before {run.submitting.path}"
        )
        raise SubjectError(message)


def sample_id(run: Run) -> str:
    """A task id of the documented form that nobody has."""
    example = str(run.reading.definition["parameters"][0].get("example", "task-1"))
    return f"{example[:-4]}0000"


def _is_documented_refusal(answer: Exchange) -> bool:
    """Whether the API itself has refused: then a body that is no JSON is a finding, not a wrong address."""
    operation = answer.operation
    return operation is not None and answer.status in operation.statuses and answer.status >= BAD


def _no_json(answer: Exchange) -> bool:
    media = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    return answer.json is None and media != "application/json"
