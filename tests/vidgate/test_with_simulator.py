"""The clients against the simulator: the whole way, as a user would write it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink, errors
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-0123456789abcdef"
REQUESTS: dict[str, dict[str, Any]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "prompt": "a cat", "duration": 6},
    "apimart": {"model": "Omni-Flash-Ext", "prompt": "a cat", "duration": 6},
}


def simulator(provider: Any) -> tuple[Any, ManualClock]:
    clock = ManualClock()
    return Simulator(provider, clock=clock, seconds=60.0, api_keys=(KEY,)), clock


@pytest.mark.parametrize(("provider", "kind"), [("evolink", EvoLink), ("apimart", APIMart)], ids=["evolink", "apimart"])
def test_a_video_is_made(provider: str, kind: Any, tmp_path: Path) -> None:
    """Submit, wait and download lead to a film."""
    sim, clock = simulator(provider)
    with kind(KEY, transport=sim.transport(), clock=clock) as client:
        statuses: list[str] = []
        task = client.videos.create(**REQUESTS[provider]).wait(on_update=lambda now: statuses.append(now.status))
        path = task.download(tmp_path / "film.mp4")
        assert statuses[-1] == "completed"
        assert path.read_bytes()[4:8] == b"ftyp"
        assert client.tasks.get(task.id).results == task.results
        assert type(task.raw).__module__.startswith(f"{provider}_api.models.")


@pytest.mark.parametrize(
    ("provider", "kind"), [("evolink", AsyncEvoLink), ("apimart", AsyncAPIMart)], ids=["evolink", "apimart"]
)
def test_a_video_is_made_in_async_code(provider: str, kind: Any, tmp_path: Path) -> None:
    """The same with await."""
    sim, clock = simulator(provider)

    async def run() -> Path:
        async with kind(KEY, transport=sim.async_transport(), clock=clock) as client:
            task = await client.videos.create(**REQUESTS[provider])
            task = await task.wait()
            path: Path = await task.download(tmp_path / "film.mp4")
            return path

    assert asyncio.run(run()).read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(("provider", "kind"), [("evolink", EvoLink), ("apimart", APIMart)], ids=["evolink", "apimart"])
def test_a_wrong_key_is_refused(provider: str, kind: Any) -> None:
    """The simulator answers as documented, and the client says where the key comes from."""
    sim, clock = simulator(provider)
    with (
        kind("sk-another-one", transport=sim.transport(), clock=clock) as client,
        pytest.raises(errors.AuthenticationError, match="_API_KEY"),
    ):
        client.videos.create(**REQUESTS[provider])


@pytest.mark.parametrize(("provider", "kind"), [("evolink", EvoLink), ("apimart", APIMart)], ids=["evolink", "apimart"])
def test_an_expired_link_is_said_to_be_expired(provider: str, kind: Any, tmp_path: Path) -> None:
    """A day or two later the link is gone, and the remedy names the task."""
    sim, clock = simulator(provider)
    with kind(KEY, transport=sim.transport(), clock=clock) as client:
        task = client.videos.create(**REQUESTS[provider]).wait()
        clock.advance(3 * 86_400)
        with pytest.raises(errors.LinkExpired, match=task.id):
            task.download(tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []
