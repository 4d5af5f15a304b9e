"""Callbacks as the providers deliver them: who is called, how often again, and after how long.

Written once as a generator that yields what is to be done; `deliver` and `deliver_async` do it.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import httpx

if TYPE_CHECKING:
    from vidgate.simulator._clock import Timekeeper
    from vidgate.simulator._contract import JsonObject
    from vidgate.simulator._providers import Behaviour

DELIVERY_SECONDS: Final = 10.0
"""How long either provider waits for an answer."""

SUCCESS = range(200, 300)
CLIENT_ERRORS = range(400, 500)

Handler: TypeAlias = Callable[[bytes, Mapping[str, str], str], object]
"""Called with body, headers and URL; returns a status, or something that has one as `status` or `status_code`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Callback:
    """A callback that the provider would send; `url` is the address from the request."""

    url: str
    body: JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try: when (seconds since 1970-01-01 UTC), and the status or what went wrong instead."""

    at: float
    status: int | None = None
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What became of one callback; `url` is where it was posted."""

    url: str
    body: JsonObject
    attempts: tuple[Attempt, ...]

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.succeeds(self.attempts[-1].status)

    @staticmethod
    def succeeds(status: int | None) -> bool:
        """Whether an answer means that the callback arrived."""
        return status in SUCCESS


@dataclass(frozen=True, slots=True)
class _Post:
    url: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Rest:
    seconds: float


_Course: TypeAlias = "Generator[_Post | _Rest, Any, tuple[Delivery, ...]]"


def _course(callbacks: Sequence[Callback], behaviour: Behaviour, clock: Timekeeper) -> _Course:
    """Post each callback, and again after the documented pauses; in the order of time, not of callbacks."""
    attempts: list[list[Attempt]] = [[] for _ in callbacks]
    urls = [address(callback.url, behaviour) for callback in callbacks]
    now = clock.now()
    due = [(now, index) for index in range(len(callbacks))]
    while due:
        at, index = heapq.heappop(due)
        if at > clock.now():
            yield _Rest(at - clock.now())
        started = clock.now()
        content = json.dumps(callbacks[index].body, ensure_ascii=False).encode()
        answer: int | str = yield _Post(urls[index], content)
        if clock.now() - started > DELIVERY_SECONDS:
            answer = "timeout"
        status, fault = (answer, "") if isinstance(answer, int) else (None, answer)
        attempts[index].append(Attempt(at=started, status=status, fault=fault))
        pause = pause_after(len(attempts[index]), status, behaviour)
        if pause is not None:
            heapq.heappush(due, (clock.now() + pause, index))
    return tuple(
        Delivery(url=url, body=callback.body, attempts=tuple(tried))
        for url, callback, tried in zip(urls, callbacks, attempts, strict=True)
    )


def deliver(
    callbacks: Sequence[Callback], behaviour: Behaviour, clock: Timekeeper, receiver: httpx.Client | Handler
) -> tuple[Delivery, ...]:
    """Deliver to a function, or through a client to whatever listens there."""
    course = _course(callbacks, behaviour, clock)
    sleep: Callable[[float], object] = getattr(clock, "sleep", time.sleep)
    answer: int | str | None = None
    while True:
        try:
            step = course.send(answer)
        except StopIteration as stop:
            return cast("tuple[Delivery, ...]", stop.value)
        answer = None
        if isinstance(step, _Rest):
            sleep(step.seconds)
            continue
        try:
            if isinstance(receiver, httpx.Client):
                answer = receiver.post(
                    step.url, content=step.content, headers=headers_of(behaviour), timeout=DELIVERY_SECONDS
                ).status_code
            else:
                answer = status_of(receiver(step.content, headers_of(behaviour), step.url))
        except httpx.TransportError as error:
            answer = fault_of(error)


async def deliver_async(
    callbacks: Sequence[Callback], behaviour: Behaviour, clock: Timekeeper, receiver: httpx.AsyncClient | Handler
) -> tuple[Delivery, ...]:
    """`deliver` for an async client or a coroutine function."""
    course = _course(callbacks, behaviour, clock)
    asleep: Callable[[float], Any] = getattr(clock, "asleep", asyncio.sleep)
    answer: int | str | None = None
    while True:
        try:
            step = course.send(answer)
        except StopIteration as stop:
            return cast("tuple[Delivery, ...]", stop.value)
        answer = None
        if isinstance(step, _Rest):
            await asleep(step.seconds)
            continue
        try:
            if isinstance(receiver, httpx.AsyncClient):
                response = await receiver.post(
                    step.url, content=step.content, headers=headers_of(behaviour), timeout=DELIVERY_SECONDS
                )
                answer = response.status_code
            else:
                given = receiver(step.content, headers_of(behaviour), step.url)
                answer = status_of(await given if isawaitable(given) else given)
        except httpx.TransportError as error:
            answer = fault_of(error)


def address(url: str, behaviour: Behaviour) -> str:
    """Return where a callback is posted: APIMart appends to what the request says."""
    return url.rstrip("/") + behaviour.callback_suffix if behaviour.callback_suffix else url


def pause_after(tries: int, status: int | None, behaviour: Behaviour) -> float | None:
    """Return the documented seconds until the next try, None after the last one; no status is no answer."""
    settled = status in SUCCESS or (status in CLIENT_ERRORS and not behaviour.callback_repeats_client_errors)
    return None if settled or tries > len(behaviour.callback_pauses) else behaviour.callback_pauses[tries - 1]


def headers_of(behaviour: Behaviour) -> dict[str, str]:
    """Return the headers of a callback."""
    return {"Content-Type": "application/json", "User-Agent": f"{behaviour.title}-simulator"}


def fault_of(error: httpx.TransportError) -> str:
    """Name what happened instead of an answer."""
    return "timeout" if isinstance(error, httpx.TimeoutException) else type(error).__name__


def status_of(answer: object) -> int:
    """Read what a handler returned; raises TypeError when that is no status."""
    for name in ("status", "status_code"):
        answer = getattr(answer, name, answer)
    if isinstance(answer, int):
        return answer
    raise TypeError(f"a handler of callbacks returns a status, or something that has one, not {answer!r}")


def relay(listen: str, *, patience: float = DELIVERY_SECONDS) -> Handler:
    """Return a sink that posts every callback to one local receiver, its own address in `X-Original-Url`.

    `patience`: seconds until an answer counts as none.
    """
    # Proxies of the surroundings are for the world outside, not for this machine.
    client = httpx.Client(trust_env=False, follow_redirects=False, timeout=patience)

    def post(body: bytes, headers: Mapping[str, str], url: str) -> httpx.Response:
        return client.post(listen, content=body, headers={**headers, "X-Original-Url": url})

    return post
