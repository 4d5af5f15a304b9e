"""Every fault at every step, sync and async, for both providers; `pytest -s` prints the matrix.

Steps: `submit`, `poll` and `download` are the client's own requests. `callback` is the provider's delivery to the
receiver, and `confirm` the receiver's question afterwards; on which side each fault strikes there is told in
`fault_callbacks`. VIDGATE_FAULT_MATRIX names a file for the table.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from tests.vidgate.fault_bench import CLIENTS, FAULTS, OPERATIONS, PATIENCE, TIMES, Bench, Cell, publish, render
from tests.vidgate.fault_callbacks import DELIVERY_FAULTS, run_callback
from vidgate import errors
from vidgate._webhooks.app import LONGEST_JUDGING, LONGEST_READ
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Seconds by which an end may be overshot: the shortest read a client allows itself, and one drop of a drip.
SLACK = 2.0
# A submission: one answer of up to four read timeouts, its attempts, the pauses between them.
LONGEST_SUBMISSION = 4 * 30.0 + 60.0 + SLACK
# A download has no end of its own, but so many attempts, each with at most one silence; a drip is no silence.
LONGEST_DOWNLOAD = 3 * (60.0 + 60.0) + 3 * 400.0 + SLACK
# A question: three answers of up to four read timeouts, and the pauses between them.
LONGEST_READING = 3 * 4 * 15.0 + 60.0 + SLACK
# Four tries of ten seconds, with APIMart's pauses between them.
LONGEST_DELIVERY = 4 * 12.0 + 10.0 + 30.0 + 60.0
MATRIX = [pytest.param(*key, id="-".join(key)) for key in CLIENTS]


@pytest.fixture(scope="module")
def matrix() -> Iterator[dict[tuple[str, ...], Cell]]:
    """Collects the cells, and publishes them at the end."""
    cells: dict[tuple[str, ...], Cell] = {}
    yield cells
    if cells:
        publish(cells)


def check(cell: Cell) -> None:
    """What holds in every cell: nothing foreign is raised, and no task is paid for twice or lost."""
    assert cell.error is None or isinstance(cell.error, errors.VidgateError)
    assert len(cell.charged) <= 1
    if cell.task_id is not None:
        assert cell.charged == (cell.task_id,)


@pytest.mark.filterwarnings("ignore::vidgate.errors.VidgateWarning")
@pytest.mark.parametrize(("provider", "colour"), MATRIX)
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
    check(cell)
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


@pytest.mark.filterwarnings("ignore::vidgate.errors.VidgateWarning")
@pytest.mark.parametrize(("provider", "colour"), MATRIX)
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize(
    ("side", "fault"), [*(("callback", fault) for fault in DELIVERY_FAULTS), *(("confirm", fault) for fault in FAULTS)]
)
def test_a_fault_around_a_callback_loses_no_task(
    *,
    fault: str,
    side: str,
    times: str,
    provider: str,
    colour: str,
    matrix: dict[tuple[str, ...], Cell],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer to the submission was lost: one delivery that comes through settles it, and nothing is sent again."""
    cell = run_callback(provider, colour, side, fault, times=TIMES[times], place=tmp_path, patch=monkeypatch)
    matrix[fault, side, times, provider, colour] = cell
    check(cell)
    assert (cell.posts, len(cell.charged)) == (1, 1)
    assert cell.longest_answer < 10.0
    assert cell.waited <= (LONGEST_READING if side == "confirm" else LONGEST_DELIVERY)
    # Named by the callback, and no more than that when the provider could not be asked; else the request is there
    # to be sent again under its key.
    assert cell.state in {"completed", "named", "unknown, with its request"}
    if side == "confirm":
        assert cell.task_id is not None
        assert (cell.state == "completed") == (cell.error is None)
        # A redirect does not pass by itself, and a drip uses up all the patience there is.
        assert times == "always" or fault in {"redirect", "slow drip"} or cell.state == "completed"
    elif times == "once" and (fault, provider) != ("429", "apimart"):
        assert cell.state == "completed"  # APIMart takes any 4xx for the end of it


def test_an_answer_to_a_callback_leaves_time() -> None:
    """Reading and judging together take less than the ten seconds after which either provider gives up."""
    assert LONGEST_READ + LONGEST_JUDGING < 10.0


@pytest.mark.parametrize("fault", ["hang, carried out", "reset after reading", "502 page, carried out", "truncated"])
@pytest.mark.parametrize(("provider", "colour"), MATRIX)
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


def test_the_matrix_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line per fault and step, with the POSTs of each client; in a file for whoever wants one."""
    cell = Cell(outcome="done", error=None, task_id="t", posts=1, charged=("t",), waited=8.0, deliveries=2)
    cells: dict[tuple[str, ...], Cell] = {
        ("429", "callback", "once", provider, colour): cell for provider, colour in CLIENTS
    }
    head, line = render(cells).strip().splitlines()
    assert head.split("  ")[0] == "step"
    assert line.count("1 POST, 1 task, 2 tries, 8 s: done") == 4
    monkeypatch.setenv("VIDGATE_FAULT_MATRIX", str(tmp_path / "matrix.txt"))
    publish(cells)
    assert (tmp_path / "matrix.txt").read_text().splitlines() == [head, line]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Simulator("evolink").received == {"submit": 0, "poll": 0, "download": 0}
