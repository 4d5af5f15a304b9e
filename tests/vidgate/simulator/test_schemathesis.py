"""schemathesis' own checks against both simulators, in process; the full run belongs to the conformance suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis
import schemathesis

from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from vidgate.simulator._contract import Provider

AUTHORIZED = {"Authorization": "Bearer sim-key"}
SETTINGS = hypothesis.settings(max_examples=20, deadline=None, database=None, derandomize=True)

# An id that nobody made is valid by its schema. APIMart documents no 404 for it, only 400 "Invalid task ID".
CONFIG = {
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "401", "403", "404", "409", "5xx"]}}
}


def schema_of(provider: Provider, operation: str, config: dict[str, Any] | None = None) -> Any:
    """One operation of a simulator as schemathesis sees it; its tasks are complete at once."""
    simulator = Simulator(provider, seconds=0.0)
    found = schemathesis.Config.from_dict(config or {})
    schema = schemathesis.openapi.from_dict(simulator.contract.document, config=found).include(operation_id=operation)
    schema.app = simulator.app
    return schema


evolink_create = schema_of("evolink", "createVideo")
evolink_get = schema_of("evolink", "getTask")
apimart_create = schema_of("apimart", "createVideo")
apimart_get = schema_of("apimart", "getTask", CONFIG)


@evolink_create.parametrize()  # type: ignore[untyped-decorator]
@SETTINGS
def test_evolink_create(case: Any) -> None:
    """Every check holds for valid and broken submissions."""
    case.call_and_validate(headers=AUTHORIZED)


@evolink_get.parametrize()  # type: ignore[untyped-decorator]
@SETTINGS
def test_evolink_get(case: Any) -> None:
    """Every check holds for task queries."""
    case.call_and_validate(headers=AUTHORIZED)


@apimart_create.parametrize()  # type: ignore[untyped-decorator]
@SETTINGS
def test_apimart_create(case: Any) -> None:
    """Every check holds for valid and broken submissions."""
    case.call_and_validate(headers=AUTHORIZED)


@apimart_get.parametrize()  # type: ignore[untyped-decorator]
@SETTINGS
def test_apimart_get(case: Any) -> None:
    """Every check but one status holds for task queries."""
    case.call_and_validate(headers=AUTHORIZED)
