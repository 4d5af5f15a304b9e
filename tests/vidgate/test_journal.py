"""The journal of paid submissions: written before and after, read by whoever comes next."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import APIMart, AsyncEvoLink, EvoLink, errors
from vidgate._effects import Changed, Failure, Keep, Now
from vidgate._journal import database
from vidgate._journal.flows import observed, recorded
from vidgate._journal.place import choose, default_path
from vidgate._journal.records import Accepted, Intent, NotAccepted, Seen, Ticket
from vidgate._providers import APIMART, EVOLINK, PROVIDERS
from vidgate._state import TaskState
from vidgate.journal import Entry, Journal
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


def create(world: Any, provider: str = "evolink", **options: Any) -> Any:
    client = world.client.with_options(**options) if options else world.client
    return world.do(client.videos.create, **REQUESTS[provider])


def only(path: Path) -> Entry:
    (entry,) = Journal(path).entries()
    return entry


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_the_intent_is_on_the_disk_before_the_post(open_world: Callable[..., Any], path: Path, provider: str) -> None:
    """While the provider reads the request, another process can read that it was sent; then its id stands there."""
    during: list[Entry] = []

    def answer(request: httpx.Request) -> Any:
        during.append(only(path))
        assert request.headers["idempotency-key"] == during[0].idempotency_key
        assert request.content == during[0].request
        return 200, ACCEPTED[provider]

    world = open_world(provider, answer, journal=path)
    create(world, provider)
    after = only(path)
    assert (during[0].state, during[0].task_id) == ("intent", None)
    assert (after.state, after.task_id, after.submit_id) == ("submitted", ID, during[0].submit_id)
    assert (after.request, after.request_hash) == (None, during[0].request_hash)
    assert after.model == REQUESTS[provider]["model"]
    assert (after.credits_reserved, after.links_expire) == (
        (12.5, 1_800_086_400.0) if provider == "evolink" else (None, None)
    )


OUTCOMES: dict[str, tuple[Any, str, bool]] = {
    "rejected": ((400, {"error": {"message": "no", "code": "invalid_parameter"}}), "rejected", False),
    "no connection": (httpx.ConnectError("refused"), "rejected", False),
    "no answer": (httpx.ReadTimeout("silence"), "unknown", True),
    "a gateway's page": ((502, "<html>bad gateway</html>"), "unknown", True),
    "no id": ((200, {"status": "pending"}), "unknown", True),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_is_kept(open_world: Callable[..., Any], path: Path, outcome: str) -> None:
    """Certainly rejected or unknown; the request stays only where it is needed for settling."""
    answer, state, kept = OUTCOMES[outcome]
    world = open_world("evolink", [answer], journal=path, attempts=1)
    with pytest.raises(errors.VidgateError) as caught:
        create(world)
    entry = only(path)
    assert (entry.state, entry.request is not None) == (state, kept)
    assert entry.error == caught.value.message
    if isinstance(caught.value, errors.SubmitUnknown):
        assert caught.value.submit_id == entry.submit_id
        assert f"vidgate recover {entry.submit_id}" in caught.value.hint


def garbage(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all, but it is long enough to have a header" * 20)


def another_program(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()


def newer(path: Path) -> None:
    Journal(path).fingerprint(b"")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def in_the_way(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")


def folder(path: Path) -> None:
    path.mkdir(parents=True)


BREAKAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "garbage": (garbage, "not a database"),
    "another program's": (another_program, "another program"),
    "newer": (newer, "newer vidgate"),
    "no folder": (in_the_way, "cannot be used"),
    "a folder": (folder, "cannot be used"),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_nothing_is_sent_without_a_journal(open_world: Callable[..., Any], path: Path, breakage: str) -> None:
    """A journal that cannot be written stops the submission before the POST, and says so."""
    spoil, text = BREAKAGES[breakage]
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    world = open_world("evolink", [], journal=path)
    with pytest.raises(errors.JournalError, match=text) as caught:
        create(world)
    assert caught.value.hint
    assert caught.value.task_id is None
    assert world.posts == []
    if breakage != "newer":
        assert before == (path.read_bytes() if path.is_file() else None), "the file was touched"


def test_nothing_is_sent_while_the_journal_is_locked(open_world: Callable[..., Any], path: Path) -> None:
    """Another process that holds the file for longer than the timeout stops the submission."""
    journal = Journal(path, timeout=0.0)
    journal.fingerprint(b"")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    world = open_world("evolink", [], journal=journal)
    with pytest.raises(errors.JournalError, match="locked"):
        create(world)
    holder.close()
    assert world.posts == []


def fill_up(journal: Journal) -> None:
    """Let the database grow no further, as on a full disk."""
    connection = journal._database._opened()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_nothing_is_sent_when_the_disk_is_full(open_world: Callable[..., Any], path: Path) -> None:
    """No place for the intent, no submission."""
    journal = Journal(path)
    journal.fingerprint(b"")
    fill_up(journal)
    world = open_world("evolink", [], journal=journal)
    with pytest.raises(errors.JournalError, match="full"):
        world.do(
            world.client.videos.create,
            **{**REQUESTS["evolink"], "prompt": "long " * 2_000},
        )
    assert world.posts == []


def spoil(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE submissions RENAME TO gone")
    connection.close()


def test_a_journal_that_breaks_after_the_post_gives_the_task_id(open_world: Callable[..., Any], path: Path) -> None:
    """The task is paid: its id is on the error, and the error says that it runs."""

    def answer(_: httpx.Request) -> Any:
        spoil(path)
        return 200, ACCEPTED["evolink"]

    world = open_world("evolink", answer, journal=path)
    with pytest.raises(errors.JournalError, match=ID) as caught:
        create(world)
    assert caught.value.task_id == ID
    assert "is paid" in caught.value.hint


def test_a_journal_that_breaks_does_not_hide_an_unknown_outcome(open_world: Callable[..., Any], path: Path) -> None:
    """SubmitUnknown with its keys comes through; the intent was written before."""

    def answer(_: httpx.Request) -> Any:
        spoil(path)
        return 502, "<html>"

    world = open_world("evolink", answer, journal=path)
    with pytest.raises(errors.SubmitUnknown) as caught:
        create(world)
    assert caught.value.submit_id
    assert caught.value.idempotency_key


def test_waiting_goes_on_when_the_journal_breaks(open_world: Callable[..., Any], path: Path) -> None:
    """The id is in the file already, so a reading only warns."""

    def answer(request: httpx.Request) -> Any:
        return 200, (ACCEPTED["evolink"] if request.method == "POST" else {"id": ID, "status": "processing"})

    world = open_world("evolink", answer, journal=path)
    create(world)
    spoil(path)
    with pytest.warns(errors.JournalWarning, match="cannot be used"):
        assert world.do(world.client.tasks.get, ID).status == "processing"


def files_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_the_key_is_nowhere_in_the_file(open_world: Callable[..., Any], path: Path) -> None:
    """Not when a server echoes it, not when somebody pastes it into the prompt, not as part of a path."""

    def answer(request: httpx.Request) -> Any:
        if b"echo" in request.content:
            return 400, {"error": {"message": f"bad key {KEY}", "code": KEY}}
        return 502, f"key {KEY}"

    world = open_world("evolink", answer, journal=path)
    for prompt in ("echo", "plain", f"my key is {KEY}"):
        with pytest.raises(errors.VidgateError):
            world.do(world.client.videos.create, **{**REQUESTS["evolink"], "prompt": prompt})
    entries = Journal(path).entries()
    assert [entry.state for entry in entries] == ["rejected", "unknown", "unknown"]
    assert [entry.request is not None for entry in entries] == [False, True, False]
    assert b"gemini-omni" in files_of(path)
    assert KEY.encode() not in files_of(path)
    assert KEY not in "".join(map(repr, entries))


def test_a_settled_prompt_is_erased(open_world: Callable[..., Any], path: Path) -> None:
    """A prompt is private: once the outcome is known and the journal closed, no byte of it is left."""
    world = open_world("evolink", [(200, ACCEPTED["evolink"])], journal=path)
    create(world)
    world.client.journal.close()
    assert b"secret cat" not in files_of(path)


@pytest.mark.parametrize(("keep", "kept"), [("always", True), ("never", False)])
def test_requests_are_kept_as_asked(open_world: Callable[..., Any], path: Path, keep: Any, kept: bool) -> None:  # noqa: FBT001
    """`always` keeps a settled one, `never` not even an open one."""
    answers = [(200, ACCEPTED["evolink"]), (502, "")]
    world = open_world("evolink", answers, journal=Journal(path, keep_requests=keep))
    create(world)
    with pytest.raises(errors.SubmitUnknown):
        create(world)
    assert [entry.request is not None for entry in Journal(path).entries()] == [kept, kept]


def test_the_file_is_its_owners(path: Path) -> None:
    """Nobody else may read it, whatever the umask."""
    earlier = os.umask(0)
    try:
        Journal(path).fingerprint(b"")
    finally:
        os.umask(earlier)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_reading_makes_no_file(path: Path) -> None:
    """Who only looks leaves nothing behind."""
    assert Journal(path).entries() == ()
    assert Journal(path).find("sub-1") is None
    assert not path.parent.exists()


# --- Settling


def unknown(open_world: Callable[..., Any], path: Path, provider: str, *later: Any, **options: Any) -> tuple[Any, str]:
    """A world whose first submission ended without an answer, and that submission's id."""
    world = open_world(provider, [httpx.ReadTimeout("silence"), *later], journal=path, **options)
    with pytest.raises(errors.SubmitUnknown) as caught:
        create(world, provider)
    assert caught.value.submit_id is not None
    return world, caught.value.submit_id


