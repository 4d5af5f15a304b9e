"""A batch on an engine: what the local one promises, kept by workers that share nothing but the database."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from vidgate import APIMart, EvoLink, errors
from vidgate.cli import main
from vidgate.cluster import Cluster, PostgresJournal, run_worker
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.vidgate.cluster.conftest import Server

pytestmark = pytest.mark.cluster

MODELS = {"evolink": "gemini-omni-flash-text-to-video", "apimart": "Omni-Flash-Ext"}
SECRET_PROMPT = "nobody else's business"


class Site:
    """A simulator on a port, a database, and the environment that workers see."""

    def __init__(self, provider: str, url: str, base: str, simulator: Simulator) -> None:
        self.provider, self.url, self.base, self.simulator = provider, url, base, simulator
        self.told: list[str] = []
        kinds: dict[str, Any] = {"evolink": EvoLink, "apimart": APIMart}
        self.client = kinds[provider](journal=url)
        self.cluster = Cluster(self.client)

    def dispatch(self, count: int, *, prompt: str = "A paper boat", **options: Any) -> int:
        """Hand over so many items, named by their numbers."""
        request = {"model": MODELS[self.provider], "prompt": prompt, "duration": 6}
        return self.cluster.dispatch("posters", [(str(number), request) for number in range(count)], **options)

    def standings(self, count: int, *, saving: bool = False) -> list[str]:
        """How it stands with each."""
        found = self.cluster.progress("posters", map(str, range(count)), saving=saving)
        return [one.standing for one in found]

    def work(self, count: int, *, saving: bool = False, until: str = "", **options: Any) -> list[str]:
        """Run a worker until nothing is in the engine's hands, or until it has said something; the standings then."""

        def finished() -> bool:
            said = until and any(until in line for line in self.told)
            return bool(said) or not {"waiting", "running"} & set(self.standings(count, saving=saving))

        self.work_until(finished, **options)
        return self.standings(count, saving=saving)

    def work_until(self, finished: Callable[[], bool], **options: Any) -> None:
        """Run a worker, and tell it to stop as a supervisor would."""

        async def run() -> None:
            working = asyncio.create_task(run_worker(self.url, tell=self.told.append, **options))
            for _ in range(600):
                await asyncio.sleep(0.1)
                if working.done() or await asyncio.to_thread(finished):
                    break
            if not working.done():
                os.kill(os.getpid(), signal.SIGTERM)
            await working

        asyncio.run(run())

    @property
    def tasks(self) -> list[Any]:
        """What the provider has accepted."""
        return list(self.simulator.tasks._tasks.values())

    def jobs(self) -> int:
        """How many rows the engine has."""
        with psycopg.connect(PostgresJournal(self.url).conninfo) as connection:
            row = connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'vidgate'").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(params=["evolink"])
