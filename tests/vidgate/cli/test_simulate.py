"""`vidgate simulate`: what its help promises is there, and callbacks go where they are told to."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from vidgate.cli import _simulate
from vidgate.simulator import FAILING_MARKER, SPECIAL_ACCOUNTS, ManualClock, Simulator
from vidgate.simulator._faults import NAMES, TARGETS


def test_the_help_names_keys_faults_and_paths() -> None:
    """All of them, and no others."""
    text = _simulate.EPILOG
    assert all(f"  {key} " in text for key in ("sim-key", *SPECIAL_ACCOUNTS))
    assert all(re.search(rf"\b{name}\b", text) for name in (*NAMES, *TARGETS, FAILING_MARKER))
    for method, path in re.findall(r"^  (GET|POST|DELETE) +(/__sim/\S+)", text, re.MULTILINE):
        # An empty order is refused by those that need one; a path that is not there would be a 404.
        assert answered(method, path) in {200, 400}, path


def answered(method: str, path: str) -> int:
    """Call the control plane of a simulator that has a task; return the status."""
    simulator = Simulator("evolink", clock=ManualClock())
    body = {"model": "gemini-omni-flash-text-to-video", "prompt": "A paper boat"}
    with httpx.Client(transport=simulator.transport(), base_url="http://sim") as client:
        task = client.post("/v1/videos/generations", json=body, headers={"Authorization": "Bearer sim-key"}).json()
        json: dict[str, object] | None = {} if method == "POST" else None
        return client.request(method, path.replace("ID", task["id"]), json=json).status_code


def test_the_help_is_shown_line_by_line(terminal: Any) -> None:
    """Examples can be copied."""
    shown = terminal("simulate", "--help").out
    assert re.search(r"^ *vidgate simulate -p evolink --port 9000 --seconds 0.6 *$", shown, re.MULTILINE)


@pytest.mark.parametrize("where", ["127.0.0.1:9911", "ftp://127.0.0.1", "http://", "http://[x"])
def test_callbacks_need_an_address(terminal: Any, where: str) -> None:
    """What is none is refused before anything is served."""
    outcome = terminal("simulate", "--callbacks-to", where)
    assert (outcome.code, outcome.out) == (2, "")
    assert "http://127.0.0.1:9911" in outcome.err


def test_callbacks_are_relayed_as_long_as_it_serves(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the scale and the latency that were asked for."""
    simulators: list[Simulator] = []
    made = Simulator.__init__

    def keep(self: Simulator, *arguments: Any, **keywords: Any) -> None:
        made(self, *arguments, **keywords)
        simulators.append(self)

    def serve(app: object, host: str, port: int, on_listening: Any) -> None:
        on_listening(f"http://{host}:{port}")

    monkeypatch.setattr(Simulator, "__init__", keep)
    monkeypatch.setattr("vidgate.simulator.serve", serve)
    options = ("--callbacks-to", "http://127.0.0.1:9911", "--time-scale", "0.05", "--latency", "0.2")
    outcome = terminal("simulate", "--port", "8080", *options)
    assert outcome.code == 0
    assert [(one.courier.scale, one.latency, one.courier.sink is None) for one in simulators] == [
        (0.05, 0.2, False)
    ] * 2
    assert "live: http://127.0.0.1:8080/" in outcome.err
