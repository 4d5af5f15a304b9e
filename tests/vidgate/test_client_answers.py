"""What the clients make of answers that no page documents: tasks are kept, errors are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.client_cases import DONE, ID, LINK, REQUEST
from vidgate import errors

if TYPE_CHECKING:
    from collections.abc import Callable


# What the tolerant client makes of answers nobody documents: the value that is kept, or the type of the error.
TOLERATED: dict[str, tuple[Any, Any]] = {
    "unknown status": ({**DONE, "status": "enhancing"}, "enhancing"),
    "no status": ({"id": ID}, ""),
    "null for an object": ({**DONE, "error": None, "task_info": None, "usage": None}, "completed"),
    "object for null": ({**DONE, "results": {"url": LINK}}, "completed"),
    "missing fields": ({"id": ID, "status": "pending"}, "pending"),
    "extra fields": ({**DONE, "billing": {"x": [1]}, "new": None}, "completed"),
    "other types": ({**DONE, "created": "yesterday", "progress": None, "model": 5, "type": None}, "completed"),
    "other enum values": ({**DONE, "object": "hologram.generation.task", "type": "hologram"}, "completed"),
    "large number": ('{"id": "x", "status": "completed", "progress": 1e400}', "completed"),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_odd_tasks_are_kept(name: str, open_world: Callable[..., Any]) -> None:
    """No answer with a task in it raises, neither on reading nor on looking at it."""
    body, status = TOLERATED[name]
    world = open_world("evolink", [(200, body)])
    task = world.do(world.client.tasks.get, ID)
    assert (task.id, task.status) == (ID, status)
    assert task.results is not None
    assert repr(task)
    assert task.raw is None or task.raw
    assert isinstance(task.payload, dict)


REFUSED: dict[str, tuple[Any, type[errors.APIError], str | None, str | None]] = {
    "undocumented 401": (
        (
            401,
            {"error": {"code": "", "message": "invalid key (request id: 2026X)", "param": "", "type": "apimart_error"}},
        ),
        errors.AuthenticationError,
        None,
        "2026X",
    ),
    "status 520": ((520, "error code: 520"), errors.ServerError, None, None),
    "status 999": ((999, ""), errors.UnexpectedReply, None, None),
    "HTML 500": ((500, "<html><head><title>500</title></head></html>"), errors.ServerError, None, None),
    "HTML 404": ((404, "<html></html>"), errors.NotFound, None, None),
    "integer code": ((429, {"error": {"code": 1302, "message": "slow"}}), errors.RateLimited, "1302", None),
    "code repeats status": ((403, {"error": {"code": 403, "message": "no"}}), errors.PermissionDenied, None, None),
    "null code": ((400, {"error": {"code": None, "message": "no", "type": None}}), errors.BadRequest, None, None),
    "text error": (
        (400, {"error": "invalid_grant", "error_description": "no"}),
        errors.BadRequest,
        "invalid_grant",
        None,
    ),
    "success false": ((200, {"success": False, "code": 404, "msg": "gone"}), errors.NotFound, "404", None),
    "typed error": (
        (529, {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}, "request_id": "req_7"}),
        errors.ServerError,
        None,
        "req_7",
    ),
    "not JSON": ((200, b"\xff\xfe\x00"), errors.UnexpectedReply, None, None),
    "JSON but no object": ((200, [1, 2]), errors.UnexpectedReply, None, None),
    "empty": ((200, ""), errors.UnexpectedReply, None, None),
    "deep JSON": ((200, "[" * 100_000), errors.UnexpectedReply, None, None),
    "huge number": ((200, "1" * 10_000), errors.UnexpectedReply, None, None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_errors_are_typed(name: str, open_world: Callable[..., Any]) -> None:
    """Whatever a gateway answers becomes an error of ours, with status, code and request id."""
    answer, kind, code, request_id = REFUSED[name]
    world = open_world("evolink", lambda _: answer)
    with pytest.raises(errors.APIError) as caught:
        world.do(world.client.tasks.get, ID)
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.request_id, error.task_id) == (answer[0], code, request_id, ID)
    assert error.message
    assert str(error).endswith(error.hint)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("insufficient_quota", "balance"),
        ("quota_not_enough", "balance"),
        ("insufficient_token_quota", "key_limit"),
        ("key_quota_exhausted", "key_limit"),
        ("token_daily_quota_exceeded", "daily_limit"),
        ("something_new", "unknown"),
    ],
)
def test_three_reasons_to_pay(code: str, reason: str, open_world: Callable[..., Any]) -> None:
    """402 tells account, key and day apart, each with its own remedy."""
    world = open_world("evolink", [(402, {"error": {"code": code, "message": "no"}})])
    with pytest.raises(errors.PaymentRequired) as caught:
        world.do(world.client.videos.create, **REQUEST)
    assert caught.value.reason == reason
    assert not caught.value.retryable


def test_request_id_and_retry_after_come_from_headers(open_world: Callable[..., Any]) -> None:
    """Header names are found in any case."""
    headers = {"X-Oneapi-Request-Id": "abc-1", "Retry-After": "120"}
    world = open_world("evolink", [httpx.Response(429, headers=headers, json={})])
    with pytest.raises(errors.RateLimited) as caught:
        world.do(world.client.videos.create, **REQUEST)
    assert (caught.value.request_id, caught.value.retry_after) == ("abc-1", 120.0)
