"""Answers whose values no program expects: the task they speak of is kept, and every failure is one of ours."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.conftest import World
from vidgate import Client, Task, errors
from vidgate._effects import Reply
from vidgate._journal.database import Database
from vidgate._journal.place import default_journal
from vidgate._providers import EVOLINK
from vidgate._replies import LONGEST_ASKED, retry_after
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vidgate._state import TaskState

REQUESTS: dict[str, dict[str, Any]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls", "duration": 6},
    "apimart": {"model": "Omni-Flash-Ext", "prompt": "A marble rolls", "duration": 6},
}
LINK = "https://files.example/film.mp4"
CREATED: dict[str, dict[str, Any]] = {
    "evolink": {
        "id": "task-unified-1",
        "status": "pending",
        "model": "m",
        "type": "video",
        "created": 1_800_000_000,
        "task_info": {"estimated_time": 10},
        "usage": {"credits_reserved": 5},
        "error": None,
    },
    "apimart": {"code": 200, "data": [{"task_id": "task_1", "status": "submitted", "estimated_time": 10}]},
}
DONE: dict[str, dict[str, Any]] = {
    "evolink": {**CREATED["evolink"], "status": "completed", "progress": 100, "results": [LINK]},
    "apimart": {
        "code": 200,
        "data": {
            "id": "task_1",
            "status": "completed",
            "progress": 100,
            "created": 1_800_000_000,
            "error": None,
            "estimated_time": 10,
            "result": {"videos": [{"url": [LINK], "expires_at": 1_800_086_400}]},
        },
    },
}
ODD: tuple[Any, ...] = (
    10**400,
    -(10**400),
    2**63,
    -(2**63) - 1,
    1e308,
    -1,
    True,
    None,
    "",
    "\ud800",
    "a\0b",
    "\u202etxt",
    [],
    {},
    [None],
    "x" * 10_000,
    "../../etc",
    "file:///etc/passwd",
    "http://[::1",
    "http://\ud800/",
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from places(item, (*path, name))


def put(value: Any, path: tuple[str | int, ...], odd: Any) -> Any:
    """A copy with something else at one place."""
    if not path:
        return odd
    found = json.loads(json.dumps(value))
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = odd
    return found


def cases() -> Iterator[Any]:
    """Each place of each answer."""
    for step, bodies in (("submit", CREATED), ("poll", DONE)):
        for provider, body in bodies.items():
            for path in places(body):
                yield pytest.param(provider, step, path, id=f"{provider}-{step}-{'.'.join(map(str, path)) or 'all'}")


@pytest.mark.parametrize(("provider", "step", "path"), tuple(cases()))
def test_odd_values_lose_no_task(provider: str, step: str, path: tuple[str | int, ...], tmp_path: Path) -> None:
    """Whatever stands in one place of an answer: one POST, no exception of another tree, and a row that can be read."""
    journal = Journal(tmp_path / "journal.sqlite3")
    for number, odd in enumerate(ODD):
        body = put({"submit": CREATED, "poll": DONE}[step][provider], path, odd)
        answers = {"submit": CREATED[provider], "poll": DONE[provider], step: body}

        def answer(request: httpx.Request, answers: dict[str, Any] = answers) -> httpx.Response:
            if request.url.host == "files.example":
                return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})
            said = answers["submit" if request.method == "POST" else "poll"]
            return httpx.Response(200, content=json.dumps(said).encode())

        world = World(provider, "sync", answer, journal=journal)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", errors.VidgateWarning)
            outcome = make_film(world, tmp_path / f"{number}.mp4")
        assert len(world.posts) == 1
        entry = journal.entries()[-1]
        assert entry.task_id or entry.state == "unknown", (odd, outcome)
        world.close()
    assert len(journal.entries()) == len(ODD)
    journal.close()


def make_film(world: World, path: Path) -> str:
    """Submit, wait, download; the name of the error that ended it."""
    try:
        task = world.do(world.client.videos.create, **REQUESTS[world.client.provider.name])
        task = world.do(task.wait, timeout=60.0)
        world.do(task.download, path)
    except errors.VidgateError as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def test_what_cannot_be_reckoned_with_or_kept_is_left_out() -> None:
    """JSON as Python reads it knows NaN, and text in it may hold a NUL, which no file name takes."""
    odd = {"status": "comp\0leted", "progress": math.nan, "created": math.nan, "model": "a\0b", "id": "task-unified-1"}
    state = EVOLINK.read_task(odd, "task-unified-1")
    assert state is not None
    assert (state.status, state.model, state.progress, state.created) == ("comp?leted", "a?b", None, None)


@pytest.mark.parametrize("value", [2**63, "\ud800"], ids=ascii)
def test_a_value_that_no_database_takes_is_an_error_of_the_journal(value: object, tmp_path: Path) -> None:
    """Not one of the database, and the journal is as good as before."""
    database = Database(tmp_path / "journal.sqlite3", timeout=1.0)
    with pytest.raises(errors.JournalError), database.transaction("write") as connection:
        connection.execute("INSERT INTO facts VALUES ('odd', ?)", (value,))
    with database.transaction("read") as connection:
        assert connection.execute("SELECT count(*) FROM facts WHERE name = 'odd'").fetchone() == (0,)
    database.close()


DATES = (
    "Mon, 01 Jan 2020 00:00:00 +99999999999999999999999",
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2020 99999999999999999999:00:00 GMT",
    "Mon, 01 Jan 0001 00:00:00 -0000",
    "Mon, 99 Foo 2020",
    "soon",
    "-5",
    "1e9",
    "\u0663",
)


@pytest.mark.parametrize("value", DATES)
def test_a_retry_after_that_is_no_time_is_none(value: str) -> None:
    """No date that a header can spell ends in an exception."""
    assert retry_after(Reply(status=429, headers={"retry-after": value}), now=1.8e9) in {None, 0.0}


def test_a_retry_after_in_another_age_can_be_slept() -> None:
    """A server may ask for eight thousand years; no clock takes such a number."""
    asked = retry_after(Reply(status=429, headers={"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}), now=1.8e9)
    assert asked == LONGEST_ASKED


@pytest.mark.parametrize("number", [7, 10**15])
def test_an_id_that_is_a_number_is_an_id(number: int, tmp_path: Path) -> None:
    """No page has such ids; but the task is paid, and its number is all there is of it."""
    journal = Journal(tmp_path / "journal.sqlite3")
    world = World("evolink", "sync", lambda _: (200, {**CREATED["evolink"], "id": number}), journal=journal)
    task = world.client.videos.create(**REQUESTS["evolink"])
    task.refresh()
    assert world.requests[-1].url.path == f"/v1/tasks/{number}"
    assert [entry.task_id for entry in journal.entries()] == [str(number)]
    world.close()
    journal.close()


IDS = ("a/b", "..", "", " ", "x" * 10_000, "a\nb", "a b", True, 1.5, ["x"], None)


@pytest.mark.parametrize("odd", IDS, ids=lambda odd: ascii(odd)[:12])
def test_an_id_that_cannot_be_asked_for_is_an_unknown_outcome(odd: Any) -> None:
    """It goes into no address, and the submission is not sent again."""
    world = World("evolink", "sync", lambda _: (200, {**CREATED["evolink"], "id": odd}))
    with pytest.raises(errors.SubmitUnknown):
        world.client.videos.create(**REQUESTS["evolink"])
    assert len(world.requests) == 1
    world.close()


@pytest.mark.parametrize("status", [302, 303])
def test_a_redirect_to_what_was_done_is_no_refusal(status: int) -> None:
    """Many programs answer a POST that they carried out so; another provider must not be asked on that account."""
    worlds = [
        World(name, "sync", lambda _: httpx.Response(status, headers={"location": "https://x.example/tasks/1"}))
        for name in ("evolink", "apimart")
    ]
    client = Client([world.client for world in worlds])
    with pytest.raises(errors.SubmitUnknown):
        client.videos.create(model="omni-flash", prompt="A marble rolls", duration=6)
    assert [len(world.posts) for world in worlds] == [1, 0]
    for world in worlds:
        world.close()


JOURNALS = {"a name that no file can have": "a" * 300, "a home of nobody": "~nobody-at-all/journal.sqlite3"}


@pytest.mark.parametrize("name", JOURNALS)
def test_a_journal_that_cannot_be_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for it is an error of ours as well as writing to it."""
    monkeypatch.setenv("VIDGATE_JOURNAL", JOURNALS[name])
    with pytest.raises((errors.JournalError, errors.ConfigurationError)):
        default_entries()


