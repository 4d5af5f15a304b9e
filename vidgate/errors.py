"""Everything that vidgate raises on purpose.

    VidgateError
    ├── ConfigurationError      the client was set up wrongly; nothing was sent
    ├── CallbackRefused         what was posted to a callback address is no callback
    ├── InvalidRequest          the request was refused offline; nothing was sent
    ├── APIError                the provider answered with an error
    │   ├── BadRequest          400, 422 and other refusals of the request itself
    │   ├── AuthenticationError 401
    │   ├── PaymentRequired     402: balance, limit of the key, or limit of the day
    │   ├── PermissionDenied    403
    │   ├── NotFound            404
    │   ├── Conflict            409
    │   ├── RateLimited         429
    │   ├── ServerError         5xx
    │   └── UnexpectedReply     an answer that cannot be read, or a redirect
    ├── JournalError            the journal cannot be used; before a submission: nothing was sent
    │   └── AlreadySubmitted    the item of a batch has been submitted before; nothing was sent
    ├── NoneAccepted            each of several providers certainly refused the request
    ├── SubmitUnknown           a paid request went out, and nobody can say whether it counted
    ├── TransportError          no whole answer arrived
    │   ├── ConnectionFailed    the request certainly did not arrive
    │   ├── ConnectionLost      the connection broke after the request left
    │   └── RequestTimeout      the answer did not come in time
    ├── TaskError               a task did not end with a result
    │   ├── TaskFailed
    │   ├── TaskCancelled
    │   ├── TaskTimeout         it still runs; waiting can go on
    │   └── ResultMissing       it is completed, but names no result
    └── DownloadError           a result could not be saved
        ├── LinkExpired
        ├── DownloadRefused     what the link gives is not the result, or is too large
        └── FileProblem         the file cannot be written here

    VidgateWarning
    ├── JournalWarning          the journal could not be written, of a task that it has already
    ├── RequestAdvice           the request is allowed, but probably not what is meant
    └── UnknownStatus           a provider speaks of a status that no page documents

Errors keep facts as fields, can be pickled and copied, and their text ends with what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from vidgate._error import VidgateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._report import Report

__all__ = [
    "APIError",
    "AlreadySubmitted",
    "AuthenticationError",
    "BadRequest",
    "CallbackRefused",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "ConnectionLost",
    "DownloadError",
    "DownloadRefused",
    "FileProblem",
    "InvalidRequest",
    "JournalError",
    "JournalWarning",
    "LinkExpired",
    "NoneAccepted",
    "NotFound",
    "PaymentReason",
    "PaymentRequired",
    "PermissionDenied",
    "RateLimited",
    "RequestAdvice",
    "RequestTimeout",
    "ResultMissing",
    "ServerError",
    "SubmitUnknown",
    "TaskCancelled",
    "TaskError",
    "TaskFailed",
    "TaskTimeout",
    "TransportError",
    "UnexpectedReply",
    "UnknownStatus",
    "VidgateError",
    "VidgateWarning",
]

PaymentReason: TypeAlias = Literal["balance", "key_limit", "daily_limit", "unknown"]


class ConfigurationError(VidgateError, ValueError):
    """The client was set up wrongly; nothing was sent."""


class InvalidRequest(VidgateError, ValueError):
    """The request was refused offline; nothing was sent and nothing was charged.

    `report.errors` has one entry per field and rule.
    """

    def __init__(self, report: Report) -> None:
        count = len(report.errors)
        super().__init__("The request is not valid." if count == 1 else f"The request is not valid: {count} problems.")
        self.report = report

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields at fault, in order, each once."""
        return tuple(dict.fromkeys(problem.field for problem in self.report.errors))

    def __str__(self) -> str:
        return "\n".join((self.message, *(f"  {problem}" for problem in self.report.errors)))


