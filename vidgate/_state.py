"""A task as a provider describes it, in one shape for all providers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Verdict: TypeAlias = Literal["running", "completed", "failed", "cancelled", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One result: a link, what it leads to (`video`, `image`, `audio`), and until when it is good.

    `expires_at` in seconds since 1970-01-01 UTC: the provider's own figure, else the earliest possible one, else None.
    """

    url: str
    kind: str
    expires_at: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskFault:
    """Why a task failed. `retryable`: whether a new, paid submission of the same request can help."""

    code: str | None
    message: str
    type: str | None = None
    retryable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskState:
    """What is known of a task after one answer.

    `status` is the provider's own word, empty when it gave none; `verdict` is what it means.
    `payload` is the answer's JSON, envelope included; `submitted` is what was asked for, `image`, `audio` or `video`,
    in the answer to a submission, and None in one to a query.
    `request_id` is the provider's id of the request that was answered.
    """

    provider: str
    id: str
    status: str
    verdict: Verdict
    progress: int | None = None
    results: tuple[Result, ...] = ()
    error: TaskFault | None = None
    model: str | None = None
    kind: str | None = None
    created: float | None = None
    estimated_seconds: float | None = None
    submitted: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    request_id: str | None = field(default=None, compare=False, repr=False)

    def changed_from(self, earlier: TaskState) -> bool:
        """Whether somebody watching would want to know."""
        return (self.status, self.progress, self.results) != (earlier.status, earlier.progress, earlier.results)
