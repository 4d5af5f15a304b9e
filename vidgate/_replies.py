"""From an answer that is not what was asked for to a typed error. No I/O here.

The HTTP status decides first, the provider's code second: codes come as text, number, empty or null, and the same
refusal is spelled differently from page to page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vidgate import errors
from vidgate._address import bare_url
from vidgate._json import is_object
from vidgate._secret import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._effects import Head, Reply
    from vidgate._json import Json
    from vidgate._providers import Provider

BY_STATUS: Mapping[int, type[errors.APIError]] = MappingProxyType(
    {
        400: errors.BadRequest,
        401: errors.AuthenticationError,
        402: errors.PaymentRequired,
        403: errors.PermissionDenied,
        404: errors.NotFound,
        408: errors.ServerError,
        409: errors.Conflict,
        422: errors.BadRequest,
        425: errors.ServerError,
        429: errors.RateLimited,
    }
)

# Three different limits hide behind 402, and behind 403 and 429 at gateways; only the code tells them apart.
PAYMENT_CODES: Mapping[str, errors.PaymentReason] = MappingProxyType(
    {
        "insufficient_quota": "balance",
        "insufficient_user_quota": "balance",
        "insufficient_quota_error": "balance",
        "quota_not_enough": "balance",
        "billing_error": "balance",
        "payment_required": "balance",
        "insufficient_token_quota": "key_limit",
        "key_quota_exhausted": "key_limit",
        "token_daily_quota_exceeded": "daily_limit",
    }
)
PAYMENT_STATUSES = frozenset({402, 403, 429})

CONTENT_CODES = frozenset(
    {
        "content_policy_violation",
        "content_filter",
        "sensitive_content",
        "moderation_blocked",
        "input_moderation_failed",
    }
)

# What a code says when a gateway answers an error with HTTP 200.
BY_CODE: Mapping[str, type[errors.APIError]] = MappingProxyType(
    {
        "invalid_request": errors.BadRequest,
        "invalid_parameter": errors.BadRequest,
        "invalid_task_id": errors.BadRequest,
        "unauthorized": errors.AuthenticationError,
        "permission_denied": errors.PermissionDenied,
        "model_access_denied": errors.PermissionDenied,
        "task_not_found": errors.NotFound,
        "rate_limit_exceeded": errors.RateLimited,
        "internal_error": errors.ServerError,
        **dict.fromkeys(PAYMENT_CODES, errors.PaymentRequired),
    }
)

HINTS: Mapping[type[errors.APIError], str] = MappingProxyType(
    {
        errors.BadRequest: "Correct the request; client.check(...) names what is wrong with a field.",
        errors.PermissionDenied: "Ask for a model that this key may use, or use the key that the task belongs to.",
        errors.NotFound: "Check the task id, and that the key and base URL are those it was created with.",
        errors.Conflict: "This idempotency key belongs to another request; let the client choose a new one.",
        errors.RateLimited: "Wait, then do it again; send fewer requests at a time.",
        errors.ServerError: "Do it again in a moment; nothing was charged for this call.",
        errors.UnexpectedReply: "Check the base URL, and whether a proxy answers in the provider's place.",
    }
)

PAYMENT_HINTS: Mapping[errors.PaymentReason, str] = MappingProxyType(
    {
        "balance": "Top up the account.",
        "key_limit": "Raise the limit of this key, or use another one.",
        "daily_limit": "Wait for tomorrow, or raise the daily limit of this key.",
        "unknown": "Check the account's balance and the limits of this key.",
    }
)

# The providers' own come first, then those of the stores and networks that may answer in their place.
REQUEST_ID_HEADERS = (
    "x-request-id",
    "x-oneapi-request-id",
    "request-id",
    "x-amz-request-id",
    "x-oss-request-id",
    "x-cos-request-id",
    "x-tos-request-id",
    "x-goog-request-id",
    "cf-ray",
)
SESSION_HEADERS = frozenset({"set-cookie", "set-cookie2", "proxy-authenticate", "www-authenticate", "authorization"})
# Patterns as text: the module `re` compiles them when they are first used, and keeps them.
_REQUEST_ID_IN_TEXT = r"(?i)\s*\(\s*request[ _]id:\s*([A-Za-z0-9._:-]+)\s*\)"
_TITLE = r"(?i)<title[^>]*>([^<]{1,200})"
_UNPRINTABLE = r"[^\x20-\x7e\u00a0-\u2027\u202f-\u2065\u206a-\ud7ff\uf900-\ufefe\uff00-\uffef\U00010000-\U0010ffff]+"
_LONGEST_MESSAGE = 500
LONGEST_ASKED = 1e9
"""Seconds; what a server asks for beyond it, no clock can sleep."""
_SUCCESS = range(200, 300)
_ERROR = range(400, 600)


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """What an error envelope says, whatever its shape."""

    message: str = ""
    code: str | None = None
    type: str | None = None
    request_id: str | None = None
    names: frozenset[str] = field(default_factory=frozenset[str])


def read_complaint(body: Json) -> Complaint | None:
    """Read an error envelope; None when `body` is none.

    Accepted: `{error: {code, message, type}}`, `{error: "x", error_description}`, `{success: false, code, msg}`,
    `{type: "error", error: {…}}`, `{code: 4xx, message}`, `{detail: …}`.
    """
    if not is_object(body):
        return None
    error = body.get("error")
    if is_object(error) and error:
        return _complaint(
            message=error.get("message"),
            code=error.get("code"),
            type_=error.get("type"),
            request_id=error.get("request_id") or body.get("request_id"),
        )
    if isinstance(error, str) and error:
        return _complaint(
            message=body.get("error_description") or body.get("message") or error,
            code=error if _looks_like_code(error) else body.get("code"),
            request_id=body.get("request_id"),
        )
    code = body.get("code")
    if body.get("success") is False or (_number(code) or 0) in _ERROR:
        return _complaint(
            message=body.get("msg") or body.get("message"),
            code=code,
            type_=body.get("type"),
            request_id=body.get("request_id"),
        )
    return None


def error_from(reply: Reply, provider: Provider, *, now: float, task_id: str | None = None) -> errors.APIError:
    """The typed error for `reply`; for a good status only when its body is an error envelope or cannot be read."""
    complaint = read_complaint(reply.body) or _other_body(reply)
    kind = _kind(reply, complaint)
    facts: dict[str, Any] = {
        "status": reply.status,
        # A code that repeats the status says nothing.
        "code": None if complaint.code == str(reply.status) else complaint.code,
        "type": complaint.type,
        "request_id": request_id(reply, complaint),
        "headers": shown_headers(reply),
        "task_id": task_id,
        "hint": HINTS.get(kind, ""),
        "retryable": issubclass(kind, errors.RateLimited | errors.ServerError),
    }
    message = complaint.message or f"{provider.title} answers with HTTP {reply.status} and no explanation."
    if issubclass(kind, errors.PaymentRequired):
        reason = _payment_reason(complaint)
        return kind(message, reason=reason, **{**facts, "hint": PAYMENT_HINTS[reason]})
    if issubclass(kind, errors.RateLimited):
        return kind(message, retry_after=retry_after(reply, now=now), **facts)
    if issubclass(kind, errors.AuthenticationError):
        facts["hint"] = f"Check the key in {provider.key_variable}, or get one at {provider.dashboard}."
    if complaint.names & CONTENT_CODES:
        facts["hint"] = "Change the prompt or the media: the provider's content rules refuse them."
    return kind(message, **facts)


def unreadable(reply: Reply, provider: Provider, *, task_id: str | None = None) -> errors.UnexpectedReply:
    """The error for an answer of a good status that holds no task."""
    complaint = _other_body(reply)
    what = complaint.message or "no task"
    return errors.UnexpectedReply(
        f"{provider.title} answers with HTTP {reply.status}, but not with a task: {what}",
        status=reply.status,
        hint=HINTS[errors.UnexpectedReply],
        request_id=request_id(reply, complaint),
        headers=shown_headers(reply),
        task_id=task_id,
        retryable=reply.status in _SUCCESS,
    )


def request_id(answer: Reply | Head, complaint: Complaint | None = None) -> str | None:
    """The id that the answer gives the request, wherever it stands: in a header, in the body, in a message."""
    headers = answer.headers
    for name in REQUEST_ID_HEADERS:
        value = headers.get(name)
        if value and (value := value.strip()):
            return value if _is_plain(value) else clean(value)
    if complaint is not None and complaint.request_id:
        return complaint.request_id
    body = getattr(answer, "body", None)
    return _word(body.get("request_id")) if is_object(body) else None


def shown_headers(answer: Reply | Head) -> Mapping[str, str]:
    """The headers that may be kept and shown: no session, and no query of a link, which may be signed."""
    shown = {name: MASK if name in SESSION_HEADERS else value for name, value in answer.headers.items()}
    if "location" in shown:
        shown["location"] = shown["location"].partition("?")[0]
    return shown


def retry_after(answer: Reply | Head, *, now: float) -> float | None:
    """Seconds the server asks to wait: a number or an HTTP date; None when absent or unreadable."""
    value = answer.headers.get("retry-after", "").strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError, OSError):  # no date, or none that a calendar has
        return None
    return min(LONGEST_ASKED, max(0.0, moment - now))


def clean(text: str) -> str:
    """One printable line of bounded length: servers' texts end up in terminals."""
    line = " ".join(re.sub(_UNPRINTABLE, " ", text).split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"


def _is_plain(text: str) -> bool:
    """Whether `clean` would change nothing; quicker to see than to do."""
    return text.isascii() and text.isprintable() and " " not in text and len(text) <= _LONGEST_MESSAGE


def _payment_reason(complaint: Complaint) -> errors.PaymentReason:
    for name in _ordered(complaint):
        if name in PAYMENT_CODES:
            return PAYMENT_CODES[name]
    return "unknown"


def _kind(reply: Reply, complaint: Complaint) -> type[errors.APIError]:
    if reply.status in PAYMENT_STATUSES and complaint.names & PAYMENT_CODES.keys():
        return errors.PaymentRequired
    status = reply.status
    if status in _SUCCESS:
        # A gateway may answer an error with HTTP 200; then its code stands for the status.
        for name in _ordered(complaint):
            if name in BY_CODE:
                return BY_CODE[name]
        status = _number(complaint.code) or status
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status in _ERROR:
        return errors.ServerError if status >= 500 else errors.BadRequest  # noqa: PLR2004 - HTTP's own boundary
    return errors.UnexpectedReply


def _complaint(*, message: Json, code: Json, type_: Json = None, request_id: Json = None) -> Complaint:
    text = clean(message) if isinstance(message, str) else ""
    found = re.search(_REQUEST_ID_IN_TEXT, text)
    if found:
        text = (text[: found.start()] + text[found.end() :]).strip()
    code_text, type_text = _word(code), _word(type_)
    return Complaint(
        message=text,
        code=code_text,
        type=type_text,
        request_id=_word(request_id) or (found[1] if found else None),
        names=frozenset(name for name in (code_text, type_text) if name),
    )


def _ordered(complaint: Complaint) -> tuple[str, ...]:
    return tuple(name for name in (complaint.code, complaint.type) if name)


def _other_body(reply: Reply) -> Complaint:
    """Say what stands there instead of an error envelope."""
    body = reply.body
    if is_object(body):
        for name in ("message", "msg", "detail"):
            if isinstance(body.get(name), str) and body[name].strip():
                return _complaint(message=body[name], code=body.get("code"), type_=body.get("type"))
        return Complaint()
    if body is not None:
        return Complaint(message=f"a JSON {type(body).__name__} that is no object")
    if location := reply.headers.get("location"):
        return Complaint(message=f"a redirect to {clean(bare_url(location))}, which is not followed")
    text = reply.text.strip()
    if not text:
        return Complaint()
    if text.startswith("<"):
        title = re.search(_TITLE, text)
        return Complaint(message=f"a page instead of JSON{f': {clean(title[1])}' if title else ''}")
    return Complaint(message=f"text instead of JSON: {clean(text)}")


def _word(value: Json) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return clean(str(value)) or None


def _number(value: Json) -> int | None:
    """A code that is a number, also when it is written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{3}", value) else None


def _looks_like_code(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.:-]{1,80}", text) is not None
