"""A batch: each item paid for once, however often it is run, and never beyond the ceiling."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink, errors
from vidgate.journal import Journal
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MODEL = "gemini-omni-flash-text-to-video"
CLIENTS: Mapping[tuple[str, str], Any] = {
    ("evolink", "sync"): EvoLink,
    ("evolink", "async"): AsyncEvoLink,
    ("apimart", "sync"): APIMart,
    ("apimart", "async"): AsyncAPIMart,
}


def request(prompt: str = "A paper boat", **more: Any) -> dict[str, Any]:
    """A request that EvoLink takes."""
    return {"model": MODEL, "prompt": prompt, **more}


class Shop:
    """A simulator, a journal and clients on them; each `client` is a new one, as after a restart."""

    def __init__(self, provider: str, colour: str, place: Path) -> None:
        self.clock = ManualClock()
        self.simulator = Simulator(provider, clock=self.clock, seconds=30.0)  # type: ignore[arg-type] # a name
        self.provider, self.colour = provider, colour
        self.journal = place / "journal.sqlite3"
        self.runner = asyncio.Runner() if colour == "async" else None
        self.posts: list[dict[str, Any]] = []
        self.answer: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self.opened: list[Any] = []

    def client(self, **options: Any) -> Any:
        """A new client on the same journal."""
        inner: Any = self.simulator.transport() if self.colour == "sync" else self.simulator.async_transport()
        made = CLIENTS[self.provider, self.colour](
            "sim-key", transport=_Watched(self, inner), clock=self.clock, journal=self.journal, attempts=1, **options
        )
        self.opened.append(made)
        return made

    def run(self, items: Mapping[str, Any], *, stop_after: int | None = None, **options: Any) -> list[Any]:
        """One run of a new process: the outcomes, all or the first few; `self.batch` is what they came from."""
        limits = {
            name: options.pop(name) for name in ("max_in_flight", "max_credits", "credits_per_item") if name in options
        }
        self.batch = self.client().batch("posters", **limits)
        outcomes = self.batch.run(items.items(), **options)
        if self.runner is None:
            return _first(outcomes, stop_after)
        return self.runner.run(_afirst(outcomes, stop_after))

    def close(self) -> None:
        """Close everything."""
        for client in self.opened:
            if self.runner is None:
                client.close()
            else:
                self.runner.run(client.aclose())
        if self.runner is not None:
            self.runner.close()


class _Watched(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Counts POSTs, and answers some of them in the simulator's place."""

    leaves_process = False

    def __init__(self, shop: Shop, inner: Any) -> None:
        self.shop, self.inner = shop, inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request) or self.inner.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request) or await self.inner.handle_async_request(request)

    def _answer(self, request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        self.shop.posts.append(json.loads(request.content))
        return self.shop.answer(request)


def _first(outcomes: Iterator[Any], count: int | None) -> list[Any]:
    found: list[Any] = []
    for outcome in outcomes:
        found.append(outcome)
        if len(found) == count:
            outcomes.close()  # type: ignore[attr-defined] # a generator
            break
    return found


async def _afirst(outcomes: Any, count: int | None) -> list[Any]:
    found: list[Any] = []
    async for outcome in outcomes:
        found.append(outcome)
        if len(found) == count:
            await outcomes.aclose()
            break
    return found


@pytest.fixture
def shop(colour: str, tmp_path: Path) -> Iterator[Shop]:
    """EvoLink."""
    made = Shop("evolink", colour, tmp_path)
    yield made
    made.close()


@pytest.fixture
def apimart(colour: str, tmp_path: Path) -> Iterator[Shop]:
    """APIMart, which does not say what it reserves."""
    made = Shop("apimart", colour, tmp_path)
    yield made
    made.close()


def charged(shop: Shop) -> int:
    """How many submissions the provider has charged for."""
    return sum(charge.credits > 0 for charge in shop.simulator.ledger)


def test_every_item_is_submitted_waited_for_and_saved(shop: Shop, tmp_path: Path) -> None:
    """One POST, one charge and one whole file each."""
    items = {f"poster-{number}": request(f"Poster {number}") for number in range(5)}
    outcomes = shop.run(items, into=tmp_path / "out", max_in_flight=2)
    assert sorted(outcome.item for outcome in outcomes) == sorted(items)
    assert all(outcomes)
    assert [post["prompt"] for post in shop.posts] == [f"Poster {number}" for number in range(5)]
    assert charged(shop) == 5
    for outcome in outcomes:
        assert outcome.paths == (tmp_path / "out" / f"{outcome.item}.mp4",)
        assert outcome.paths[0].stat().st_size > 1000
        assert outcome.task.status == "completed"
    assert shop.batch.stopped is None
    assert shop.batch.spent == sum(outcome.credits for outcome in outcomes)


def test_no_more_than_asked_for_are_in_flight(shop: Shop) -> None:
    """The third is submitted when one of the first two has ended."""
    running: list[int] = []

    def count(_: httpx.Request) -> None:
        now = shop.clock.now()
        running.append(sum(not task.at(now).is_final for task in shop.simulator.tasks._tasks.values()))

    shop.answer = count
    shop.run({str(number): request() for number in range(6)}, max_in_flight=2)
    assert max(running) == 1  # beside the one that is being submitted
    assert len(running) == 6


def test_a_second_run_pays_for_nothing(shop: Shop, tmp_path: Path) -> None:
    """What is done is reported from the journal, with its files."""
    items = {"a": request(), "b": request()}
    shop.run(items, into=tmp_path / "out")
    outcomes = shop.run(items, into=tmp_path / "out")
    assert len(shop.posts) == 2
    assert [(bool(outcome), outcome.task, len(outcome.paths)) for outcome in outcomes] == [(True, None, 1)] * 2


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_an_interrupted_run_is_taken_up(shop: Shop, tmp_path: Path, stop_after: int) -> None:
    """Whatever was submitted is waited for and saved, whatever was not is submitted now."""
    items = {str(number): request() for number in range(6)}
    first = shop.run(items, into=tmp_path / "out", stop_after=stop_after, max_in_flight=3)
    assert len(first) == stop_after
    submitted = len(shop.posts)
    assert stop_after <= submitted < 6
    outcomes = shop.run(items, into=tmp_path / "out", max_in_flight=3)
    assert sorted(outcome.item for outcome in outcomes) == sorted(items)
    assert all(outcomes)
    assert len(shop.posts) == charged(shop) == 6
    assert len(list((tmp_path / "out").glob("*.mp4"))) == 6


def test_a_file_that_the_killed_run_could_not_write_down_is_saved_anew(shop: Shop, tmp_path: Path) -> None:
    """Its name is the item's own, so it is in nobody's way."""
    shop.run({"a": request(), "b": request()}, stop_after=1, max_in_flight=2)
    (tmp_path / "out").mkdir()
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / "out" / name).write_bytes(b"whole, but nobody knows")
    assert all(shop.run({"a": request(), "b": request()}, into=tmp_path / "out"))
    assert {path.stat().st_size > 1000 for path in (tmp_path / "out").glob("*.mp4")} == {True}


