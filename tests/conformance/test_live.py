"""Live runs: nothing without consent, key and budget; never more than the budget; what is free first."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance import _command
from conformance._judge import judge_reach
from conformance._live import attach, prices_in, size_of, write_cassettes
from conformance._run import Run
from conformance._secrets import Redactor
from conformance._subject import load
from conformance._verdict import NotApplicable, Postponed, SubjectError
from conformance.requirements import load as requirements
from conformance.subjects import Budget, Reach
from tests.conformance.playing_live import playing_live
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance._results import Report
    from conformance._settings import ProviderName

KEY = "sk-live-0123456789-secret"
FILE = """
provider = "evolink"
base_url = "{url}"
profile = "live"
[tokens]
valid = "{key}"
[tasks]
seconds = 0.2
[budget]
max_paid_requests = 3
max_credits = 500
"""


class Counter:
    """A server on this machine that counts connections, and answers none."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.connections = 0
        self.thread = threading.Thread(target=self._count, daemon=True)
        self.thread.start()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


@pytest.fixture
def counter() -> Iterator[Counter]:
    """A counting server."""
    server = Counter()
    yield server
    server.socket.close()


def run_on(reach: Reach) -> Run:
    """A run that nobody drives."""
    provider = reach.subject.provider
    return Run(reach=reach, contract=load(provider).contract, requirements=requirements(provider))


