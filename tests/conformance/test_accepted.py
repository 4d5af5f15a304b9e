"""Few requests hold every value that must be taken; each of them is valid, and the same seed makes the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import _plans
from conformance._accepted import PAIRED, alone, documented, is_ambiguous, rows, values
from conformance._bodies import invalid
from conformance._judge import prepare
from conformance._lives import PLANS
from conformance.subjects import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance._run import Run
    from conformance._settings import ProviderName

PROVIDERS: tuple[ProviderName, ...] = ("evolink", "apimart")
MOST_PAID = 40


@pytest.fixture(params=PROVIDERS)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """A run on an honest simulator that has not begun."""
    with in_process(request.param) as reach:
        yield prepare(reach, seed=3)


def test_every_value_is_in_a_request(run: Run) -> None:
    """And none got lost when they were put together."""
    held = [(row.model, name, repr(value)) for row in rows(run) for name, value in row.body.items()]
    for value in values(run):
        for name, member in value.members.items():
            assert (value.model, name, repr(member)) in held


def test_every_request_is_valid_and_plain(run: Run) -> None:
    """The contract has nothing against it, nor have the documents among themselves."""
    for row in rows(run):
        assert invalid(run, row.body) == []
        assert not is_ambiguous(row.body)
        for value in row.values:
            assert invalid(run, alone(run, value)) == []
            assert value.members.items() <= row.body.items()


def test_they_are_few(run: Run) -> None:
    """Together with all other lives they stay below what a run may cost."""
    planned = len(rows(run)) + len(_plans.defaults(run)) + len(documented(run)) + _plans.TOGETHER
    assert planned + len(PLANS) <= MOST_PAID


def test_pairs_of_values_meet(run: Run) -> None:
    """Nearly every two values of fields that belong together are in one request, whatever the model."""
    bodies = [*documented(run).values(), *(row.body for row in rows(run))]
    told = [{f"{name} {str(body[name]).lower()}" for name in body.keys() & PAIRED} for body in bodies]
    every = set[str]().union(*told)
    lengths = {text for text in every if text.startswith("duration")}
    shapes = {text for text in every if text.startswith(("resolution", "aspect_ratio"))}
    missing = [(one, two) for one in lengths for two in shapes if not any({one, two} <= found for found in told)]
    assert len(missing) <= 2


def test_the_seed_decides(run: Run) -> None:
    """The same requests for the same seed, others for another."""
    first = [row.body for row in rows(run)]
    assert [row.body for row in rows(run)] == first
    run.seed = 4
    assert [row.body for row in rows(run)] != first


def test_contradicted_examples_are_left_out() -> None:
    """Scenario 3 of APIMart sends three images without the type that another sentence asks for."""
    with in_process("apimart") as reach:
        run = prepare(reach)
        shown = documented(run)
    assert shown
    assert not any("scenario-3" in name for name in shown)
    assert all(len(body.get("image_urls", ())) < 2 for body in shown.values())
