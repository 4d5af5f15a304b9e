"""The control plane: state, accounts, settings, the clock; and the page."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate.simulator import ManualClock, Simulator, combine, transport_for

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_state_shows_everything(desk: Any) -> None:
    """Tasks, charges, requests, faults and accounts, but no key."""
    task = desk.task_id(desk.create())
    desk.clock.advance(30)
    desk.simulator.fail_next(502, operation="poll")
    answer = desk.client.get("/__sim/state")
    state = answer.json()
    assert [(one["id"], one["status"], one["progress"]) for one in state["tasks"]] == [(task, "processing", 50)]
    assert state["charges"] == [{"task": task, "credits": state["tasks"][0]["credits"]}]
    assert state["received"] == {"submit": 1, "poll": 0, "download": 0}
    assert state["faults"] == [{"fault": 502, "operation": "poll", "accepted": False}]
    assert {"main", "no-quota", "broken"} <= {account["name"] for account in state["accounts"]}
    assert state["settings"]["virtual"]
    assert not re.search("sim-(key|other|limited)", answer.text)


def test_faults_can_be_forgotten(desk: Any) -> None:
    """What was planned does not happen, what was counted stays."""
    desk.create()
    desk.simulator.fail_next("hang", times=3)
    assert desk.client.request("DELETE", "/__sim/faults").json() == {"planned": []}
    assert desk.create().status_code == 200
    assert desk.simulator.received["submit"] == 2


def test_an_account_spends_what_it_has(desk: Any) -> None:
    """A new account pays until its credits do not suffice; a failed task gives them back."""
    price = desk.simulator.behaviour.price(desk.request)
    account = {"key": "mine", "name": "me", "credits": price * 1.5}
    shown = desk.client.post("/__sim/accounts", json=account).json()["accounts"]
    assert [one["credits"] for one in shown if one["name"] == "me"] == [price * 1.5]
    assert desk.create(key="mine", prompt="POLICY_VIOLATION").status_code == 200
    assert desk.create(key="mine").status_code == 402
    desk.clock.advance(60)
    assert desk.create(key="mine").status_code == 200
    assert [one["spent"] for one in desk.client.get("/__sim/accounts").json()["accounts"] if one["name"] == "me"] == [
        price
    ]


def test_the_broken_account_meets_a_fault_of_the_server(desk: Any) -> None:
    """A 500 in the provider's shape, and no task."""
    response = desk.create(key="sim-broken") if desk.provider == "evolink" else desk.get("task_01", key="sim-broken")
    assert response.status_code == 500
    assert set(response.json()["error"]) == {"code", "message", "type"}
    assert desk.simulator.ledger == ()


def test_the_clock_can_be_advanced(desk: Any) -> None:
    """A day later the link of a finished task has expired."""
    task_id = desk.task_id(desk.create())
    desk.client.post("/__sim/advance", json={"seconds": 60})
    link = desk.link(desk.task(task_id))
    assert desk.client.get(link).status_code == 200
    desk.client.post("/__sim/advance", json={"seconds": 86_400})
    assert desk.client.get(link).status_code == 410


def test_the_time_of_the_machine_can_be_pushed_ahead() -> None:
    """A served simulator ages its tasks without waiting, and sends what became due."""
    arrived = threading.Event()

    def receive(*_: object) -> int:
        arrived.set()
        return 200

    simulator = Simulator("evolink", seconds=1000.0, egress=receive)
    body = {"model": "gemini-omni-flash-text-to-video", "prompt": "x", "callback_url": "https://example.com/"}
    headers = {"Authorization": "Bearer sim-key"}
    with simulator.running() as url, httpx.Client(base_url=url, headers=headers) as client:
        task = client.post("/v1/videos/generations", json=body).json()["id"]
        client.post("/__sim/advance", json={"seconds": 1001})
        assert client.get(f"/v1/tasks/{task}").json()["status"] == "completed"
        assert arrived.wait(20)