def test_the_ceiling_holds_over_all_runs(shop: Shop) -> None:
    """The first item shows the price; nothing is submitted that would lead beyond, in this run or the next."""
    items = {str(number): request(duration=6) for number in range(9)}
    (first,) = shop.run({"0": items["0"]})
    price = first.credits
    assert price > 0
    shop.run(items, max_credits=3.5 * price)
    assert len(shop.posts) == 3
    assert shop.batch.spent == 3 * price
    assert shop.batch.stopped is not None
    assert shop.batch.stopped.startswith(f"before 3: {3 * price:g} of {3.5 * price:g} credits are spent")
    shop.run(items, max_credits=3.5 * price)
    assert len(shop.posts) == 3
    shop.run(items, max_credits=4 * price)
    assert len(shop.posts) == 4


def test_a_given_price_holds_for_the_first_item_already(shop: Shop) -> None:
    """With the most that an item can cost, the ceiling is never passed."""
    assert shop.run({"a": request()}, max_credits=10, credits_per_item=11) == []
    assert shop.posts == []


def test_a_failed_task_is_refunded_and_not_paid_again(shop: Shop) -> None:
    """It does not count against the ceiling, and it is reported every time."""
    items = {"bad": request("POLICY_VIOLATION"), "good": request()}
    outcomes: dict[str, Any] = {}
    for _ in range(2):
        outcomes = {outcome.item: outcome for outcome in shop.run(items)}
        assert isinstance(outcomes["bad"].error, errors.TaskFailed)
        assert outcomes["good"]
    assert len(shop.posts) == 2
    shop.run(items)
    assert shop.batch.spent == outcomes["good"].credits


@pytest.mark.parametrize("unclear", [502, 200])
def test_an_unknown_outcome_is_listed_and_never_sent_again(shop: Shop, unclear: int) -> None:
    """The item says how to settle it, in this run and in the next; it counts as paid."""
    items = {"a": request("first"), "b": request("second")}
    shop.answer = lambda sent: httpx.Response(unclear, text="?") if b"first" in sent.content else None
    for _ in range(2):
        outcomes = {outcome.item: outcome for outcome in shop.run(items)}
        assert isinstance(outcomes["a"].error, errors.SubmitUnknown)
        assert f"vidgate recover {outcomes['a'].submit_id}" in str(outcomes["a"].error)
        assert outcomes["b"]
    assert [post["prompt"] for post in shop.posts] == ["first", "second"]


def test_a_gateway_that_answers_nothing_clear_stops_the_batch(shop: Shop) -> None:
    """Three submissions of unknown outcome are enough."""
    shop.answer = lambda _: httpx.Response(502, text="?")
    outcomes = shop.run({str(number): request() for number in range(9)}, max_in_flight=9)
    assert len(outcomes) == len(shop.posts) == 3
    assert shop.batch.stopped == "after 2: nobody knows the outcome of 3 submissions"


