"""What a subject file says. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._settings import Profile, ProviderName

ROLES = ("valid", "other", "no_quota", "no_model", "limited", "broken")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tasks:
    """`seconds`: how long a task takes. A prompt that contains `fail_prompt` makes its task fail."""

    seconds: float = 60.0
    fail_prompt: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Callbacks:
    """`public_url` is sent; what goes there arrives at `listen`. Documented seconds × `time_scale` are waited for."""

    public_url: str
    listen: str = ""
    time_scale: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """Where charges are read, and where they are forgotten."""

    url: str
    reset: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """The most that a live run may do."""

    max_paid_requests: int
    max_credits: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One server to be judged. `tokens`: role → key; they are in no representation of it."""

    provider: ProviderName
    base_url: str
    profile: Profile
    name: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    tasks: Tasks = field(default_factory=Tasks)
    callbacks: Callbacks | None = None
    ledger: Ledger | None = None
    budget: Budget | None = None
    known_failing: Mapping[str, str] = field(default_factory=dict[str, str])
