"""Waiting for many tasks through the clients, sync and async, and the events of one."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import AsyncEvoLink, EvoLink, Outcome, errors
from vidgate._schedule import CATCH_UP
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-0123456789abcdef"
MODEL: Any = "gemini-omni-flash-text-to-video"


def collected(world: Any, iterator: Any) -> list[Any]:
    """All that an iterator of either colour gives."""
    if hasattr(iterator, "__next__"):
        return list(iterator)

    async def collect() -> list[Any]:
        return [item async for item in iterator]

    found: list[Any] = world.do(collect)
    return found


def endings(world_clock: Any) -> Callable[[httpx.Request], Any]:
    """Task `t-fail` fails, `t-cancel` is cancelled, `t-gone` is forbidden, `t-N` is completed after N seconds."""
    start = world_clock().now()

    def answer(request: httpx.Request) -> Any:
        word = request.url.path.rpartition("/")[2]
        end = word.partition("-")[2]
        body: dict[str, Any] = {"id": word, "type": "video", "progress": 1}
        if world_clock().now() == start:
            return 200, {**body, "status": "pending"}
        if end == "gone":
            return 403, {"error": {"message": "not yours"}}
        if end == "fail":
            return 200, {**body, "status": "failed", "error": {"code": "service_error", "message": "busy"}}
        if end == "cancel":
            return 200, {**body, "status": "cancelled"}
        if world_clock().now() - start < float(end):
            return 200, {**body, "status": "processing"}
        return 200, {**body, "status": "completed", "results": [f"https://files.example/{word}.mp4"]}

    return answer


@pytest.fixture
def given(open_world: Callable[..., Any]) -> Callable[..., tuple[Any, list[Any]]]:
    """A world, and tasks of these names, each read once."""

    def make(*names: str) -> tuple[Any, list[Any]]:
        place: list[Any] = []

        def answer(request: httpx.Request) -> Any:
            if len(place) == 1:
                place.append(endings(lambda: place[0].clock))
            return place[1](request)

        world = open_world("evolink", answer)
        place.append(world)
        return world, [world.do(world.client.tasks.get, name) for name in names]

    return make


NAMES = ("t-100", "t-fail", "t-20", "t-cancel", "t-gone", "t-900", "t-20")


def test_all_outcomes_come_in_the_order_given(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """One failed task loses no other: each outcome has its task as known last, and its own error."""
    world, tasks = given(*NAMES)
    outcomes = world.do(world.client.wait_all, tasks, timeout=300.0)
    assert [outcome.task.id for outcome in outcomes] == list(NAMES)
    kinds = [type(outcome.error) for outcome in outcomes]
    good = type(None)
    assert kinds == [
        good,
        errors.TaskFailed,
        good,
        errors.TaskCancelled,
        errors.PermissionDenied,
        errors.TaskTimeout,
        good,
    ]
    assert [bool(outcome) for outcome in outcomes] == [kind is good for kind in kinds]
    assert outcomes[0].unwrap().results[0].url == "https://files.example/t-100.mp4"
    assert outcomes[1].task.status == "failed"
    assert outcomes[6].task is outcomes[2].task
    assert isinstance(outcomes[0], Outcome)
    assert type(outcomes[0].task) is type(tasks[0])
    with pytest.raises(errors.TaskFailed, match="busy"):
        outcomes[1].unwrap()


def test_outcomes_come_as_they_happen(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """The quick before the slow, each task once, and watchers see every change."""
    world, tasks = given(*NAMES)
    seen: list[tuple[str, str]] = []
    outcomes = collected(
        world,
        world.client.as_completed(tasks, timeout=300.0, on_update=lambda task: seen.append((task.id, task.status))),
    )
    names = [outcome.task.id for outcome in outcomes]
    assert sorted(names) == sorted(set(NAMES))
    assert names.index("t-20") < names.index("t-100") < names.index("t-900")
    assert ("t-100", "completed") in seen
    assert ("t-fail", "failed") in seen
    assert len(seen) == len(set(seen))


def test_requests_keep_to_the_budget(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """The clock that only sleeping moves shows how much time the readings were given."""
    world, tasks = given(*[f"t-{900 + number}" for number in range(30)])
    before, started = len(world.requests), world.clock.now()
    world.do(world.client.wait_all, tasks, timeout=100.0, requests_per_second=2.0)
    sent = len(world.requests) - before
    assert 150 <= sent <= 100 * 2 * (1 + CATCH_UP) + 1
    assert world.clock.now() <= started + 100.0


def test_nothing_to_wait_for(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """No tasks, no outcomes; a task that has ended is not asked for again."""
    world, tasks = given("t-5")
    assert world.do(world.client.wait_all, []) == []
    world.clock.time += 10.0
    (first,) = world.do(world.client.wait_all, tasks)
    count = len(world.requests)
    (again,) = world.do(world.client.wait_all, [first.task])
    assert again.task.results
    assert len(world.requests) == count


@pytest.mark.parametrize(
    "options",
    [{"timeout": 0}, {"timeout": float("inf")}, {"requests_per_second": 0}, {"requests_per_second": float("nan")}],
    ids=str,
)
def test_odd_bounds_are_refused_at_once(options: Any, given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """There is always an end, and the call says so itself, not the first step of its iterator."""
    world, tasks = given("t-5")
    with pytest.raises(errors.ConfigurationError):
        world.client.as_completed(tasks, **options)


def test_foreign_tasks_are_refused(given: Callable[..., tuple[Any, list[Any]]], open_world: Callable[..., Any]) -> None:
    """A task of the other provider would be asked for in the wrong place."""
    world, tasks = given("t-5")
    other = open_world("apimart", [])
    with pytest.raises(errors.ConfigurationError, match="APIMart"):
        other.client.as_completed(tasks)
    nonsense: Any = ["t-5"]
    with pytest.raises(errors.ConfigurationError, match="str is no"):
        world.client.as_completed(nonsense)


def test_leaving_early_stops_the_reading(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """After the first outcome nothing is asked any more, and nothing is left running."""
    world, tasks = given(*NAMES)
    iterator = world.client.as_completed(tasks)

    async def first() -> None:
        await anext(iterator)
        await iterator.aclose()

    if hasattr(iterator, "__next__"):
        next(iterator)
        iterator.close()
    else:
        world.do(first)
    count = len(world.requests)
    assert collected(world, iterator) == []
    assert len(world.requests) == count


def test_a_bug_of_a_watcher_is_not_swallowed(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """What the caller's own function raises ends the waiting."""
    world, tasks = given("t-5", "t-9")

    def watch(_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.do(world.client.wait_all, tasks, on_update=watch)


def test_events_tell_every_change(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """The task as it is now comes first, the completed one last."""
    world, (task,) = given("t-20")
    seen = collected(world, task.events())
    assert [now.status for now in seen] == ["pending", "processing", "completed"]
    assert seen[0] is task
    assert seen[-1].results
    assert type(seen[-1]) is type(task)


def test_events_end_as_waiting_does(given: Callable[..., tuple[Any, list[Any]]]) -> None:
    """A failed task is given before its error is raised; a deadline is an error, too."""
    world, (failing, endless) = given("t-fail", "t-900")
    seen: list[str] = []

    async def follow(task: Any, **options: Any) -> None:
        async for now in task.events(**options):
            seen.append(now.status)  # noqa: PERF401 - what was seen before the error counts

    def follow_sync(task: Any, **options: Any) -> None:
        for now in task.events(**options):
            seen.append(now.status)  # noqa: PERF401 - what was seen before the error counts

    call = follow_sync if hasattr(failing.events(), "__next__") else follow
    with pytest.raises(errors.TaskFailed):
        world.do(call, failing)
    assert seen[-1] == "failed"
    with pytest.raises(errors.TaskTimeout):
        world.do(call, endless, timeout=30.0)


def test_many_tasks_on_one_loop() -> None:
    """A thousand tasks of the simulator on a clock of its own: all are found, within the budget, by few coroutines."""
    clock = ManualClock()
    sim = Simulator("evolink", clock=clock, seconds=60.0, api_keys=(KEY,))
    most = 0

    async def run() -> list[Any]:
        nonlocal most
        async with AsyncEvoLink(KEY, transport=sim.async_transport(), clock=clock, validate=False) as client:
            tasks = [await client.videos.create_from({"model": MODEL, "prompt": f"cat {n}"}) for n in range(1000)]

            def watch(_: object) -> None:
                nonlocal most
                most = max(most, len(asyncio.all_tasks()))

            return await client.wait_all(tasks, requests_per_second=100.0, on_update=watch)

    started = clock.now()
    outcomes = asyncio.run(run())
    assert all(outcomes)
    assert len(outcomes) == 1000
    assert clock.now() - started < 120.0
    assert most < 100


def test_two_threads_share_the_budget() -> None:
    """The budget belongs to the client, not to the call: two waits at once are no faster than one."""
    clock = ManualClock()
    sim = Simulator("evolink", clock=clock, seconds=1000.0, api_keys=(KEY,))
    reads: list[float] = []

    class Counting(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "GET":
                reads.append(clock.now())
            return sim.transport().handle_request(request)

    with EvoLink(KEY, transport=Counting(), clock=clock, validate=False) as client:
        tasks = [client.videos.create_from({"model": MODEL, "prompt": f"cat {n}"}) for n in range(20)]
        twin = client.with_options(validate=True)
        started = clock.now()
        threads = [
            threading.Thread(target=caller.wait_all, args=(tasks[place::2],), kwargs={"timeout": 60.0, **pace})
            for place, (caller, pace) in enumerate(
                [(client, {"requests_per_second": 2.0}), (twin, {"requests_per_second": 2.0})]
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(reads) <= (clock.now() - started) * 2.0 * (1 + CATCH_UP) + 2
