"""Lives of tasks: lived once, together, in the order of what they tell, and no more of them than may be paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from conformance._judge import prepare, server_checks
from conformance._lives import AFTER, FAMILIES, PLANS, STEPS, links_of
from conformance._verdict import HarnessError, NotApplicable, Unreachable
from conformance.subjects import Subject, Tasks, in_process
from conformance.subjects._reach import Reach
from vidgate.simulator import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance._run import Run

server_checks()  # loads the plans


@pytest.fixture
def run() -> Iterator[Run]:
    """A run on the honest simulator of EvoLink that has not begun."""
    with in_process("evolink") as reach:
        yield prepare(reach)


def test_a_life_is_read_to_its_end_and_beyond(run: Run) -> None:
    """From pending to completed, with readings after it, and its link fetched."""
    one = run.lives["plain"]
    statuses = [run.task(reading)["status"] for reading in one.readings]
    assert statuses[0] == "pending"
    assert statuses[-1 - AFTER :] == ["completed"] * (AFTER + 1)
    assert len(statuses) >= STEPS
    assert [answer.status for answer in one.downloads] == [200]


def test_lives_are_lived_once_and_together(run: Run) -> None:
    """Whoever asks second gets the same, and no time has passed."""
    first = run.lives["plain"]
    paid, now = len(run.paid), run.clock.now()
    assert run.lives["plain"] is first
    assert run.lives["called"].plan.callback is not None
    assert run.lives.of("together")
    assert (len(run.paid), run.clock.now()) == (paid, now)


def test_few_requirements_live_few_lives() -> None:
    """With some ids alone, a life is paid when it is asked for."""
    with in_process("evolink") as reach:
        run = prepare(reach, only=["EVO-TASK-TERMINAL"])
        assert len(run.lives.every()) == 1
        assert len(run.paid) == 1


def test_the_budget_is_for_the_most_telling(run: Run) -> None:
    """What does not fit is not submitted, and says so."""
    run.lives.most = 2
    assert [one.name for one in run.lives.every()] == ["plain", "failing"]
    assert len(run.paid) == 2
    with pytest.raises(NotApplicable, match="budget"):
        run.lives["called"]


def test_callbacks_have_come_when_lives_are_over(run: Run) -> None:
    """All repetitions of one that is never taken, too."""
    one = run.lives["refusing"]
    assert len(run.callbacks.at(one.plan.callback or "")) == 4


def test_a_life_that_cannot_be_says_why() -> None:
    """Without callbacks and without a prompt that fails there are no such lives, and the others are lived."""
    with in_process("evolink") as reach:
        described = Subject(
            provider="evolink",
            base_url=reach.subject.base_url,
            profile="mock",
            tokens=reach.subject.tokens,
            tasks=Tasks(seconds=60.0),
        )
        run = prepare(Reach(subject=described, transport=reach.transport, clock=reach.clock))
        assert run.lives["plain"].ended is not None
        for name, reason in (("called", "callbacks"), ("failing", "fail_prompt")):
            with pytest.raises(NotApplicable, match=reason):
                run.lives[name]


def test_a_refused_life_is_unreachable() -> None:
    """A submission that makes no task is no life; the family knows what was submitted."""

    class Refusing(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(400, json={"error": {}}, request=request)

    clock = ManualClock()
    described = Subject(provider="evolink", base_url="https://api.example.com", profile="mock", tokens={"valid": "k"})
    run = prepare(Reach(subject=described, transport=Refusing(), clock=clock))
    with pytest.raises(Unreachable, match="made no task"):
        run.lives["plain"]
    with pytest.raises(Unreachable):
        run.lives.every()
    assert [answer.status for _, answer in run.lives.submissions("together")] == [400] * 4
    assert run.lives.of("together") == ()


def test_a_task_that_never_ends_is_given_up(run: Run) -> None:
    """After several times what a task takes."""
    subject = run.subject
    eager = Subject(
        provider="evolink", base_url=subject.base_url, profile="mock", tokens=subject.tokens, tasks=Tasks(seconds=2.0)
    )
    hurried = prepare(Reach(subject=eager, transport=run.reach.transport, clock=run.clock), only=["EVO-TASK-LIVENESS"])
    one = hurried.lives["plain"]
    assert one.ended is None
    assert hurried.task(one.readings[-1])["status"] in {"pending", "processing"}


def test_an_unknown_life_is_a_fault_of_the_suite(run: Run) -> None:
    """Names are those that are registered."""
    assert "plain" in PLANS
    assert "accepted" in FAMILIES
    with pytest.raises(HarnessError, match="no life is called"):
        run.lives["nobody's"]


@pytest.mark.parametrize(
    ("task", "links"),
    [
        ({"results": ["https://a.example/1", 7, "word"]}, ["https://a.example/1"]),
        ({"result": {"videos": [{"url": ["/1", "/2"]}], "images": [{"url": "/3"}]}}, ["/1", "/2", "/3"]),
        ({"results": None, "result": [1]}, []),
        ({"result": {"videos": [7, {"url": None}]}}, []),
    ],
)
def test_links_are_found_in_either_form(task: dict[str, object], links: list[str]) -> None:
    """Whatever is no link is left out."""
    assert links_of(task) == links
