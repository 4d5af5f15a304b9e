"""Callbacks as the providers deliver them: addresses, bodies, repetitions, pauses."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOOK = "https://example.com/hook"
FIELDS = {"evolink": "callback_url", "apimart": "webhook"}
PAUSES = {"evolink": [1.0, 2.0, 4.0], "apimart": [10.0, 30.0, 60.0]}


class Receiver:
    """Answers with the statuses given, the last one for ever, and keeps what came."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.posts: list[tuple[bytes, Mapping[str, str], str]] = []

    def __call__(self, body: bytes, headers: Mapping[str, str], url: str) -> int:
        self.posts.append((body, headers, url))
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


def finished(desk: Any, **changes: Any) -> str:
    """A finished task with a callback address."""
    task_id: str = desk.task_id(desk.create(**{FIELDS[desk.provider]: HOOK, **changes}))
    desk.clock.advance(60)
    return task_id


def test_a_callback_is_delivered_once(desk: Any) -> None:
    """To the right address, as JSON; and never again."""
    task_id = finished(desk)
    receiver = Receiver(204)
    (delivery,) = desk.simulator.deliver_callbacks(receiver)
    ((body, headers, url),) = receiver.posts
    assert delivery.delivered
    assert url == delivery.url == (HOOK if desk.provider == "evolink" else f"{HOOK}/callback")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == desk.task(task_id)
    assert "data" not in json.loads(body)
    assert desk.simulator.deliver_callbacks(receiver) == ()


def test_a_receiver_that_fails_is_called_again(desk: Any) -> None:
    """Three more times, after the documented pauses, on the simulator's clock."""
    finished(desk)
    (delivery,) = desk.simulator.deliver_callbacks(Receiver(500))
    times = [attempt.at for attempt in delivery.attempts]
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == PAUSES[desk.provider]
    assert not delivery.delivered


def test_repetition_ends_with_success(desk: Any) -> None:
    """One failure, one repetition."""
    finished(desk)
    (delivery,) = desk.simulator.deliver_callbacks(Receiver(503, 200))
    assert [attempt.status for attempt in delivery.attempts] == [503, 200]


def test_a_client_error_ends_it_at_apimart_only(desk: Any) -> None:
    """EvoLink repeats whatever is not 2xx."""
    finished(desk)
    (delivery,) = desk.simulator.deliver_callbacks(Receiver(404))
    assert len(delivery.attempts) == (4 if desk.provider == "evolink" else 1)


def test_silence_counts_after_ten_seconds(desk: Any) -> None:
    """An answer that comes later is none."""
    finished(desk)

    def slow(*_: object) -> int:
        desk.clock.advance(10.5)
        return 200

    (delivery,) = desk.simulator.deliver_callbacks(slow)
    assert [attempt.fault for attempt in delivery.attempts] == ["timeout"] * 4
    assert not delivery.delivered


def test_two_callbacks_do_not_wait_for_each_other(apimart: Any) -> None:
    """The second one is delivered while the first is still being repeated."""
    for name in ("first", "second"):
        apimart.create(webhook=f"https://example.com/{name}")
    apimart.clock.advance(60)

    def picky(body: bytes, headers: Mapping[str, str], url: str) -> int:
        return 500 if "first" in url else 200

    first, second = apimart.simulator.deliver_callbacks(picky)
    assert second.attempts[0].at < first.attempts[1].at


@pytest.mark.parametrize("kind", ["client", "function", "async client", "async function"])
def test_every_kind_of_receiver(kind: str, desk: Any) -> None:
    """A connection that breaks counts as a failed try."""
    task_id = finished(desk)
    statuses = iter((None, 200))

    def answer(request: httpx.Request) -> httpx.Response:
        status = next(statuses)
        if status is None:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, json=json.loads(request.content))

    transport = httpx.MockTransport(answer)

    async def run() -> Any:
        async with httpx.AsyncClient(transport=transport) as client:
            if kind == "async client":
                return await desk.simulator.adeliver_callbacks(client)

            async def function(body: bytes, headers: Mapping[str, str], url: str) -> httpx.Response:
                return await client.post(url, content=body)

            return await desk.simulator.adeliver_callbacks(function)

    with httpx.Client(transport=transport) as client:
        receivers: dict[str, Callable[[], Any]] = {
            "client": lambda: desk.simulator.deliver_callbacks(client),
            "function": lambda: desk.simulator.deliver_callbacks(
                lambda body, headers, url: client.post(url, content=body)
            ),
        }
        (delivery,) = receivers[kind]() if kind in receivers else asyncio.run(run())
    assert [(attempt.status, attempt.fault) for attempt in delivery.attempts] == [(None, "ConnectError"), (200, "")]
    assert delivery.body["id"] == task_id


def test_a_handler_must_give_a_status(desk: Any) -> None:
    """Forgetting to return is named."""
    finished(desk)
    with pytest.raises(TypeError, match="returns a status"):
        desk.simulator.deliver_callbacks(lambda *_: None)


@pytest.mark.parametrize("prompt", ["A marble rolls", "POLICY_VIOLATION"], ids=["completed", "failed"])
def test_repetitions_are_one_event(prompt: str, desk: Any) -> None:
    """The receiver answers too late once; the second delivery is known as the same news."""
    nonce = webhooks.new_nonce()
    task_id = finished(desk, prompt=prompt, **{FIELDS[desk.provider]: webhooks.callback_url(HOOK, nonce)})
    store = webhooks.MemoryStore()
    outcomes: list[webhooks.Outcome] = []

    def receive(body: bytes, headers: Mapping[str, str], url: str) -> int:
        outcome = webhooks.handle(body, headers, url=url, nonce=nonce, store=store)
        outcomes.append(outcome)
        return 500 if len(outcomes) == 1 else outcome.status

    (delivery,) = desk.simulator.deliver_callbacks(receive)
    assert delivery.delivered
    assert [outcome.duplicate for outcome in outcomes] == [False, True]
    assert all(outcome.status == 200 for outcome in outcomes)
    events = {outcome.event for outcome in outcomes}
    assert [(event.provider, event.task_id, event.nonce) for event in events if event] == [
        (desk.provider, task_id, nonce)
    ]