@pytest.mark.parametrize(
    ("edit", "arguments", "told"),
    [
        pytest.param(lambda text: text, (), "--live", id="no-consent"),
        pytest.param(lambda text: text.replace(f'valid = "{KEY}"', ""), ("--live",), "valid", id="no-key"),
        pytest.param(lambda text: text.partition("[budget]")[0], ("--live",), "[budget]", id="no-budget"),
        pytest.param(
            lambda text: text.replace("max_credits = 500", ""), ("--live",), "max_credits", id="no-bound-of-credits"
        ),
        pytest.param(
            lambda text: text.replace("max_paid_requests = 3", ""), ("--live",), "max_paid_requests", id="no-bound"
        ),
        pytest.param(
            lambda text: text.replace("max_credits = 500", "max_credits = inf"),
            ("--live",),
            "max_credits",
            id="infinite",
        ),
    ],
)
def test_nothing_is_sent(
    *,
    edit: Callable[[str], str],
    arguments: tuple[str, ...],
    told: str,
    counter: Counter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without consent, key or budget no connection is made, and the sentence says what is missing."""
    file = tmp_path / "subject.toml"
    file.write_text(edit(FILE.format(url=counter.url, key=KEY)), encoding="utf-8")
    assert _command.main(["run", "--subject", str(file), *arguments]) == 2
    shown = capsys.readouterr().err
    assert told in shown
    assert KEY not in shown
    assert counter.connections == 0


def test_the_counter_counts(counter: Counter, tmp_path: Path) -> None:
    """With consent, key and budget the same run does connect: the test above can fail."""
    file = tmp_path / "subject.toml"
    file.write_text(FILE.format(url=counter.url, key=KEY), encoding="utf-8")
    assert _command.main(["run", "--subject", str(file), "--live"]) == 2
    assert counter.connections > 0


@pytest.mark.parametrize(
    "budget", [None, Budget(max_paid_requests=0, max_credits=5), Budget(max_paid_requests=3, max_credits=0)]
)
def test_a_guard_needs_a_budget(budget: Budget | None) -> None:
    """Whoever calls the suite from Python is refused as well."""
    report, made = playing_live("evolink", judge_reach, budget=budget)
    assert "[budget]" in report.faults[0]
    assert made[0].ledger == ()
    assert report.run.exchanges == []


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_budget_is_kept(provider: ProviderName, most: int) -> None:
    """Never more paid requests than allowed, and the report says what was spent, as the server's own ledger does."""
    budget = Budget(max_paid_requests=most, max_credits=500)
    report: Report
    report, made = playing_live(provider, judge_reach, budget=budget)
    charges = made[0].ledger
    assert report.faults == ()
    assert [entry.requirement.id for entry in report.judged if entry.result in {"fail", "error"}] == []
    assert 1 <= len(charges) <= most
    assert len(report.run.paid) == len(charges)
    assert sum(charge.credits for charge in charges) <= 500
    assert report.run.credits is not None
    assert sum(charge.credits for charge in charges) <= report.run.credits <= 500


@pytest.mark.parametrize("most", [30, 70, 131, 500])
def test_credits_are_kept(most: int) -> None:
    """A longer video is dearer in proportion: what has no room for that is not submitted."""
    report, made = playing_live("evolink", judge_reach, budget=Budget(max_paid_requests=9, max_credits=most))
    assert report.faults == ()
    assert report.run.credits is not None
    assert 30 <= sum(task.credits for task in made[0].ledger) <= report.run.credits <= most


@pytest.mark.parametrize(
    ("body", "size"),
    [
        pytest.param({"duration": 4}, 4.0, id="seconds"),
        pytest.param({}, 10.0, id="no-length-is-the-longest"),
        pytest.param({"duration": "auto"}, 10.0, id="auto"),
        pytest.param({"duration": 4, "resolution": "4K"}, 36.0, id="picture"),
        pytest.param({"duration": 4, "resolution": "8k"}, 36.0, id="unknown-picture"),
        pytest.param({"duration": 11}, 11.0, id="too-long"),
        pytest.param({"duration": -1}, 10.0, id="nonsense"),
        pytest.param(None, 10.0, id="no-body"),
    ],
)
def test_the_size_of_a_request(body: Any, size: float) -> None:
    """What it makes at most decides how much is reserved."""

    def judge(reach: Reach) -> float:
        return size_of(body, run_on(reach))

    found, _ = playing_live("apimart", judge, budget=None)
    assert found == size


def test_what_is_free_comes_first() -> None:
    """The first paid submission comes after the last refusal."""
    report, _ = playing_live("evolink", judge_reach, budget=Budget(max_paid_requests=3, max_credits=500))
    submitting = report.run.submitting
    sent = [one for one in report.run.exchanges if one.operation is submitting and one.method == "POST"]
    first_paid = next(index for index, one in enumerate(sent) if one.ok)
    assert first_paid > 50
    assert all(one.ok for one in sent[first_paid:])


def accepts_all(**options: Any) -> Simulator:
    """A server that takes whatever it is given."""
    contract = json.loads(json.dumps(load("evolink").contract.document))
    for name, schema in contract["components"]["schemas"].items():
        if name.endswith("Request") and "properties" in schema:
            contract["components"]["schemas"][name] = {
                **schema,
                "required": [],
                "properties": {
                    field: ({} if field != "model" else inner) for field, inner in schema["properties"].items()
                },
            }
    return Simulator("evolink", contract=contract, **options)


def test_an_acceptance_that_should_be_a_refusal_stops_all() -> None:
    """One wrong body is accepted, counted and found; after it nothing that could cost is sent."""
    report, made = playing_live(
        "evolink", judge_reach, budget=Budget(max_paid_requests=3, max_credits=500), build=accepts_all
    )
    assert len(made[0].ledger) == 1
    assert report.state == "not conformant"
    posts = [one for one in report.run.exchanges if one.method == "POST"]
    assert posts[-1].ok
    skipped = {entry.message for entry in report.judged if entry.result == "skip"}
    assert any(f"#{posts[-1].number} had to be refused and was accepted" in message for message in skipped)


def test_a_guard_reserves_before_it_sends() -> None:
    """Valid bodies wait while anything free is left; a refusal needs room for its worst case."""

    def judge(reach: Reach) -> None:
        run = run_on(reach)
        guard = attach(run)
        body = {"model": "gemini-omni-flash-text-to-video", "prompt": "a kite", "duration": 3}
        with pytest.raises(Postponed):
            run.client().submit(body)
        assert run.client().submit({"model": "x"}).status == 400
        assert (guard.accepted, guard.left) == (0, 2)
        run.postponing = False
        assert run.client().submit(body).ok
        assert (guard.accepted, guard.left, run.credits) == (1, 1, 30.0)
        assert run.client().submit(body).ok
        with pytest.raises(NotApplicable, match="2 of 2 paid requests"):
            run.client().submit({"model": "x"})
        assert run.client().poll("task-unified-1-00000000").status in {400, 404}

    playing_live("evolink", judge, budget=Budget(max_paid_requests=2, max_credits=500))


class Losing(httpx.BaseTransport):
    """Delivers every request, and loses every answer."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver, and lose the answer."""
        self.inner.handle_request(request)
        raise httpx.ReadTimeout("lost")


def test_a_lost_answer_counts_as_paid() -> None:
    """Where nobody knows whether a submission counts, the budget says it does; a query costs nothing."""

    def judge(reach: Reach) -> None:
        run = run_on(dataclasses.replace(reach, transport=Losing(reach.transport)))
        guard = attach(run)
        run.postponing = False
        body = {"model": "gemini-omni-flash-text-to-video", "prompt": "a kite", "duration": 3}
        assert run.client().submit(body).fault == "timeout"
        assert run.client().poll("task-unified-1-00000000").fault == "timeout"
        assert (guard.accepted, guard.left, run.credits) == (1, 1, 250.0)
        assert run.client().submit({"model": "x"}).fault == "timeout"
        assert (guard.accepted, guard.left) == (2, 0)
        with pytest.raises(NotApplicable, match="2 of 2 paid requests"):
            run.client().submit(body)

    _, made = playing_live("evolink", judge, budget=Budget(max_paid_requests=2, max_credits=500))
    assert len(made[0].ledger) == 1


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"id": "t", "usage": {"credits_reserved": 30}}, [("t", 30.0)]),
        ({"code": 200, "data": {"id": "t", "credits_cost": 4, "status": "completed"}}, [("t", 4.0)]),
        ({"code": 200, "data": {"id": "t", "credits_cost": 0, "status": "pending"}}, []),
        ({"code": 200, "data": [{"task_id": "t"}]}, []),
        ({"id": "t", "usage": {"credits_reserved": "30"}}, []),
        ({"id": "t", "usage": {"credits_reserved": True}}, []),
        (None, []),
    ],
)
def test_prices_are_read(answer: Any, found: list[tuple[str, float]]) -> None:
    """Only numbers are prices, and one that is told while the task runs is none yet."""
    assert list(prices_in(answer)) == found


