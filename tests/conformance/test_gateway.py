"""The suite on a server that was not derived from the simulator: an honest one gives it nothing to find."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from conformance._judge import judge_reach, judge_subject
from conformance.subjects._model import Callbacks, Ledger, Subject, Tasks
from conformance.subjects._reach import Reach
from conformance.subjects._receiver import Receiver
from tests.conformance.gateway import apps
from tests.conformance.gateway import studio as studios
from vidgate.simulator import transport_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance._results import Report
    from conformance._settings import Profile, ProviderName

PUBLIC = "https://hooks.example.org/in"
APPS = {"evolink": apps.evolink, "apimart": apps.apimart}
PROVIDERS: tuple[ProviderName, ...] = ("evolink", "apimart")


def subject(
    provider: ProviderName, base_url: str, seconds: float, callbacks: Callbacks, profile: Profile = "simulator"
) -> Subject:
    """The gateway as a subject file would describe it."""
    return Subject(
        provider=provider,
        base_url=base_url,
        profile=profile,
        name="an honest gateway",
        tokens=apps.ROLES,
        tasks=Tasks(seconds=seconds, fail_prompt=apps.FAIL_WORD),
        callbacks=callbacks,
        ledger=Ledger(url=f"{base_url}/books", reset=f"{base_url}/books/burn"),
    )


def findings(report: Report) -> list[str]:
    """Whatever is not fine, in words."""
    bad = {"fail", "warn", "error"}
    found = [f"{one.requirement.id}: {one.message}" for one in report.judged if one.result in bad]
    return [*report.faults, *found]


def in_process(provider: ProviderName, manner: str, seed: int) -> Report:
    """Judge the gateway on a clock that moves only when somebody waits."""
    world = studios.World()
    receiver = Receiver(world, PUBLIC)

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        return receiver.handle(body, headers, url)

    studio = studios.Studio(length=45.0, now=world.now, post=post, manner=studios.MANNERS[manner])
    studio.random.seed(seed)
    world.studio = studio
    app = APPS[provider](studio)
    described = subject(provider, "https://gateway.example.org", 45.0, Callbacks(public_url=PUBLIC), "mock")
    reach = Reach(subject=described, transport=transport_for(app), clock=world, receiver=receiver)
    return judge_reach(reach, seed=seed, level="MAY")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("manner", studios.MANNERS)
@pytest.mark.parametrize("seed", range(2))
def test_an_honest_gateway_is_clean_in_process(provider: ProviderName, manner: str, seed: int) -> None:
    """No requirement is broken, whatever its manners and the seed, and what needs a day's waiting is judged, too."""
    report = in_process(provider, manner, seed)
    assert findings(report) == []
    assert report.state == "conformant"
    assert len(report.run.exchanges) > 100


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an app on a port."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("manner", ["calm", "hasty"])
def test_an_honest_gateway_is_clean_over_a_socket(provider: ProviderName, manner: str) -> None:
    """With real time, a real receiver, and callbacks that come through the egress."""
    listen = free_port()
    client = httpx.Client(trust_env=False, timeout=10 * 0.05)

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        to = f"http://127.0.0.1:{listen}"
        try:
            return client.post(to, content=body, headers={**headers, "x-original-url": url}).status_code
        except httpx.TransportError:
            return None

    studio = studios.Studio(length=0.5, now=time.time, post=post, scale=0.05, manner=studios.MANNERS[manner])
    stop = threading.Event()
    sending = threading.Thread(target=studios.sender, args=(studio, stop))
    sending.start()
    try:
        with served(APPS[provider](studio)) as url:
            callbacks = Callbacks(public_url=PUBLIC, listen=f"127.0.0.1:{listen}", time_scale=0.05)
            report = judge_subject(subject(provider, url, 0.6, callbacks), level="MAY")
    finally:
        stop.set()
        sending.join()
        client.close()
    assert findings(report) == []
    assert report.state in {"conformant", "partial"}