def default_entries() -> int:
    """What `vidgate ls` does."""
    journal = default_journal()
    return 0 if journal is None else len(journal.entries())


PAGE = "<html><title>Attention required</title></html>"


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 405, 451, 502])
def test_pages_on_the_way_are_waited_out(status: int) -> None:
    """A page is no word of the provider's: what stands before it may step aside at any moment before the deadline."""
    pages = [httpx.Response(status, content=PAGE, headers={"location": "/login"})] * 20
    world = World("evolink", "sync", [(200, CREATED["evolink"]), *pages, (200, DONE["evolink"])])
    task = world.client.videos.create(**REQUESTS["evolink"]).wait(timeout=3_600.0)
    assert task.verdict == "completed"
    world.close()


def test_a_broken_reading_names_its_task() -> None:
    """Whoever reads the error alone knows which task it was."""
    world = World("evolink", "sync", lambda _: httpx.ConnectError("refused"))
    with pytest.raises(errors.ConnectionFailed) as caught:
        world.client.tasks.get("task-unified-1")
    assert caught.value.task_id == "task-unified-1"
    world.close()


def test_late_tasks_have_an_error_each() -> None:
    """The error of one task tells of that task, also where one deadline ends all waits."""
    world = World("evolink", "sync", lambda _: (200, CREATED["evolink"]))
    tasks = [Task(state_named(name, world.client.tasks.get("t")._state), world.client) for name in ("t-1", "t-2")]
    outcomes = world.client.wait_all(tasks, timeout=5.0, requests_per_second=0.01)
    late = [outcome.error.last_error for outcome in outcomes if outcome.error.last_error is not None]
    assert [error.task_id for error in late] == [outcome.task.id for outcome in outcomes if outcome.error.last_error]
    assert late
    world.close()


def state_named(name: str, state: TaskState) -> TaskState:
    """The same of another task."""
    return replace(state, id=name)
