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
        return self.attempts[-1].status in SUCCESS


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
    urls = [callback.url.rstrip("/") + behaviour.callback_suffix for callback in callbacks]
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
        settled = status in SUCCESS or (status in CLIENT_ERRORS and not behaviour.callback_repeats_client_errors)
        tries = len(attempts[index])
        if not settled and tries <= len(behaviour.callback_pauses):
            heapq.heappush(due, (clock.now() + behaviour.callback_pauses[tries - 1], index))
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
                    step.url, content=step.content, headers=_headers(behaviour), timeout=DELIVERY_SECONDS
                ).status_code
            else:
                answer = _status(receiver(step.content, _headers(behaviour), step.url))
        except httpx.TransportError as error:
            answer = _fault(error)


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
                    step.url, content=step.content, headers=_headers(behaviour), timeout=DELIVERY_SECONDS
                )
                answer = response.status_code
            else:
                given = receiver(step.content, _headers(behaviour), step.url)
                answer = _status(await given if isawaitable(given) else given)
        except httpx.TransportError as error:
            answer = _fault(error)


def _headers(behaviour: Behaviour) -> dict[str, str]:
    return {"Content-Type": "application/json", "User-Agent": f"{behaviour.title}-simulator"}


def _fault(error: httpx.TransportError) -> str:
    return "timeout" if isinstance(error, httpx.TimeoutException) else type(error).__name__


def _status(answer: object) -> int:
    for name in ("status", "status_code"):
        answer = getattr(answer, name, answer)
    if isinstance(answer, int):
        return answer
    raise TypeError(f"a handler of callbacks returns a status, or something that has one, not {answer!r}")