@pytest.mark.parametrize("status", [401, 402, 403, 429])
def test_a_refusal_that_concerns_all_stops_the_batch(shop: Shop, status: int) -> None:
    """The items after it are not tried; once it is mended, they are."""
    items = {str(number): request() for number in range(4)}
    shop.answer = lambda _: httpx.Response(status, json={"error": {"code": "x", "message": "no"}})
    (outcome,) = shop.run(items)
    assert isinstance(outcome.error, errors.APIError)
    assert shop.batch.stopped is not None
    assert len(shop.posts) == 1
    shop.answer = lambda _: None
    assert all(shop.run(items))
    assert charged(shop) == 4


def test_a_wrong_item_does_not_stop_the_others(shop: Shop) -> None:
    """One refused offline, one refused by the provider, one good."""
    shop.answer = lambda sent: (
        httpx.Response(400, json={"error": {"code": "invalid_parameter", "message": "no"}})
        if b"refused" in sent.content
        else None
    )
    items = {"offline": request(duration=99), "online": request("refused"), "good": request()}
    outcomes = {outcome.item: type(outcome.error) for outcome in shop.run(items)}
    assert outcomes == {"offline": errors.InvalidRequest, "online": errors.BadRequest, "good": type(None)}


def test_two_at_once_pay_once(shop: Shop) -> None:
    """While one process submits an item, another that read the journal before is refused it."""
    rival = shop.client().batch("posters")
    rival._state.read_journal()
    shop.run({"a": request()})
    flow = rival._state.engine.item_submission("posters", "a", request())
    with pytest.raises(errors.AlreadySubmitted) as caught:
        rival._client.run(flow) if shop.runner is None else shop.runner.run(rival._client.run(flow))
    assert caught.value.task_id is not None
    assert len(shop.posts) == 1


def test_another_batch_has_items_of_its_own(shop: Shop) -> None:
    """The same name in another batch is another item."""
    shop.run({"a": request()})
    batch = shop.client().batch("leaflets")
    outcomes = batch.run([("a", request())])
    found = _first(outcomes, None) if shop.runner is None else shop.runner.run(_afirst(outcomes, None))
    assert all(found)
    assert len(shop.posts) == 2
    assert {(entry.batch, entry.item) for entry in Journal(shop.journal).entries()} == {
        ("posters", "a"),
        ("leaflets", "a"),
    }


def test_a_name_that_is_there_twice_is_refused_once(shop: Shop) -> None:
    """The first one counts."""
    outcomes = shop.run(_Pairs([("a", request()), ("a", request("other"))]))  # type: ignore[arg-type] # has items()
    assert len(shop.posts) == 1
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [errors.ConfigurationError]


class _Pairs:
    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, Any]]:
        """As a dict would, but for repeated names."""
        return self._pairs


def test_a_provider_that_names_no_price_needs_one_for_a_ceiling(apimart: Shop) -> None:
    """APIMart does not say what it reserves."""
    item = {"model": "Omni-Flash-Ext", "prompt": "A paper boat"}
    with pytest.raises(errors.ConfigurationError, match="does not say what a submission reserves"):
        apimart.run({"a": item}, max_credits=10)
    apimart.run({str(number): item for number in range(9)}, max_credits=10, credits_per_item=4)
    assert len(apimart.posts) == 2
    assert apimart.batch.spent == 8


WRONG: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nobody in flight": ({"max_in_flight": 0}, {}),
    "no credits": ({"max_credits": 0}, {}),
    "endless credits": ({"max_credits": float("nan")}, {}),
    "one name for all": ({}, {"into": "out", "template": "film.{ext}"}),
    "out of the folder": ({}, {"into": "out", "template": "../{item}.{ext}"}),
    "no deadline": ({}, {"timeout": float("inf")}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_settings_are_refused_before_anything_is_sent(shop: Shop, case: str) -> None:
    """With what to give instead."""
    limits, options = WRONG[case]
    with pytest.raises(errors.ConfigurationError) as caught:
        shop.run({"a": request()}, **limits, **options)
    assert caught.value.hint
    assert shop.posts == []


def test_without_a_journal_there_is_no_batch() -> None:
    """It could not know what was paid for."""
    with (
        EvoLink("sim-key", transport=Simulator("evolink").transport(), journal=False) as client,
        pytest.raises(errors.ConfigurationError, match="keeps no journal"),
    ):
        client.batch("posters")


def test_item_names_are_safe_in_paths(shop: Shop, tmp_path: Path) -> None:
    """A name that leads elsewhere becomes a name."""
    (outcome,) = shop.run({"../../etc/passwd": request()}, into=tmp_path / "out")
    assert outcome
    assert outcome.paths[0].parent == tmp_path / "out"
