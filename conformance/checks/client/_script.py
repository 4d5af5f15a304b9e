"""A server that plays what it is told, without a network: keeps every request, and the answer beside it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from vidgate.simulator import ManualClock

from ..._json import differences, is_array, is_object, join
from ..._subject import TEST_KEY
from ..._verdict import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from ..._contract import Operation
    from ..._json import Json
    from ..._subject import Colour, Facade, Subject
    from ._findings import Findings

LONGEST = 300
REQUEST_ID = "req-conformance-1"
ANSWER_HEADERS = {"x-request-id": REQUEST_ID}


class Script(httpx.MockTransport):
    """Answers with `answer`, which may be changed between calls; sync and async clients may share it."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        super().__init__(self._respond)
        self.answer = answer
        self.requests: list[httpx.Request] = []
        self.responses: list[httpx.Response | None] = []

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.responses.append(None)
        response = self.answer(request)
        self.responses[-1] = response
        return response

    def taken(self) -> list[httpx.Request]:
        """The requests since the last time."""
        found, self.requests, self.responses = self.requests, [], []
        return found

    @property
    def last(self) -> tuple[httpx.Request | None, httpx.Response | None]:
        """The last exchange."""
        return (self.requests[-1], self.responses[-1]) if self.requests else (None, None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One facade on one scripted server, and where to say what it does wrong."""

    findings: Findings
    subject: Subject
    facade: Facade
    script: Script
    colour: Colour
    clock: ManualClock

    def add(self, rule: str, message: str) -> None:
        """Note a finding with the last exchange."""
        self.findings.add(rule, f"{self.colour}: {message}", *self.script.last)

    def called(self, answer: Callable[[httpx.Request], httpx.Response], call: Callable[[], Any]) -> Any:
        """What a call gives, or the exception that it raises, when the server answers so."""
        self.script.taken()
        self.script.answer = answer
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - judged by the caller
            return error


@contextlib.contextmanager
def on_stage(findings: Findings, subject: Subject, colour: Colour, *, validate: bool = True) -> Generator[Stage]:
    """Open a facade on a scripted server, on a clock that advances instead of waiting."""
    clock = ManualClock()
    script = Script(always(200, {}))
    with subject.facade(colour, transport=script, clock=clock, validate=validate) as facade:
        yield Stage(findings=findings, subject=subject, facade=facade, script=script, colour=colour, clock=clock)


def always(status: int, value: Json) -> Callable[[httpx.Request], httpx.Response]:
    """The same JSON for every request."""
    content = httpx.Response(status, json=value).content

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content, headers={**ANSWER_HEADERS, "content-type": "application/json"})

    return answer


def in_turn(answers: Sequence[Any]) -> Callable[[httpx.Request], httpx.Response]:
    """One after the other, then the last one for ever: a response, an exception to raise, or JSON for a 200."""
    rest = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        step = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(step, Exception):
            raise step
        if isinstance(step, httpx.Response):
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)
        return always(200, step)(request)

    return answer


def lost_and_added(expected: Json, actual: Json) -> tuple[list[str], list[str]]:
    """What of `expected` is missing or other in `actual`, and the pointers of members that nobody asked for."""
    return [*differences(expected, _within(expected, actual))], [*_beyond(expected, actual, "")]


def address_problem(request: httpx.Request, operation: Operation, task_id: str = "") -> str | None:
    """Where a request went, if that is wrong."""
    wanted = f"{operation.server}{operation.path}".replace("{task_id}", task_id)
    if (request.method, str(request.url)) == (operation.method, wanted):
        return None
    return f"{request.method} {request.url} instead of {operation.method} {wanted}"


def header_problems(request: httpx.Request, key: str = TEST_KEY) -> Iterator[str]:
    """What is wrong with the key and the content type."""
    if request.headers.get_list("authorization") != [f"Bearer {key}"]:
        yield "the authorization header is not the key as a bearer token, once"
    if request.content and request.headers.get("content-type", "").partition(";")[0] != "application/json":
        yield f"the content type is {request.headers.get('content-type')!r}"


def _within(expected: Json, actual: Json) -> Json:
    """`actual` without the members that `expected` lacks."""
    if is_object(expected) and is_object(actual):
        return {name: _within(expected[name], value) for name, value in actual.items() if name in expected}
    if is_array(expected) and is_array(actual):
        return [
            _within(expected[index], value) if index < len(expected) else value for index, value in enumerate(actual)
        ]
    return actual


def _beyond(expected: Json, actual: Json, pointer: str) -> Iterator[str]:
    if is_object(expected) and is_object(actual):
        for name, value in actual.items():
            if name in expected:
                yield from _beyond(expected[name], value, join(pointer, name))
            else:
                yield join(pointer, name)
    elif is_array(expected) and is_array(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from _beyond(one, other, join(pointer, index))


def shown(value: Any) -> str:
    """A value or an exception on one line, cut."""
    text = describe(value) if isinstance(value, BaseException) else repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
