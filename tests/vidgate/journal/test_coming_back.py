"""What one run has submitted, a later one goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.vidgate.journal.submissions import ACCEPTED, ID, KEY, REQUESTS, create, only, unknown
from vidgate import APIMart, EvoLink, errors
from vidgate.journal import Journal
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_another_process_goes_on(path: Path, tmp_path: Path, provider: Any) -> None:
    """What one client submitted, another one with the same key finds, waits for and saves."""
    from vidgate.simulator import ManualClock

    clock = ManualClock()
    sim = Simulator(provider, clock=clock, seconds=60.0, api_keys=(KEY, "sk-another-account"))
    kind = {"evolink": EvoLink, "apimart": APIMart}[provider]
    with kind(KEY, transport=sim.transport(), clock=clock, journal=path) as client:
        task = client.media("video").create(**REQUESTS[provider])
    with kind("sk-another-account", transport=sim.transport(), clock=clock, journal=path) as other:
        assert other.pending() == ()
        with pytest.raises(errors.ConfigurationError, match="another API key"):
            other.resume(task.id)
    with kind(KEY, transport=sim.transport(), clock=clock, journal=path) as client:
        (entry,) = client.pending()
        assert client.resume(entry.submit_id).id == client.resume(task.id).id == task.id
        done = client.resume(entry.submit_id).wait()
        assert [one.state for one in client.pending()] == ["completed"]
        done.download(tmp_path / "film.mp4")
        assert client.pending() == ()
    assert (only(path).state, only(path).files) == ("downloaded", (str(tmp_path / "film.mp4"),))
    assert only(path).links_expire is not None
    assert len(sim.ledger) == 1


def test_what_cannot_be_resumed_says_why(open_world: Callable[..., Any], path: Path) -> None:
    """Unknown outcome, rejected, not in the journal, no journal at all: four different answers."""
    refusal = (400, {"error": {"message": "no", "code": "invalid_parameter"}})
    world, submit_id = unknown(open_world, path, "evolink", refusal)
    with pytest.raises(errors.BadRequest):
        create(world)
    rejected = Journal(path).entries()[-1].submit_id
    for name, kind, text in (
        (submit_id, errors.SubmitUnknown, "vidgate recover"),
        (rejected, errors.JournalError, "was rejected"),
        ("sub-0000000000000000", errors.JournalError, "vidgate ls"),
    ):
        with pytest.raises(kind, match=text):
            world.do(world.client.resume, name)
    with pytest.raises(errors.JournalError, match="was rejected"):
        world.do(world.client.recover, rejected)
    with pytest.raises(errors.JournalError, match="has no submission"):
        world.do(world.client.recover, "sub-0000000000000000")
    bare = open_world("evolink", [])
    for call in (bare.client.pending, lambda: bare.client.recover("sub-1")):
        with pytest.raises(errors.ConfigurationError, match="keeps no journal"):
            bare.do(call)


def test_an_ended_task_is_no_longer_pending(open_world: Callable[..., Any], path: Path) -> None:
    """A failure is kept, and a result whose link has expired is nothing that can be done."""
    results = [{"id": ID, "status": "completed", "results": ["https://x.example/1.mp4"]}]
    world = open_world("evolink", [(200, ACCEPTED["evolink"]), *((200, one) for one in results)], journal=path)
    create(world)
    world.do(world.client.tasks.get, ID)
    assert [one.state for one in world.do(world.client.pending)] == ["completed"]
    world.clock.time += 90_000
    assert world.do(world.client.pending) == ()
    world = open_world("evolink", [(200, {"id": ID, "status": "failed"})], journal=path)
    world.do(world.client.tasks.get, ID)
    assert only(path).state == "failed"
