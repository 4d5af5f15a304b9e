"""Error envelopes of every shape met so far, and the little things in them."""

from __future__ import annotations

from typing import Any

import pytest

from vidgate import errors
from vidgate._effects import Reply
from vidgate._providers import EVOLINK
from vidgate._replies import (
    BY_CODE,
    BY_STATUS,
    HINTS,
    PAYMENT_CODES,
    PAYMENT_HINTS,
    clean,
    error_from,
    read_complaint,
    retry_after,
)


def reply(status: int = 400, body: Any = None, text: str = "", **headers: str) -> Reply:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=given, body=body, text=text)


ENVELOPES: dict[str, tuple[Any, tuple[str, str | None, str | None, str | None]]] = {
    "documented": (
        {"error": {"code": "invalid_request", "message": "no", "type": "invalid_request_error"}},
        ("no", "invalid_request", "invalid_request_error", None),
    ),
    "integer code": ({"error": {"code": 42, "message": "no"}}, ("no", "42", None, None)),
    "empty code": ({"error": {"code": "", "message": "no", "type": ""}}, ("no", None, None, None)),
    "null code": ({"error": {"code": None, "message": None, "type": None}}, ("", None, None, None)),
    "odd types": ({"error": {"code": [1], "message": {"x": 1}, "type": True}}, ("", None, None, None)),
    "text": ({"error": "invalid_grant", "error_description": "no"}, ("no", "invalid_grant", None, None)),
    "sentence": ({"error": "Something went wrong."}, ("Something went wrong.", None, None, None)),
    "success false": ({"success": False, "code": 40001, "msg": "no"}, ("no", "40001", None, None)),
    "typed": (
        {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}, "request_id": "r-1"},
        ("busy", None, "overloaded_error", "r-1"),
    ),
    "code in the envelope": ({"code": 404, "message": "gone"}, ("gone", "404", None, None)),
    "request id in the text": (
        {"error": {"message": "invalid API key (request id: 2026abc)", "code": ""}},
        ("invalid API key", None, None, "2026abc"),
    ),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_envelopes(name: str) -> None:
    """Message, code, type and request id are found wherever they stand."""
    body, expected = ENVELOPES[name]
    complaint = read_complaint(body)
    assert complaint is not None
    assert (complaint.message, complaint.code, complaint.type, complaint.request_id) == expected


@pytest.mark.parametrize(
    "body",
    [None, [], "x", 5, {}, {"code": 200, "data": {}}, {"id": "x", "error": None}, {"error": {}}, {"success": True}],
)
def test_what_is_no_error(body: Any) -> None:
    """A good answer, or none, is not read as a complaint."""
    assert read_complaint(body) is None


@pytest.mark.parametrize("status", [*range(300, 600), 600, 999])
def test_every_status_has_a_typed_error(status: int) -> None:
    """No number makes it fail, and each error says what to do."""
    error = error_from(reply(status), EVOLINK, now=0.0)
    assert error.status == status
    assert error.hint
    assert error.message
    if status in BY_STATUS:
        assert type(error) is BY_STATUS[status]
    elif 400 <= status < 500:
        assert type(error) is errors.BadRequest
    elif 500 <= status < 600:
        assert type(error) is errors.ServerError
        assert error.retryable
    else:
        assert type(error) is errors.UnexpectedReply


@pytest.mark.parametrize("code", BY_CODE)
def test_errors_in_a_good_status(code: str) -> None:
    """When a gateway answers an error with 200, its code stands for the status."""
    error = error_from(reply(200, {"success": False, "code": code, "msg": "no"}), EVOLINK, now=0.0)
    assert type(error) is BY_CODE[code]
    assert error.status == 200


@pytest.mark.parametrize("status", [402, 403, 429])
@pytest.mark.parametrize("code", PAYMENT_CODES)
def test_payment_codes_win(status: int, code: str) -> None:
    """Whatever status a gateway chose, an empty account is an empty account."""
    error = error_from(reply(status, {"error": {"code": code, "message": "no"}}), EVOLINK, now=0.0)
    assert isinstance(error, errors.PaymentRequired)
    assert error.reason == PAYMENT_CODES[code]
    assert not error.retryable


def test_the_tables_are_complete() -> None:
    """Each class of error and each reason to pay has its remedy."""
    assert set(PAYMENT_CODES.values()) | {"unknown"} == set(PAYMENT_HINTS)
    special = {errors.PaymentRequired, errors.AuthenticationError, errors.APIError}
    assert set(errors.APIError.__subclasses__()) - special == set(HINTS)


@pytest.mark.parametrize("code", ["content_policy_violation", "moderation_blocked"])
def test_content_rules_have_their_own_remedy(code: str) -> None:
    """A refusal of the content says to change the content."""
    assert "content" in error_from(reply(400, {"error": {"code": code}}), EVOLINK, now=0.0).hint


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.0),
        ("2.5", 2.5),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("1e9", None),
        ("99999999999999999999", None),
        ("Thu, 99 Foo 1970", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """A number of seconds or a date; anything else is as if it were not there."""
    assert retry_after(reply(429, None, retry_after=value), now=100.0) == seconds


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\t and  spaces", "two lines and spaces"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("right\u202eleft", "right left"),
        ("half \ud83d pair", "half pair"),
        ("비디오 🎬", "비디오 🎬"),
        ("x" * 1000, "x" * 499 + "…"),
    ],
    ids=["lines", "terminal", "bidi", "surrogate", "scripts", "long"],
)
def test_texts_of_servers_are_cleaned(text: str, shown: str) -> None:
    """A server's words cannot steer a terminal or fill it."""
    assert clean(text) == shown
