"""A submission is sent again only when it certainly did not arrive, or was certainly refused for now."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vidgate.flow_steps import (
    ID,
    KEY,
    LOST,
    REFUSED,
    reply,
    submitting,
    task,
)
from vidgate import errors
from vidgate._effects import Failure, Reply
from vidgate._providers import APIMART

AMBIGUOUS: dict[str, Reply | Failure] = {
    "connection lost": LOST,
    "no answer in time": Failure(error=errors.RequestTimeout("hangs", retryable=True)),
    "500": reply(500, {"error": {"code": "internal_error", "message": "boom"}}),
    "502 page": Reply(status=502, headers={}, text="<html><title>Bad gateway</title></html>"),
    "504": reply(504),
    "520": Reply(status=520, headers={}, text="error"),
    "524": reply(524, {"error": {"type": "timeout_error"}}),
    "408": reply(408),
    "499": reply(499),
    "303": reply(303, None, location="https://elsewhere.example/"),
    "200 without id": reply(200, {"status": "pending"}),
    "200 with null id": reply(200, {"id": None, "status": "pending"}),
    "200 with an id that is a path": reply(200, {"id": "../credits", "status": "pending"}),
    "200 page": Reply(status=200, headers={}, text="<html></html>"),
    "200 empty": Reply(status=200, headers={}),
    "200 list": reply(200, [1]),
    "200 with an unknown error": reply(200, {"success": False, "code": 123, "msg": "hm"}),
    "outcome unknown by code": reply(409, {"error": {"code": "paid_outcome_unknown", "message": "hm"}}),
    "channel error": reply(503, {"error": {"code": "channel:timeout", "message": "hm"}}),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_unclear_outcome_is_never_sent_again(name: str) -> None:
    """Whatever leaves open whether a paid request counted ends at once, with the key that settles it."""
    stepper, outcome = submitting([AMBIGUOUS[name]])
    assert isinstance(outcome, errors.SubmitUnknown)
    assert len(stepper.sent) == 1
    assert stepper.slept == []
    assert outcome.idempotency_key == KEY
    assert not outcome.retryable
    answer = AMBIGUOUS[name]
    assert outcome.status == (answer.status if isinstance(answer, Reply) else None)


REJECTED: dict[str, tuple[Reply, type[errors.APIError]]] = {
    "400": (reply(400, {"error": {"code": "invalid_request", "message": "no"}}), errors.BadRequest),
    "401": (reply(401, {"error": {"code": "", "message": "no"}}), errors.AuthenticationError),
    "402": (reply(402, {"error": {"code": "insufficient_quota", "message": "no"}}), errors.PaymentRequired),
    "403": (reply(403), errors.PermissionDenied),
    "404": (reply(404), errors.NotFound),
    "409": (reply(409, {"error": {"code": "idempotency_conflict"}}), errors.Conflict),
    "413": (reply(413), errors.BadRequest),
    "422": (reply(422), errors.BadRequest),
    "429 without Retry-After": (reply(429), errors.RateLimited),
    "503 before the charge": (reply(503, {"error": {"code": "no_available_channel"}}), errors.ServerError),
    "200 with a known refusal": (
        reply(200, {"success": False, "code": "insufficient_user_quota", "msg": "no"}),
        errors.PaymentRequired,
    ),
    "301": (reply(301, None, location="https://api.example/x"), errors.UnexpectedReply),
    "307": (reply(307, None, location="https://api.example/x"), errors.UnexpectedReply),
    "308": (reply(308, None, location="https://api.example/x"), errors.UnexpectedReply),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_clear_refusal_is_typed_and_not_sent_again(name: str) -> None:
    """A refusal before any charge is a typed error, after one request."""
    answer, kind = REJECTED[name]
    stepper, outcome = submitting([answer])
    assert type(outcome) is kind
    assert outcome.status == answer.status
    assert outcome.hint
    assert len(stepper.sent) == 1


def test_a_request_that_did_not_arrive_is_sent_again_unchanged() -> None:
    """No connection, no charge: the very same request goes out again, key included."""
    stepper, outcome = submitting([REFUSED, REFUSED, task("pending")])
    assert outcome.id == ID
    assert len(stepper.sent) == 3
    assert len({id(effect.request) for effect in stepper.sent}) == 1
    assert stepper.sent[0].request.headers["idempotency-key"] == KEY
    assert all(seconds > 0 for seconds in stepper.slept)


def test_attempts_to_connect_are_bounded() -> None:
    """After the last attempt the failure itself is raised, which says that nothing was charged."""
    stepper, outcome = submitting([REFUSED] * 9)
    assert isinstance(outcome, errors.ConnectionFailed)
    assert len(stepper.sent) == 3


def test_a_misconfigured_address_is_not_tried_again() -> None:
    """What cannot get better is raised at once."""
    fault = Failure(error=errors.ConfigurationError("no http"), arrived=False)
    stepper, outcome = submitting([fault, fault])
    assert isinstance(outcome, errors.ConfigurationError)
    assert len(stepper.sent) == 1


def test_a_rate_limit_is_waited_out_as_asked() -> None:
    """429 with Retry-After is a rejection: after the time asked for, the same request goes out again."""
    stepper, outcome = submitting([reply(429, None, retry_after="7"), task("pending")])
    assert outcome.id == ID
    assert stepper.slept == [7.0]
    assert len(stepper.sent) == 2


@pytest.mark.parametrize("asked", ["61", "86400", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_rate_limit_beyond_patience_is_raised_at_once(asked: str) -> None:
    """Nobody sleeps for an hour behind the caller's back."""
    stepper, outcome = submitting([reply(429, None, retry_after=asked)])
    assert isinstance(outcome, errors.RateLimited)
    assert outcome.retry_after is not None
    assert outcome.retry_after > 60
    assert stepper.slept == []


def test_rate_limits_without_end_are_bounded() -> None:
    """The number of attempts holds for rate limits, too."""
    stepper, outcome = submitting([reply(429, None, retry_after="1")] * 9)
    assert isinstance(outcome, errors.RateLimited)
    assert len(stepper.sent) == 3


def test_a_loss_after_a_failed_connection_is_still_unknown() -> None:
    """An attempt that arrived decides, whatever came before it."""
    stepper, outcome = submitting([REFUSED, LOST, task()])
    assert isinstance(outcome, errors.SubmitUnknown)
    assert len(stepper.sent) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "data": [{"status": "submitted", "task_id": "task_01"}]},
        {"code": 200, "data": {"status": "submitted", "task_id": "task_01"}},
        {"code": 200, "data": [{"status": None, "task_id": "task_01", "extra": 1}]},
    ],
    ids=["as documented", "no list", "null status"],
)
def test_apimart_answers_in_an_envelope(body: Any) -> None:
    """The submission's id is found in APIMart's list of one."""
    _, outcome = submitting([reply(200, body)], APIMART)
    assert outcome.id == "task_01"


@pytest.mark.parametrize("code", ["idempotency_in_progress", "idempotency_result_indeterminate"])
def test_apimart_codes_that_leave_it_open(code: str) -> None:
    """409 with these codes speaks of a first request whose outcome nobody knows."""
    _, outcome = submitting([reply(409, {"error": {"code": code, "message": "wait"}})], APIMART)
    assert isinstance(outcome, errors.SubmitUnknown)
    assert outcome.code == code


def test_apimart_refusal_before_execution() -> None:
    """503 idempotency_unavailable is documented as not executed."""
    _, outcome = submitting([reply(503, {"error": {"code": "idempotency_unavailable"}})], APIMART)
    assert isinstance(outcome, errors.ServerError)
    assert outcome.retryable
