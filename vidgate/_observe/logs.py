"""The log of a client: each exchange is one line at DEBUG, what became of a task at INFO, an open outcome at WARNING.

An allow-list says which facts of an event get out; a fact that it does not name stays in, whatever it is. The same
facts are on the record as `record.vidgate`, a dict, for formatters that write JSON.
"""

from __future__ import annotations

import json
import logging
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from vidgate import events
from vidgate._observe.observer import LOGGER, say
from vidgate._replies import clean

if TYPE_CHECKING:
    from collections.abc import Mapping


class Line(NamedTuple):
    """How one kind of event is logged: at which level, under which word, with which of its facts."""

    level: int
    word: str
    facts: tuple[str, ...]


_OF_ALL: Final = ("provider", "operation", "task_id", "model")

LINES: Final[Mapping[type[events.Event], Line]] = MappingProxyType(
    {
        events.ResponseReceived: Line(
            logging.DEBUG,
            "response",
            ("method", "host", "path", "http_status", "milliseconds", "request_id", "attempt", "retry_after"),
        ),
        events.RequestFailed: Line(
            logging.DEBUG,
            "no-response",
            ("method", "host", "path", "error", "arrived", "milliseconds", "request_id", "attempt"),
        ),
        events.RetryPlanned: Line(logging.INFO, "retry", ("attempt", "delay", "error", "http_status", "request_id")),
        events.SubmissionAccepted: Line(logging.INFO, "accepted", ("status", "credits", "request_id")),
        events.SubmissionRefused: Line(logging.INFO, "refused", ("error", "http_status", "code", "request_id")),
        events.SubmissionUnknown: Line(
            logging.WARNING,
            "unknown",
            ("idempotency_key", "submit_id", "http_status", "code", "request_id"),
        ),
        events.TaskChanged: Line(logging.INFO, "changed", ("earlier", "status", "progress", "results")),
        events.DownloadFinished: Line(logging.INFO, "downloaded", ("path", "size")),
    }
)
"""What is not here is not logged: beginnings, ends, and pieces of a download."""

_PLAIN: Final = re.compile(r"[!#-<>-~]+")


def log(event: events.Event) -> None:
    """Write the event's line, if its level is on."""
    line = LINES.get(type(event))
    if line is None:
        return
    level = line.level
    if isinstance(event, events.TaskChanged) and event.status == event.earlier:
        level = logging.DEBUG  # a task that goes on is no news to whoever reads at INFO
    if not LOGGER.isEnabledFor(level):
        return
    allowed = {**_facts(event, line.facts), **_facts(event, _OF_ALL)}
    text = " ".join((line.word, *(f"{name}={_written(value)}" for name, value in allowed.items())))
    say(level, "%s", text, extra={"vidgate": {"event": line.word, **allowed}})


def _facts(event: events.Event, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: _fact(event, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _fact(event: events.Event, name: str) -> Any:
    if isinstance(event, events.RequestEvent):
        if name == "host":
            return urlsplit(event.url).netloc
        if name == "path":
            return urlsplit(event.url).path
    if name == "milliseconds":
        return round(getattr(event, "elapsed", 0.0) * 1000.0)
    value = getattr(event, name)
    if isinstance(value, (bool, int)) or value is None:
        return value
    return round(value, 3) if isinstance(value, float) else clean(str(value))


def _written(value: Any) -> str:
    """`name=value`, in quotes where a reader would otherwise take it for several words."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
