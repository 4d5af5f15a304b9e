"""Faults on demand: each goes wrong as it says, in process and on a port, and the ledger tells the truth."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import respx

from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AUTHORIZED = {"Authorization": "Bearer sim-key"}
BODY = {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls", "duration": 6}
SUBMIT = "/v1/videos/generations"
# What httpx raises, and whether a submission is in the ledger, by default.
BROKEN: dict[str, tuple[tuple[type[httpx.HTTPError], ...], int]] = {
    "hang": ((httpx.ReadTimeout,), 1),
    "reset-before": ((httpx.ReadError, httpx.RemoteProtocolError), 0),
    "reset-after": ((httpx.ReadError, httpx.RemoteProtocolError), 1),
}
STATUSES = {429: "application/json", 500: "application/json", 502: "text/html", 503: "text/plain", 520: "text/html"}


@pytest.fixture
def simulator() -> Simulator:
    """EvoLink on a clock that faults may move."""
    return Simulator("evolink", clock=ManualClock())


@pytest.fixture(params=["in process", "respx", "port"])
def send(request: pytest.FixtureRequest, simulator: Simulator) -> Iterator[Callable[..., httpx.Response]]:
    """Send one request to the simulator, by each way there is."""
    if request.param == "port":
        with simulator.running() as url, httpx.Client(base_url=url, headers=AUTHORIZED, timeout=0.3) as client:
            yield client.request
    elif request.param == "respx":
        with respx.mock() as router, httpx.Client(base_url=simulator.base_urls[0], headers=AUTHORIZED) as client:
            simulator.mount(router)
            yield client.request
    else:
        transport = simulator.transport()
        with httpx.Client(transport=transport, base_url=simulator.base_urls[0], headers=AUTHORIZED) as client:
            yield client.request


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_connection(fault: Any, simulator: Simulator, send: Callable[..., httpx.Response]) -> None:
    """The client gets an exception, and only what was read is in the ledger."""
    kinds, charged = BROKEN[fault]
    simulator.fail_next(fault, operation="submit")
    with pytest.raises(kinds):
        send("POST", SUBMIT, json=BODY)
    assert len(simulator.ledger) == charged
    assert simulator.received["submit"] == 1
    assert send("POST", SUBMIT, json=BODY).status_code == 200
    assert len(simulator.ledger) == charged + 1


def test_a_hang_before_the_request_counted(simulator: Simulator, send: Callable[..., httpx.Response]) -> None:
    """The same silence, and nothing was accepted."""
    simulator.fail_next("hang", accepted=False)
    with pytest.raises(httpx.ReadTimeout):
        send("POST", SUBMIT, json=BODY)
    assert simulator.ledger == ()


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("status", STATUSES)
def test_a_status(*, status: int, accepted: bool, simulator: Simulator, send: Callable[..., httpx.Response]) -> None:
    """The provider's error body where it has one, a gateway's page where it has none; accepted or not, as asked."""
    simulator.fail_next(status, operation="submit", accepted=accepted, retry_after=7)
    answer = send("POST", SUBMIT, json=BODY)
    assert answer.status_code == status
    assert answer.headers["content-type"].partition(";")[0] == STATUSES[status]
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
    assert len(simulator.ledger) == accepted


def test_damaged_json(simulator: Simulator, send: Callable[..., httpx.Response]) -> None:
    """The real answer, spoilt in one way each; the task is there."""
    raw: dict[str, bytes] = {}
    for fault in ("truncated", "duplicate-keys", "invalid-utf8", "wrong-type"):
        simulator.fail_next(fault)
        answer = send("POST", SUBMIT, json=BODY)
        assert answer.status_code == 200
        assert answer.headers["x-request-id"].startswith("sim-")
        raw[fault] = answer.content
    assert answer.headers["content-type"].startswith("text/html")
    assert len(simulator.ledger) == 4
    for fault in ("truncated", "invalid-utf8"):
        with pytest.raises(ValueError, match=r"."):
            json.loads(raw[fault])
    pairs = json.loads(raw["duplicate-keys"], object_pairs_hook=list)
    assert [value for name, value in pairs if name == "id"] == [
        simulator.ledger[1].task,
        simulator.ledger[1].task + "0",
    ]


def test_a_film_that_ends_early(simulator: Simulator, send: Callable[..., httpx.Response]) -> None:
    """The connection breaks off before the promised length; the next try is whole."""
    task = send("POST", SUBMIT, json=BODY).json()["id"]
    simulator.clock.advance(60)  # type: ignore[attr-defined]
    (link,) = send("GET", f"/v1/tasks/{task}").json()["results"]
    simulator.fail_next("truncated", operation="download")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        send("GET", link)
    assert send("GET", link).content[4:8] == b"ftyp"


def test_a_redirect_leads_back(simulator: Simulator, send: Callable[..., httpx.Response]) -> None:
    """Who follows it sends the request a second time; the ledger has one task."""
    simulator.fail_next("redirect", operation="submit")
    assert send("POST", SUBMIT, json=BODY, follow_redirects=True).status_code == 200
    assert (simulator.received["submit"], len(simulator.ledger)) == (2, 1)


def test_a_drip_takes_time_on_the_clock(simulator: Simulator) -> None:
    """No single silence is longer than a second, the whole answer takes minutes, and none of it for real."""
    simulator.fail_next("drip")
    with httpx.Client(transport=simulator.transport(), base_url="https://x.example", headers=AUTHORIZED) as client:
        before = simulator.clock.now()
        assert client.post(SUBMIT, json=BODY).json()["id"]
        assert simulator.clock.now() - before > 100
        simulator.fail_next("drip")
        with pytest.raises(httpx.ReadTimeout):
            client.post(SUBMIT, json=BODY, timeout=0.5)


def test_a_drip_on_a_port(simulator: Simulator) -> None:
    """The first pieces come, and then the client has to be patient."""
    simulator.fail_next("drip")
    with (
        simulator.running() as url,
        httpx.stream("POST", url + SUBMIT, json=BODY, headers=AUTHORIZED, timeout=0.2) as answer,
    ):
        assert answer.status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            answer.read()


def test_async_clients_meet_faults_too(simulator: Simulator) -> None:
    """In process and through respx."""

    async def call(**options: Any) -> None:
        async with httpx.AsyncClient(base_url=simulator.base_urls[0], headers=AUTHORIZED, **options) as client:
            for fault, (kinds, _) in BROKEN.items():
                simulator.fail_next(fault)  # type: ignore[arg-type]
                with pytest.raises(kinds):
                    await client.post(SUBMIT, json=BODY)
            simulator.fail_next("drip")
            assert (await client.post(SUBMIT, json=BODY)).json()["id"]

    asyncio.run(call(transport=simulator.async_transport()))
    with respx.mock() as router:
        simulator.mount(router)
        asyncio.run(call())
    assert len(simulator.ledger) == 6


def test_hanging_moves_the_clock_by_the_timeout(simulator: Simulator) -> None:
    """As long as the client would have waited."""
    simulator.fail_next("hang")
    before = simulator.clock.now()
    with (
        httpx.Client(transport=simulator.transport(), base_url="https://x.example", headers=AUTHORIZED) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.post(SUBMIT, json=BODY, timeout=12.0)
    assert simulator.clock.now() - before == 12.0


def test_faults_strike_in_order_and_where_they_are_meant_to(
    simulator: Simulator, send: Callable[..., httpx.Response]
) -> None:
    """A fault waits for its operation, `any` takes the next request, and a reset forgets them."""
    simulator.fail_next(503, operation="poll", times=2)
    simulator.fail_next(500)
    assert send("POST", SUBMIT, json=BODY).status_code == 500
    task = send("POST", SUBMIT, json=BODY).json()["id"]
    assert [send("GET", f"/v1/tasks/{task}").status_code for _ in range(3)] == [503, 503, 200]
    simulator.fail_next(500)
    before = simulator.faults.planned
    simulator.reset()
    assert (len(before), len(simulator.faults.planned)) == (1, 0)
    assert send("POST", SUBMIT, json=BODY).status_code == 200
    assert simulator.received == {"submit": 1, "poll": 0, "download": 0}


def test_faults_can_be_planned_over_http(simulator: Simulator, send: Callable[..., httpx.Response]) -> None:
    """For a simulator in another process; a wrong plan is refused with the choices."""
    planned = {"fault": 502, "operation": "submit"}
    plan = {**planned, "times": 2}
    assert send("POST", "/__sim/faults", json=plan).json() == {"planned": [{**planned, "accepted": False}] * 2}
    assert send("POST", SUBMIT, json=BODY).status_code == 502
    for wrong in ({}, {"fault": "flood"}, {"fault": 502, "times": "2"}, {"fault": 502, "why": 1}, {"fault": ["hang"]}):
        assert send("POST", "/__sim/faults", json=wrong).status_code == 400


@pytest.mark.parametrize(
    ("fault", "options", "text"),
    [
        ("flood", {}, "known are hang"),
        (200, {}, "known are hang"),
        (True, {}, "known are hang"),
        ("hang", {"operation": "upload"}, "known are submit"),
        ("hang", {"times": 0}, "0 times"),
        ("hang", {"retry_after": -1}, "-1 seconds"),
        ("reset-before", {"accepted": True}, "never carried out"),
        ("truncated", {"accepted": False}, "always carried out"),
    ],
)
def test_wrong_plans_are_refused(fault: Any, options: Any, text: str, simulator: Simulator) -> None:
    """At once, and with the choices."""
    with pytest.raises(ValueError, match=text):
        simulator.fail_next(fault, **options)
    assert simulator.faults.planned == ()


def test_nothing_is_left_of_a_hanging_connection(simulator: Simulator) -> None:
    """The server stops even though a request still hangs."""
    before = threading.active_count()
    simulator.fail_next("hang")
    with simulator.running() as url, httpx.Client(timeout=0.1) as client, pytest.raises(httpx.ReadTimeout):
        client.post(url + SUBMIT, json=BODY, headers=AUTHORIZED)
    assert threading.active_count() == before
