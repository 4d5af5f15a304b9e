"""OpenTelemetry spans from events: `EvoLink(hooks=[OpenTelemetryHook()])`; needs `pip install "vidgate[otel]"`.

One span for each operation, `vidgate submit`, `vidgate read`, `vidgate wait`, `vidgate download`, whose parent is the
caller's current span; beneath it one for each HTTP request, with the attributes of the HTTP client conventions.
Attributes are named facts of events: no key, no prompt, no message of a server, no query of a link. Nothing is added
to requests: neither the provider nor the host of a link learns of the trace.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from vidgate import events
from vidgate._version import VERSION
from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.trace import Span, TracerProvider

__all__ = ["OpenTelemetryHook"]

SCHEMA: Final = "https://opentelemetry.io/schemas/1.27.0"
"""Of the conventions that the attributes' names are from."""

FIRST_ERROR: Final = 400

_WORD: Final = re.compile(r"[A-Za-z0-9_.:/@+-]{1,200}")


class OpenTelemetryHook:
    """Makes spans; one may serve several clients, of either colour and in whatever threads.

    `tracer_provider`: where spans go, None for the program's own. Raises ConfigurationError without opentelemetry-api.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        try:
            from opentelemetry import trace
        except ImportError:
            missing = True
        else:
            missing = False
            self._trace: Any = trace
        if missing:
            raise ConfigurationError(
                "opentelemetry-api is not installed.", hint='Install it: python3 -m pip install "vidgate[otel]".'
            )
        self._tracer: Any = self._trace.get_tracer("vidgate", VERSION, tracer_provider, SCHEMA)
        self._operations: dict[int, Span] = {}
        self._requests: dict[int, Span] = {}

    def __call__(self, event: events.Event) -> None:
        """Begin, describe or end a span."""
        match event:
            case events.OperationStarted():
                name = f"vidgate {event.operation}"
                self._operations[event.call] = self._tracer.start_span(name, attributes=_of_operation(event))
            case events.RequestStarted():
                self._begin_request(event)
            case events.ResponseReceived():
                self._end_request(event, {"http.response.status_code": event.http_status}, _fault(event.http_status))
            case events.RequestFailed():
                self._end_request(event, {"vidgate.request.arrived": event.arrived}, event.error)
            case events.OperationEnded():
                self._end_operation(event)
            case _:
                if span := self._operations.get(event.call):
                    _describe(span, event)

    def _begin_request(self, event: events.RequestStarted) -> None:
        parent = self._operations.get(event.call)
        context = None if parent is None else self._trace.set_span_in_context(parent)
        self._requests[event.call] = self._tracer.start_span(
            event.method, context=context, kind=self._trace.SpanKind.CLIENT, attributes=_of_request(event)
        )

    def _end_request(
        self, event: events.ResponseReceived | events.RequestFailed, facts: dict[str, Any], fault: str | None
    ) -> None:
        span = self._requests.pop(event.call, None)
        if span is None:  # a download broke off whose head had come: its request's span is over
            if parent := self._operations.get(event.call):
                parent.add_event("transfer broken", _present({"error.type": fault}))
            return
        span.set_attributes(_present({**facts, "vidgate.request.id": _word(event.request_id)}))
        self._end(span, fault)

    def _end_operation(self, event: events.OperationEnded) -> None:
        request = self._requests.pop(event.call, None)
        if request is not None:  # given up in the middle of it
            self._end(request, event.error or "abandoned")
        span = self._operations.pop(event.call, None)
        if span is None:
            return
        facts = {
            **_of_operation(event),
            "vidgate.task.status": _word(event.status) or event.verdict,
            "vidgate.request.id": _word(event.request_id),
        }
        span.set_attributes(_present(facts))
        self._end(span, event.error)

    def _end(self, span: Span, fault: str | None) -> None:
        if fault is not None:
            span.set_attribute("error.type", fault)
            # A message could quote the prompt; the name of the error says what kind of thing happened.
            span.set_status(self._trace.StatusCode.ERROR, fault)
        span.end()


def _describe(span: Span, event: events.Event) -> None:
    match event:
        case events.RetryPlanned():
            facts = {
                "vidgate.retry.attempt": event.attempt,
                "vidgate.retry.delay": event.delay,
                "error.type": event.error,
                "http.response.status_code": event.http_status,
            }
            span.add_event("retry planned", _present(facts))
        case events.SubmissionAccepted():
            facts = {"vidgate.submission": "accepted", "vidgate.credits.reserved": event.credits}
            span.set_attributes(_present({**facts, "vidgate.task.id": _word(event.task_id)}))
        case events.SubmissionRefused():
            span.set_attributes(_present({"vidgate.submission": "refused", "vidgate.error.code": _word(event.code)}))
        case events.SubmissionUnknown():
            facts = {"vidgate.submission": "unknown", "vidgate.submission.id": _word(event.submit_id)}
            span.set_attributes(_present({**facts, "vidgate.error.code": _word(event.code)}))
        case events.TaskChanged():
            facts = {
                "vidgate.task.status": _word(event.status) or event.verdict,
                "vidgate.task.progress": event.progress,
                "vidgate.task.results": event.results,
            }
            span.add_event("task changed", _present(facts))
        case events.DownloadFinished():
            span.set_attributes(_present({"vidgate.download.size": event.size}))
        case _:
            pass


def _of_operation(event: events.Event) -> dict[str, Any]:
    return _present(
        {
            "vidgate.provider": event.provider,
            "vidgate.operation": event.operation,
            "vidgate.model": _word(event.model),
            "vidgate.task.id": _word(event.task_id),
        }
    )


def _of_request(event: events.RequestStarted) -> dict[str, Any]:
    parts = urlsplit(event.url)
    return _present(
        {
            "http.request.method": event.method,
            "http.request.resend_count": event.attempt - 1 if event.attempt > 1 else None,
            "server.address": parts.hostname,
            "server.port": parts.port or {"http": 80, "https": 443}.get(parts.scheme),
            "url.full": event.url,
            "vidgate.provider": event.provider,
        }
    )


def _fault(status: int) -> str | None:
    return str(status) if status >= FIRST_ERROR else None


def _word(text: str | None) -> str | None:
    """A provider's word as long as it is one; a sentence could be anything, the prompt included."""
    return text if text is not None and _WORD.fullmatch(text) else None


def _present(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