@pytest.mark.parametrize(("provider", "options"), [("apimart", {}), ("evolink", {"replay": True})])
def test_recover_sends_the_same_again(
    open_world: Callable[..., Any], path: Path, provider: str, options: dict[str, Any]
) -> None:
    """Same key, same bytes, same row; the task it finds is waited for as any other."""
    world, submit_id = unknown(open_world, path, provider, (200, ACCEPTED[provider]))
    assert world.do(world.client.recover, submit_id, **options).id == ID
    first, second = world.posts
    assert first.content == second.content
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    entry = only(path)
    assert (entry.submit_id, entry.state, entry.task_id, entry.request) == (submit_id, "submitted", ID, None)


def test_recover_is_honest_where_nothing_is_promised(open_world: Callable[..., Any], path: Path) -> None:
    """Without --replay nothing is sent to a provider that does not say that it remembers keys."""
    world, submit_id = unknown(open_world, path, "evolink")
    with pytest.raises(errors.SubmitUnknown, match="do not promise") as caught:
        world.do(world.client.recover, submit_id)
    assert (caught.value.submit_id, len(world.posts)) == (submit_id, 1)


def test_recover_stops_before_the_provider_forgets(open_world: Callable[..., Any], path: Path) -> None:
    """A day later the same key could be charged again."""
    world, submit_id = unknown(open_world, path, "apimart")
    world.clock.time += 86_400 - 599
    with pytest.raises(errors.SubmitUnknown, match="older than the 24 hours"):
        world.do(world.client.recover, submit_id)
    assert len(world.posts) == 1


