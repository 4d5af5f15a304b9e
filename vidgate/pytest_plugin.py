"""Fixtures for tests of applications that use vidgate: no network, no credits, no waiting.

pytest finds this module by itself. Nothing but pytest is imported until a fixture is used; then the extra is needed:
`pip install "vidgate[simulator]"`.

    def test_my_film(evolink_simulator, evolink_client):
        evolink_simulator.fail_next(502, operation="poll", times=3)
        film = make_film(evolink_client)
        assert len(evolink_simulator.ledger) == 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import respx

    from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink
    from vidgate.simulator import ManualClock, Simulator

__all__ = [
    "apimart_client",
    "apimart_simulator",
    "async_apimart_client",
    "async_evolink_client",
    "evolink_client",
    "evolink_simulator",
    "vidgate_clock",
    "vidgate_router",
]

LOOPBACK = ("127.0.0.1", "::1", "localhost")
SECONDS = 60.0
"""How long a simulated task takes on the test's clock."""


@pytest.fixture
def vidgate_clock() -> ManualClock:
    """The time of the simulators and of the ready-made clients: it stands still, and sleeping moves it."""
    try:
        from vidgate.simulator import ManualClock
    except ImportError as error:
        pytest.fail(_missing(error), pytrace=False)
    return ManualClock()


@pytest.fixture
def vidgate_router(
    vidgate_clock: ManualClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[respx.MockRouter]:
    """What stands in for the network: httpx reaches simulators and this machine, and an error anywhere else."""
    del vidgate_clock  # it names the extra when that is missing
    try:
        import respx
    except ImportError as error:
        pytest.fail(_missing(error), pytrace=False)
    # A test writes nothing into the journal of whoever runs it.
    monkeypatch.setenv("VIDGATE_JOURNAL", str(tmp_path / "vidgate-journal.sqlite3"))
    with respx.mock(assert_all_called=False) as router:
        router.route(host__in=LOOPBACK).pass_through()
        yield router


@pytest.fixture
def evolink_simulator(
    vidgate_router: respx.MockRouter, vidgate_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> Simulator:
    """EvoLink, simulated: its addresses lead here for sync and async clients, and its key is set."""
    return _simulator("evolink", vidgate_router, vidgate_clock, monkeypatch)


@pytest.fixture
def apimart_simulator(
    vidgate_router: respx.MockRouter, vidgate_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> Simulator:
    """APIMart, simulated: its addresses lead here for sync and async clients, and its key is set."""
    return _simulator("apimart", vidgate_router, vidgate_clock, monkeypatch)


@pytest.fixture
def evolink_client(evolink_simulator: Simulator, vidgate_clock: ManualClock) -> Iterator[EvoLink]:
    """A client of the simulated EvoLink that never waits for real."""
    from vidgate import EvoLink

    with EvoLink(transport=evolink_simulator.transport(), clock=vidgate_clock) as client:
        yield client


@pytest.fixture
def apimart_client(apimart_simulator: Simulator, vidgate_clock: ManualClock) -> Iterator[APIMart]:
    """A client of the simulated APIMart that never waits for real."""
    from vidgate import APIMart

    with APIMart(transport=apimart_simulator.transport(), clock=vidgate_clock) as client:
        yield client


# The async clients are left open: in process there is nothing to close, and a fixture has no event loop of its own.


@pytest.fixture
def async_evolink_client(evolink_simulator: Simulator, vidgate_clock: ManualClock) -> AsyncEvoLink:
    """An async client of the simulated EvoLink that never waits for real, for any event loop."""
    from vidgate import AsyncEvoLink

    return AsyncEvoLink(transport=evolink_simulator.async_transport(), clock=vidgate_clock)


@pytest.fixture
def async_apimart_client(apimart_simulator: Simulator, vidgate_clock: ManualClock) -> AsyncAPIMart:
    """An async client of the simulated APIMart that never waits for real, for any event loop."""
    from vidgate import AsyncAPIMart

    return AsyncAPIMart(transport=apimart_simulator.async_transport(), clock=vidgate_clock)


def _simulator(
    name: Literal["apimart", "evolink"],
    router: respx.MockRouter,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Simulator:
    from vidgate.simulator import DEFAULT_KEY, Simulator

    simulator = Simulator(name, clock=clock, seconds=SECONDS)
    simulator.mount(router)
    monkeypatch.setenv(f"{name.upper()}_API_KEY", DEFAULT_KEY)
    monkeypatch.delenv(f"{name.upper()}_BASE_URL", raising=False)
    return simulator


def _missing(error: ImportError) -> str:
    return f'This fixture needs more packages: pip install "vidgate[simulator]" ({error.name} is missing).'
