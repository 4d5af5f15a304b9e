"""A mocked server for one call: says what was sent, answers what it is told."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import respx

from ._json import Json, differences, read_wire
from ._subject import TEST_KEY
from ._verdict import demand, judged

if TYPE_CHECKING:
    from collections.abc import Generator

    from ._contract import Operation

REQUEST_ID = "req-conformance-1"
ANSWER_HEADERS = {"x-request-id": REQUEST_ID}


@dataclass(slots=True)
class Wire:
    """What went over the wire during a call."""

    operation: Operation
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])

    def problems(self, expected: Json) -> list[str]:
        """What is wrong with the one request that should have been sent."""
        if len(self.requests) != 1:
            return [f"expected one request, {len(self.requests)} were sent"]
        request = self.requests[0]
        found = list(differences(expected, read_wire(request.content)))
        wanted = f"{self.operation.server}{self.operation.path}"
        if (request.method, str(request.url)) != (self.operation.method, wanted):
            found.append(f"sent {request.method} {request.url} instead of {self.operation.method} {wanted}")
        if request.headers.get("authorization") != f"Bearer {TEST_KEY}":
            found.append("the authorization header is not the key as a bearer token")
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            found.append(f"the content type is {request.headers.get('content-type')!r}")
        return found


@contextlib.contextmanager
def mocked(operation: Operation, status: int, answer: Json) -> Generator[Wire]:
    """Answer every request to the operation's server; any other request raises."""
    wire = Wire(operation)

    def respond(request: httpx.Request) -> httpx.Response:
        wire.requests.append(request)
        return httpx.Response(status, json=answer, headers=ANSWER_HEADERS)

    with respx.mock(base_url=operation.server, assert_all_called=False, assert_all_mocked=True) as router:
        router.route().mock(side_effect=respond)
        yield wire


def demand_unchanged(expected: Json, model: Any, what: str) -> None:
    """A parsed model must give back the JSON it was made of."""
    demand(hasattr(model, "to_dict"), f"{what} was not parsed, but became {type(model).__name__}")
    with judged(f"to_dict of {what}"):
        given = model.to_dict()
    found = list(differences(expected, given))
    demand(not found, f"{what} changed: {'; '.join(found)}")
