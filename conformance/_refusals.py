"""Every refusal that the simulator can give on purpose, and the error that each must become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from vidgate import errors
from vidgate.simulator import DEFAULT_KEY

from ._answers import valid_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ._json import JsonObject
    from ._subject import Facade, Subject

Call: TypeAlias = Literal["create", "create badly", "read own", "read unknown"]

OTHER_KEY = "sim-other-account"


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A call with a key, the documented status of the answer, and the error it becomes.

    Where the contract does not document `status` for the operation, `otherwise` is expected; None: it does not apply.
    """

    id: str
    key: str
    call: Call
    status: int
    error: type[errors.VidgateError]
    otherwise: type[errors.VidgateError] | None = None


REFUSALS: tuple[Refusal, ...] = (
    Refusal(id="wrong key", key="sim-wrong", call="create", status=401, error=errors.AuthenticationError),
    Refusal(id="wrong key, reading", key="sim-wrong", call="read own", status=401, error=errors.AuthenticationError),
    Refusal(id="no quota", key="sim-no-quota", call="create", status=402, error=errors.PaymentRequired),
    Refusal(id="no access", key="sim-no-access", call="create", status=403, error=errors.PermissionDenied),
    Refusal(id="limited", key="sim-limited", call="create", status=429, error=errors.RateLimited),
    Refusal(id="limited, reading", key="sim-limited", call="read own", status=429, error=errors.RateLimited),
    Refusal(id="bad request", key=DEFAULT_KEY, call="create badly", status=400, error=errors.BadRequest),
    Refusal(
        id="unknown task",
        key=DEFAULT_KEY,
        call="read unknown",
        status=404,
        error=errors.NotFound,
        otherwise=errors.BadRequest,
    ),
    Refusal(
        id="foreign task",
        key=OTHER_KEY,
        call="read own",
        status=403,
        error=errors.PermissionDenied,
        otherwise=errors.NotFound,
    ),
)


def refusals(subject: Subject) -> Iterator[tuple[str, tuple[Refusal, type[errors.VidgateError]]]]:
    """The refusals that apply to a provider, each with the class that is right for it."""
    for refusal in REFUSALS:
        operation = subject.contract.one(paid=refusal.call.startswith("create"))
        expected = refusal.error if refusal.status in operation.statuses else refusal.otherwise
        if expected is not None:
            yield refusal.id, (refusal, expected)


def call_of(subject: Subject, refusal: Refusal, own_task: str) -> Callable[[Facade], object]:
    """The call that is to be refused."""
    operation = subject.contract.one(paid=True)
    body: JsonObject = valid_request(subject, operation)
    match refusal.call:
        case "create":
            return lambda facade: facade.create(body)
        case "create badly":
            return lambda facade: facade.create({**body, "prompt": 1})
        case "read own":
            return lambda facade: facade.get(own_task)
        case "read unknown":
            return lambda facade: facade.get(unknown_id(own_task))


def unknown_id(task_id: str) -> str:
    """An id of the same form that no task has."""
    digits: Mapping[int, Any] = {ord(digit): "0" for digit in "123456789"}
    return task_id.translate(digits)
