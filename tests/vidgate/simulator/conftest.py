"""A simulator of each provider, and a client that holds every answer against the contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REQUESTS: dict[str, dict[str, Any]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls", "duration": 6},
    "apimart": {"model": "Omni-Flash-Ext", "prompt": "A marble rolls", "duration": 6},
}
# Statuses that HTTP or a peer knows and the pages do not name for an operation.
UNDOCUMENTED = {204, 405, 409}


@dataclass(kw_only=True)
class Desk:
    """A simulator, its clock, and a client in front of it."""

    simulator: Simulator
    clock: ManualClock
    client: httpx.Client

    @property
    def provider(self) -> str:
        return self.simulator.provider

    @property
    def request(self) -> dict[str, Any]:
        return dict(REQUESTS[self.provider])

    def create(self, *, key: str = "sim-key", headers: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
        merged = {"Authorization": f"Bearer {key}", **(headers or {})}
        return self.client.post("/v1/videos/generations", json=self.request | changes, headers=merged)

    def task_id(self, response: httpx.Response) -> str:
        body = response.json()
        return str(body["id"] if self.provider == "evolink" else body["data"][0]["task_id"])

    def get(self, task_id: str, *, key: str = "sim-key") -> httpx.Response:
        return self.client.get(f"/v1/tasks/{task_id}", headers={"Authorization": f"Bearer {key}"})

    def task(self, task_id: str) -> dict[str, Any]:
        body: dict[str, Any] = self.get(task_id).json()
        return body if self.provider == "evolink" else body["data"]

    def link(self, task: dict[str, Any]) -> str:
        return str(task["results"][0] if self.provider == "evolink" else task["result"]["videos"][0]["url"][0])

    def hold_against_contract(self, response: httpx.Response) -> None:
        """Fail when an answer of a known operation breaks the contract."""
        contract = self.simulator.contract
        response.read()
        for operation in contract.operations:
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", operation.path)
            known = re.fullmatch(pattern, response.request.url.path) and response.request.method == operation.method
            if known and response.status_code not in UNDOCUMENTED:
                schema = contract.response_schema(operation, response.status_code)
                assert schema is not None, f"{operation.id} does not document {response.status_code}"
                contract.validator(schema).validate(response.json())


@pytest.fixture
def make_desk() -> Iterator[Callable[..., Desk]]:
    """Make desks: `make_desk(provider, **arguments of Simulator)`."""
    clients: list[httpx.Client] = []

    def make(provider: Any, **arguments: Any) -> Desk:
        clock = ManualClock()
        simulator = Simulator(provider, clock=clock, **arguments)
        client = httpx.Client(transport=simulator.transport(), base_url=simulator.base_urls[0])
        clients.append(client)
        made = Desk(simulator=simulator, clock=clock, client=client)
        client.event_hooks = {"response": [made.hold_against_contract]}
        return made

    yield make
    for client in clients:
        client.close()


@pytest.fixture(params=sorted(REQUESTS))
def desk(request: pytest.FixtureRequest, make_desk: Callable[..., Desk]) -> Desk:
    """A desk of each provider."""
    return make_desk(request.param)


@pytest.fixture
def evolink(make_desk: Callable[..., Desk]) -> Desk:
    """A desk of EvoLink."""
    return make_desk("evolink")


@pytest.fixture
def apimart(make_desk: Callable[..., Desk]) -> Desk:
    """A desk of APIMart."""
    return make_desk("apimart")