class APIError(VidgateError):
    """The provider answered with an error; `status` is HTTP's, `code` and `type` are the provider's.

    `headers` are the answer's, names in lower case, without cookies and without the query of a redirect.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        type: str | None = None,  # noqa: A002 - the provider's own field name
        hint: str = "",
        request_id: str | None = None,
        task_id: str | None = None,
        retryable: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id, task_id=task_id, retryable=retryable)
        self.status = status
        self.code = code
        self.type = type
        self.headers = dict(headers or {})

    def facts(self) -> list[str]:
        found = [f"HTTP {self.status}"]
        if self.code:
            found.append(f"code {self.code}")
        return found + super().facts()


class BadRequest(APIError):
    """The provider refused the request itself (400, 422, …); sending it again unchanged cannot help."""


class AuthenticationError(APIError):
    """The key is missing, wrong, expired or disabled (401)."""


class PaymentRequired(APIError):
    """There is nothing left to pay with (402); `reason` tells whose limit it is."""

    def __init__(self, message: str, *, reason: PaymentReason = "unknown", **facts: Any) -> None:
        super().__init__(message, **facts)
        self.reason: PaymentReason = reason


class PermissionDenied(APIError):
    """The key may not use this model, or the task is not yours (403)."""


class NotFound(APIError):
    """The provider does not know the task or the address (404)."""


class Conflict(APIError):
    """The idempotency key was used for another request (409)."""


class RateLimited(APIError):
    """Too many requests (429); `retry_after` in seconds, None when the provider does not say."""

    def __init__(self, message: str, *, retry_after: float | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class ServerError(APIError):
    """The provider failed (5xx); a submission that ends here was certainly not charged, else it is SubmitUnknown."""


class UnexpectedReply(APIError):
    """An answer that cannot be read: not JSON, not a task, or a redirect."""


class SubmitUnknown(VidgateError):
    """A paid request went out and its outcome is not known: it may run and cost, or not.

    vidgate never sends such a request again by itself. Sending the same request with the same `idempotency_key`
    lets the provider answer for the first one instead of starting a second.
    `status` is HTTP's, None when no answer came. `submit_id` is its name in the journal, None without one.
    """

    def __init__(
        self,
        message: str,
        *,
        idempotency_key: str,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        submit_id: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(
            message,
            hint=hint
            or (
                "It may have been accepted and charged, so do not simply submit again. Look for the task on the "
                "provider's dashboard, or settle it with "
                f'client.with_options(idempotency_key="{idempotency_key}") and the same request.'
            ),
            request_id=request_id,
        )
        self.idempotency_key = idempotency_key
        self.status = status
        self.code = code
        self.submit_id = submit_id

    def name_submission(self, submit_id: str, hint: str) -> None:
        """Say under which id the journal has it, and how to settle it."""
        self.submit_id, self.hint = submit_id, hint

    def facts(self) -> list[str]:
        found = [f"submission {self.submit_id}"] if self.submit_id else []
        if self.status is not None:
            found.append(f"HTTP {self.status}")
        if self.code:
            found.append(f"code {self.code}")
        return found + super().facts()


class JournalError(VidgateError):
    """The journal cannot be used, or does not have what is asked for.

    Raised by a submission, nothing was sent, unless `task_id` is set: then the task runs, is paid, and this id is the
    only trace of it.
    """

    def __init__(self, message: str, *, submit_id: str | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.submit_id = submit_id


class NoneAccepted(VidgateError):
    """Each of several providers certainly refused the request; `refusals` has each one's error, in order."""

    def __init__(self, refusals: Mapping[str, VidgateError]) -> None:
        super().__init__(
            "No provider accepted the request, and nothing was charged.",
            hint="Mend what one of them names, then submit anew.",
        )
        self.refusals = dict(refusals)

    def __str__(self) -> str:
        each = (f"{name}: {refusal}".replace("\n", "\n  ") for name, refusal in self.refusals.items())
        return "\n  ".join((self.message, *each, self.hint))


class AlreadySubmitted(JournalError):
    """The journal has it already: an item of a batch, or what somebody else is sending right now; nothing was sent.

    `task_id` None: its outcome is open.
    """


class TransportError(VidgateError):
    """No whole answer arrived."""


class ConnectionFailed(TransportError):
    """No connection could be made: the request certainly did not arrive, and nothing was charged."""


class ConnectionLost(TransportError):
    """The connection broke after the request had left."""


class RequestTimeout(TransportError):
    """The answer, or the rest of it, did not come in time."""


class TaskError(VidgateError):
    """A task did not end with a result; `task_id` is always set."""


class TaskFailed(TaskError):
    """The provider gave the task up; `code` is its task error code. The task itself never recovers."""

    def __init__(
        self,
        message: str,
        *,
        task_id: str,
        code: str | None = None,
        hint: str = "",
        request_id: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id, task_id=task_id, retryable=retryable)
        self.code = code

    def facts(self) -> list[str]:
        return ([f"code {self.code}"] if self.code else []) + super().facts()


class TaskCancelled(TaskError):
    """The task was cancelled."""


class TaskTimeout(TaskError):
    """The task was still running at the deadline; `client.tasks.get(error.task_id).wait()` goes on.

    `status` and `progress` are the last ones read; `last_error` is why the latest read failed, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        task_id: str,
        timeout: float,
        status: str = "",
        progress: int | None = None,
        last_error: VidgateError | None = None,
        request_id: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id, task_id=task_id, retryable=True)
        self.timeout = timeout
        self.status = status
        self.progress = progress
        self.last_error = last_error


class ResultMissing(TaskError):
    """The task is completed, but its answer names no result (of that index)."""


class DownloadError(VidgateError):
    """A result could not be saved; the task itself is fine. `url` is the link without its query."""

    def __init__(self, message: str, *, url: str = "", status: int | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.url = url
        self.status = status

    def facts(self) -> list[str]:
        return ([] if self.status is None else [f"HTTP {self.status}"]) + super().facts()


class LinkExpired(DownloadError):
    """The link does not give the result any more (403, 404, 410)."""


class DownloadRefused(DownloadError):
    """What the link gives is not the result (a page, another scheme) or is larger than allowed."""


class FileProblem(DownloadError):
    """The file cannot be written here."""


class CallbackRefused(VidgateError):
    """What was posted to a callback address is no callback of a provider; `status` is what to answer."""

    def __init__(self, message: str, *, status: int = 400, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.status = status


class VidgateWarning(UserWarning):
    """Root of vidgate's warnings."""


class JournalWarning(VidgateWarning):
    """The journal could not be written; it has the task's id already, so nothing is lost."""


class RequestAdvice(VidgateWarning):
    """The request is allowed, but probably not what is meant."""


class UnknownStatus(VidgateWarning):
    """A provider speaks of a status that no page documents; the task counts as running."""