def test_cassettes_have_no_key(tmp_path: Path) -> None:
    """Everything that went over the wire is kept, a line each, with the key masked wherever it stood."""

    def echoes(**options: Any) -> Simulator:
        return Simulator("evolink", api_keys=(KEY,), **options)

    def judge(reach: Reach) -> Run:
        run = run_on(reach)
        attach(run)
        run.client().submit({"model": KEY, "prompt": KEY})
        return run

    run, _ = playing_live("evolink", judge, budget=Budget(max_paid_requests=2, max_credits=5), build=echoes, key=KEY)
    (file,) = write_cassettes([run], tmp_path, Redactor((KEY,)))
    text = file.read_text(encoding="utf-8")
    assert [json.loads(line)["number"] for line in text.splitlines()] == [1]
    assert KEY not in text
    assert "[key]" in text


def test_no_guard_no_run() -> None:
    """A subject that lost its key is refused before anything is sent."""

    def judge(reach: Reach) -> None:
        with pytest.raises(SubjectError, match="valid"):
            attach(run_on(reach))

    playing_live("evolink", judge, budget=Budget(max_paid_requests=2, max_credits=5), key="")


def test_a_whole_live_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command on a server of this machine: within its budget; spending and cassette in the reports, no key."""
    simulator = Simulator("evolink", seconds=0.2, api_keys=(KEY,))
    file, reports = tmp_path / "subject.toml", tmp_path / "reports"
    with simulator.running() as url:
        file.write_text(FILE.format(url=url, key=KEY), encoding="utf-8")
        few = ("--only", "EVO-REQ-DURATION-MAX", "EVO-TASK-RESULTS", "EVO-TASK-ID-STABLE")
        code = _command.main(["run", "--subject", str(file), "--live", "--report", str(reports), *few])
    shown = capsys.readouterr()
    assert (code, shown.err) == (0, "")
    assert 1 <= len(simulator.ledger) <= 3
    (run,) = json.loads((reports / "report.json").read_text(encoding="utf-8"))["runs"]
    assert run["verdict"] == "conformant"
    assert run["spending"]["budget"] == {"max_paid_requests": 3, "max_credits": 500}
    assert run["spending"]["paid_tasks"] == len(simulator.ledger)
    assert sum(charge.credits for charge in simulator.ledger) <= run["spending"]["credits"] <= 500
    names = sorted(path.name for path in reports.iterdir())
    assert names == ["badge.svg", "cassette-1-evolink.jsonl", "index.html", "junit.xml", "report.json"]
    cassette = (reports / "cassette-1-evolink.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(cassette) == run["spending"]["requests"]
    assert [name for name in names if KEY in (reports / name).read_text(encoding="utf-8")] == []
    assert KEY not in shown.out
