"""Faults in callbacks; only EvoLink's pages describe them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import httpx

from ._model import Change
from ._patches import Sink, behaving, sinking
from ._rows import EVOLINK, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vidgate.simulator import Simulator

GOOD = range(200, 300)
OK = 200
FAILED = 500


def receives(
    *,
    body: Callable[[dict[str, Any], int], Any] | None = None,
    headers: Callable[[dict[str, str]], dict[str, str]] | None = None,
    url: Callable[[str], str] | None = None,
    only: Callable[[dict[str, Any]], bool] | None = None,
) -> Change:
    """What is sent is something else; `only`: whether it is sent at all. `body` gets the number of the delivery."""

    def make(sink: Sink, _: Simulator) -> Sink:
        count = 0

        def send(content: bytes, given: Mapping[str, str], address: str) -> object:
            nonlocal count
            task = json.loads(content)
            if only is not None and not only(task):
                return OK
            count += 1
            if body is not None:
                content = json.dumps(body(task, count)).encode()
            return sink(content, given if headers is None else headers(dict(given)), url(address) if url else address)

        return send

    return sinking(make)


def answers(change: Callable[[int], int]) -> Change:
    """What the receiver answered is taken for another status."""

    def make(sink: Sink, _: Simulator) -> Sink:
        def send(content: bytes, given: Mapping[str, str], address: str) -> int:
            return change(_status(sink(content, given, address)))

        return send

    return sinking(make)


def _status(answer: object) -> int:
    found = getattr(answer, "status_code", answer)
    return found if isinstance(found, int) else 0


def _impatient(sink: Sink, simulator: Simulator) -> Sink:
    def send(content: bytes, given: Mapping[str, str], address: str) -> object:
        started = simulator.clock.now()
        answer = sink(content, given, address)
        if simulator.clock.now() - started > simulator.courier.patience * simulator.courier.scale / 2:
            raise httpx.ReadTimeout("gave up after five seconds")
        return answer

    return send


def _patient(simulator: Simulator) -> None:
    simulator.courier.patience *= 10


def due(when: Callable[[Any], float]) -> Change:
    """Callbacks are sent at another time; `when` is asked with the task."""

    def patch(simulator: Simulator) -> None:
        honest = simulator.courier.expect

        def expect(task: str, url: str, _: float, write: Callable[[], dict[str, Any]]) -> None:
            honest(task, url, when(simulator.tasks.find(task)), write)

        cast("Any", simulator.courier).expect = expect

    return Change(simulator=patch)


def _also_half_way(simulator: Simulator) -> None:
    honest = simulator.courier.expect

    def expect(task: str, url: str, at: float, write: Callable[[], dict[str, Any]]) -> None:
        found = cast("Any", simulator.tasks.find(task))
        honest(task, url, found.created + found.seconds / 2, write)
        honest(task, url, at, write)

    cast("Any", simulator.courier).expect = expect


def _twice(simulator: Simulator) -> None:
    honest = simulator.courier.expect

    def expect(task: str, url: str, at: float, write: Callable[[], dict[str, Any]]) -> None:
        honest(task, url, at, write)
        honest(task, url, at, write)

    cast("Any", simulator.courier).expect = expect


def _billed_late(simulator: Simulator) -> None:
    """Charges appear three seconds after the end of a task, and its callback goes out at the end."""
    honest = simulator.tasks.charges

    def charges() -> tuple[Any, ...]:
        now = simulator.tasks.now()
        return tuple(
            charge for charge in honest() if now >= cast("Any", simulator.tasks.find(charge.task)).finished + 3
        )

    cast("Any", simulator.tasks).charges = charges


def _without(name: str) -> Callable[[dict[str, Any], int], Any]:
    return lambda task, _: {key: value for key, value in task.items() if key != name}


ROWS = tuple(
    Row(name, breaks, text, change, EVOLINK)
    for name, breaks, text, change in (
        ("none", "CB-COMPLETED", "sends no callback", receives(only=lambda _: False)),
        ("none-failed", "CB-FAILED", "sends no callback when a task fails",
         receives(only=lambda task: task["status"] != "failed")),
        ("early", "CB-AFTER-END", "sends the callback when a task begins", due(lambda task: float(task.created))),
        ("half-way", "CB-AFTER-END", "sends a callback half-way, too", Change(simulator=_also_half_way)),
        ("late", "CB-COMPLETED", "sends the callback an hour late", due(lambda task: float(task.finished) + 3600)),
        ("twice", "CB-ONCE", "sends each callback twice", Change(simulator=_twice)),
        ("after-success", "CB-ONCE", "repeats a callback that arrived",
         answers(lambda status: FAILED if status in GOOD else status)),
        ("only-200", "CB-ANY-2XX", "takes 200 alone for success",
         answers(lambda status: FAILED if status in GOOD and status != OK else status)),
        ("no-retry", "CB-RETRY", "never repeats a callback", answers(lambda _: OK)),
        ("client-errors", "CB-RETRY-ANY", "gives up on a 4xx", behaving(callback_repeats_client_errors=False)),
        ("redirects", "CB-RETRY-ANY", "takes a redirect for success",
         answers(lambda status: OK if status in range(300, 400) else status)),
        ("two-retries", "CB-RETRY-COUNT", "repeats twice", behaving(callback_pauses=(1.0, 2.0))),
        ("four-retries", "CB-RETRY-COUNT", "repeats four times", behaving(callback_pauses=(1.0, 2.0, 4.0, 8.0))),
        ("even-pauses", "CB-RETRY-PAUSES", "repeats every second", behaving(callback_pauses=(1.0, 1.0, 1.0))),
        ("long-pauses", "CB-RETRY-PAUSES", "repeats after 10, 20 and 40 seconds",
         behaving(callback_pauses=(10.0, 20.0, 40.0))),
        ("impatient", "CB-TIMEOUT", "gives up on a receiver after five seconds", sinking(_impatient)),
        ("patient", "CB-TIMEOUT", "waits 100 seconds for a receiver", Change(simulator=_patient)),
        ("envelope", "CB-BODY", "puts an envelope around the task",
         receives(body=lambda task, _: {"code": 200, "data": task})),
        ("event", "CB-BODY", "sends an event with nothing but the id",
         receives(body=lambda task, _: {"event": "task.completed", "task_id": task["id"]})),
        ("no-results", "CB-BODY", "leaves out the results", receives(body=_without("results"))),
        ("no-error", "CB-BODY", "leaves out why a task failed", receives(body=_without("error"))),
        ("processing", "CB-BODY", "sends a state that has passed",
         receives(body=lambda task, _: {**task, "status": "processing", "progress": 99})),
        ("changes", "CB-BODY-STABLE", "sends another id with each repetition",
         receives(body=lambda task, count: {**task, "created": task["created"] + count - 1})),
        ("form", "CB-CONTENT-TYPE", "says that it sends a form",
         receives(headers=lambda found: {**found, "Content-Type": "application/x-www-form-urlencoded"})),
        ("no-query", "CB-ADDRESS", "drops the query of an address", receives(url=lambda url: url.partition("?")[0])),
        ("suffix", "CB-ADDRESS", "appends to the address", receives(url=lambda url: f"{url}/callback")),
        ("unbilled", "CB-AFTER-BILLING", "sends a callback before it has charged", Change(simulator=_billed_late)),
    )
)  # fmt: skip
