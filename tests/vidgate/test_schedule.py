"""The scheduler stepped by hand: no client, no transport, no clock."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from vidgate import errors
from vidgate._effects import Failure, Limits, Reply
from vidgate._flow import Target, wait
from vidgate._providers import EVOLINK
from vidgate._schedule import CATCH_UP, Budget, Scheduler, Turn
from vidgate._state import TaskState

if TYPE_CHECKING:
    from collections.abc import Callable

    from vidgate._schedule import Ended

LIMITS = Limits(connect=10.0, read=15.0, write=120.0, total=60.0)
START = 1000.0


def target() -> Target:
    return Target(
        provider=EVOLINK,
        base_url="https://api.example",
        read=LIMITS,
        submit=LIMITS,
        attempts=3,
        patience=60.0,
        jitter=lambda: 0.5,
    )


class Stage:
    """Runs a scheduler on a clock of its own; keeps when which task was read."""

    def __init__(
        self, count: int, answer: Callable[[int, float], Any], *, rate: float, timeout: float, delay: float = 0.0
    ) -> None:
        self.now = START
        self.reads: list[tuple[float, str]] = []
        self.done: list[Ended] = []
        self._answer = answer
        self._delay = delay
        self.budget = Budget()
        self.deadline = START + timeout
        self.scheduler = Scheduler(self.budget, rate=rate, deadline=self.deadline)
        shared = target()
        for number in range(count):
            state = TaskState(provider="evolink", id=f"task-{number}", status="pending", verdict="running")
            self.scheduler.add(number, state, wait(shared, state, timeout), self.now)

    def run(self) -> Stage:
        """One request after the other, each taking `delay` seconds."""
        for _ in range(1_000_000):
            turn = self.scheduler.turn(self.now)
            self.done.extend(self.scheduler.ended)
            self.scheduler.ended.clear()
            if isinstance(turn, Turn):
                self.reads.append((self.now, turn.request.url.rpartition("/")[2]))
                self.now += self._delay
                self.scheduler.answer(turn.wait, self._answer(turn.wait.number, self.now), self.now)
            elif turn is None:
                self.done.extend(self.scheduler.ended)
                assert self.scheduler.finished
                return self
            else:
                assert turn > 0.0
                self.now += turn
        raise AssertionError("it does not end")

    def of(self, number: int) -> Ended:
        (found,) = (ended for ended in self.done if ended.number == number)
        return found


def reply(status: str, **more: Any) -> Reply:
    return Reply(status=200, headers={}, body={"id": "x", "status": status, "type": "video", **more})


DONE = reply("completed", results=["https://x.example/v"])


def test_every_wait_ends_with_its_own_outcome() -> None:
    """A failed, a cancelled, a forbidden and an endless task lose none of the others."""

    def answer(number: int, now: float) -> Any:
        match number:
            case 1:
                return reply("failed", error={"code": "service_error", "message": "busy"})
            case 2:
                return reply("cancelled")
            case 3:
                return Reply(status=403, headers={}, body={"error": {"message": "no"}})
            case 4:
                return reply("processing")
            case 5:
                return Failure(error=errors.ConnectionLost("it broke", retryable=True))
            case _:
                return DONE if now > START + 30 else reply("processing", progress=5)

    stage = Stage(8, answer, rate=10.0, timeout=120.0).run()
    assert sorted(ended.number for ended in stage.done) == list(range(8))
    kinds = [type(stage.of(number).error) for number in range(8)]
    nothing = type(None)
    assert kinds == [
        nothing,
        errors.TaskFailed,
        errors.TaskCancelled,
        errors.PermissionDenied,
        errors.TaskTimeout,
        errors.TaskTimeout,
        nothing,
        nothing,
    ]
    assert stage.of(0).state.results
    assert stage.of(1).state.status == "failed"
    assert stage.of(4).state.status == "processing"
    assert stage.now <= stage.deadline


@pytest.mark.parametrize("rate", [0.5, 3.0, 50.0])
def test_the_budget_holds(rate: float) -> None:
    """No second has more requests than the budget, but for the little that catches up."""
    stage = Stage(100, lambda *_: reply("processing"), rate=rate, timeout=200.0).run()
    times = [moment for moment, _ in stage.reads]
    for start in times:
        within = sum(1 for moment in times if start <= moment < start + 1.0)
        assert within <= rate * (1.0 + CATCH_UP) + 1.0
    assert len(times) >= 0.9 * min(rate * 200.0, 100 * 20)


def test_scarcity_is_shared_fairly() -> None:
    """With far more tasks than the budget can serve, each is read as often as every other, give or take one."""
    stage = Stage(100, lambda *_: reply("processing"), rate=2.0, timeout=500.0).run()
    counts = Counter(name for _, name in stage.reads)
    assert len(counts) == 100
    assert max(counts.values()) - min(counts.values()) <= 1


def test_the_deadline_ends_those_that_had_no_turn() -> None:
    """No request leaves after the deadline; who never had a turn is told that the budget was too small."""
    stage = Stage(100, lambda *_: reply("processing"), rate=1.0, timeout=10.0).run()
    assert len(stage.done) == 100
    assert all(isinstance(ended.error, errors.TaskTimeout) for ended in stage.done)
    assert max(moment for moment, _ in stage.reads) < stage.deadline
    starved = stage.of(99).error
    assert isinstance(starved, errors.TaskTimeout)
    assert starved.task_id == "task-99"
    assert starved.last_error is not None
    assert "requests per second" in starved.last_error.hint


def test_slow_answers_do_not_move_the_deadline() -> None:
    """Each request takes nine seconds; the one that is under way at the deadline is the last."""
    stage = Stage(50, lambda *_: reply("processing"), rate=10.0, timeout=60.0, delay=9.0).run()
    assert len(stage.done) == 50
    assert stage.now < stage.deadline + 9.0


def test_too_many_requests_slow_all_tasks_down() -> None:
    """The limit is the account's: after a 429 nobody asks before its Retry-After has passed."""

    def answer(_: int, now: float) -> Reply:
        return Reply(status=429, headers={"retry-after": "20"}) if now < START + 1.0 else DONE

    stage = Stage(30, answer, rate=10.0, timeout=300.0).run()
    assert [moment for moment, _ in stage.reads if START < moment < START + 20.0] == []
    assert all(ended.error is None for ended in stage.done)


