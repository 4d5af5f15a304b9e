"""The same news counts once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vidgate.webhooks.deliveries import APIMART, EVOLINK, JSON, encoded
from vidgate import errors
from vidgate.webhooks import MemoryStore, handle


def test_repetitions_are_marked() -> None:
    """Per task and terminal state; what is not terminal is never a repetition."""
    store = MemoryStore()

    def seen(body: dict[str, Any]) -> bool:
        outcome = handle(encoded(body), JSON, store=store)
        assert outcome.status == 200
        return outcome.duplicate

    assert [seen(EVOLINK), seen(EVOLINK | {"progress": 99}), seen(APIMART), seen(APIMART)] == [False, True, False, True]
    assert [seen(EVOLINK | {"status": "failed"}), seen(EVOLINK | {"status": "processing"})] == [False, False]
    assert not seen(EVOLINK | {"status": "processing"})


def test_the_store_is_bounded() -> None:
    """The oldest news is forgotten first; a repetition makes it young again."""
    store = MemoryStore(2)
    assert [store.add(key) for key in ("a", "b", "a", "c", "a", "b")] == [True, True, False, True, False, True]
    assert len(store) == 2
    store.discard("a")
    assert store.add("a")
    with pytest.raises(errors.ConfigurationError, match="limit"):
        MemoryStore(0)


class BrokenStore:
    """A database that is down, and says too much about it."""

    def add(self, key: str, /) -> bool:
        raise RuntimeError("postgresql://user:hunter2@db")

    def discard(self, key: str, /) -> None:
        raise RuntimeError("hunter2")


def test_a_store_that_fails_lets_the_provider_come_again(caplog: pytest.LogCaptureFixture) -> None:
    """A 500, and neither the answer nor the log tells what the store said."""
    outcome = handle(encoded(EVOLINK), JSON, store=BrokenStore())
    assert (outcome.status, outcome.event) == (500, None)
    assert b"hunter2" not in outcome.body
    assert "RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text
