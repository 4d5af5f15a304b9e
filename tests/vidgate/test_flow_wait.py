"""Waiting survives what passes, ends with what does not, and never outlasts its deadline."""

from __future__ import annotations

import pytest

from tests.vidgate.flow_steps import (
    ID,
    LOST,
    REFUSED,
    Stepper,
    reply,
    target,
    task,
    waiting,
)
from vidgate import errors
from vidgate._effects import Failure, Reply
from vidgate._flow import NOT_FOUND_GRACE, wait
from vidgate._providers import EVOLINK
from vidgate._state import TaskState


def test_waiting_reads_until_the_end() -> None:
    """EvoLink is read at once, then every eight seconds or so, and each change is told once."""
    done = task("completed", results=["https://x.example/v.mp4"], progress=100)
    stepper, outcome = waiting([task("pending"), task(), task(), done])
    assert outcome.results[0].url == "https://x.example/v.mp4"
    assert stepper.slept[0] == 0.0
    assert stepper.slept[1:] == [8.0, 8.0, 8.0]
    assert stepper.changes == ["pending", "processing", "completed"]


SURVIVED: dict[str, Reply | Failure] = {
    "reset": LOST,
    "refused": REFUSED,
    "timeout": Failure(error=errors.RequestTimeout("slow", retryable=True)),
    "500": reply(500),
    "502 page": Reply(status=502, headers={}, text="<html></html>"),
    "520": reply(520),
    "429": reply(429),
    "408": reply(408),
    "200 page": Reply(status=200, headers={}, text="<html></html>"),
    "200 without a task": reply(body={}),
    "early 404": reply(404),
    "unknown status": task("thinking"),
    "no status": reply(body={"id": ID}),
    "null everything": reply(body={"id": None, "status": None, "progress": None, "results": None, "error": None}),
    "odd types": reply(body={"id": 5, "status": 7, "progress": "half", "results": "x", "type": [], "created": True}),
}


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("name", SURVIVED)
@pytest.mark.filterwarnings("ignore::vidgate.errors.UnknownStatus")
def test_waiting_survives(name: str, times: int) -> None:
    """One bad reading or five in a row do not end a wait."""
    if name == "early 404" and times > 1:
        times = 2  # the grace is a minute
    done = task("completed", results=["https://x.example/v.mp4"])
    _, outcome = waiting([*[SURVIVED[name]] * times, done])
    assert isinstance(outcome, TaskState)
    assert outcome.verdict == "completed"


FINAL: dict[str, tuple[Reply, type[errors.VidgateError]]] = {
    "401": (reply(401), errors.AuthenticationError),
    "402": (reply(402), errors.PaymentRequired),
    "403": (reply(403), errors.PermissionDenied),
    "400": (reply(400, {"error": {"code": "invalid_task_id"}}), errors.BadRequest),
    "302": (reply(302, None, location="https://login.example/"), errors.UnexpectedReply),
    "error in 200": (reply(200, {"success": False, "code": 401, "msg": "no"}), errors.AuthenticationError),
    "failed": (task("failed", error={"code": "service_error", "message": "busy"}), errors.TaskFailed),
    "FAILURE": (task("FAILURE", error="why not"), errors.TaskFailed),
    "failed without reason": (task("error"), errors.TaskFailed),
    "cancelled": (task("cancelled"), errors.TaskCancelled),
    "canceled": (task("Canceled"), errors.TaskCancelled),
    "completed without link": (task("completed"), errors.ResultMissing),
    "completed with null links": (task("completed", results=None), errors.ResultMissing),
    "completed with an empty link": (task("completed", results=["", None]), errors.ResultMissing),
}


@pytest.mark.parametrize("name", FINAL)
def test_waiting_ends(name: str) -> None:
    """What a later reading cannot mend ends the wait at once, with the task's id."""
    answer, kind = FINAL[name]
    stepper, outcome = waiting([answer])
    assert type(outcome) is kind
    assert outcome.task_id == ID
    assert outcome.hint
    assert len(stepper.sent) == 1


@pytest.mark.parametrize("code", EVOLINK.task_codes)
def test_task_codes_tell_whether_a_new_submission_helps(code: str) -> None:
    """Each documented code has its own advice, and `retryable` as the provider's client decides."""
    _, outcome = waiting([task("failed", error={"code": code, "message": "because"})])
    assert outcome.code == code
    assert outcome.retryable is EVOLINK.task_codes[code].retryable
    assert outcome.hint == EVOLINK.task_codes[code].hint
    assert "because" in str(outcome)


def test_a_late_404_ends_the_wait() -> None:
    """After the grace, a task that is not found is not there."""
    stepper, outcome = waiting([task(), *[reply(404)] * 30])
    assert isinstance(outcome, errors.NotFound)
    assert stepper.time >= 1000 + NOT_FOUND_GRACE


def test_the_deadline_carries_the_task() -> None:
    """TaskTimeout holds what is needed to go on waiting, and why the last reading failed."""
    stepper, outcome = waiting([task(), *[LOST] * 200], timeout=120.0)
    assert isinstance(outcome, errors.TaskTimeout)
    assert (outcome.task_id, outcome.status, outcome.progress, outcome.timeout) == (ID, "processing", 5, 120.0)
    assert isinstance(outcome.last_error, errors.ConnectionLost)
    assert outcome.retryable
    assert stepper.time <= 1120.0


@pytest.mark.parametrize("timeout", [0, 0.2, 3, 8, 9, 100])
def test_the_deadline_bounds_everything(timeout: float) -> None:
    """No sleep goes beyond the deadline, at least one reading is made, and each is cut to what is left."""
    stepper, outcome = waiting([task()] * 200, timeout=timeout)
    assert isinstance(outcome, errors.TaskTimeout)
    assert stepper.sent
    assert stepper.time <= 1000 + timeout
    assert stepper.sent[-1].request.limits.read <= max(timeout, 0.5)
    assert stepper.slept.count(0.0) == 1, "no reading follows another without a pause"


def test_a_long_retry_after_is_cut_at_the_deadline() -> None:
    """The server's wish is heeded within the deadline, and the last reading still happens."""
    stepper, outcome = waiting([reply(429, None, retry_after="20"), reply(429, None, retry_after="9999"), task()], 60.0)
    assert isinstance(outcome, errors.TaskTimeout)
    assert stepper.slept[1] == 20.0
    assert len(stepper.sent) == 3
    assert stepper.time < 1060.0


def test_an_unknown_status_warns_once() -> None:
    """A status nobody documents counts as running; one warning says so."""
    answers: list[Reply | Failure] = [task("thinking"), task("dreaming"), task("completed", results=["https://x/v"])]
    with pytest.warns(errors.UnknownStatus) as caught:
        _, outcome = waiting(answers)
    assert outcome.verdict == "completed"
    assert len(caught) == 1


def test_a_task_that_has_ended_is_not_read_again() -> None:
    """Waiting for a completed task asks nobody."""
    ended = TaskState(provider="evolink", id=ID, status="failed", verdict="failed")
    stepper = Stepper([])
    with pytest.raises(errors.TaskFailed):
        stepper.run(wait(target(), ended, 10.0))
    assert stepper.sent == []
