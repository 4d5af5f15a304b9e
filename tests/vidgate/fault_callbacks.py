"""The callback's cells of the fault matrix: a delivery goes wrong on its way, or the receiver's own question does.

The scene is the hardest one: the answer to the submission was lost, so its callback is all there is. `Wire` stands
between the provider and the receiver, and each fault strikes on the side on which it can happen there:

| fault | what the receiver meets | what the provider meets |
|---|---|---|
| hang, not carried out | a request whose body never comes | 503 from the ASGI app; silence from a framework |
| hang, carried out | the delivery | silence: it delivers again |
| reset before reading | nothing, or a caller who has gone | a broken connection |
| reset after reading | the delivery | a broken connection: it delivers again |
| a status, not carried out | nothing: a proxy in front of it answers | the status |
| a status, carried out | the delivery | the status in place of the answer: it delivers again |
| truncated, duplicate keys, invalid UTF-8 | a damaged delivery | 503, as the address is secret |
| wrong content type | a delivery that says it is a page | 200: the address is secret, and the body is good |
| slow drip | a body that takes too long | 503 from the ASGI app; silence from a framework |
| redirect | nothing | 307, which it does not follow |
| delivered twice | two deliveries at once | two answers |

The step `confirm` is the question that the receiver asks after a good delivery (`confirm`, `aconfirm`); there the
faults are those of any reading. Plain functions are called with whole bodies, so what a framework reads before is the
framework's; the ASGI app reads by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import httpx

from tests.vidgate.fault_bench import FAULTS, Bench, Cell
from vidgate import errors
from vidgate._webhooks import app, judge
from vidgate.journal import Journal
from vidgate.webhooks import App, aconfirm, callback_url, confirm, handle, new_nonce

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from vidgate.webhooks import Event

DELIVERY_FAULTS: dict[str, tuple[Any, bool | None]] = {**FAULTS, "delivered twice": ("twice", None)}
FIELDS = {"evolink": "callback_url", "apimart": "webhook"}
SILENCE = 10.0
"""Seconds after which either provider gives a delivery up [both say so]."""
READING = 0.05
"""Seconds of the machine that stand for the app's five, which the clock is moved by."""

