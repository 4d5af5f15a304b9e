"""What the cells of the fault matrix are made of: the faults, one client on one simulator, and the table.

The clock is the test's, and hanging moves it: what a client waits for is measured, not endured.
"""

from __future__ import annotations

import asyncio
import inspect
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CLIENTS: dict[tuple[str, str], Any] = {
    ("evolink", "sync"): EvoLink,
    ("evolink", "async"): AsyncEvoLink,
    ("apimart", "sync"): APIMart,
    ("apimart", "async"): AsyncAPIMart,
}
REQUESTS: dict[str, dict[str, Any]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls", "duration": 6},
    "apimart": {"model": "Omni-Flash-Ext", "prompt": "A marble rolls", "duration": 6},
}
# name -> fault and whether the request was carried out all the same (None: the fault leaves no choice)
FAULTS: dict[str, tuple[Any, bool | None]] = {
    "hang, not carried out": ("hang", False),
    "hang, carried out": ("hang", True),
    "reset before reading": ("reset-before", None),
    "reset after reading": ("reset-after", True),
    "429": (429, False),
    "500": (500, False),
    "500, carried out": (500, True),
    "502 page": (502, False),
    "502 page, carried out": (502, True),
    "503": (503, False),
    "503, carried out": (503, True),
    "520": (520, False),
    "520, carried out": (520, True),
    "truncated": ("truncated", None),
    "duplicate keys": ("duplicate-keys", None),
    "invalid UTF-8": ("invalid-utf8", None),
    "wrong content type": ("wrong-type", None),
    "slow drip": ("drip", None),
    "redirect": ("redirect", None),
}
OPERATIONS = ("submit", "poll", "download")
PATIENCE = 120.0
TIMES = {"once": 1, "always": 1_000}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one cell of the matrix showed."""

    outcome: str
    error: BaseException | None
    task_id: str | None
    posts: int
    charged: tuple[str, ...]
    waited: float
    saved: bytes | None = None
    state: str = ""
    deliveries: int = 0
    longest_answer: float = 0.0

    def __str__(self) -> str:
        tries = f", {self.deliveries} tries" if self.deliveries else ""
        return f"{self.posts} POST, {len(self.charged)} task{tries}, {self.waited:.0f} s: {self.outcome}"


class Bench:
    """One simulator and one client on one clock."""

    def __init__(self, provider: str, colour: str, **options: Any) -> None:
        self.clock = ManualClock()
        self.simulator = Simulator(provider, clock=self.clock)  # type: ignore[arg-type]
        self._runner = asyncio.Runner() if colour == "async" else None
        sync = self._runner is None
        transport: Any = self.simulator.transport() if sync else self.simulator.async_transport()
        self.client: Any = CLIENTS[provider, colour]("sim-key", transport=transport, clock=self.clock, **options)
        self.request = REQUESTS[provider]

    def do(self, call: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Call, and await if need be."""
        if self._runner is None:
            return call(*arguments, **keywords)

        async def run() -> Any:
            answer = call(*arguments, **keywords)
            return await answer if inspect.isawaitable(answer) else answer

        return self._runner.run(run())

    def close(self) -> None:
        """Close the client and its loop."""
        self.do(self.client.close if self._runner is None else self.client.aclose)
        if self._runner is not None:
            self._runner.close()

    def run(self, operation: str, fault: Any, *, accepted: bool | None, times: int, path: Path) -> Cell:
        """Make a film; the fault strikes at one step, and the time of that step is taken."""
        task: Any = None
        error: BaseException | None = None
        started = self.clock.now()
        try:
            for step in OPERATIONS:
                if step == operation:
                    self.simulator.fail_next(fault, operation=step, times=times, accepted=accepted)  # type: ignore[arg-type]
                    started = self.clock.now()
                if step == "submit":
                    task = self.do(self.client.videos.create, **self.request)
                elif step == "poll":
                    task = self.do(task.wait, timeout=PATIENCE)
                else:
                    self.do(task.download, path)
                if step == operation:
                    break
        except Exception as raised:  # noqa: BLE001 - which one it is, is the question
            error = raised
        return Cell(
            outcome="done" if error is None else type(error).__name__,
            error=error,
            task_id=None if task is None else task.id,
            posts=self.simulator.received["submit"],
            charged=tuple(charge.task for charge in self.simulator.ledger),
            waited=self.clock.now() - started,
            saved=path.read_bytes() if path.exists() else None,
        )


def render(cells: Mapping[tuple[str, ...], Cell]) -> str:
    """One line per fault and step, one column per client: POSTs seen, tasks charged, seconds waited, outcome."""
    columns = [f"{provider} {colour}" for provider, colour in CLIENTS]
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for (fault, operation, times, provider, colour), cell in cells.items():
        rows.setdefault((operation, fault, times), {})[f"{provider} {colour}"] = str(cell)
    table = [("step", "fault", "times", *columns)]
    table += [(*row, *(texts.get(column, "") for column in columns)) for row, texts in rows.items()]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n" + "\n".join(lines)


def publish(cells: Mapping[tuple[str, ...], Cell]) -> None:
    """Print the table, which `pytest -s` shows, and write it to the file that VIDGATE_FAULT_MATRIX names."""
    text = render(cells)
    print(text)  # noqa: T201 - for people
    if place := os.environ.get("VIDGATE_FAULT_MATRIX"):
        Path(place).write_text(text.lstrip() + "\n", encoding="utf-8")
