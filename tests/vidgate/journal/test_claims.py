"""One sender at a time: nobody sends a submission again while somebody else may still be sending it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.journal.submissions import ACCEPTED, ID, KEY, REQUESTS, create, only
from vidgate import APIMart, AsyncAPIMart, EvoLink, errors
from vidgate._journal import claims
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def test_a_submission_is_held_until_its_outcome_is_known(open_world: Callable[..., Any], path: Path) -> None:
    """Whoever would send it again meanwhile is refused, and nothing leaves for a second time."""
    refused: list[errors.AlreadySubmitted] = []

    def answer(request: httpx.Request) -> Any:
        if not refused:
            held = only(path)
            with APIMart(KEY, transport=httpx.MockTransport(answer_other), journal=path, clock=world.clock) as other:
                again = other.with_options(idempotency_key=held.idempotency_key)
                with pytest.raises(errors.AlreadySubmitted, match="being sent by another") as recovering:
                    other.recover(held.submit_id)
                with pytest.raises(errors.AlreadySubmitted, match="being sent by another") as sending:
                    again.videos.create_from(REQUESTS["apimart"])
                refused.extend((recovering.value, sending.value))
        return 200, ACCEPTED["apimart"]

    def answer_other(_: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent a second time")

    world = open_world("apimart", answer, journal=path)
    create(world, "apimart")
    entry = only(path)
    assert {error.submit_id for error in refused} == {entry.submit_id}
    assert (len(refused), entry.holder, entry.task_id) == (2, None, ID)


@pytest.mark.parametrize("call", ["recover", "resume"])
def test_nobody_calls_it_unknown_while_it_is_under_way(open_world: Callable[..., Any], path: Path, call: str) -> None:
    """Its outcome is about to be known, so there is nothing to decide yet."""

    def answer(_: httpx.Request) -> Any:
        with (
            EvoLink(KEY, transport=httpx.MockTransport(answer_other), journal=path, clock=world.clock) as other,
            pytest.raises(errors.AlreadySubmitted, match="being sent"),
        ):
            getattr(other, call)(only(path).submit_id)
        return 200, ACCEPTED["evolink"]

    def answer_other(_: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing was to be asked")

    world = open_world("evolink", answer, journal=path)
    assert create(world).id == ID


@pytest.mark.parametrize("outcome", [(400, {"error": {"message": "no"}}), httpx.ReadTimeout("silence")])
def test_an_outcome_lets_go(open_world: Callable[..., Any], path: Path, outcome: Any) -> None:
    """Rejected or unknown: whoever comes next may send it again at once."""
    world = open_world("apimart", [outcome, (200, ACCEPTED["apimart"])], journal=path)
    with pytest.raises(errors.VidgateError):
        create(world, "apimart")
    assert only(path).holder is None
    again = world.client.with_options(idempotency_key=only(path).idempotency_key)
    assert world.do(again.videos.create, **REQUESTS["apimart"]).id == ID


def test_what_was_cancelled_is_not_held(path: Path) -> None:
    """A task group that gives up in the middle of a POST may settle it at once, in the same process."""

    async def run() -> str:
        started = asyncio.Event()

        async def answer(_: httpx.Request) -> httpx.Response:
            if not started.is_set():
                started.set()
                await asyncio.Event().wait()
            return httpx.Response(200, json=ACCEPTED["apimart"])

        async with AsyncAPIMart(KEY, transport=httpx.MockTransport(answer), journal=path) as client:
            submission = asyncio.create_task(client.videos.create_from(REQUESTS["apimart"]))
            await started.wait()
            with pytest.raises(errors.AlreadySubmitted):
                await client.recover(only(path).submit_id)
            submission.cancel()
            with pytest.raises(asyncio.CancelledError):
                await submission
            assert only(path).state == "intent"
            return (await client.recover(only(path).submit_id)).id

    assert asyncio.run(run()) == ID


@pytest.fixture
def held(open_world: Callable[..., Any], path: Path) -> Iterator[Callable[..., Any]]:
    """A world in which somebody else began to send a submission, and the call that settles it."""
    world = open_world("apimart", [(200, ACCEPTED["apimart"])], journal=path)

    def begin(claim: str) -> Callable[[], Any]:
        ticket = Journal(path).begin(
            provider="apimart",
            base_url=world.client.base_url,
            account=world.client.kept().account(),
            model="m",
            idempotency_key="key-0123456789abcdef",
            content=b"{}",
            keep=True,
            now=world.clock.now(),
            within=180.0,
            claim=claim,
        )
        return lambda: world.do(world.client.recover, ticket.submit_id)

    yield begin
    world.clock.time += 1.0


def test_a_killed_process_holds_nothing(held: Callable[..., Any]) -> None:
    """Nobody waits for the dead."""
    with subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE) as child:
        settle = held(f"{claims._machine()} {child.pid} 1")
        with pytest.raises(errors.AlreadySubmitted):
            settle()
        child.kill()
    assert settle().id == ID


def test_a_claim_ends_with_its_time(held: Callable[..., Any], open_world: Callable[..., Any], path: Path) -> None:
    """Of another machine nothing can be seen, and a process that is stuck does not hold for ever."""
    settle = held("elsewhere 1 1")
    with pytest.raises(errors.AlreadySubmitted):
        settle()
    later = open_world("apimart", [(200, ACCEPTED["apimart"])], journal=path)
    later.clock.time += 181.0
    assert later.do(later.client.recover, only(path).submit_id).id == ID


def test_a_submission_is_over_before_its_claim_is(open_world: Callable[..., Any], path: Path) -> None:
    """The claim covers the attempts, their pauses and the longest answer."""
    spans: list[float] = []

    def answer(_: httpx.Request) -> Any:
        entry = only(path)
        assert entry.held_until is not None
        spans.append(entry.held_until - world.clock.now())
        return 200, ACCEPTED["apimart"]

    world = open_world("apimart", answer, journal=path)
    create(world, "apimart")
    times = world.client._options
    assert spans[0] >= times.patience + world.client.target.submit.total


def test_one_of_many_threads_sends(path: Path) -> None:
    """Eight of them settle one submission at once: one POST, and everybody else is told or finds the task."""
    posts: list[bytes] = []
    go, answered = threading.Barrier(8), threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posts.append(request.content)
            if len(posts) == 1:
                raise httpx.ReadTimeout("silence")
            answered.wait(20)
            return httpx.Response(200, json=ACCEPTED["apimart"])
        return httpx.Response(200, json={"code": 200, "data": {"id": ID, "status": "processing"}})

    with APIMart(KEY, transport=httpx.MockTransport(answer), journal=path) as client:
        with pytest.raises(errors.SubmitUnknown):
            client.videos.create_from(REQUESTS["apimart"])
        submit_id = only(path).submit_id
        refused: list[errors.AlreadySubmitted] = []

        def settle() -> None:
            go.wait(20)
            try:
                client.recover(submit_id)
            except errors.AlreadySubmitted as error:
                refused.append(error)
            if len(refused) == 7:
                answered.set()

        threads = [threading.Thread(target=settle) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(posts), len(refused)) == (2, 7)
    assert only(path).task_id == ID


def test_a_claim_names_this_process() -> None:
    """And no other one on this machine; what is over is over."""
    claim = claims.new_claim()
    assert claim.split(" ")[1] == str(os.getpid())
    assert claims.new_claim() != claim
    claims.release(claim)
