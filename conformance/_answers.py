"""The answers that a client must be able to take: documented ones, composed ones, and those nobody documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._contract import GOOD, Example
from ._samples import compose, mutations
from ._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._contract import Operation
    from ._json import Json
    from ._samples import Mutation
    from ._subject import Subject

OK = 200
COMPOSED = "composed"
TASK_ID = "task-unified-1757169743-7cvnl5zw"


def answers(subject: Subject) -> Iterator[tuple[str, Example]]:
    """Every documented answer, and one with every property for each status."""
    for operation in subject.contract.operations:
        for example in operation.response_examples():
            yield example.id, example
        for status in operation.statuses:
            schema = operation.response_schema(status)
            if schema is not None:
                value = compose(subject.contract, schema)
                composed = Example(operation=operation, name=COMPOSED, value=value, status=status)
                yield composed.id, composed


def good_answer(subject: Subject, operation: Operation) -> Json:
    """A documented good answer, or one composed from the schema."""
    for example in operation.response_examples():
        if example.status == OK:
            return example.value
    schema = operation.response_schema(OK)
    if schema is None:
        message = f"{operation.id} documents no JSON answer"
        raise HarnessError(message)
    return compose(subject.contract, schema)


def bad_answers(subject: Subject) -> Iterator[tuple[str, Example]]:
    """Those of another status, and one for every row of the documented error table."""
    for name, answer in answers(subject):
        if status_of(answer) not in GOOD:
            yield name, answer
            rows = [row for row in answer.operation.documented_errors if row["status"] == answer.status]
            for row in rows if answer.name == COMPOSED else ():
                error: Json = {**answer.value["error"], "type": row["type"]}
                value = {**answer.value, "error": error}
                typed = Example(operation=answer.operation, name=row["type"], value=value, status=answer.status)
                yield typed.id, typed


def status_of(answer: Example) -> int:
    """The status of an answer; a request has none."""
    if answer.status is None:
        message = f"{answer.id} is no answer"
        raise HarnessError(message)
    return answer.status


def unexpected(subject: Subject, answer: Example) -> Iterator[Mutation]:
    """Every single change to an answer that nobody documents."""
    schema = answer.operation.response_schema(status_of(answer))
    if schema is None:
        message = f"{answer.id} has no schema"
        raise HarnessError(message)
    return mutations(subject.contract, schema, answer.value)


def valid_request(subject: Subject, operation: Operation, model: str | None = None) -> dict[str, Any]:
    """A documented request, of a certain model if asked for, or one composed of its required fields."""
    for example in operation.request_examples():
        if model in {None, example.value["model"]}:
            return dict(example.value)
    for known, name in subject.contract.variants(operation).items():
        if model in {None, known}:
            reference = {"$ref": f"#/components/schemas/{name}"}
            return dict(compose(subject.contract, reference, only_required=True))
    message = f"{operation.id} has no model {model!r}"
    raise HarnessError(message)
