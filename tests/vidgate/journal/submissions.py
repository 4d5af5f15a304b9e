"""What the journal's tests submit, and what they read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import errors
from vidgate.journal import Entry, Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vidgate._journal.records import Ticket


KEY = "sk-0123456789abcdefSECRET"

ID = "task-unified-1-abc"

REQUESTS: dict[str, dict[str, Any]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "prompt": "a secret cat", "duration": 6},
    "apimart": {"model": "Omni-Flash-Ext", "prompt": "a secret cat", "duration": 6},
}

ACCEPTED: dict[str, Any] = {
    "evolink": {
        "id": ID,
        "status": "pending",
        "created": 1_800_000_000,
        "type": "video",
        "usage": {"credits_reserved": 12.5},
    },
    "apimart": {"code": 200, "data": [{"status": "submitted", "task_id": ID}]},
}


def create(world: Any, provider: str = "evolink", **options: Any) -> Any:
    client = world.client.with_options(**options) if options else world.client
    return world.do(client.videos.create, **REQUESTS[provider])


def only(path: Path) -> Entry:
    (entry,) = Journal(path).entries()
    return entry


def unknown(open_world: Callable[..., Any], path: Path, provider: str, *later: Any, **options: Any) -> tuple[Any, str]:
    """A world whose first submission ended without an answer, and that submission's id."""
    world = open_world(provider, [httpx.ReadTimeout("silence"), *later], journal=path, **options)
    with pytest.raises(errors.SubmitUnknown) as caught:
        create(world, provider)
    assert caught.value.submit_id is not None
    return world, caught.value.submit_id


def begin(journal: Journal, key: str) -> Ticket:
    return journal.begin(
        provider="evolink",
        base_url="https://api.example",
        account="a",
        model="m",
        idempotency_key=key,
        content=b"{}",
        keep=True,
        now=1.0,
    )
