"""Sends a request body as people would: through the generated client, or through the facade."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ._samples import compose
from ._verdict import HarnessError, judged
from ._wire import mocked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._contract import Example, Operation
    from ._json import Json, JsonObject
    from ._subject import Colour, Facade, Subject


OK = 200


def good_answer(subject: Subject, operation: Operation) -> Json:
    """A documented good answer, or one composed from the schema."""
    for example in operation.response_examples():
        if example.status == OK:
            return example.value
    schema = operation.response_schema(200)
    if schema is None:
        message = f"{operation.id} documents no JSON answer"
        raise HarnessError(message)
    return compose(subject.contract, schema)


def request_examples(subject: Subject) -> Iterator[tuple[str, Example]]:
    """All documented requests of a provider, as cases."""
    for operation in subject.contract.operations:
        for example in operation.request_examples():
            yield example.id, example


def typed_problems(subject: Subject, operation: Operation, body: JsonObject, colour: Colour) -> list[str]:
    """Send a body through the generated client; what differs on the wire."""
    endpoint = subject.endpoint(operation)
    model = str(body["model"])
    with mocked(operation, 200, good_answer(subject, operation)) as wire, judged(f"the generated client ({colour})"):
        variant = subject.request_class(operation, model).from_dict(body)
        connection = subject.connection(operation)
        if colour == "sync":
            endpoint.sync_detailed(client=connection, body=variant)
        else:
            asyncio.run(endpoint.asyncio_detailed(client=connection, body=variant))
    return wire.problems(body)


def facade_problems(facade: Facade, subject: Subject, operation: Operation, body: JsonObject) -> list[str]:
    """Send a body through an open facade; what differs on the wire."""
    with mocked(operation, 200, good_answer(subject, operation)) as wire, judged("the facade"):
        report = facade.check(body)
        if not report:
            return [f"refused offline: {'; '.join(str(problem) for problem in report.errors)}"]
        facade.create(body)
    return wire.problems(body)
