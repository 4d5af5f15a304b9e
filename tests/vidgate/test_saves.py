"""Saving many results: ordered by deadline, a few at a time, each with its own outcome, all inside the directory."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import AsyncEvoLink, errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "sk-0123456789abcdef"
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 64
CREATED = 1_799_990_000


class Provider:
    """Tasks `name` with links `https://files.example/name-N.mp4`; what `broken` maps gets that status."""

    def __init__(self, *, results: int = 1, created: dict[str, int | None] | None = None) -> None:
        self.results = results
        self.created = created or {}
        self.broken: dict[str, int] = {}
        self.fetched: list[str] = []
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        if request.url.host != "files.example":
            if name.startswith("running"):
                return httpx.Response(200, json={"id": name, "status": "processing"})
            links = [f"https://files.example/{name}-{number}.mp4" for number in range(self.results)]
            body = {"id": name, "status": "completed", "type": "video", "model": "veo/3.1", "results": links}
            created = self.created.get(name, CREATED)
            return httpx.Response(200, json=body if created is None else {**body, "created": created})
        assert "authorization" not in request.headers
        with self.lock:
            self.fetched.append(name)
        return httpx.Response(self.broken.get(name, 200), content=FILM, headers={"content-type": "video/mp4"})


@pytest.fixture
def given(open_world: Callable[..., Any]) -> Callable[..., tuple[Any, list[Any]]]:
    def make(provider: Provider, *names: str) -> tuple[Any, list[Any]]:
        world = open_world("evolink", provider)
        return world, [world.do(world.client.tasks.get, name) for name in names]

    return make


def test_all_results_are_saved(given: Callable[..., tuple[Any, list[Any]]], tmp_path: Path) -> None:
    """One outcome per task in the order given, with its files in the order of its results."""
    world, tasks = given(Provider(results=2), "a", "b", "a")
    seen: list[tuple[str, int, int | None]] = []
    outcomes = world.do(
        world.client.download_all,
        tasks,
        tmp_path / "new",
        on_progress=lambda path, *now: seen.append((path.name, *now)),
    )
    assert [outcome.task.id for outcome in outcomes] == ["a", "b", "a"]
    assert all(outcomes)
    names = [[path.name for path in outcome.paths] for outcome in outcomes]
    assert names[0] == names[2]
    assert [name.rpartition("-")[2] for name in names[0]] == ["1.mp4", "2.mp4"]
    for outcome in outcomes:
        for path in outcome.paths:
            assert path.parent == tmp_path / "new"
            assert path.read_bytes() == FILM
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted({*names[0], *names[1]})
    assert (names[0][0], len(FILM), len(FILM)) in seen


def test_the_first_to_expire_come_first(given: Callable[..., tuple[Any, list[Any]]], tmp_path: Path) -> None:
    """Links live for a day, so the oldest task is in a hurry; those that do not say come last."""
    provider = Provider(created={"a": None, "b": CREATED + 50, "c": CREATED, "d": CREATED + 20})
    world, tasks = given(provider, "a", "b", "c", "d")
    outcomes = world.do(world.client.download_all, tasks, tmp_path, template="{id}.{ext}", concurrency=1)
    assert [name[0] for name in provider.fetched] == ["c", "d", "b", "a"]
    assert [outcome.paths[0].name for outcome in outcomes] == ["a.mp4", "b.mp4", "c.mp4", "d.mp4"]


def test_one_failure_loses_no_other(given: Callable[..., tuple[Any, list[Any]]], tmp_path: Path) -> None:
    """An expired link, a running task and a name that is taken each stay with their task."""
    provider = Provider()
    provider.broken = {"b-0.mp4": 410}
    (tmp_path / "c.mp4").write_bytes(b"mine")
    world, tasks = given(provider, "a", "b", "c", "running", "d")
    outcomes = world.do(world.client.download_all, tasks, tmp_path, template="{id}.{ext}")
    assert [type(outcome.error) for outcome in outcomes] == [
        type(None),
        errors.LinkExpired,
        errors.FileProblem,
        errors.ResultMissing,
        type(None),
    ]
    assert (tmp_path / "c.mp4").read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "c.mp4", "d.mp4"]


def test_folders_of_a_template_are_made(given: Callable[..., tuple[Any, list[Any]]], tmp_path: Path) -> None:
    """A slash in a model's name makes no folder; one in the template does."""
    world, tasks = given(Provider(), "a")
    (outcome,) = world.do(world.client.download_all, tasks, tmp_path, template="{model}/{id}.{ext}")
    relative = outcome.paths[0].relative_to(tmp_path)
    assert len(relative.parts) == 2
    assert relative.parts[0].startswith("veo_3.1-")


def test_a_link_on_the_way_out_is_refused(given: Callable[..., tuple[Any, list[Any]]], tmp_path: Path) -> None:
    """A folder of the template that leads out of the directory is not written to."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "video").symlink_to(tmp_path / "out")
    world, tasks = given(Provider(), "a")
    (outcome,) = world.do(world.client.download_all, tasks, tmp_path / "in", template="{kind}/{id}.{ext}")
    assert isinstance(outcome.error, errors.FileProblem)
    assert outcome.error.task_id == "a"
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"template": "{model}.{ext}"}, ("a", "b")),
        ({"template": "{id}.{ext}"}, ("A", "a")),
        ({"template": "../{id}.{ext}"}, ("a",)),
        ({"concurrency": 0}, ("a",)),
        ({"concurrency": True}, ("a",)),
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_first(
    options: Any, names: tuple[str, ...], given: Callable[..., tuple[Any, list[Any]]], tmp_path: Path
) -> None:
    """Nothing is fetched when two results would share a name or the template leads elsewhere."""
    provider = Provider()
    world, tasks = given(provider, *names)
    with pytest.raises(errors.ConfigurationError):
        world.do(world.client.download_all, tasks, tmp_path, **options)
    assert provider.fetched == []
    assert list(tmp_path.iterdir()) == []


def test_a_bug_of_the_caller_stops_the_rest(given: Callable[..., tuple[Any, list[Any]]], tmp_path: Path) -> None:
    """What `on_progress` raises comes out, and what has not begun does not begin."""
    provider = Provider()
    world, tasks = given(provider, *[f"t{number}" for number in range(40)])

    def meter(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.do(world.client.download_all, tasks, tmp_path, on_progress=meter, concurrency=2)
    assert len(provider.fetched) < 40
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_few_at_a_time(concurrency: int, tmp_path: Path) -> None:
    """No more transfers are under way than allowed, and as many as that."""
    now = most = 0
    names = [f"t{number}" for number in range(12)]
    provider = Provider()
    full = asyncio.Event()

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal now, most
            if request.url.host == "files.example":
                now += 1
                most = max(most, now)
                if most >= min(concurrency, 12):
                    full.set()
                await asyncio.wait_for(full.wait(), 20)
                now -= 1
            return provider(request)

    async def run() -> list[Any]:
        async with AsyncEvoLink(KEY, transport=Slow()) as client:
            tasks = [await client.tasks.get(name) for name in names]
            return await client.download_all(tasks, tmp_path, concurrency=concurrency)

    assert all(asyncio.run(run()))
    assert most == min(concurrency, 12)
