"""A flow around a flow: what happens in one operation becomes events. No I/O here; see `_effects`."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from vidgate import errors, events
from vidgate._address import bare_url
from vidgate._effects import (
    Advanced,
    AwaitHooks,
    Changed,
    Failure,
    Head,
    Keep,
    OpenStream,
    ReadChunk,
    Reply,
    Request,
    Send,
    Sleep,
)
from vidgate._flow import SUCCESS
from vidgate._json import is_object
from vidgate._replies import error_from, request_id, retry_after
from vidgate._state import TaskState

if TYPE_CHECKING:
    from vidgate._effects import Effect, Flow
    from vidgate._observe.observer import Observer
    from vidgate._providers import Provider
    from vidgate._state import Verdict
    from vidgate.events import Event, Operation

T = TypeVar("T")

_CALLS: Final = itertools.count(1)


class Watch:
    """One operation as the hooks of its client see it."""

    def __init__(
        self,
        observer: Observer,
        provider: Provider,
        operation: Operation,
        *,
        task_id: str | None,
        model: str | None,
        status: str,
    ) -> None:
        self._observer = observer
        self._provider = provider
        self._operation: Operation = operation
        self._call = next(_CALLS)
        self._task_id = task_id
        self._model = model
        self._status = status
        self._began = self._sent = observer.clock.now()
        self._attempt = 1
        self._request: Request | None = None
        self._was_sent = False
        self._latest: Reply | Head | Failure | None = None
        self._received: int | None = None
        self._certain = True

    def over(self, flow: Flow[T]) -> Flow[T]:
        """Pass the effects of a flow on, and tell what they and their answers mean."""
        answer: Any = None
        try:
            self._tell(events.OperationStarted)
            while True:
                try:
                    effect = flow.send(answer)
                except StopIteration as stop:
                    value: T = stop.value
                    break
                self._before(effect)
                if self._observer.has_pending and self._may_pause:
                    yield AwaitHooks(self._observer)
                self._was_sent = self._was_sent or isinstance(effect, Send)
                answer = yield effect
                self._after(effect, answer)
        except BaseException as error:
            self._failed(error)
            raise
        finally:
            flow.close()
        self._ended(value)
        return value

    @property
    def _may_pause(self) -> bool:
        """Not between a paid answer and the journal: a task that is cancelled there would lose what it bought."""
        return self._operation != "submit" or not isinstance(self._latest, Reply) or self._latest.status not in SUCCESS

    def _before(self, effect: Effect) -> None:
        match effect:
            case Send(request) | OpenStream(request):
                self._request, self._latest = request, None
                self._sent = self._observer.clock.now()
                self._tell(events.RequestStarted, **self._described(request))
            case Sleep(seconds):
                problem = self._problem()
                self._attempt = 1 if problem is None else self._attempt + 1
                if problem is not None:
                    self._tell(events.RetryPlanned, attempt=self._attempt, delay=seconds, **_facts_of(problem))
            case Changed(state):
                self._changed(state)
            case Advanced(received, total):
                self._received = received
                self._tell(events.DownloadAdvanced, received=received, total=total)
            case Keep(record):
                # A refusal of a second attempt proves nothing about the first one.
                self._certain = getattr(record, "certain", self._certain)
            case _:
                pass

    def _after(self, effect: Effect, answer: Any) -> None:
        match effect:
            case Send(request) | OpenStream(request):
                self._latest = answer
                facts = {**self._described(request), "elapsed": self._observer.clock.now() - self._sent}
                if isinstance(answer, Failure):
                    self._tell(events.RequestFailed, arrived=answer.arrived, **facts, **_named(answer.error))
                else:
                    self._tell(events.ResponseReceived, **facts, **self._seen(answer))
            case ReadChunk() if isinstance(answer, Failure) and self._request is not None:
                self._latest = answer
                facts = {**self._described(self._request), "elapsed": self._observer.clock.now() - self._sent}
                self._tell(events.RequestFailed, arrived=True, **facts, **_named(answer.error))
            case _:
                pass

    def _described(self, request: Request) -> dict[str, Any]:
        return {"method": request.method, "url": bare_url(request.url), "attempt": self._attempt}

    def _seen(self, answer: Reply | Head) -> dict[str, Any]:
        return {
            "http_status": answer.status,
            "request_id": request_id(answer),
            "retry_after": retry_after(answer, now=self._observer.clock.now()),
        }

    def _problem(self) -> errors.VidgateError | None:
        """What made the flow pause; None: it only waits for its task."""
        latest = self._latest
        if isinstance(latest, Failure):
            return latest.error
        if isinstance(latest, Reply):
            state = self._provider.read_task(latest.body, self._task_id or "") if is_object(latest.body) else None
            if latest.status in SUCCESS and state is not None:
                return None
            return error_from(latest, self._provider, now=self._observer.clock.now())
        if self._operation == "download":
            status = latest.status if isinstance(latest, Head) else None
            return errors.DownloadError("", status=status, request_id=request_id(latest) if latest else None)
        return None

    def _changed(self, state: TaskState) -> None:
        self._model = self._model or state.model
        earlier, self._status = self._status, state.status
        self._tell(
            events.TaskChanged,
            status=state.status,
            earlier=earlier,
            verdict=state.verdict,
            progress=state.progress,
            results=len(state.results),
        )

    def _ended(self, value: object) -> None:
        status: str | None = None
        verdict: Verdict | None = None
        if isinstance(value, TaskState):
            self._task_id, self._model = value.id, value.model or self._model
            status, verdict = value.status, value.verdict
            if self._operation == "submit":
                self._tell(
                    events.SubmissionAccepted,
                    status=value.status,
                    credits=self._provider.reserved_credits(value.payload),
                    request_id=value.request_id,
                )
        elif isinstance(value, Path):
            self._tell(events.DownloadFinished, path=value, size=self._received)
        self._tell(events.OperationEnded, elapsed=self._elapsed(), status=status, verdict=verdict)

    def _failed(self, error: BaseException) -> None:
        if self._operation == "submit":
            self._not_accepted(error)
        facts = _facts_of(error) if isinstance(error, errors.VidgateError) else {"error": _kind(error)}
        self._tell(events.OperationEnded, elapsed=self._elapsed(), **facts)

    def _not_accepted(self, error: BaseException) -> None:
        """A submission that raises: refused, unknown, or accepted by everybody but the journal."""
        if not isinstance(error, errors.VidgateError) and not self._was_sent:
            return  # interrupted before anything was sent
        code = getattr(error, "code", None)
        if isinstance(error, errors.VidgateError) and not isinstance(error, errors.SubmitUnknown) and self._certain:
            if isinstance(error, errors.JournalError) and error.task_id and self._was_sent:
                self._task_id = error.task_id
                self._tell(events.SubmissionAccepted, status="")
            else:
                self._tell(events.SubmissionRefused, code=code, **_facts_of(error))
            return
        facts = _facts_of(error) if isinstance(error, errors.VidgateError) else {}
        facts.pop("error", None)
        self._tell(
            events.SubmissionUnknown,
            idempotency_key=self._request.headers.get("idempotency-key", "") if self._request else "",
            submit_id=getattr(error, "submit_id", None),
            code=code,
            **facts,
        )

    def _elapsed(self) -> float:
        return self._observer.clock.now() - self._began

    def _tell(self, kind: type[Event], **facts: Any) -> None:
        facts = {name: self._masked(value) for name, value in facts.items()}
        self._observer.tell(
            kind(
                provider=self._provider.name,
                operation=self._operation,
                call=self._call,
                at=self._observer.clock.now(),
                task_id=self._masked(self._task_id),
                model=self._masked(self._model),
                **facts,
            )
        )

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._observer.secret.redact(value)
        return Path(self._observer.secret.redact(str(value))) if isinstance(value, Path) else value


def _named(error: errors.VidgateError) -> dict[str, Any]:
    return {"error": type(error).__name__, "request_id": error.request_id}


def _facts_of(error: errors.VidgateError) -> dict[str, Any]:
    status = getattr(error, "status", None)  # a task's error has a status, too: the provider's word
    return {**_named(error), "http_status": status if isinstance(status, int) else None}


def _kind(error: BaseException) -> str:
    """A flow that is closed is told of nothing but that; what ended its driver stands behind it."""
    if isinstance(error, GeneratorExit) and error.__context__ is not None:
        error = error.__context__
    return type(error).__name__
