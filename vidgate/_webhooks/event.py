"""What a callback's body says, as a typed event. Nothing in it is fetched or believed yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from vidgate import errors
from vidgate._flow import check_task_id
from vidgate._json import is_list, is_object
from vidgate._providers import PROVIDERS, provider_of

if TYPE_CHECKING:
    from vidgate._state import Result, TaskFault, TaskState, Verdict

ProviderName: TypeAlias = Literal["evolink", "apimart"]

_TERMINAL = frozenset({"completed", "failed", "cancelled"})
_EVOLINK_MARKS = frozenset({"object", "task_info", "results"})
_APIMART_MARKS = frozenset({"result", "credits_cost", "actual_time", "cost", "estimated_time", "completed"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What a callback says of a task; true only once `confirm` says so too.

    `nonce` is the one in the address that was called, if any; it leads back to the submission.
    """

    provider: str
    task_id: str
    status: str
    verdict: Verdict
    progress: int | None = None
    results: tuple[Result, ...] = ()
    error: TaskFault | None = None
    model: str | None = None
    nonce: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def done(self) -> bool:
        """Whether it tells how the task ended."""
        return self.verdict in _TERMINAL

    @property
    def key(self) -> str:
        """The same for every delivery of the same news."""
        return f"{self.provider}:{self.task_id}:{self.verdict}"


def parse(
    body: bytes | str | Mapping[str, Any], *, provider: ProviderName | None = None, nonce: str | None = None
) -> Event:
    """Read a callback's body; without `provider` its shape tells whose it is.

    Unknown members and statuses are tolerated. Raises CallbackRefused when it holds no task.
    """
    payload = body if isinstance(body, Mapping) else _loaded(body)
    task: Any = payload
    if "data" in payload and "status" not in payload:  # an envelope, where none is documented
        data: Any = payload["data"]
        task = data[0] if is_list(data) and data else data
        provider = provider or "apimart"
    if not is_object(task):
        raise refused(400, "The callback holds no task.")
    try:
        task_id = check_task_id(task.get("id") or task.get("task_id"))
    except errors.ConfigurationError:
        raise refused(400, "The callback names no task id.") from None
    row = PROVIDERS.get(provider or _guess(task, task_id))
    if row is None:
        raise errors.ConfigurationError(f"{provider!r} is no provider.", hint=f"Known are {', '.join(PROVIDERS)}.")
    wrapped = task if not row.task else {"data": task}
    state = row.read_task(wrapped, task_id)
    if state is None or not state.status:
        raise refused(400, "The callback names no status.")
    return _event(state, task, nonce)


def refused(status: int, message: str) -> errors.CallbackRefused:
    """What is no callback, and the status to answer with."""
    return errors.CallbackRefused(
        message, status=status, hint="Answer with this status; if it was the provider, read the task instead."
    )


def _loaded(body: bytes | str) -> Mapping[str, Any]:
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        value: Any = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # escapes can spell half a character
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number of 5,000 digits, brackets without end
        raise refused(400, "The callback is no JSON object in UTF-8.") from None
    if not is_object(value):
        raise refused(400, "The callback is no JSON object in UTF-8.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands there twice")
    return members


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON number")


def _guess(task: Mapping[str, Any], task_id: str) -> str:
    """Whose body this is, by members that only one of them has, else by the look of its ids."""
    evolink, apimart = len(task.keys() & _EVOLINK_MARKS), len(task.keys() & _APIMART_MARKS)
    if evolink != apimart:
        return "evolink" if evolink > apimart else "apimart"
    row = provider_of(task_id)
    return "evolink" if row is None else row.name


def _event(state: TaskState, payload: Mapping[str, Any], nonce: str | None) -> Event:
    return Event(
        provider=state.provider,
        task_id=state.id,
        status=state.status,
        verdict=state.verdict,
        progress=state.progress,
        results=state.results,
        error=state.error,
        model=state.model,
        nonce=nonce,
        payload=payload,
    )
