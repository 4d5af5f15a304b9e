"""The life of a task, and what it costs."""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any

import pytest

from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_task_goes_from_pending_to_completed(desk: Any) -> None:
    """Status and progress follow the clock, and only the clock."""
    task_id = desk.task_id(desk.create())
    seen = []
    for _ in range(13):
        task = desk.task(task_id)
        seen.append((task["status"], task["progress"]))
        desk.clock.advance(5)
    assert [status for status, _ in itertools.groupby(status for status, _ in seen)] == [
        "pending",
        "processing",
        "completed",
    ]
    progress = [number for _, number in seen]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0, 100)


def test_progress_never_runs_backwards(make_desk: Callable[..., Any]) -> None:
    """A clock set back leaves a task where it was."""
    desk = make_desk("evolink")
    task_id = desk.task_id(desk.create())
    desk.clock.advance(30)
    before = desk.task(task_id)["progress"]
    desk.clock._now -= 25
    assert desk.task(task_id)["progress"] == before == 50


def test_the_marker_makes_an_evolink_task_fail(evolink: Any) -> None:
    """A prompt with the marker is accepted, and its task fails with the documented code."""
    task_id = evolink.task_id(evolink.create(prompt="a POLICY_VIOLATION"))
    evolink.clock.advance(60)
    task = evolink.task(task_id)
    assert task["status"] == "failed"
    assert (task["error"]["code"], task["error"]["type"]) == ("content_policy_violation", "task_error")
    assert "results" not in task


def test_the_marker_makes_an_apimart_task_fail(apimart: Any) -> None:
    """A failed task costs nothing and carries the documented error."""
    task_id = apimart.task_id(apimart.create(prompt="a POLICY_VIOLATION"))
    apimart.clock.advance(60)
    task = apimart.task(task_id)
    assert (task["status"], task["error"]["code"], task["credits_cost"]) == ("failed", "task_failed", 0)


def test_the_marker_can_be_chosen(make_desk: Callable[..., Any]) -> None:
    """Another marker replaces the default one."""
    desk = make_desk("evolink", failing_marker="forbidden")
    ids = [desk.task_id(desk.create(prompt=prompt)) for prompt in ("a POLICY_VIOLATION", "a forbidden thing")]
    desk.clock.advance(60)
    assert [desk.task(task_id)["status"] for task_id in ids] == ["completed", "failed"]


@pytest.mark.parametrize(
    ("provider", "pattern"),
    [
        ("evolink", r"task-unified-1767225600-[a-z0-9]{8}"),
        ("apimart", r"task_01[0-9A-HJKMNP-TV-Z]{24}"),
    ],
)
def test_ids_look_like_the_documented_ones(make_desk: Callable[..., Any], provider: str, pattern: str) -> None:
    """The form of an id is the provider's, and no id comes twice."""
    desk = make_desk(provider)
    ids = [desk.task_id(desk.create()) for _ in range(50)]
    assert all(re.fullmatch(pattern, task_id) for task_id in ids)
    assert len(set(ids)) == 50


def test_the_seed_decides_the_ids(make_desk: Callable[..., Any]) -> None:
    """The same seed gives the same ids, also after a reset; another seed gives others."""
    first, second, other = make_desk("evolink"), make_desk("evolink"), make_desk("evolink", seed=1)
    ids = [desk.task_id(desk.create()) for desk in (first, second, other)]
    first.simulator.reset()
    assert ids[0] == ids[1] == first.task_id(first.create())
    assert ids[0] != ids[2]


def test_the_ledger_lists_each_charge_once(desk: Any) -> None:
    """Each accepted submission is one charge; a refused one is none; a failed one is refunded."""
    good = desk.task_id(desk.create())
    bad = desk.task_id(desk.create(prompt="POLICY_VIOLATION"))
    desk.create(duration=99)
    desk.clock.advance(60)
    charges = desk.client.get("/__sim/ledger").json()["charges"]
    assert [charge["task"] for charge in charges] == [good, bad]
    assert charges[0]["credits"] > 0
    assert charges[1]["credits"] == 0
    assert charges == [{"task": charge.task, "credits": charge.credits} for charge in desk.simulator.ledger]


def test_reset_forgets_everything(desk: Any) -> None:
    """After a reset there are no tasks, charges or keys."""
    task_id = desk.task_id(desk.create(headers={"Idempotency-Key": "k" * 16}))
    assert desk.client.post("/__sim/reset").json() == {"charges": []}
    assert desk.get(task_id).status_code in {400, 404}
    assert "Idempotency-Replayed" not in desk.create(headers={"Idempotency-Key": "k" * 16}).headers


def test_callbacks_are_handed_over_once(evolink: Any) -> None:
    """A finished task with a callback address is handed over once, with the body of the task query."""
    task_id = evolink.task_id(evolink.create(callback_url="https://example.com/done"))
    evolink.create()
    assert evolink.simulator.take_callbacks() == ()
    evolink.clock.advance(60)
    (callback,) = evolink.simulator.take_callbacks()
    assert (callback.url, callback.body) == ("https://example.com/done", evolink.task(task_id))
    assert evolink.simulator.take_callbacks() == ()


def test_a_callback_of_apimart_has_no_envelope(apimart: Any) -> None:
    """The payload is the task itself."""
    task_id = apimart.task_id(apimart.create(webhook="https://example.com/done"))
    apimart.clock.advance(60)
    (callback,) = apimart.simulator.take_callbacks()
    assert callback.body["id"] == task_id


async def _sleep(clock: ManualClock) -> None:
    await clock.asleep(3)


def test_sleeping_on_a_manual_clock_moves_it() -> None:
    """Neither kind of sleep takes time, and time never goes back."""
    import asyncio

    clock = ManualClock(100.0)
    clock.sleep(2)
    asyncio.run(_sleep(clock))
    clock.sleep(-5)
    assert clock.now() == 105.0
    with pytest.raises(ValueError, match="forward only"):
        clock.advance(-1)


@pytest.mark.parametrize(
    ("provider", "seconds", "text"),
    [
        ("nobody", 1.0, "known are evolink, apimart"),
        ("evolink", -1.0, "cannot take"),
        ("evolink", math.nan, "cannot take"),
    ],
)
def test_wrong_arguments_are_refused(provider: Any, seconds: float, text: str) -> None:
    """A wrong provider or duration is named at once."""
    with pytest.raises(ValueError, match=text):
        Simulator(provider, seconds=seconds)


def test_no_key_is_in_the_repr() -> None:
    """A simulator never shows its keys."""
    assert "secret" not in repr(Simulator("evolink", api_keys=("secret",)))
