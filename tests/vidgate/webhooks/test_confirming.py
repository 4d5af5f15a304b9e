"""What a callback says is believed once the provider says it, too."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

import vidgate
from tests.vidgate.webhooks.deliveries import APIMART, EVOLINK
from vidgate import errors, webhooks
from vidgate.webhooks import confirm, parse


def confirming(answer: dict[str, Any], asked: list[str]) -> Any:
    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=answer)

    return httpx.MockTransport(reply)


def test_confirming_asks_the_provider_and_nobody_else() -> None:
    """A forged success is seen for what it is, and no link of the payload is fetched."""
    asked: list[str] = []
    event = parse(EVOLINK | {"results": ["http://169.254.169.254/latest"]})
    running = EVOLINK | {"status": "processing", "results": None}
    with vidgate.EvoLink("sim-key-1234", transport=confirming(running, asked)) as client:
        assert confirm(client, event).verdict == "running"
    assert asked == [f"https://api.evolink.ai/v1/tasks/{event.task_id}"]


def test_confirming_in_async_code() -> None:
    """The same with await."""
    asked: list[str] = []

    async def run() -> str:
        transport = confirming({"code": 200, "data": APIMART}, asked)
        async with vidgate.AsyncAPIMart("sim-key-1234", transport=transport) as client:
            return (await webhooks.aconfirm(client, parse(APIMART))).verdict

    assert asyncio.run(run()) == "completed"
    assert len(asked) == 1


def test_confirming_needs_the_right_client() -> None:
    """The ids of one provider mean nothing to the other."""
    with (
        vidgate.APIMart("sim-key-1234") as client,
        pytest.raises(errors.ConfigurationError, match=r"evolink.*apimart"),
    ):
        confirm(client, parse(EVOLINK))
