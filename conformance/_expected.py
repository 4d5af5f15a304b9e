"""Which error a documented answer must become: our reading of the statuses, independent of the client's own tables."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vidgate import errors

from ._answers import status_of
from ._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._contract import Example

BY_STATUS: Mapping[int, type[errors.VidgateError]] = MappingProxyType(
    {
        400: errors.BadRequest,
        401: errors.AuthenticationError,
        402: errors.PaymentRequired,
        403: errors.PermissionDenied,
        404: errors.NotFound,
        409: errors.Conflict,
        422: errors.BadRequest,
        429: errors.RateLimited,
        500: errors.ServerError,
        502: errors.ServerError,
        503: errors.ServerError,
        504: errors.ServerError,
    }
)

# A paid request that ends like this may have been accepted, so its outcome is unknown.
PAID_BY_STATUS: Mapping[int, type[errors.VidgateError]] = MappingProxyType(
    dict.fromkeys((500, 502, 503, 504), errors.SubmitUnknown)
)

# A documented code or type that says more than the status.
BY_NAME: Mapping[str, type[errors.VidgateError]] = MappingProxyType(
    {
        "idempotency_in_progress": errors.SubmitUnknown,
        "idempotency_result_indeterminate": errors.SubmitUnknown,
        "idempotency_unavailable": errors.ServerError,
    }
)


def expected_error(answer: Example) -> type[errors.VidgateError]:
    """The class that the facade must raise; raises HarnessError where we have no reading yet."""
    status = status_of(answer)
    if answer.operation.is_paid:
        error = answer.value["error"]
        for name in (error.get("code"), error.get("type")):
            if name in BY_NAME:
                return BY_NAME[name]
        if status in PAID_BY_STATUS:
            return PAID_BY_STATUS[status]
    if status not in BY_STATUS:
        message = f"{answer.id}: no reading of status {status}; add it to BY_STATUS"
        raise HarnessError(message)
    return BY_STATUS[status]
