"""What keeps a run on a real server within its budget.

Every request that could be paid is reserved before it is sent, as if it were accepted: also one that is to be refused,
because it is free only if the server keeps its own rules. What is free comes first; what is meant to be paid is
postponed until the end, and gets what is left. One refusal that turns out to be an acceptance, and nothing more that
could cost is sent.

No page states a price. So a request has an equal share of the credits reserved, and more where a price that an answer
has told says so: prices grow with the length and the size of the picture.
"""

from __future__ import annotations

import json
import math
import threading
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ._json import is_object
from ._lives import FINAL
from ._verdict import NotApplicable, Postponed, SubjectError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ._json import Json, JsonObject
    from ._run import Run
    from ._secrets import Redactor
    from .observe import Exchange
    from .subjects import Budget

FREE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PICTURES: Mapping[str, float] = MappingProxyType({"720p": 1.0, "1080p": 2.25, "4k": 9.0})
"""Pixels of a picture, in those of the smallest."""
ROUNDING = 1e-9
NEVER_ARRIVED = frozenset({"connect", "tls"})
UNSURE = 500
"""From this status on nobody can know whether a submission counts."""


@dataclass(slots=True)
class Guard:
    """What one run has spent and reserved; lives submit from several threads."""

    run: Run
    budget: Budget
    accepted: int = 0
    """Requests that were paid, or may have been."""
    stopped: str = ""
    """Why nothing that could cost is sent any more."""
    _held: dict[int, tuple[float, float, bool]] = field(default_factory=dict[int, "tuple[float, float, bool]"])
    """Requests under way, by identity: credits reserved, size, and whether it is meant to be paid."""
    _open: dict[str, float] = field(default_factory=dict[str, float])
    """Credits reserved for accepted requests whose price nobody has told, by task id."""
    _prices: dict[str, float] = field(default_factory=dict[str, float])
    _sizes: dict[str, float] = field(default_factory=dict[str, float])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def credits(self) -> float:
        """What has been spent at most: the prices that answers told, and what is reserved where they told none."""
        return sum(self._prices.values()) + sum(self._open.values())

    @property
    def left(self) -> int:
        """How many more requests may be paid, if each costs its share."""
        return self.budget.max_paid_requests - self.accepted - len(self._held)

    def before(self, exchange: Exchange) -> None:
        """Reserve what a request can cost; raises NotApplicable where the budget has no room, Postponed for later."""
        if exchange.method in FREE_METHODS:
            return
        with self._lock:
            if self.stopped:
                raise NotApplicable(self.stopped)
            intended = self._is_valid(exchange)
            if intended and self.run.postponing:
                raise Postponed
            size = size_of(exchange.request_json, self.run)
            dearest = max((price / self._sizes[name] for name, price in self._prices.items()), default=0.0)
            need = max(self.budget.max_credits / self.budget.max_paid_requests, dearest * size)
            under_way = sum(held for held, _, _ in self._held.values())
            if self.left < 1 or self.credits + under_way + need > self.budget.max_credits * (1 + ROUNDING):
                message = (
                    f"the budget has no room for a request that could cost {need:g} credits: {self.accepted} of "
                    f"{self.budget.max_paid_requests} paid requests and {self.credits:g} of "
                    f"{self.budget.max_credits:g} credits are used"
                )
                raise NotApplicable(message)
            self._held[id(exchange)] = need, size, intended

    def after(self, exchange: Exchange) -> None:
        """Settle what a request did cost, and read the prices that answers tell."""
        with self._lock:
            need, size, intended = self._held.pop(id(exchange), (0.0, 0.0, True))
            if size and _may_be_paid(exchange):
                self.accepted += 1
                name = self.run.task_id(exchange) or f"request #{exchange.number}"
                self._open[name], self._sizes[name] = need, size
                if exchange.ok and not intended:
                    self._stop(exchange)
            if exchange.ok:
                self._learn(exchange)
            self.run.credits = self.credits
            if self.credits > self.budget.max_credits * (1 + ROUNDING) and not self.stopped:
                self.stopped = (
                    f"{self.credits:g} credits are spent, more than the budget of {self.budget.max_credits:g}: a task "
                    "was dearer than its share. Nothing more that could cost is sent"
                )

    def _is_valid(self, exchange: Exchange) -> bool:
        """Whether a request is one that a server should accept, and charge for."""
        paid = self.run.submitting
        if exchange.operation is not paid or exchange.method != paid.method or exchange.role != "valid":
            return False
        body: Json = exchange.request_json
        return is_object(body) and not self.run.contract.violations(paid.request_schema or {}, body)

    def _stop(self, exchange: Exchange) -> None:
        self.stopped = (
            f"request #{exchange.number} had to be refused and was accepted: nothing more that could cost is sent"
        )
        if exchange.purpose == "preflight" and self.run.has("ERR-400"):
            self.run.broken("ERR-400", "A request without anything in it is not refused.", exchange)

    def _learn(self, exchange: Exchange) -> None:
        for told, price in prices_in(exchange.json):
            name = told or self.run.task_id(exchange) or ""
            if name in self._sizes and price >= 0:  # of other tasks nothing is paid here
                self._prices[name] = max(price, self._prices.get(name, 0.0))
                self._open.pop(name, None)


