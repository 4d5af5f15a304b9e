"""Not only what the pages show: whatever the contract allows must go out as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._generated import documented_fields, generated_requests
from ..._sending import facade_problems, typed_problems
from ..._settings import requirement
from ..._verdict import NonConformance, demand_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..._subject import Colour, Subject


@requirement("client-generated-requests")
def check_generated_client_sends_generated_requests(
    subject: Subject, colour: Colour, tally: Callable[[int], None]
) -> None:
    """Every generated valid request goes out unchanged, and every variant of the union is reached."""
    operation = subject.contract.one(paid=True)
    bodies = generated_requests(subject)
    problems: list[str] = []
    reached: set[str] = set()
    for body in bodies:
        reached.add(body["model"])
        try:
            found = typed_problems(subject, operation, body, colour)
        except NonConformance as failed:
            found = [str(failed)]
        problems += [f"{body}: {problem}" for problem in found]
    known = subject.contract.variants(operation).keys()
    problems += [f"no generated request reached the model {model!r}" for model in sorted(known - reached)]
    problems += [f"the contract does not map the model {model!r}" for model in sorted(reached - known)]
    table = subject.generated("variants").MODELS[operation.id]
    if table.keys() != known:
        problems.append(f"the generated package knows the models {sorted(table)}, the contract {sorted(known)}")
    tally(len(bodies))
    demand_none(problems, f"{subject.provider} ({colour})")


@requirement("facade-generated-requests")
def check_facade_accepts_generated_requests(subject: Subject, colour: Colour, tally: Callable[[int], None]) -> None:
    """A generated valid request with documented fields only is accepted by the facade and goes out unchanged."""
    operation = subject.contract.one(paid=True)
    problems: list[str] = []
    reached: set[str] = set()
    count = 0
    with subject.facade(colour) as facade:
        for body in generated_requests(subject):
            if not body.keys() <= documented_fields(subject, operation, body["model"]):
                continue  # the facade refuses unknown keywords on purpose: most are misspelled
            count += 1
            reached.add(body["model"])
            try:
                found = facade_problems(facade, subject, operation, body)
            except NonConformance as failed:
                found = [str(failed)]
            problems += [f"{body}: {problem}" for problem in found]
    missing = subject.contract.variants(operation).keys() - reached
    problems += [f"no generated request reached the model {model!r}" for model in sorted(missing)]
    tally(count)
    demand_none(problems, f"{subject.provider} ({colour})")
