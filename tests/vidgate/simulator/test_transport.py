"""The ways to reach a simulator: in process, through respx, on a port, several behind one origin."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest
import respx

from vidgate.simulator import ManualClock, Simulator, combine, transport_for

AUTHORIZED = {"Authorization": "Bearer sim-key"}
BODY = {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls"}


def test_a_sync_client_leaves_no_thread_behind() -> None:
    """The in-process transport starts nothing that could leak."""
    before = threading.active_count()
    with httpx.Client(transport=Simulator("evolink").transport(), base_url="https://api.evolink.ai") as client:
        assert client.post("/v1/videos/generations", json=BODY, headers=AUTHORIZED).status_code == 200
    assert threading.active_count() == before


def test_a_sync_client_works_inside_an_event_loop() -> None:
    """Nothing of the transport needs the loop of the thread."""

    async def call() -> int:
        with httpx.Client(transport=Simulator("evolink").transport()) as client:
            return client.get("https://x.example/v1/tasks/x", headers=AUTHORIZED).status_code  # noqa: ASYNC212 - the point

    assert asyncio.run(call()) == 400


def test_async_clients_run_side_by_side() -> None:
    """Many async calls give as many tasks."""
    simulator = Simulator("evolink")

    async def call() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=simulator.async_transport(), base_url="https://x.example") as client:
            calls = [client.post("/v1/videos/generations", json=BODY, headers=AUTHORIZED) for _ in range(20)]
            return await asyncio.gather(*calls)

    assert len({answer.json()["id"] for answer in asyncio.run(call())}) == 20
    assert len(simulator.ledger) == 20


def test_an_app_that_waits_is_named() -> None:
    """An app that suspends cannot run in process; the error says what can."""

    async def waiting(*_: Any) -> None:
        await asyncio.sleep(0)

    with (
        httpx.Client(transport=transport_for(waiting)) as client,
        pytest.raises(RuntimeError, match="serve it on a port"),
    ):
        client.get("https://x.example")


def test_mount_serves_sync_and_async_clients() -> None:
    """One route catches the provider's base URLs for both kinds of client."""
    simulator = Simulator("evolink")

    async def call() -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.post("https://api.evolink.ai/v1/videos/generations", json=BODY, headers=AUTHORIZED)

    with respx.mock() as router:
        route = simulator.mount(router)
        first = httpx.post("https://api.evolink.ai/v1/videos/generations", json=BODY, headers=AUTHORIZED)
        second = asyncio.run(call())
    assert (first.status_code, second.status_code, route.call_count) == (200, 200, 2)
    assert len(simulator.ledger) == 2


def test_mount_takes_other_base_urls() -> None:
    """A test may put the simulator where its own client looks."""
    with respx.mock() as router:
        Simulator("apimart").mount(router, "https://gateway.example/v1")
        assert httpx.get("https://gateway.example/v1/tasks/x").status_code == 401


def test_mount_takes_two_providers() -> None:
    """Both on one router, each at its own addresses."""
    both = [Simulator("evolink"), Simulator("apimart")]
    with respx.mock() as router:
        for simulator in both:
            simulator.mount(router)
        answers = [httpx.get(f"{simulator.base_urls[0]}/v1/tasks/x", headers=AUTHORIZED) for simulator in both]
    assert ["x-request-id" in answer.headers for answer in answers] == [True, False]


def test_a_real_port() -> None:
    """The simulator listens while the context lasts, its links lead back to it, and its thread ends."""
    before = threading.active_count()
    clock = ManualClock()
    with Simulator("evolink", clock=clock).running() as base_url, httpx.Client(base_url=base_url) as client:
        task_id = client.post("/v1/videos/generations", json=BODY, headers=AUTHORIZED).json()["id"]
        clock.advance(60)
        (link,) = client.get(f"/v1/tasks/{task_id}", headers=AUTHORIZED).json()["results"]
        assert link.startswith(base_url)
        assert client.get(link).content[4:8] == b"ftyp"
        assert client.head(link).status_code == 200
        assert client.options("/v1/videos/generations").status_code == 204
    assert threading.active_count() == before


def test_a_taken_port_is_an_error() -> None:
    """A second server on the same port fails at once."""
    simulator = Simulator("evolink")
    with simulator.running() as base_url, pytest.raises(OSError, match="in use"):
        simulator.running(port=int(base_url.rpartition(":")[2])).__enter__()


def test_both_providers_behind_one_origin() -> None:
    """Each provider stands under its name, and its links do too."""
    clock = ManualClock()
    both = [Simulator("evolink", clock=clock), Simulator("apimart", clock=clock)]
    with httpx.Client(transport=transport_for(combine(both)), base_url="http://localhost") as client:
        assert client.get("/").json() == {"providers": {"evolink": "/evolink", "apimart": "/apimart"}}
        task_id = client.post("/evolink/v1/videos/generations", json=BODY, headers=AUTHORIZED).json()["id"]
        clock.advance(60)
        (link,) = client.get(f"/evolink/v1/tasks/{task_id}", headers=AUTHORIZED).json()["results"]
        assert link.startswith("http://localhost/evolink/results/")
        assert client.get(link).status_code == 200
        assert client.get("/apimart/__sim/ledger").json() == {"charges": []}
        assert client.get("/nobody").status_code == 404