def test_recover_needs_the_request(open_world: Callable[..., Any], path: Path) -> None:
    """A journal that keeps no requests says what else settles it."""
    world, submit_id = unknown(open_world, Journal(path, keep_requests="never"), "apimart")  # type: ignore[arg-type]
    with pytest.raises(errors.SubmitUnknown, match="idempotency_key="):
        world.do(world.client.recover, submit_id)
    assert len(world.posts) == 1


def test_a_rejected_second_attempt_proves_nothing(open_world: Callable[..., Any], path: Path) -> None:
    """The first one may have been accepted all the same, so it stays unknown."""
    refusal = (401, {"error": {"message": "key disabled", "code": "key_disabled"}})
    world, submit_id = unknown(open_world, path, "apimart", refusal)
    with pytest.raises(errors.AuthenticationError):
        world.do(world.client.recover, submit_id)
    assert (only(path).state, only(path).request is not None) == ("unknown", True)


def test_an_idempotency_key_of_ones_own_settles_its_row(open_world: Callable[..., Any], path: Path) -> None:
    """`with_options(idempotency_key=…)` is the same submission, whatever client sends it."""
    world, submit_id = unknown(open_world, path, "evolink", (200, ACCEPTED["evolink"]))
    create(world, idempotency_key=only(path).idempotency_key)
    assert (only(path).submit_id, only(path).task_id) == (submit_id, ID)