DAMAGES: dict[str, tuple[Any, dict[str, str]]] = {
    "truncated": (lambda body: body[: len(body) // 2], {}),
    "duplicate-keys": (lambda body: body[:-1] + b', "status": "failed"}', {}),
    "invalid-utf8": (lambda body: body[:-1] + b', "note": "\xff"}', {}),
    "wrong-type": (lambda body: body, {"Content-Type": "text/html"}),
}


class Receiver:
    """What the application runs: the plain functions, or the ASGI app; it confirms what it is told."""

    def __init__(self, bench: Bench, journal: Journal) -> None:
        self.bench, self.journal = bench, journal
        self.news: list[Event] = []
        self.errors: list[BaseException] = []
        self.app = App(self.news.append, journal=journal)

    def confirm(self, colour: str) -> None:
        """Ask for every task that was told of, in the background of the answers."""
        for event in self.news:
            try:
                self.bench.do(confirm if colour == "sync" else aconfirm, self.bench.client, event)
            except Exception as error:  # noqa: BLE001 - which one it is, is the question
                self.errors.append(error)

    def take(self, body: bytes, headers: Mapping[str, str], url: str) -> int:
        """A delivery to a plain function."""
        outcome = handle(body, headers, url=url, journal=self.journal)
        if outcome.event is not None and not outcome.duplicate:
            self.news.append(outcome.event)
        return outcome.status

    async def atake(self, body: bytes, headers: Mapping[str, str], url: str, *, way: str = "whole") -> int | None:
        """A delivery to the app, whose body comes whole, in drops, or never; None when it was not answered."""
        statuses: list[int] = []
        pieces = [body[index : index + 64] for index in range(0, len(body), 64)] if way == "drip" else [body]

        async def receive() -> dict[str, Any]:
            if way == "gone":
                return {"type": "http.disconnect"}
            if way != "whole":
                await asyncio.sleep(READING if way == "drip" else 3_600)
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": httpx.URL(url).path, "headers": encoded}
        await self.app(scope, receive, send)
        if way in {"drip", "hang"}:
            self.bench.clock.advance(5.0)  # what the shortened patience of the app stands for
        return statuses[0] if statuses else None


class Wire:
    """The way from the provider to the receiver; the next deliveries meet the fault."""

    def __init__(self, receiver: Receiver, colour: str, fault: Any, *, accepted: bool | None, times: int) -> None:
        self.receiver, self.colour = receiver, colour
        self.fault, self.accepted, self.left = fault, accepted, times
        self.longest_answer = 0.0

    async def __call__(self, body: bytes, headers: Mapping[str, str], url: str) -> int:
        """Deliver once: a status, or what httpx raises in the provider's place."""
        if self.left <= 0:
            return await self._take(body, headers, url)
        self.left -= 1
        if self.fault in DAMAGES:
            damage, others = DAMAGES[self.fault]
            return await self._take(damage(body), {**headers, **others}, url)
        if self.fault == "twice":
            if self.colour == "async":
                return max(await asyncio.gather(*(self._take(body, headers, url) for _ in range(2))))
            return max([await self._take(body, headers, url) for _ in range(2)])
        if self.fault in {"hang", "drip"}:
            return await self._slowly(body, headers, url)
        if self.accepted:
            await self._take(body, headers, url)
        elif self.fault == "reset-before" and self.colour == "async":
            assert await self.receiver.atake(body, headers, url, way="gone") is None
        if self.fault == "reset-before":
            raise httpx.ConnectError("nobody is there")
        if self.fault == "reset-after":
            raise httpx.ReadError("broken off")
        return 307 if self.fault == "redirect" else int(self.fault)

    async def _slowly(self, body: bytes, headers: Mapping[str, str], url: str) -> int:
        """The app ends a slow request in time; a framework waits for the body, and the provider has gone meanwhile."""
        if self.colour == "async" and not self.accepted:
            started = self.receiver.bench.clock.now()
            status = await self.receiver.atake(body, headers, url, way=str(self.fault))
            self.longest_answer = max(self.longest_answer, self.receiver.bench.clock.now() - started)
            assert status is not None
            return status
        if self.accepted or self.fault == "drip":
            await self._take(body, headers, url)
        self.receiver.bench.clock.advance(SILENCE)
        raise httpx.ReadTimeout("silence")

    async def _take(self, body: bytes, headers: Mapping[str, str], url: str) -> int:
        started = self.receiver.bench.clock.now()
        if self.colour == "sync":
            status: int | None = self.receiver.take(body, headers, url)
        else:
            status = await self.receiver.atake(body, headers, url)
        self.longest_answer = max(self.longest_answer, self.receiver.bench.clock.now() - started)
        assert status is not None
        return status


def run_callback(
    provider: str, colour: str, side: str, fault: str, *, times: int, place: Path, patch: pytest.MonkeyPatch
) -> Cell:
    """Lose the answer of a submission, let its task end, deliver the callback, and see what the journal knows."""
    patch.setattr(app, "LONGEST_READ", READING)
    journal = Journal(place / "journal.sqlite3")
    # No vendored page of APIMart lists `webhook` for this model.
    bench = Bench(provider, colour, journal=journal, validate=provider == "evolink")
    patch.setattr(judge, "CLOCK", bench.clock)
    receiver = Receiver(bench, journal)
    name, accepted = DELIVERY_FAULTS[fault]
    try:
        bench.simulator.fail_next("reset-after", operation="submit")
        request = {**bench.request, FIELDS[provider]: callback_url("https://example.com/hooks", new_nonce())}
        with contextlib.suppress(errors.SubmitUnknown):
            bench.do(bench.client.videos.create, **request)
        bench.clock.advance(bench.simulator.seconds)
        started = bench.clock.now()
        wire = Wire(receiver, colour, name, accepted=accepted, times=times if side == "callback" else 0)
        (delivery,) = asyncio.run(bench.simulator.adeliver_callbacks(wire))
        if side == "confirm":
            bench.simulator.fail_next(name, operation="poll", times=times, accepted=accepted)
            started = bench.clock.now()
        receiver.confirm(colour)
        (entry,) = journal.entries()
        return Cell(
            outcome=entry.state if not receiver.errors else f"{entry.state}, {type(receiver.errors[0]).__name__}",
            error=receiver.errors[0] if receiver.errors else None,
            task_id=entry.task_id,
            posts=bench.simulator.received["submit"],
            charged=tuple(charge.task for charge in bench.simulator.ledger),
            waited=bench.clock.now() - started,
            state=entry.state if entry.request is None or entry.state != "unknown" else "unknown, with its request",
            deliveries=len(delivery.attempts),
            longest_answer=wire.longest_answer,
        )
    finally:
        bench.close()
        journal.close()