def test_a_clock_that_cannot_be_moved_says_so() -> None:
    """Somebody else's clock is left alone."""

    class Fixed:
        def now(self) -> float:
            return 1.0

    with httpx.Client(transport=Simulator("evolink", clock=Fixed()).transport(), base_url="http://sim") as client:
        assert client.post("/__sim/advance", json={"seconds": 1}).status_code == 409


def test_settings_change_what_follows(desk: Any) -> None:
    """How long tasks take, how slow answers are, how short callbacks' pauses are."""
    chosen = {"seconds": 5, "latency": 0.5, "time_scale": 0.25}
    assert desk.client.post("/__sim/settings", json=chosen).json().items() >= chosen.items()
    before = desk.clock.now()
    task_id = desk.task_id(desk.create())
    assert desk.clock.now() == before + 0.5
    desk.clock.advance(5)
    assert desk.task(task_id)["status"] == "completed"
    assert desk.simulator.courier.scale == 0.25


def test_latency_holds_back_answers_of_a_served_simulator() -> None:
    """Longer than the client waits: it gives up, and the request was carried out."""
    simulator = Simulator("evolink", latency=30.0)
    body = {"model": "gemini-omni-flash-text-to-video", "prompt": "x"}
    headers = {"Authorization": "Bearer sim-key"}
    with simulator.running() as url, httpx.Client(base_url=url, headers=headers, timeout=0.2) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/v1/videos/generations", json=body)
        assert len(client.get("/__sim/ledger").json()["charges"]) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts", {}),
        ("accounts", {"key": "a b"}),
        ("accounts", {"key": 7}),
        ("accounts", {"key": "mine", "name": 7}),
        ("accounts", {"key": "mine", "credits": "5"}),
        ("accounts", {"key": "mine", "credits": True}),
        ("accounts", {"key": "mine", "has_quota": 1}),
        ("accounts", {"key": "mine", "colour": "red"}),
        ("settings", {"latency": -1}),
        ("settings", {"seconds": "1"}),
        ("settings", {"time_scale": 0}),
        ("settings", {"pace": 1}),
        ("advance", {}),
        ("advance", {"seconds": -1}),
        ("advance", {"seconds": None}),
    ],
)
def test_wrong_orders_are_refused(desk: Any, path: str, body: dict[str, Any]) -> None:
    """With a sentence, and without any effect."""
    before = desk.client.get("/__sim/state").json()
    response = desk.client.post(f"/__sim/{path}", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["message"]
    assert desk.client.get("/__sim/state").json() == before


@pytest.mark.parametrize("name", ["time_scale", "latency"])
def test_wrong_times_are_refused_at_once(name: str) -> None:
    """A negative scale or latency is a mistake of whoever builds the simulator."""
    arguments: dict[str, Any] = {name: -1.0}
    with pytest.raises(ValueError, match="time scale"):
        Simulator("evolink", **arguments)


def test_the_page_is_one_file(make_desk: Callable[..., Any]) -> None:
    """It loads nothing, asks nobody else, and says so to the browser."""
    desk = make_desk("evolink")
    response = desk.client.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "connect-src 'self'" in response.headers["content-security-policy"]
    assert '{"EvoLink": ""}' in response.text
    assert not re.search(r"https?://|@import|src=|url\(", response.text)


def test_both_providers_share_a_page() -> None:
    """A browser gets the page, a program the list."""
    simulators = [Simulator("evolink", clock=ManualClock()), Simulator("apimart", clock=ManualClock())]
    with httpx.Client(transport=transport_for(combine(simulators)), base_url="http://sim") as client:
        page = client.get("/", headers={"Accept": "text/html,application/xhtml+xml"})
        listing = client.get("/")
        state = client.get("/apimart/__sim/state")
    assert '{"EvoLink": "evolink/", "APIMart": "apimart/"}' in page.text
    assert listing.json() == {"providers": {"evolink": "/evolink", "apimart": "/apimart"}}
    assert state.json()["title"] == "APIMart"