def test_two_tasks_under_one_key_are_both_kept(path: Path) -> None:
    """A provider that forgot a key makes a second task: it is paid, so it has a row."""
    journal = Journal(path)
    ticket = begin(journal, "key-0123456789abcdef")
    for number in (1, 2, 2):
        task = TaskState(provider="evolink", id=f"task-{number}", status="pending", verdict="running")
        journal.accept(Accepted(submit_id=ticket.submit_id, task=task, credits_reserved=1.0, links_expire=None), 1.0)
    journal.refuse(NotAccepted(submit_id=ticket.submit_id, certain=False, error="late"), 2.0)
    assert [entry.task_id for entry in journal.entries()][:2] == ["task-1", "task-2"]
    assert {entry.state for entry in journal.entries()} == {"submitted"}


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


# --- Coming back


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_another_process_goes_on(path: Path, tmp_path: Path, provider: Any) -> None:
    """What one client submitted, another one with the same key finds, waits for and saves."""
    from vidgate.simulator import ManualClock

    clock = ManualClock()
    sim = Simulator(provider, clock=clock, seconds=60.0, api_keys=(KEY, "sk-another-account"))
    kind = {"evolink": EvoLink, "apimart": APIMart}[provider]
    with kind(KEY, transport=sim.transport(), clock=clock, journal=path) as client:
        task = client.videos.create(**REQUESTS[provider])
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


# --- One file, many writers


def write_some(path: str, number: int) -> None:
    journal = Journal(path, timeout=60.0)
    for turn in range(10):
        ticket = begin(journal, f"key-{number}-{turn}-0123456789")
        journal.refuse(NotAccepted(submit_id=ticket.submit_id, certain=True, error="x"), 2.0)


def test_processes_share_a_file(path: Path) -> None:
    """Opened by all at once, before it exists; every row is there."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_some, args=(str(path), number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert [entry.state for entry in Journal(path).entries()] == ["rejected"] * 40


def test_threads_share_a_journal(path: Path) -> None:
    """One object, several threads."""
    journal = Journal(path)
    threads = [
        threading.Thread(target=lambda number=number: [begin(journal, f"key-{number}-{turn}") for turn in range(10)])
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.entries()) == 40


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the test runner has threads of its own
def test_a_fork_opens_the_file_anew(path: Path) -> None:
    """Parent and child write on; neither works with the other's connection."""
    journal = Journal(path)
    begin(journal, "parent-before-0123456789")
    child = os.fork()
    if child == 0:
        fine = False
        try:
            begin(journal, "child-0123456789abcdef")
            fine = True
        finally:
            os._exit(0 if fine else 1)
    journal.close()
    begin(journal, "parent-after-0123456789")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(journal.entries()) == 3


