"""Batches in bad company: odd names, changed requests, lost files, prices that nobody names."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.test_batch import Shop, charged, request
from vidgate import errors
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def market(colour: str, tmp_path: Path) -> Iterator[Shop]:
    """EvoLink."""
    made = Shop("evolink", colour, tmp_path)
    yield made
    made.close()


NAMES: dict[str, Any] = {
    "half a pair": "poster-\ud800",
    "NUL": "poster\0",
    "empty": "",
    "blank": " ",
    "number": 5,
    "none": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_an_item_that_cannot_be_written_down_is_not_paid(market: Shop, name: str) -> None:
    """It is refused with an error of ours, and the next one is made."""
    first, second = market.run({NAMES[name]: request(), "fine": request()})
    assert isinstance(first.error, errors.ConfigurationError)
    assert bool(second)
    assert charged(market) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_needs_a_name_that_can_be_written_down(market: Shop, name: str) -> None:
    """Before anything is sent."""
    with pytest.raises(errors.ConfigurationError, match="no name of a batch"):
        market.client().batch(NAMES[name])


@pytest.mark.parametrize("value", ["4", 2.5, True, 0, None])
def test_a_number_of_tasks_is_a_whole_one(market: Shop, value: Any) -> None:
    """Whatever else is given is an error of ours."""
    with pytest.raises(errors.ConfigurationError, match="max_in_flight"):
        market.client().batch("posters", max_in_flight=value)


@pytest.mark.parametrize("value", ["100", True, float("nan"), float("inf"), -1, 0])
def test_a_ceiling_is_a_number_of_credits(market: Shop, value: Any) -> None:
    """Whatever else is given is an error of ours."""
    with pytest.raises(errors.ConfigurationError, match="max_credits"):
        market.client().batch("posters", max_credits=value)


def test_a_changed_request_is_not_paid_but_told(market: Shop) -> None:
    """The item's name decides; that its request is another one now, nobody should learn from the film."""
    market.run({"a": request("A boat"), "b": request("Rain")})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        again = market.run({"a": request("A kite"), "b": request("Rain")})
    assert [str(warning.message).partition(",")[0] for warning in told] == [
        "The item 'a' was submitted with another request"
    ]
    assert [bool(outcome) for outcome in again] == [True, True]
    assert charged(market) == 2


def test_a_file_that_was_deleted_is_fetched_again(market: Shop, tmp_path: Path) -> None:
    """An item counts as saved as long as its file is there."""
    place = tmp_path / "films"
    market.run({"a": request(), "b": request()}, into=place)
    (place / "a.mp4").unlink()
    outcomes = market.run({"a": request(), "b": request()}, into=place)
    assert [bool(outcome) for outcome in outcomes] == [True, True]
    assert sorted(path.name for path in place.iterdir()) == ["a.mp4", "b.mp4"]
    assert charged(market) == 2


def price(market: Shop, credits_reserved: object) -> None:
    """Have every submission answered with this price."""

    def answer(_: httpx.Request) -> httpx.Response:
        body = {"id": f"task-unified-{len(market.posts)}", "status": "failed", "created": 1_800_000_000}
        return httpx.Response(200, json={**body, "usage": {"credits_reserved": credits_reserved}})

    market.answer = answer


@pytest.mark.parametrize("named", [None, "60", -60, 10**400])
def test_a_ceiling_without_prices_is_kept_by_stopping(market: Shop, named: object) -> None:
    """Where the first answer does not say what it costs, a second one might cost anything."""
    price(market, named)
    market.run({name: request() for name in "abcd"}, max_credits=100.0)
    assert len(market.posts) == 1
    assert "did not say what a submission costs" in market.batch.stopped


def test_every_outcome_has_its_name_in_the_journal(market: Shop) -> None:
    """Whether this run submitted the item or an earlier one."""
    items = {"a": request(), "b": request("Rain")}
    first, again = market.run(items), market.run(items)
    kept = {entry.item: entry.submit_id for entry in Journal(market.journal).entries()}
    assert {outcome.item: outcome.submit_id for outcome in first} == kept
    assert {outcome.item: outcome.submit_id for outcome in again} == kept


def test_a_request_that_cannot_be_compared_is_no_obstacle(market: Shop) -> None:
    """What the item was submitted with counts, whatever stands there now."""
    market.run({"a": request()})
    (outcome,) = market.run({"a": request(seed=object())})
    assert bool(outcome)
    assert charged(market) == 1


def test_a_deleted_file_that_nobody_asks_for_is_left(market: Shop, tmp_path: Path) -> None:
    """Without a place to save to, an item that was saved is done, and nothing is asked of the provider."""
    market.run({"a": request()}, into=tmp_path)
    (tmp_path / "a.mp4").unlink()
    (outcome,) = market.run({"a": request()})
    assert outcome.task is None
    assert outcome.paths == (tmp_path / "a.mp4",)


def test_one_of_two_files_that_was_deleted_is_a_loss(
    market: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item is saved as long as all of its files are there."""
    market.run({"a": request()}, into=tmp_path)
    state = market.client().batch("posters")._state
    (entry,) = state.engine.kept().entries(batch="posters")
    for gone, lost in (((), set[str]()), ((str(tmp_path / "second.mp4"),), {"a"})):
        found = [replace(entry, files=(*entry.files, *gone))]
        monkeypatch.setattr(state.engine.kept(), "entries", lambda found=found, **_: found)
        state.read_journal()
        assert state.lost == lost


def test_what_has_no_price_counts_until_the_journal_is_read_again(market: Shop) -> None:
    """Each run begins with what the journal says, and there a refunded task is none of the costs."""
    state = market.client().batch("posters", max_credits=100.0)._state
    state.spend(request(), None)
    assert "did not say what a submission costs" in state.ceiling_of(request())
    state.read_journal()
    assert state.ceiling_of(request()) is None
