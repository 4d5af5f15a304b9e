"""What people copy from the pages must go out as it stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._sending import facade_problems, request_examples, typed_problems
from ..._settings import requirement
from ..._verdict import demand_none

if TYPE_CHECKING:
    from ..._contract import Example
    from ..._subject import Colour, Subject


@requirement("client-request-examples", cases=request_examples)
def check_generated_client_sends_examples_unchanged(subject: Subject, case: Example, colour: Colour) -> None:
    """A documented request leaves the generated client as the same JSON."""
    demand_none(typed_problems(subject, case.operation, case.value, colour), f"{case.id} ({colour})")


@requirement("facade-request-examples", cases=request_examples)
def check_facade_sends_examples_unchanged(subject: Subject, case: Example, colour: Colour) -> None:
    """A documented request is not refused by the facade and leaves it as the same JSON."""
    with subject.facade(colour) as facade:
        demand_none(facade_problems(facade, subject, case.operation, case.value), f"{case.id} ({colour})")