def test_nothing_is_open_while_a_process_forks(path: Path) -> None:
    """SQLite's own record of locks must not be inherited."""
    journal = Journal(path)
    begin(journal, "key-0123456789abcdef")
    database._before_fork()
    try:
        assert not journal._database.is_open
    finally:
        database._LOCK.release()


# --- Versions


def test_an_older_file_is_brought_forward(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each version has one step from the one before, done once and together with the number."""
    begin(Journal(path), "key-0123456789abcdef")
    steps = (*database.MIGRATIONS, ("ALTER TABLE submissions ADD COLUMN note TEXT",))
    monkeypatch.setattr(database, "MIGRATIONS", steps)
    for _ in range(2):
        journal = Journal(path)
        assert len(journal.entries()) == 1
        journal.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
    assert connection.execute("SELECT note FROM submissions").fetchall() == [(None,)]
    connection.close()


def test_a_failed_step_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a migration is none."""
    begin(Journal(path), "key-0123456789abcdef")
    steps = (*database.MIGRATIONS, ("ALTER TABLE submissions ADD COLUMN note TEXT", "NO SUCH STATEMENT"))
    with monkeypatch.context() as context:
        context.setattr(database, "MIGRATIONS", steps)
        with pytest.raises(errors.JournalError, match="syntax error"):
            begin(Journal(path), "other-0123456789abcdef")
    assert len(Journal(path).entries()) == 1


# --- Which clients have one


@pytest.mark.parametrize(
    ("variable", "given", "base_url", "transport", "kept"),
    [
        pytest.param(None, True, "", None, True, id="by default"),
        pytest.param("none", True, "", None, False, id="none in the environment"),
        pytest.param("here.sqlite3", True, "", None, True, id="a path in the environment"),
        pytest.param(None, False, "", None, False, id="switched off"),
        pytest.param(None, None, "", None, False, id="None"),
        pytest.param(None, True, "http://127.0.0.1:8080/evolink", None, False, id="this machine"),
        pytest.param(None, True, "", httpx.MockTransport(lambda _: httpx.Response(200)), False, id="a mock"),
        pytest.param(None, True, "", Simulator("evolink").transport(), False, id="the simulator"),
        pytest.param(None, True, "", httpx.HTTPTransport(), True, id="a real transport"),
        pytest.param("here.sqlite3", True, "", Simulator("evolink").transport(), True, id="named for the simulator"),
        pytest.param("none", "there.sqlite3", "", None, True, id="an argument beats the environment"),
    ],
)
def test_who_keeps_a_journal(  # noqa: PLR0917 - a row of the table
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    given: Any,
    base_url: str,
    transport: Any,
    kept: bool,  # noqa: FBT001
) -> None:
    """Whatever can cost something, unless somebody says otherwise; choosing touches no file."""
    if variable is None:
        monkeypatch.delenv("VIDGATE_JOURNAL")
    else:
        monkeypatch.setenv("VIDGATE_JOURNAL", variable)
    journal, _ = choose(given, base_url=base_url, transport=transport)
    assert (journal is not None) is kept
    if journal is not None:
        named = given if isinstance(given, str) else variable
        assert isinstance(journal, Journal)
        assert journal.path == (Path(named) if named else default_path())


def test_what_is_no_journal_is_refused() -> None:
    """A number is neither a path nor a journal; a policy that does not exist is said to."""
    with pytest.raises(errors.ConfigurationError, match="journal is int"):
        EvoLink(KEY, journal=5)  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="keep_requests"):
        Journal("x", keep_requests="sometimes")  # type: ignore[arg-type]


def test_a_handed_in_journal_stays_open(path: Path) -> None:
    """It is the caller's, and twins of a client close nothing either."""
    journal = Journal(path)
    journal.fingerprint(b"")
    with EvoLink(KEY, journal=journal):
        pass
    assert journal._database.is_open
    with EvoLink(KEY, journal=path) as client:
        own = client.journal
        assert isinstance(own, Journal)
        own.fingerprint(b"")
        with client.with_options(attempts=1):
            pass
        assert own._database.is_open
    assert not own._database.is_open