def site(request: pytest.FixtureRequest, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """EvoLink unless a test says otherwise."""
    provider = request.param
    simulator = Simulator(provider, seconds=0.2, api_keys=("sim-key",))
    with simulator.running() as base:
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", "sim-key")
        monkeypatch.setenv(f"{provider.upper()}_BASE_URL", base)
        made = Site(provider, url, base, simulator)
        yield made
        made.client.close()


both = pytest.mark.parametrize("site", ["evolink", "apimart"], indirect=True)


@both
def test_every_item_is_submitted_waited_for_and_saved(site: Site, server: Server, tmp_path: Path) -> None:
    """One charge and one file each; then the database has no key, no request and no job."""
    assert site.dispatch(6, prompt=SECRET_PROMPT, into=tmp_path / "out") == 6
    assert site.standings(6, saving=True) == ["waiting"] * 6
    assert site.work(6, saving=True) == ["done"] * 6
    assert len(site.tasks) == 6
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{number}.mp4" for number in range(6)]
    assert [line for line in site.told if ": saved " not in line] == []
    dump = _dump(server, site.url)
    assert "sim-key" not in dump
    assert SECRET_PROMPT not in dump
    assert "posters" in dump
    assert site.jobs() <= 1  # the sweep that may be due


def _dump(server: Server, url: str) -> str:
    name = url.partition("@/")[2].partition("?")[0]
    program = Path(os.environ["VIDGATE_POSTGRES"]) / "pg_dump"
    command = (str(program), "-h", str(server.place), "-U", "tests", name)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_key_is_not_in_the_database_while_jobs_wait(site: Site, server: Server) -> None:
    """The request is: a worker has to have it."""
    site.dispatch(2, prompt=SECRET_PROMPT)
    dump = _dump(server, site.url)
    assert SECRET_PROMPT in dump
    assert "sim-key" not in dump


def test_no_more_than_asked_for_are_in_flight(site: Site) -> None:
    """The engine's own locks hold the rest back, whatever the worker could do at a time."""
    site.dispatch(7, max_in_flight=2)
    site.work(7, concurrency=7)
    spans = [(task.created, task.finished) for task in site.tasks]
    assert len(spans) == 7
    assert max(sum(begun <= start < end for begun, end in spans) for start, _ in spans) <= 2


def test_a_second_dispatch_hands_over_nothing(site: Site, tmp_path: Path) -> None:
    """Neither what is in the engine's hands nor what is done."""
    assert site.dispatch(4, into=tmp_path) == 4
    assert site.dispatch(4, into=tmp_path) == 0
    site.work(4, saving=True)
    assert site.dispatch(4, into=tmp_path) == 0
    assert site.dispatch(5, into=tmp_path) == 1
    assert site.work(5, saving=True) == ["done"] * 5
    assert len(site.tasks) == 5


def test_the_ceiling_holds_among_workers(site: Site) -> None:
    """The items that would lead beyond it are not submitted, though ten are tried at once."""
    with httpx.Client() as http:
        assert http.get(f"{site.base}/__sim/ledger").json() == {"charges": []}
    site.dispatch(8, max_in_flight=8, max_credits=130.0, credits_per_item=60.0)
    assert sorted(site.work(8)) == ["done", "done", *["left"] * 6]
    assert len(site.tasks) == 2
    assert sum("120 of 130 credits are spent" in line for line in site.told) == 6


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("EVOLINK_API_KEY", "sim-other-account", "dispatched with another API key"),
        ("EVOLINK_BASE_URL", "http://127.0.0.1:9", "this worker calls http://127.0.0.1:9"),
    ],
)
def test_a_worker_does_no_work_of_others(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """Its key would pay a second time, and its key never goes to an address from the database."""
    site.dispatch(1)
    monkeypatch.setenv(name, value)
    assert site.work(1, until=said) == ["waiting"]
    assert [line for line in site.told if said in line]
    assert site.tasks == []


def test_unknown_outcomes_are_listed_and_three_stop_the_batch(site: Site) -> None:
    """None is sent again; the hint names the command, and after it the rest is taken up."""
    site.simulator.fail_next(502, operation="submit", times=99, accepted=True)
    site.dispatch(6, max_in_flight=1)
    assert sorted(site.work(6)) == [*["left"] * 3, *["unknown"] * 3]
    assert len(site.tasks) == 3
    unknown = [one for one in site.cluster.progress("posters", map(str, range(6)), saving=False) if one.hint]
    assert all(one.entry is not None and f"vidgate recover {one.entry.submit_id}" in one.hint for one in unknown)
    httpx.delete(f"{site.base}/__sim/faults").raise_for_status()
    for one in unknown:
        assert one.entry is not None
        site.client.recover(one.entry.submit_id, replay=True)
    assert site.dispatch(6) == 6
    assert site.work(6) == ["done"] * 6
    assert len(site.tasks) == 6


@pytest.mark.parametrize("site", ["apimart"], indirect=True)
def test_an_unknown_outcome_is_asked_for_where_the_provider_says_it_may_be(site: Site) -> None:
    """With the same key, so the task of the first submission answers."""
    site.simulator.fail_next(502, operation="submit", accepted=True)
    site.dispatch(1)
    assert site.work(1) == ["unknown"]
    assert site.dispatch(1) == 1
    assert site.work(1) == ["done"]
    assert len(site.tasks) == 1


def test_a_refused_request_and_a_failed_task_end_their_items_only(site: Site) -> None:
    """A refused one may be handed over again; a failed one is not paid for again."""
    good = {"model": MODELS["evolink"], "prompt": "A paper boat", "duration": 6}
    items = {"bad": {**good, "duration": 99}, "failed": {**good, "prompt": "POLICY_VIOLATION"}, "good": good}

    def standings() -> dict[str, str]:
        return {one.item: one.standing for one in site.cluster.progress("mixed", items, saving=False)}

    site.cluster.dispatch("mixed", items.items())
    site.work_until(lambda: not {"waiting", "running"} & set(standings().values()))
    assert standings() == {"bad": "left", "failed": "failed", "good": "done"}
    assert any(line.startswith("failed: The task failed") for line in site.told)
    assert any(line.startswith("bad: ") for line in site.told)


def test_a_worker_that_is_told_to_stop_finishes_what_runs(site: Site) -> None:
    """The submission under way becomes a task in the journal, not an open question."""
    site.simulator.latency = 0.5
    site.dispatch(3, max_in_flight=3)
    site.work_until(lambda: bool(site.client.pending()))
    entries = site.client.pending()
    assert {entry.state for entry in entries} == {"submitted"}
    assert len(entries) == len(site.tasks)


def test_the_commands(site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`batch --on` hands over and tells how it stands; `ls` reads the same journal."""
    body = {"item": "a", "model": MODELS["evolink"], "prompt": "x", "duration": 6}
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(body), encoding="utf-8")
    command = ["batch", "posters", str(source), "--on", site.url, "--into", str(tmp_path / "out")]
    assert main(command) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "1 of 1 items handed to the workers" in err
    assert "vidgate worker --on" in err
    worker = subprocess.Popen(
        (sys.executable, "-m", "vidgate.cli", "worker", "--on", site.url),
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert main([*command, "--wait"]) == 0
        (row,) = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        assert (row["item"], row["done"], row["files"]) == ("a", True, [str(tmp_path / "out" / "a.mp4")])
    finally:
        worker.terminate()
        _, said = worker.communicate(timeout=60)
    assert worker.returncode == 0, said
    assert "a: saved" in said
    assert "Traceback" not in said


def test_a_client_without_a_database_has_no_cluster(tmp_path: Path) -> None:
    """Its journal is a file."""
    with EvoLink("sk-0123456789", journal=tmp_path / "x") as client, pytest.raises(errors.ConfigurationError):
        Cluster(client)


@pytest.mark.parametrize(
    ("name", "prompt"),
    [("a\0b", "x"), ("a\ud800", "x"), ("", "x"), ("a", "one\0two"), ("0", "x")],
    ids=["NUL", "half a pair", "empty", "NUL in the request", "twice"],
)
def test_what_the_database_cannot_hold_is_refused_as_a_whole(site: Site, name: str, prompt: str) -> None:
    """None of the batch is in the engine's hands then."""
    good = {"model": MODELS["evolink"], "prompt": "x", "duration": 6}
    with pytest.raises(errors.ConfigurationError, match="Nothing was handed over"):
        site.cluster.dispatch("posters", [("0", good), (name, {**good, "prompt": prompt})])
    assert site.standings(1) == ["left"]


def test_a_changed_request_is_not_paid_but_told(site: Site) -> None:
    """As in a local batch."""
    site.dispatch(1)
    site.work(1)
    with pytest.warns(errors.RequestAdvice, match="submitted with another request"):
        assert site.dispatch(1, prompt="A kite") == 0
    assert len(site.tasks) == 1
