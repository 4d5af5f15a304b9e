"""Valid requests derived from the contract: schemathesis' coverage and bounded fuzzing, and every named value.

schemathesis alone reaches every variant, but not every value of every field; the second part does that without chance.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from ._examination import examine
from ._samples import requests_of
from ._sending import good_answer
from ._subject import TEST_KEY
from ._verdict import HarnessError

if TYPE_CHECKING:
    from starlette.requests import Request

    from ._contract import Operation
    from ._json import JsonObject
    from ._subject import Subject

METHODS = ["GET", "POST"]
# Stateful runs repeat what the other phases derive.
PHASES = ("examples", "coverage", "fuzzing")


@functools.lru_cache(maxsize=4)
def generated_requests(subject: Subject, *, max_examples: int = 100) -> tuple[JsonObject, ...]:
    """All generated valid bodies of the paid operation, each once."""
    operation = subject.contract.one(paid=True)
    answer = good_answer(subject, operation)

    async def respond(_: Request) -> JSONResponse:
        return JSONResponse(answer)

    done = examine(
        subject.contract,
        Starlette(routes=[Route("/{path:path}", respond, methods=METHODS)]),
        key=TEST_KEY,
        mode="positive",
        phases=PHASES,
        max_examples=max_examples,
        judging=False,
    )
    if done.crashes:
        message = f"schemathesis derives no requests: {'; '.join(done.crashes)}"
        raise HarnessError(message)
    label = f"{operation.method} {operation.path}"
    bodies: dict[str, JsonObject] = {}
    for model, name in subject.contract.variants(operation).items():
        examples = [example.value for example in operation.request_examples() if example.value["model"] == model]
        for body in requests_of(subject.contract, name, examples):
            bodies.setdefault(repr(body), body)
    for sent in done.sent:
        if sent.operation == label and sent.has_body:
            bodies.setdefault(repr(sent.body), sent.body)
    return tuple(bodies.values())


def documented_fields(subject: Subject, operation: Operation, model: str) -> frozenset[str]:
    """The fields that the contract names for a model."""
    schema = subject.contract.component(subject.contract.variants(operation)[model])
    return frozenset(schema["properties"])
