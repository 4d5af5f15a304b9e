"""A request that the simulator turns down, before it becomes a provider's error body."""

from __future__ import annotations

from typing import Literal, TypeAlias

Reason: TypeAlias = Literal[
    "malformed",
    "parameter",
    "task-id",
    "unauthorized",
    "quota",
    "model-access",
    "foreign-task",
    "unknown-task",
    "unknown-route",
    "unknown-result",
    "expired-result",
    "range",
    "method",
    "key-reused",
    "limited",
    "unsupported",
    "internal",
]


class Refusal(Exception):
    """A request turned down.

    `message` None leaves the provider's documented wording; `field` names the parameter at fault.
    """

    def __init__(
        self,
        status: int,
        reason: Reason,
        message: str | None = None,
        *,
        field: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, reason, message)
        self.status = status
        self.reason: Reason = reason
        self.message = message
        self.field = field
        self.headers = headers or {}
