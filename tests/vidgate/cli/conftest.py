"""The command line in front of simulators, without a port and without waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from vidgate.cli import _connect, main
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from vidgate._providers import Provider

KEY = "sim-key-that-nobody-may-see"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one command did."""

    code: int
    out: str
    err: str


@dataclass(kw_only=True)
class Terminal:
    """Runs commands; `simulators` are what they talk to."""

    capsys: pytest.CaptureFixture[str]
    clock: ManualClock
    simulators: dict[str, Simulator]
    key: str = KEY
    calls: list[str] = field(default_factory=list[str])

    def __call__(self, *argv: str) -> Outcome:
        code = main(list(argv))
        out, err = self.capsys.readouterr()
        assert KEY not in out + err
        assert "Traceback" not in out + err
        return Outcome(code=code, out=out, err=err)

    def charges(self) -> int:
        return sum(len(simulator.ledger) for simulator in self.simulators.values())


@pytest.fixture
def terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> Callable[..., Outcome]:
    """A terminal in an empty directory, with keys in the environment."""
    clock = ManualClock()
    simulators = {name: Simulator(name, clock=clock, seconds=30.0, api_keys=(KEY,)) for name in ("evolink", "apimart")}
    made = Terminal(capsys=capsys, clock=clock, simulators=simulators)

    def connect(provider: Provider, base_url: str | None) -> _connect.Client:
        made.calls.append(f"{provider.name} {base_url}")
        client = _connect.CLIENTS[provider.name]
        return client(base_url=base_url, transport=simulators[provider.name].transport(), clock=clock)

    monkeypatch.setattr(_connect, "connect", connect)
    monkeypatch.chdir(tmp_path)
    for name in ("EVOLINK", "APIMART"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
        monkeypatch.delenv(f"{name}_BASE_URL", raising=False)
    for name in ("VIDGATE_DEBUG", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return made
