"""A batch's ceiling holds over all who work on it at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest

from tests.vidgate.journal.submissions import KEY, REQUESTS
from vidgate import EvoLink
from vidgate._journal.ceiling import NOT_REFUNDED, Ceiling
from vidgate._journal.records import State
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("told", [True, False], ids=["priced by the provider", "priced by the caller"])
def test_two_runs_at_once_keep_to_one_ceiling(open_world: Callable[..., Any], path: Path, *, told: bool) -> None:
    """The second one spends while the first one waits for an answer; what is left over is for nobody."""
    posts: list[str] = []
    stops: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"id": "x", "status": "completed", "results": ["https://x.example/a"]})
        posts.append(json.loads(request.content)["prompt"])
        if len(posts) == 1:
            run("b", EvoLink(KEY, transport=httpx.MockTransport(answer), journal=path, clock=world.clock))
        reserved = {"usage": {"credits_reserved": 10.0}} if told else {}
        return httpx.Response(200, json={"id": f"task-unified-{len(posts)}-x", "status": "pending", **reserved})

    def run(name: str, client: EvoLink) -> None:
        items = {f"{name}{number}": {**REQUESTS["evolink"], "prompt": f"{name}{number}"} for number in range(9)}
        with client:
            batch = client.batch("posters", max_in_flight=1, max_credits=45.0, credits_per_item=10.0)
            list(batch.run(items.items()))
            stops.append(batch.stopped)

    world = open_world("evolink", [])
    run("a", EvoLink(KEY, transport=httpx.MockTransport(answer), journal=path, clock=world.clock))
    assert posts == ["a0", "b0", "b1", "b2"]
    assert stops == [f"before {item}: 40 of 45 credits are spent, and it may cost 10" for item in ("b3", "a1")]


def test_every_state_that_may_cost_counts() -> None:
    """Only what was refused or refunded is free; a new state has to be thought about."""
    assert {*NOT_REFUNDED, "rejected", "failed", "cancelled"} == set(get_args(State))


@pytest.mark.parametrize(("spent", "objects"), [(0.0, False), (90.0, False), (90.5, True), (100.0, True)])
def test_the_last_credit_may_be_spent(spent: float, *, objects: bool) -> None:
    """And no more than that."""
    assert (Ceiling(most=100.0, price=10.0).objection(spent) is not None) is objects


def test_what_is_spent_is_counted_by_batch(path: Path) -> None:
    """An intent whose price nobody knows counts as the dearest that it can be."""
    journal = Journal(path)
    facts: dict[str, Any] = {"base_url": "https://api.example", "account": "a", "model": "m", "content": b"{}"}
    for number, batch in enumerate(("posters", "posters", "leaflets")):
        owner = {"provider": "evolink", "keep": True, "now": 1.0, "batch": batch, "item": str(number)}
        journal.begin(**facts, **owner, idempotency_key=f"key-0123456789abcde{number}")  # type: ignore[arg-type]
    spent = journal._transact("read", lambda rows: rows.spent(NOT_REFUNDED, 7.0, batch="posters"))
    assert spent == 14.0
