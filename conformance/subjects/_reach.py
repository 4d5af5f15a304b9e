"""How a subject is reached: a transport, a clock, and a receiver of its callbacks."""

from __future__ import annotations

import contextlib
import functools
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import httpx

from vidgate.simulator import FAILING_MARKER, ManualClock, Simulator, relay

from ._model import Callbacks, Ledger, Subject, Tasks
from ._receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from .._settings import Profile, ProviderName

SIMULATED = {
    "valid": "sim-key",
    "other": "sim-other-account",
    "no_quota": "sim-no-quota",
    "no_model": "sim-no-access",
    "limited": "sim-limited",
    "broken": "sim-broken",
}
PUBLIC_URL = "https://callbacks.example.com/hook"
VIRTUAL_SECONDS = 60.0
REAL_SECONDS = 0.6
TIME_SCALE = 0.05


class Clock(Protocol):
    """Seconds since 1970, and waiting."""

    def now(self) -> float:
        """The time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, or move the clock."""
        ...


class SystemClock:
    """The machine's time, monotonic from the moment of its making."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """The time."""
        return time.monotonic() + self._offset

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(0.0, seconds))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """A subject with the way to it."""

    subject: Subject
    transport: httpx.BaseTransport
    clock: Clock
    receiver: Receiver | None = None


@contextlib.contextmanager
def in_process(
    provider: ProviderName,
    build: Callable[..., Simulator] | None = None,
    *,
    profile: Profile = "mock",
    known_failing: Mapping[str, str] | None = None,
) -> Generator[Reach]:
    """A simulator in this process, on a clock that only advances.

    `build` takes the keywords clock, seconds and egress, and returns a simulator: the honest one by default.
    """
    clock = ManualClock()
    receiver = Receiver(clock, PUBLIC_URL)
    make = build or functools.partial(Simulator, provider)
    simulator = make(clock=clock, seconds=VIRTUAL_SECONDS, egress=receiver.handle)
    base_url = simulator.base_urls[0]
    subject = Subject(
        provider=provider,
        base_url=base_url,
        profile=profile,
        name=f"the simulator of {provider}, in process",
        tokens={role: key for role, key in SIMULATED.items() if key in simulator.accounts},
        tasks=Tasks(seconds=VIRTUAL_SECONDS, fail_prompt=FAILING_MARKER),
        callbacks=Callbacks(public_url=PUBLIC_URL),
        ledger=Ledger(url=f"{base_url}/__sim/ledger", reset=f"{base_url}/__sim/reset"),
        known_failing=known_failing or {},
    )
    yield Reach(subject=subject, transport=simulator.transport(), clock=clock, receiver=receiver)


@contextlib.contextmanager
def over_socket(subject: Subject) -> Generator[Reach]:
    """A server at its address, with its callbacks received where the subject file says."""
    with contextlib.ExitStack() as stack:
        clock = SystemClock()
        transport = stack.enter_context(httpx.HTTPTransport(retries=0))
        receiver = None
        if subject.callbacks is not None:
            receiver = Receiver(clock, subject.callbacks.public_url)
            if subject.callbacks.listen:
                stack.enter_context(receiver.listening(subject.callbacks.listen))
        yield Reach(subject=subject, transport=transport, clock=clock, receiver=receiver)


@contextlib.contextmanager
def simulated(provider: ProviderName) -> Generator[Reach]:
    """A simulator on a real port of this machine, in real time, that delivers its callbacks to another port."""
    listen = f"127.0.0.1:{_free_port()}"
    simulator = Simulator(provider, seconds=REAL_SECONDS, egress=relay(f"http://{listen}"), time_scale=TIME_SCALE)
    with simulator.running() as base_url:
        subject = Subject(
            provider=provider,
            base_url=base_url,
            profile="simulator",
            name=f"the simulator of {provider}, on a port",
            tokens=SIMULATED,
            tasks=Tasks(seconds=REAL_SECONDS, fail_prompt=FAILING_MARKER),
            callbacks=Callbacks(public_url=PUBLIC_URL, listen=listen, time_scale=TIME_SCALE),
            ledger=Ledger(url=f"{base_url}/__sim/ledger", reset=f"{base_url}/__sim/reset"),
        )
        with over_socket(subject) as reach:
            yield reach


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
