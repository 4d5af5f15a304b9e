"""When the journal is written, step by step and without a file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vidgate.journal.submissions import ID
from vidgate import errors
from vidgate._effects import Changed, Failure, Keep, Now
from vidgate._journal.flows import observed, recorded
from vidgate._journal.records import Intent, Seen, Ticket
from vidgate._providers import APIMART, EVOLINK, PROVIDERS
from vidgate._state import TaskState


def flow_of(*effects: Any, result: Any) -> Any:
    def flow() -> Any:
        yield from effects
        if isinstance(result, Exception):
            raise result
        return result

    return flow()


TASK = TaskState(provider="evolink", id=ID, status="pending", verdict="running", submitted="video")

INTENT = Intent(model="m", content=b"{}", idempotency_key="key-0123456789abcdef")

FAILURE = Failure(error=errors.JournalError("full"))


def drive(flow: Any, *answers: Any) -> tuple[list[Any], Any]:
    """The effects, and the result or the error."""
    seen: list[Any] = []
    given = iter(answers)
    answer: Any = None
    try:
        while True:
            effect = flow.send(answer)
            seen.append(effect)
            answer = next(given) if isinstance(effect, Keep) else None
    except StopIteration as stop:
        return seen, stop.value
    except errors.VidgateError as error:
        return seen, error


def test_the_flow_sends_only_after_the_intent() -> None:
    """A failed intent ends it before the first effect of the submission."""
    effects, error = drive(recorded(flow_of(Now(), result=TASK), INTENT, EVOLINK), FAILURE)
    assert ([type(effect) for effect in effects], error) == ([Keep], FAILURE.error)
    effects, result = drive(
        recorded(flow_of(Now(), result=TASK), INTENT, EVOLINK), Ticket(submit_id="s", fresh=True), None
    )
    assert ([type(effect) for effect in effects], result) == ([Keep, Now, Keep], TASK)


@pytest.mark.parametrize("fresh", [True, False])
def test_the_flow_knows_what_a_rejection_proves(fresh: bool) -> None:  # noqa: FBT001
    """Only a first attempt is certainly without a task."""
    refusal = errors.BadRequest("no", status=400)
    ticket = Ticket(submit_id="s", fresh=fresh)
    effects, error = drive(recorded(flow_of(result=refusal), INTENT, APIMART), ticket, None)
    assert error is refusal
    assert effects[-1].record.certain is fresh


def test_readings_are_kept_once() -> None:
    """Progress alone writes nothing; a new status does."""
    states = [
        TaskState(provider="evolink", id=ID, status=status, verdict="running", progress=progress)
        for progress, status in enumerate(("pending", "pending", "processing", "processing"))
    ]
    effects, _ = drive(observed(flow_of(*map(Changed, states), result=states[-1])), None, None)
    assert [
        effect.record.task.status for effect in effects if isinstance(effect, Keep) and isinstance(effect.record, Seen)
    ] == ["pending", "processing"]


def test_every_provider_says_whether_a_key_is_remembered() -> None:
    """With evidence, because money hangs on it; a stated licence has an end."""
    for row in PROVIDERS.values():
        assert row.resend.evidence
        assert (row.resend.basis == "stated") == (row.resend.seconds is not None)
    assert "recover sub-1 --replay" in EVOLINK.resend.advice("sub-1")
    assert "within 24 hours" in APIMART.resend.advice("sub-1")
