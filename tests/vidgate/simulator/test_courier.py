"""Callbacks that are sent by themselves: as a clock moves, or in the background of a served simulator."""

from __future__ import annotations

import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate.simulator import ManualClock, Simulator, relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOOK = "https://example.com/hook"
FIELDS = {"evolink": "callback_url", "apimart": "webhook"}
PAUSES = {"evolink": [1.0, 2.0, 4.0], "apimart": [10.0, 30.0, 60.0]}


class Sink:
    """Answers with the statuses given, the last one for ever, and keeps when what came where."""

    def __init__(self, clock: ManualClock, *statuses: int, slow: float = 0.0) -> None:
        self.clock = clock
        self.statuses = list(statuses)
        self.slow = slow
        self.posts: list[tuple[float, str, dict[str, Any]]] = []

    def __call__(self, body: bytes, headers: Mapping[str, str], url: str) -> int:
        self.posts.append((self.clock.now(), url, json.loads(body)))
        self.clock.advance(self.slow)
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


def submit(client: httpx.Client, provider: str, **changes: Any) -> str:
    """Submit a task with a callback address; return its id."""
    requests: dict[str, dict[str, Any]] = {
        "evolink": {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls"},
        "apimart": {"model": "Omni-Flash-Ext", "prompt": "A marble rolls"},
    }
    body = {**requests[provider], FIELDS[provider]: HOOK, **changes}
    answer = client.post("/v1/videos/generations", json=body, headers={"Authorization": "Bearer sim-key"}).json()
    return str(answer["id"] if provider == "evolink" else answer["data"][0]["task_id"])


class Office:
    """A simulator on a manual clock that sends into a sink."""

    def __init__(self, provider: Any, *statuses: int, slow: float = 0.0, **arguments: Any) -> None:
        self.clock = ManualClock(1000.0)
        self.sink = Sink(self.clock, *(statuses or (200,)), slow=slow)
        self.simulator = Simulator(provider, clock=self.clock, egress=self.sink, **arguments)
        self.client = httpx.Client(transport=self.simulator.transport(), base_url=self.simulator.base_urls[0])
        self.provider = provider

    def submit(self, **changes: Any) -> str:
        """Submit a task."""
        return submit(self.client, self.provider, **changes)

    @property
    def times(self) -> list[float]:
        """When the sink was called."""
        return [at for at, *_ in self.sink.posts]


@pytest.fixture(params=["evolink", "apimart"])
def provider(request: pytest.FixtureRequest) -> str:
    """Each provider."""
    return str(request.param)


def test_a_callback_is_sent_the_moment_the_task_ends(provider: str) -> None:
    """However far the clock jumps, the callback goes out at the task's end, with the task as it then stands."""
    office = Office(provider)
    task = office.submit()
    office.clock.advance(59.9)
    assert office.sink.posts == []
    office.clock.advance(500)
    ((at, url, body),) = office.sink.posts
    assert (at, url) == (1060.0, HOOK + ("/callback" if provider == "apimart" else ""))
    assert (body["id"], body["status"]) == (task, "completed")
    assert [delivery.delivered for delivery in office.simulator.deliveries] == [True]


@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_a_receiver_that_fails_is_called_three_times_more(provider: str, scale: float) -> None:
    """After the documented pauses, shortened by the scale; then it is given up."""
    office = Office(provider, 500, time_scale=scale)
    office.submit()
    office.clock.advance(1000)
    pauses = [later - earlier for earlier, later in itertools.pairwise(office.times)]
    assert pauses == pytest.approx([pause * scale for pause in PAUSES[provider]])
    assert not office.simulator.deliveries[0].delivered
    assert office.clock.now() == 2000.0


def test_success_ends_it(provider: str) -> None:
    """One failure, one repetition."""
    office = Office(provider, 503, 204)
    office.submit()
    office.clock.advance(1000)
    assert [attempt.status for attempt in office.simulator.deliveries[0].attempts] == [503, 204]


def test_patience_ends_after_ten_seconds(provider: str) -> None:
    """An answer that comes later is none, and the pause counts from then."""
    office = Office(provider, 200, slow=10.5)
    office.submit()
    office.clock.advance(1000)
    (delivery,) = office.simulator.deliveries
    assert [attempt.fault for attempt in delivery.attempts] == ["timeout"] * 4
    first, second = office.times[:2]
    assert second - first == 10.5 + PAUSES[provider][0]


def test_tasks_are_called_back_in_the_order_in_which_they_end(provider: str) -> None:
    """Repetitions of one do not hold up another."""
    office = Office(provider, 500, 200)
    first = office.submit()
    office.clock.advance(0.5)
    second = office.submit()
    office.clock.advance(1000)
    assert [body["id"] for _, _, body in office.sink.posts] == [first, second, first]


def test_a_connection_that_breaks_is_a_failed_try() -> None:
    """What httpx raises for it is recorded and repeated."""
    clock = ManualClock()

    def broken(*_: object) -> int:
        raise httpx.ConnectError("refused")

    simulator = Simulator("evolink", clock=clock, egress=broken)
    with httpx.Client(transport=simulator.transport(), base_url=simulator.base_urls[0]) as client:
        submit(client, "evolink")
    clock.advance(1000)
    assert [attempt.fault for attempt in simulator.deliveries[0].attempts] == ["ConnectError"] * 4


def test_a_cancelled_task_is_called_back_at_once(provider: str) -> None:
    """It costs nothing, stays cancelled, and cannot be cancelled again."""
    office = Office(provider)
    task = office.submit()
    office.clock.advance(30)
    assert office.client.post(f"/__sim/tasks/{task}/cancel").json() == {"cancelled": task}
    office.clock.advance(1000)
    ((at, _, body),) = office.sink.posts
    assert (at, body["status"], body["progress"]) == (1030.0, "cancelled", 50)
    assert [charge.credits for charge in office.simulator.ledger] == [0.0]
    assert office.client.post(f"/__sim/tasks/{task}/cancel").status_code == 409
    assert office.client.post("/__sim/tasks/nobody/cancel").status_code == 404


def test_a_reset_forgets_callbacks_under_way(provider: str) -> None:
    """Nothing of an earlier test arrives in the next."""
    office = Office(provider, 500)
    office.submit()
    office.clock.advance(60)
    office.simulator.reset()
    office.clock.advance(1000)
    assert len(office.sink.posts) == 1
    assert office.simulator.deliveries == ()


def test_without_an_egress_nothing_is_sent(provider: str) -> None:
    """The callback is known all the same, and can be taken by hand."""
    clock = ManualClock()
    simulator = Simulator(provider, clock=clock)  # type: ignore[arg-type] # one of the two
    with httpx.Client(transport=simulator.transport(), base_url=simulator.base_urls[0]) as client:
        submit(client, provider)
        clock.advance(1000)
        (callback,) = client.get("/__sim/state").json()["callbacks"]
    assert (callback["state"], simulator.deliveries) == ("no sink", ())
    assert len(simulator.take_callbacks()) == 1


class Receiver(BaseHTTPRequestHandler):
    """A local receiver that fails once and then answers; it keeps what came."""

    posts: list[tuple[str, str, str]]
    enough: threading.Event

    def do_POST(self) -> None:
        """Take a callback."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posts.append((self.headers["X-Original-Url"], self.headers["Content-Type"], json.loads(body)["id"]))
        self.send_response(500 if len(self.posts) == 1 else 204)
        self.end_headers()
        if len(self.posts) == 2:
            self.enough.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    """A local receiver and its address."""
    kind = type("OneReceiver", (Receiver,), {"posts": [], "enough": threading.Event()})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", kind
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_served_simulator_sends_in_the_background(receiver: tuple[str, type[Receiver]], provider: str) -> None:
    """To one local receiver, with the address from the request in a header, and again after a failure."""
    listen, kind = receiver
    simulator = Simulator(provider, seconds=0.05, egress=relay(listen), time_scale=0.01)  # type: ignore[arg-type]
    with simulator.running() as url, httpx.Client(base_url=url) as client:
        task = submit(client, provider)
        assert kind.enough.wait(20)
    assert kind.posts == [(HOOK + ("/callback" if provider == "apimart" else ""), "application/json", task)] * 2


def test_callbacks_end_with_the_server(provider: str) -> None:
    """No thread is left, even though a task still runs."""
    before = threading.active_count()
    simulator = Simulator(provider, seconds=1000.0, egress=lambda *_: 200)  # type: ignore[arg-type]
    with simulator.running() as url, httpx.Client(base_url=url) as client:
        submit(client, provider)
    assert threading.active_count() == before
