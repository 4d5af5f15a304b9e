"""Calls on a real server. The transport lets nothing through but GET: a paid call needs a budgeted check of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from vidgate import errors

from ._expected import BY_STATUS
from ._json import follow
from ._sending import good_answer
from ._verdict import HarnessError, NonConformance, judged

if TYPE_CHECKING:
    from ._subject import Subject

WRONG_KEY = "vidgate-conformance-wrong-key"
# An unknown id may be refused as unknown, as malformed, or as somebody else's.
UNKNOWN_TASK_STATUSES = (400, 403, 404)


class ReadOnlyTransport(httpx.HTTPTransport):
    """Refuses to send anything that might cost."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a GET request."""
        if request.method != "GET":
            message = f"a free check wanted to send {request.method} {request.url}"
            raise HarnessError(message)
        return super().handle_request(request)


def well_formed_id(subject: Subject) -> str:
    """A task id of the documented form that was given out long ago, if ever, and not to us."""
    operation = subject.contract.one(paid=True)
    documented = str(follow(good_answer(subject, operation), operation.task_pointer or ""))
    return f"{documented[:-4]}0000"


def reading_error(subject: Subject, key: str, task_id: str) -> BaseException | None:
    """What the facade raises when it reads a task."""
    with ReadOnlyTransport() as transport:
        try:
            with (
                judged("the facade"),
                subject.facade("sync", api_key=key, base_url=subject.base_url, transport=transport) as facade,
            ):
                facade.get(task_id)
        except NonConformance as found:
            error = found.__cause__
            if isinstance(error, errors.TransportError | errors.ConfigurationError):
                message = f"the server cannot be reached: {error.message}"
                raise HarnessError(message) from None
            return error
    return None


def documented_error(subject: Subject) -> frozenset[type[errors.VidgateError]]:
    """The errors that reading an unknown task may become."""
    statuses = subject.contract.one(paid=False).statuses
    return frozenset(BY_STATUS[status] for status in UNKNOWN_TASK_STATUSES if status in statuses)
