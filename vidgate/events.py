"""What a client tells its hooks: `EvoLink(hooks=[…])` calls each of them with each event, as it happens.

    Event
    ├── OperationStarted        submit, read, wait or download begins
    ├── RequestStarted          an HTTP request is about to be sent
    ├── ResponseReceived        its answer is here (of a download: the head of it)
    ├── RequestFailed           no whole answer came
    ├── RetryPlanned            the same will be tried again, after a pause
    ├── SubmissionAccepted      the task exists, and is paid
    ├── SubmissionRefused       there certainly is no task
    ├── SubmissionUnknown       nobody can say whether there is one
    ├── TaskChanged             waiting has seen another status, progress or result
    ├── DownloadAdvanced        another piece is on the disk
    ├── DownloadFinished        the file stands under its name
    └── OperationEnded          well, or with an error

Events are frozen and hold facts only: no API key, no header, no body, no prompt, and of an address neither query nor
user. The key is masked wherever a server or a caller put it into a fact.
Seconds are the client's clock's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._state import Verdict

__all__ = [
    "DownloadAdvanced",
    "DownloadFinished",
    "Event",
    "Hook",
    "Operation",
    "OperationEnded",
    "OperationStarted",
    "RequestFailed",
    "RequestStarted",
    "ResponseReceived",
    "RetryPlanned",
    "SubmissionAccepted",
    "SubmissionRefused",
    "SubmissionUnknown",
    "TaskChanged",
    "on",
]

Operation: TypeAlias = Literal["submit", "read", "wait", "download"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What every event says.

    `call` is the same number for all events of one operation, and no other operation of this process has it.
    `task_id` and `model` are None as long as they are not known. `at`: seconds since 1970-01-01 UTC.
    """

    provider: str
    operation: Operation
    call: int
    at: float
    task_id: str | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationStarted(Event):
    """An operation begins; `OperationEnded` with the same `call` follows, whatever happens."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationEnded(Event):
    """An operation is over after `elapsed` seconds.

    `error` is the name of what it raises, None when it went well; GeneratorExit: it was given up, as by a cancelled
    asyncio task. `http_status` and `request_id` are those of the error. `verdict` and `status` are the task's.
    """

    elapsed: float
    error: str | None = None
    http_status: int | None = None
    request_id: str | None = None
    status: str | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestEvent(Event):
    """What events of one HTTP request say; `url` has neither query nor user, `attempt` counts from 1."""

    method: str
    url: str
    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestStarted(RequestEvent):
    """A request is about to be sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseReceived(RequestEvent):
    """An answer is here, `elapsed` seconds after the request began; of a download only the head.

    `retry_after` in seconds, as the server asks for.
    """

    http_status: int
    elapsed: float
    request_id: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestFailed(RequestEvent):
    """No whole answer came: `error` is the name of vidgate's error; `arrived` False: nor did the request."""

    elapsed: float
    error: str
    arrived: bool
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPlanned(Event):
    """What just failed will be tried again after `delay` seconds, as the attempt number `attempt`.

    `error` is the name of vidgate's error for what failed; `http_status` None: no answer came.
    """

    attempt: int
    delay: float
    error: str
    http_status: int | None = None
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionAccepted(Event):
    """The provider has the task, which is paid; with a journal its id is on the disk.

    `credits` is what was set aside for it, None when the provider does not say.
    """

    status: str
    credits: float | None = None
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionRefused(Event):
    """There is no task, and nothing was charged: the provider refused it, or the request never arrived."""

    error: str
    http_status: int | None = None
    code: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionUnknown(Event):
    """Nobody can say whether the task exists; `SubmitUnknown` is raised, and says how to settle it.

    `submit_id` is its name in the journal, None without one.
    """

    idempotency_key: str
    submit_id: str | None = None
    http_status: int | None = None
    code: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskChanged(Event):
    """Waiting has seen a task change; `results` counts its links, `earlier` is the status before."""

    status: str
    earlier: str
    verdict: Verdict
    progress: int | None = None
    results: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DownloadAdvanced(Event):
    """Bytes of a result that are here, and in total, if the host says so."""

    received: int
    total: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DownloadFinished(Event):
    """A result stands under its name, whole; `size` in bytes, None when nothing had to be fetched."""

    path: Path
    size: int | None


Hook: TypeAlias = Callable[[Event], object]
"""Called with each event. On an async client it may return an awaitable, which is awaited."""

EventT = TypeVar("EventT", bound=Event)


def on(kind: type[EventT], hook: Callable[[EventT], object]) -> Hook:
    """A hook that is called with one kind of event only, subclasses included."""

    def told(event: Event) -> object:
        return hook(event) if isinstance(event, kind) else None

    told.__name__ = getattr(hook, "__name__", type(hook).__name__)
    told.__wrapped__ = hook  # type: ignore[attr-defined]
    return told