def attach(run: Run) -> Guard:
    """Guard a run before its first request; raises SubjectError when it has no budget that allows anything."""
    budget = run.subject.budget
    if budget is None or budget.max_paid_requests < 1 or not 0 < budget.max_credits < math.inf:
        message = (
            "a live run needs [budget] with max_paid_requests (1 or more) and max_credits (more than 0): the most that "
            "it may spend. Nothing was sent"
        )
        raise SubjectError(message)
    if not run.subject.tokens.get("valid", "").strip():
        message = "a live run needs the key [tokens] valid. Nothing was sent"
        raise SubjectError(message)
    guard = Guard(run=run, budget=budget)
    watch = run.wire.watch

    def settle(exchange: Exchange) -> None:
        guard.after(exchange)
        watch(exchange)

    run.wire.before = guard.before
    run.wire.watch = settle
    run.credits = 0.0
    run.postponing = True
    run.lives.most = guard.left
    return guard


def size_of(body: Json, run: Run) -> float:
    """How much a request makes, at most: seconds × picture, one for the smallest picture that the pages name."""
    schemas = run.contract.document["components"]["schemas"].values()
    named = [schema["properties"]["duration"] for schema in schemas if "duration" in schema.get("properties", {})]
    longest = max((number for schema in named for number in _numbers(schema)), default=1.0)
    wanted: Json = body.get("duration") if is_object(body) else None
    seconds = float(wanted) if _is_number(wanted) and wanted > 0 else longest
    picture: Json = body.get("resolution") if is_object(body) else None
    return seconds * PICTURES.get(str(picture).lower(), 1.0 if picture is None else max(PICTURES.values()))


def _numbers(schema: Json) -> Iterator[float]:
    """The largest lengths that a schema names."""
    branches: list[Json] = [schema, *schema.get("oneOf", []), *schema.get("anyOf", [])]
    for branch in branches:
        yield from (float(value) for value in (branch.get("maximum"), *branch.get("enum", ())) if _is_number(value))


def prices_in(answer: Json) -> Iterator[tuple[str | None, float]]:
    """What an answer tells of prices: task id (None where it is that of the submission itself) and credits."""
    if not is_object(answer):
        return
    usage: Json = answer.get("usage")
    if is_object(usage) and _is_number(usage.get("credits_reserved")):
        yield _text(answer.get("id")), float(usage["credits_reserved"])
    task: Json = answer.get("data")
    if is_object(task) and _is_number(task.get("credits_cost")) and task.get("status") in FINAL:
        yield _text(task.get("id")), float(task["credits_cost"])


def write_cassettes(runs: Sequence[Run], directory: Path, redact: Redactor) -> list[Path]:
    """Keep everything that went over the wire of live runs, a line for each exchange, without keys; raises OSError."""
    from .report._document import exchange_document
    from .report._files import write

    written: list[Path] = []
    for number, run in enumerate(runs, start=1):
        if run.subject.profile != "live" or not run.exchanges:
            continue
        began = run.exchanges[0].started
        rows: list[JsonObject] = [exchange_document(one, began, redact) for one in run.exchanges]
        lines = (json.dumps(redact.tree(row)) for row in rows)  # ASCII: some readers take U+2028 for an end
        written.append(directory / f"cassette-{number}-{run.provider}.jsonl")
        write(written[-1], "".join(f"{line}\n" for line in lines))
    return written


def _may_be_paid(exchange: Exchange) -> bool:
    """Whether a request was accepted, or nobody can know: then it counts as accepted."""
    if exchange.fault:
        return exchange.fault not in NEVER_ARRIVED
    return exchange.ok or exchange.status >= UNSURE


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