# --- The flows, by hand


def flow_of(*effects: Any, result: Any) -> Any:
    def flow() -> Any:
        yield from effects
        if isinstance(result, Exception):
            raise result
        return result

    return flow()


TASK = TaskState(provider="evolink", id=ID, status="pending", verdict="running", submitted=True)
INTENT = Intent(model="m", content=b"{}", idempotency_key="key-0123456789abcdef")
FAILURE = Failure(error=errors.JournalError("full"))


def drive(flow: Any, *answers: Any) -> tuple[list[Any], Any]:
    """The effects, and the result or the error."""
    seen: list[Any] = []
    given = iter(answers)
    answer: Any = None
    try:
        while True:
            effect = flow.send(answer)
            seen.append(effect)
            answer = next(given) if isinstance(effect, Keep) else None
    except StopIteration as stop:
        return seen, stop.value
    except errors.VidgateError as error:
        return seen, error


def test_the_flow_sends_only_after_the_intent() -> None:
    """A failed intent ends it before the first effect of the submission."""
    effects, error = drive(recorded(flow_of(Now(), result=TASK), INTENT, EVOLINK), FAILURE)
    assert ([type(effect) for effect in effects], error) == ([Keep], FAILURE.error)
    effects, result = drive(
        recorded(flow_of(Now(), result=TASK), INTENT, EVOLINK), Ticket(submit_id="s", fresh=True), None
    )
    assert ([type(effect) for effect in effects], result) == ([Keep, Now, Keep], TASK)


@pytest.mark.parametrize("fresh", [True, False])
def test_the_flow_knows_what_a_rejection_proves(fresh: bool) -> None:  # noqa: FBT001
    """Only a first attempt is certainly without a task."""
    refusal = errors.BadRequest("no", status=400)
    ticket = Ticket(submit_id="s", fresh=fresh)
    effects, error = drive(recorded(flow_of(result=refusal), INTENT, APIMART), ticket, None)
    assert error is refusal
    assert effects[-1].record.certain is fresh


def test_readings_are_kept_once() -> None:
    """Progress alone writes nothing; a new status does."""
    states = [
        TaskState(provider="evolink", id=ID, status=status, verdict="running", progress=progress)
        for progress, status in enumerate(("pending", "pending", "processing", "processing"))
    ]
    effects, _ = drive(observed(flow_of(*map(Changed, states), result=states[-1])), None, None)
    assert [
        effect.record.task.status for effect in effects if isinstance(effect, Keep) and isinstance(effect.record, Seen)
    ] == ["pending", "processing"]


def test_every_provider_says_whether_a_key_is_remembered() -> None:
    """With evidence, because money hangs on it; a stated licence has an end."""
    for row in PROVIDERS.values():
        assert row.resend.evidence
        assert (row.resend.basis == "stated") == (row.resend.seconds is not None)
    assert "recover sub-1 --replay" in EVOLINK.resend.advice("sub-1")
    assert "within 24 hours" in APIMART.resend.advice("sub-1")


def test_a_cancelled_submission_is_left_as_an_intent(path: Path) -> None:
    """A task group that gives up in the middle of a POST leaves a row that can be settled."""
    import asyncio

    async def run() -> None:
        started = asyncio.Event()

        async def hang(_: httpx.Request) -> httpx.Response:
            started.set()
            await asyncio.Event().wait()
            raise AssertionError

        async with AsyncEvoLink(KEY, transport=httpx.MockTransport(hang), journal=path) as client:
            submission = asyncio.create_task(client.videos.create_from(REQUESTS["evolink"]))
            await started.wait()
            submission.cancel()
            with pytest.raises(asyncio.CancelledError):
                await submission

    asyncio.run(run())
    entry = only(path)
    assert entry.state == "intent"
    assert json.loads(entry.request or b"") == REQUESTS["evolink"]
