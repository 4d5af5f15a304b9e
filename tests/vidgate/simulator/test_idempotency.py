"""What an Idempotency-Key promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

KEY = {"Idempotency-Key": "0123456789abcdef"}


def test_the_same_request_is_replayed(desk: Any) -> None:
    """The same key and body bring the same answer, marked, and one charge."""
    first, again = desk.create(headers=KEY), desk.create(headers=KEY)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(desk.simulator.ledger) == 1


def test_another_body_is_a_conflict(desk: Any) -> None:
    """The same key with another body is refused and not charged."""
    desk.create(headers=KEY)
    response = desk.create(headers=KEY, prompt="Another thing")
    error = response.json()["error"]
    assert response.status_code == 409
    assert (error["code"], error["type"]) in {
        ("idempotency_conflict", "invalid_request_error"),
        (409, "idempotency_key_reused"),
    }
    assert len(desk.simulator.ledger) == 1


def test_keys_are_an_account_s_own(desk: Any) -> None:
    """Two accounts may use the same key."""
    desk.create(headers=KEY)
    assert "Idempotency-Replayed" not in desk.create(key="sim-other-account", headers=KEY).headers


def test_a_key_is_forgotten_after_a_day(desk: Any) -> None:
    """After the retention time the key makes a new task."""
    desk.create(headers=KEY)
    desk.clock.advance(86_400)
    assert "Idempotency-Replayed" not in desk.create(headers=KEY).headers
    assert len(desk.simulator.ledger) == 2


def test_a_refused_request_does_not_use_up_its_key(desk: Any) -> None:
    """A key stands for an accepted submission only."""
    desk.create(headers=KEY, duration=99)
    assert desk.create(headers=KEY).status_code == 200


def test_one_key_from_many_threads_is_one_charge(desk: Any) -> None:
    """Simultaneous submissions under one key make one task."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.create(headers=KEY), range(40)))
    assert len({desk.task_id(answer) for answer in answers}) == 1
    assert len(desk.simulator.ledger) == 1