def test_a_429_without_advice_gives_a_moment() -> None:
    """One second for all, however many tasks there are."""
    first = iter([Reply(status=429, headers={})])
    stage = Stage(5, lambda *_: next(first, DONE), rate=100.0, timeout=300.0).run()
    assert stage.reads[1][0] >= START + 1.0


def test_short_tasks_are_not_held_up_by_long_ones() -> None:
    """With budget enough, an estimate of three seconds is met although others take minutes."""

    def answer(number: int, now: float) -> Reply:
        if number == 0:
            return DONE if now >= START + 3.0 else reply("processing", task_info={"estimated_time": 3})
        return DONE if now >= START + 300.0 else reply("processing", task_info={"estimated_time": 300})

    stage = Stage(40, answer, rate=20.0, timeout=600.0).run()
    reads = [moment - START for moment, name in stage.reads if name == "task-0"]
    assert reads[-1] < 4.0
    others = Counter(name for _, name in stage.reads)
    assert max(others.values()) < 30


def test_a_late_timer_is_no_burst() -> None:
    """Budget that was not used is gone, but for a moment's worth."""
    budget = Budget()
    assert budget.take(START, 10.0) == 0.0
    taken = 0
    while budget.take(START + 100.0, 10.0) == 0.0:
        taken += 1
    assert taken <= 1 + 10.0 * CATCH_UP


def test_closing_ends_the_flows() -> None:
    """What is not waited for any more leaves nothing behind."""
    stage = Stage(3, lambda *_: DONE, rate=1.0, timeout=10.0)
    stage.scheduler.close()
    assert stage.scheduler.finished
