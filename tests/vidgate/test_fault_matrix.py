"""Every fault at every step, sync and async, for both providers; `pytest -s` prints the matrix.

The clock is the test's, and hanging moves it: what a client waits for is measured, not endured.
"""

from __future__ import annotations

import asyncio
import inspect
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink, errors
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
TIMES = {"once": 1, "always": 1_000}
PATIENCE = 120.0
# Seconds by which an end may be overshot: the shortest read a client allows itself, and one drop of a drip.
SLACK = 2.0
# A submission: one answer of up to four read timeouts, its attempts, the pauses between them.
LONGEST_SUBMISSION = 4 * 30.0 + 60.0 + SLACK
# A download has no end of its own, but so many attempts, each with at most one silence; a drip is no silence.
LONGEST_DOWNLOAD = 3 * (60.0 + 60.0) + 3 * 400.0 + SLACK


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one cell of the matrix showed."""

    outcome: str
    error: BaseException | None
    task_id: str | None
    posts: int
    charged: tuple[str, ...]
    waited: float
    saved: bytes | None


class Bench:
    """One simulator and one client on one clock."""

    def __init__(self, provider: str, colour: str) -> None:
        self.clock = ManualClock()
        self.simulator = Simulator(provider, clock=self.clock)  # type: ignore[arg-type]
        self._runner = asyncio.Runner() if colour == "async" else None
        sync = self._runner is None
        transport: Any = self.simulator.transport() if sync else self.simulator.async_transport()
        self.client: Any = CLIENTS[provider, colour]("sim-key", transport=transport, clock=self.clock)
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


@pytest.fixture(scope="module")
def matrix() -> Iterator[dict[tuple[str, ...], Cell]]:
    """Collects the cells, and prints them at the end; pytest shows it with `-s`."""
    cells: dict[tuple[str, ...], Cell] = {}
    yield cells
    if cells:
        print(render(cells))  # noqa: T201 - for people: `pytest -s`


def render(cells: dict[tuple[str, ...], Cell]) -> str:
    """One line per fault and step, one column per client: POSTs seen, tasks charged, seconds waited, outcome."""
    columns = [f"{provider} {colour}" for provider, colour in CLIENTS]
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for (fault, operation, times, provider, colour), cell in cells.items():
        text = f"{cell.posts} POST, {len(cell.charged)} task, {cell.waited:.0f} s: {cell.outcome}"
        rows.setdefault((operation, fault, times), {})[f"{provider} {colour}"] = text
    table = [("step", "fault", "times", *columns)]
    table += [(*row, *(texts.get(column, "") for column in columns)) for row, texts in rows.items()]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n" + "\n".join(lines)


@pytest.mark.filterwarnings("ignore::vidgate.errors.VidgateWarning")
@pytest.mark.parametrize(("provider", "colour"), CLIENTS, ids=[f"{provider}-{colour}" for provider, colour in CLIENTS])
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_at_most_one_task(
    *,
    fault: str,
    operation: str,
    times: str,
    provider: str,
    colour: str,
    matrix: dict[tuple[str, ...], Cell],
    tmp_path: Path,
) -> None:
    """No task is paid twice or lost, nothing foreign is raised, and nobody waits past the end of his patience."""
    bench = Bench(provider, colour)
    name, accepted = FAULTS[fault]
    try:
        cell = bench.run(operation, name, accepted=accepted, times=TIMES[times], path=tmp_path / "film.mp4")
    finally:
        bench.close()
    matrix[fault, operation, times, provider, colour] = cell
    assert cell.error is None or isinstance(cell.error, errors.VidgateError)
    assert len(cell.charged) <= 1
    if cell.task_id is not None:
        assert cell.charged == (cell.task_id,)
    if cell.charged and cell.task_id is None:
        # Paid, and the caller holds no task: the error must say that nobody knows, and how to settle it.
        assert isinstance(cell.error, errors.SubmitUnknown)
        assert cell.error.idempotency_key
    # Only a refusal that asks for it is answered with a second POST.
    assert cell.posts == 1 or (fault == "429" and operation == "submit" and cell.posts <= 3)
    if operation == "submit":
        assert cell.waited <= LONGEST_SUBMISSION
    if operation == "poll":
        assert cell.waited <= PATIENCE + SLACK
        # A redirect is no passing fault: somebody else answers. The task is still there to be asked for.
        assert times == "always" or fault == "redirect" or cell.outcome == "done"
    if operation == "download":
        assert cell.waited <= LONGEST_DOWNLOAD
        assert cell.saved is None or cell.saved[4:8] == b"ftyp"
        assert (cell.saved is not None) == (cell.outcome == "done")


@pytest.mark.parametrize("fault", ["hang, carried out", "reset after reading", "502 page, carried out", "truncated"])
@pytest.mark.parametrize(("provider", "colour"), CLIENTS, ids=[f"{provider}-{colour}" for provider, colour in CLIENTS])
def test_an_unknown_submission_is_settled_with_its_key(provider: str, colour: str, fault: str) -> None:
    """The same request with the key of the error brings back the task that was paid for."""
    bench = Bench(provider, colour)
    name, accepted = FAULTS[fault]
    bench.simulator.fail_next(name, operation="submit", accepted=accepted)
    try:
        with pytest.raises(errors.SubmitUnknown) as caught:
            bench.do(bench.client.videos.create, **bench.request)
        again = bench.client.with_options(idempotency_key=caught.value.idempotency_key)
        task = bench.do(again.videos.create, **bench.request)
    finally:
        bench.close()
    assert [charge.task for charge in bench.simulator.ledger] == [task.id]


def test_the_matrix_is_drawn() -> None:
    """One line per fault and step, with the POSTs of each client."""
    cell = Cell(outcome="done", error=None, task_id="t", posts=1, charged=("t",), waited=8.0, saved=None)
    text = render({("429", "poll", "once", provider, colour): cell for provider, colour in CLIENTS})
    head, line = text.strip().splitlines()
    assert head.split("  ")[0] == "step"
    assert line.count("1 POST, 1 task, 8 s: done") == 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Simulator("evolink").received == {"submit": 0, "poll": 0, "download": 0}
