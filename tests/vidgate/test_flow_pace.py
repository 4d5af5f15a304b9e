"""How long a wait pauses between two readings."""

from __future__ import annotations

import pytest

from tests.vidgate.flow_steps import (
    ID,
    Stepper,
    reply,
    target,
    task,
    waiting,
)
from vidgate._flow import wait
from vidgate._providers import APIMART
from vidgate._state import TaskState


@pytest.mark.parametrize(
    ("kind", "seconds"), [("video", 8.0), ("image", 3.0), ("audio", 6.0), ("hologram", 8.0)], ids=str
)
def test_the_pace_follows_what_is_made(kind: str, seconds: float) -> None:
    """Images are asked for more often than videos; an unknown kind counts as a video."""
    first = reply(body={"id": ID, "status": "pending", "type": kind})
    stepper, _ = waiting([first, task("completed", results=["https://x.example/v"], type=kind)])
    assert stepper.slept[1] == seconds


def paused(estimate: float, readings: int = 40) -> list[float]:
    """The pauses between the readings of a task that goes on; its ages are their sums."""
    stepper, _ = waiting([task(task_info={"estimated_time": estimate})] * readings, timeout=100_000.0)
    return stepper.slept[1:-1]


def test_a_long_estimate_is_asked_for_less_often() -> None:
    """Far from the end of an estimate the pauses are longer, up to four times; behind it they are as usual."""
    pauses = paused(400.0)
    ages = [sum(pauses[:count]) for count in range(len(pauses))]
    before = [pause for pause, age in zip(pauses, ages, strict=True) if age < 392.0]
    assert before[0] == 32.0
    assert before == sorted(before, reverse=True)
    assert min(before) >= 8.0
    assert len(before) <= 25
    assert pauses[-10:] == [8.0] * 10
    assert 400.0 in ages, "one reading is made just when the task should be ready"


@pytest.mark.parametrize("estimate", [1.0, 3.0, 6.0])
def test_a_short_task_is_not_overslept(estimate: float) -> None:
    """A task of three seconds is read after three, then in steps of a quarter of its age, and in the end as usual."""
    pauses = paused(estimate)
    ages = [sum(pauses[:count]) for count in range(len(pauses))]
    assert pauses[0] == estimate
    for pause, age in zip(pauses[1:], ages[1:], strict=True):
        assert pause == min(8.0, max(1.0, age / 4.0))
    assert pauses[-1] == 8.0


def test_an_estimate_of_the_submission_counts_at_once() -> None:
    """APIMart is not read at once, so the first pause knows the estimate."""
    known = TaskState(provider="apimart", id=ID, status="submitted", verdict="running", estimated_seconds=3.0)
    body = {"code": 200, "data": {"id": ID, "status": "completed", "result": {"videos": [{"url": ["https://x/v"]}]}}}
    stepper = Stepper([reply(body=body)])
    stepper.run(wait(target(APIMART), known, 60.0))
    assert stepper.slept == [3.0]


def test_a_task_that_has_run_for_long_is_not_new() -> None:
    """The estimate counts from the creation, also when the wait begins later; a provider's fast clock is no matter."""
    stepper, _ = waiting([task(task_info={"estimated_time": 400}, created=1000.0 - 380.0)] * 9, timeout=10_000.0)
    assert stepper.slept[1] == 8.0
    stepper, _ = waiting([task(task_info={"estimated_time": 400}, created=5000.0)] * 9, timeout=10_000.0)
    assert stepper.slept[1] == 32.0


def test_apimart_is_first_read_after_a_pause() -> None:
    """Its first answers are always pending, so none is asked for."""
    body = {"code": 200, "data": {"id": ID, "status": "completed", "result": {"videos": [{"url": ["https://x/v"]}]}}}
    stepper, _ = waiting([reply(body=body)], provider=APIMART)
    assert stepper.slept == [5.0]
