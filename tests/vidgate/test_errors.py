"""The error tree: complete, drawn, and able to travel between processes."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from vidgate import Problem, Report, errors

if TYPE_CHECKING:
    from collections.abc import Callable

COMMON: dict[str, Any] = {"hint": "Do this.", "request_id": "req-1", "task_id": "task-1", "retryable": True}
API: dict[str, Any] = {**COMMON, "status": 418, "code": "teapot", "type": "kettle", "headers": {"x-tea": "green"}}

EXAMPLES: dict[str, errors.VidgateError] = {
    "VidgateError": errors.VidgateError("text", **COMMON),
    "ConfigurationError": errors.ConfigurationError("text", **COMMON),
    "InvalidRequest": errors.InvalidRequest(
        Report(model="m", errors=(Problem(field="f", rule="r", message="is wrong.", fix="Mend it."),))
    ),
    "APIError": errors.APIError("text", **API),
    "BadRequest": errors.BadRequest("text", **API),
    "AuthenticationError": errors.AuthenticationError("text", **API),
    "PaymentRequired": errors.PaymentRequired("text", reason="key_limit", **API),
    "PermissionDenied": errors.PermissionDenied("text", **API),
    "NotFound": errors.NotFound("text", **API),
    "Conflict": errors.Conflict("text", **API),
    "RateLimited": errors.RateLimited("text", retry_after=2.5, **API),
    "ServerError": errors.ServerError("text", **API),
    "UnexpectedReply": errors.UnexpectedReply("text", **API),
    "SubmitUnknown": errors.SubmitUnknown(
        "text", idempotency_key="k" * 20, status=502, code="bad_gateway", request_id="req-1"
    ),
    "NoneAccepted": errors.NoneAccepted(
        {"evolink": errors.ConnectionFailed("no"), "apimart": errors.Conflict("no", status=409)}
    ),
    "AlreadySubmitted": errors.AlreadySubmitted("text", submit_id="sub-1", **COMMON),
    "JournalError": errors.JournalError("text", submit_id="sub-1", **COMMON),
    "TransportError": errors.TransportError("text", **COMMON),
    "ConnectionFailed": errors.ConnectionFailed("text", **COMMON),
    "ConnectionLost": errors.ConnectionLost("text", **COMMON),
    "RequestTimeout": errors.RequestTimeout("text", **COMMON),
    "TaskError": errors.TaskError("text", **COMMON),
    "TaskFailed": errors.TaskFailed("text", code="service_error", **COMMON),
    "TaskCancelled": errors.TaskCancelled("text", **COMMON),
    "TaskTimeout": errors.TaskTimeout(
        "text", task_id="task-1", timeout=5.0, progress=3, last_error=errors.ServerError("x", status=500), hint="Go on."
    ),
    "ResultMissing": errors.ResultMissing("text", **COMMON),
    "DownloadError": errors.DownloadError("text", url="https://x.example/v.mp4", status=500, **COMMON),
    "LinkExpired": errors.LinkExpired("text", url="https://x.example/v.mp4", status=403, **COMMON),
    "DownloadRefused": errors.DownloadRefused("text", url="https://x.example/v.mp4", **COMMON),
    "CallbackRefused": errors.CallbackRefused("text", status=415, **COMMON),
    "FileProblem": errors.FileProblem("text", **COMMON),
}


TRAVELS: dict[str, Callable[[errors.VidgateError], errors.VidgateError]] = {
    "pickle": lambda error: pickle.loads(pickle.dumps(error)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


def all_errors(kind: type[errors.VidgateError] = errors.VidgateError) -> set[str]:
    return {kind.__name__}.union(*(all_errors(child) for child in kind.__subclasses__()))


def test_every_error_has_an_example() -> None:
    """A new class of error is tested as soon as it exists."""
    assert set(EXAMPLES) == all_errors()


def test_the_tree_is_drawn() -> None:
    """The module's docstring shows every class of error and warning, and they are exported."""
    drawn = errors.__doc__ or ""
    names = all_errors() | {"VidgateWarning", "JournalWarning", "RequestAdvice", "UnknownStatus"}
    assert [name for name in sorted(names) if name not in drawn] == []
    assert names | {"PaymentReason"} == set(errors.__all__)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("how", TRAVELS)
def test_errors_travel(name: str, how: str) -> None:
    """An error survives pickling and copying with all its facts and its text."""
    error = EXAMPLES[name]
    error.add_note("seen on the way")
    travelled = TRAVELS[how](error)
    assert type(travelled) is type(error)
    assert str(travelled) == str(error)
    assert travelled.args == error.args
    ours, theirs = dict(vars(error)), dict(vars(travelled))
    for inner in ("last_error", "refusals"):  # errors are equal when they are the same
        assert str(ours.pop(inner, None)) == str(theirs.pop(inner, None))
    assert theirs == ours


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_text_ends_with_what_to_do(name: str) -> None:
    """The last words of an error are its remedy, and its facts stand before."""
    error = EXAMPLES[name]
    remedy = "Mend it." if isinstance(error, errors.InvalidRequest) else error.hint
    assert remedy
    assert str(error).endswith(remedy)
    for fact in (error.request_id, error.task_id):
        assert fact is None or fact in str(error).removesuffix(remedy)


def test_an_unknown_submission_says_how_to_settle_it() -> None:
    """SubmitUnknown carries the idempotency key and tells what to do with it."""
    error = EXAMPLES["SubmitUnknown"]
    assert isinstance(error, errors.SubmitUnknown)
    assert not error.retryable
    assert error.idempotency_key in error.hint


def test_invalid_request_names_its_fields() -> None:
    """The fields at fault can be read without parsing text."""
    problems = tuple(Problem(field=name, rule="r", message="m.", fix="f.") for name in ("b", "a", "b"))
    assert errors.InvalidRequest(Report(errors=problems)).fields == ("b", "a")
