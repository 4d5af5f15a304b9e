"""What differs between the providers: ids, bodies, error codes. One row per provider in PROVIDERS."""

from __future__ import annotations

import math
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from vidgate.simulator._results import count

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from vidgate.simulator._contract import JsonObject, Operation, Provider
    from vidgate.simulator._refusal import Reason, Refusal
    from vidgate.simulator._tasks import SimulatedTask, Snapshot

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """All that a status body needs."""

    task: SimulatedTask
    snapshot: Snapshot
    links: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        """The first of the links."""
        return self.links[0]


class Behaviour(Protocol):
    """One provider's way of speaking."""

    name: Provider
    title: str
    request_id_header: str
    callback_field: str
    callback_suffix: str
    callback_pauses: tuple[float, ...]
    callback_repeats_client_errors: bool
    callback_https_only: bool
    callback_ports: frozenset[int]

    def new_id(self, source: random.Random, now: float) -> str:
        """Make a task id."""
        ...

    def price(self, request: JsonObject, output: str = "video") -> float:
        """Say what a request costs, in credits: of a video its length, stated or usual, counts, else the number."""
        ...

    def submitted(self, view: View) -> JsonObject:
        """Answer an accepted submission."""
        ...

    def status(self, view: View) -> JsonObject:
        """Answer a task query."""
        ...

    def callback(self, view: View) -> JsonObject:
        """Return the body that the provider posts to a callback URL."""
        ...

    def error(self, refusal: Refusal, operation: Operation | None) -> JsonObject:
        """Return the error body, from the contract's examples where it has one."""
        ...


def _documented(operation: Operation | None, status: int) -> dict[str, Any] | None:
    example = operation.error_example(status) if operation is not None else None
    error: object = example.get("error") if example is not None else None
    return dict(cast("JsonObject", error)) if isinstance(error, dict) else None


class EvoLinkBehaviour:
    """EvoLink: flat bodies, string error codes."""

    name: Provider = "evolink"
    title = "EvoLink"
    request_id_header = "X-Request-Id"
    callback_field = "callback_url"
    callback_suffix = ""
    callback_pauses: tuple[float, ...] = (1.0, 2.0, 4.0)  # seconds; repeated until the answer is 2xx
    callback_repeats_client_errors = True
    callback_https_only = True
    callback_ports: frozenset[int] = frozenset()
    credits_per_second = 10.0
    credits_per_file = 5.0
    usual_duration = 10
    own_choice = 8  # seconds, where the model decides

    # Codes and types for what no example of the contract covers.
    FALLBACK: Mapping[int, tuple[str, str]] = {
        400: ("invalid_request", "invalid_request_error"),
        401: ("unauthorized", "authentication_error"),
        402: ("insufficient_quota", "insufficient_quota"),
        403: ("model_access_denied", "invalid_request_error"),
        404: ("not_found", "invalid_request_error"),
        405: ("method_not_allowed", "invalid_request_error"),
        # Undocumented: the code is known from client code that reads it.
        409: ("idempotency_conflict", "invalid_request_error"),
        410: ("result_expired", "invalid_request_error"),
        416: ("range_not_satisfiable", "invalid_request_error"),
        429: ("rate_limit_exceeded", "rate_limit_error"),
        500: ("internal_error", "api_error"),
        501: ("not_implemented", "api_error"),
    }
    CODES: Mapping[Reason, str] = {"parameter": "invalid_parameter", "malformed": "invalid_request"}

    def new_id(self, source: random.Random, now: float) -> str:
        """Make a task id."""
        tail = "".join(source.choices(string.ascii_lowercase + string.digits, k=8))
        return f"task-unified-{int(now)}-{tail}"

    def price(self, request: JsonObject, output: str = "video") -> float:
        """Say what a request costs, in credits; an edited video is as long as a usual one."""
        if output != "video":
            return self.credits_per_file * count(request, output)
        duration = request.get("duration", self.usual_duration)
        return self.credits_per_second * (duration if isinstance(duration, int | float) else self.own_choice)

    def submitted(self, view: View) -> JsonObject:
        """Answer an accepted submission."""
        task = view.task
        rule = "per_second" if task.output == "video" else "per_call"
        return {
            "created": int(task.created),
            "id": task.id,
            "model": task.model,
            "object": f"{task.output}.generation.task",
            "progress": 0,
            "status": "pending",
            "task_info": {"can_cancel": False, "estimated_time": math.ceil(task.seconds)},
            "type": task.output,
            "usage": {"billing_rule": rule, "credits_reserved": task.credits, "user_group": "default"},
        }

    def status(self, view: View) -> JsonObject:
        """Answer a task query."""
        task, snapshot = view.task, view.snapshot
        body: JsonObject = {
            "created": int(task.created),
            "id": task.id,
            "model": task.model,
            "object": f"{task.output}.generation.task",
            "progress": snapshot.progress,
            "status": snapshot.status,
            "task_info": {"can_cancel": False},
            "type": task.output,
        }
        if snapshot.status == "completed":
            body["results"] = list(view.links)
        if snapshot.status == "failed":
            body["error"] = {
                "code": "content_policy_violation",
                "message": "Content policy violation.\nThe safety filters blocked the request; change the prompt.",
                "type": "task_error",
            }
        return body

    def callback(self, view: View) -> JsonObject:
        """Return the body of a callback: that of the task query."""
        return self.status(view)

    def error(self, refusal: Refusal, operation: Operation | None) -> JsonObject:
        """Return the error body."""
        code, kind = self.FALLBACK[refusal.status]
        error = _documented(operation, refusal.status) or {"code": code, "message": "", "type": kind}
        error["code"] = self.CODES.get(refusal.reason, error["code"])
        error["message"] = refusal.message or error["message"] or kind
        return {"error": error}


class APIMartBehaviour:
    """APIMart: a {code, data} envelope, numeric error codes, the finer distinction in `type`."""

    name: Provider = "apimart"
    title = "APIMart"
    request_id_header = "X-Oneapi-Request-Id"
    callback_field = "webhook"
    callback_suffix = "/callback"
    callback_pauses: tuple[float, ...] = (10.0, 30.0, 60.0)  # seconds; repeated on 5xx and on silence
    callback_repeats_client_errors = False
    callback_https_only = False
    callback_ports: frozenset[int] = frozenset({80, 443})
    credits_per_second = 0.5
    credits_per_file = 0.25
    usual_duration = 6
    credits_per_dollar = 10
    FACTORS: Mapping[str, float] = {"720p": 1.0, "1080p": 1.5, "4k": 3.0}

    FALLBACK: Mapping[int, str] = {
        400: "invalid_request_error",
        401: "authentication_error",
        402: "payment_required",
        403: "permission_error",
        404: "not_found_error",
        405: "invalid_request_error",
        409: "idempotency_key_reused",
        410: "invalid_request_error",
        416: "invalid_request_error",
        429: "rate_limit_error",
        500: "server_error",
        501: "server_error",
    }
    # The parameter at fault decides the type, where the provider's error table knows one for it.
    TYPES: Mapping[str, str] = {
        "duration": "invalid_duration",
        "resolution": "invalid_resolution",
        "image_urls": "unsupported_image_count",
        "video_urls": "unsupported_video_count",
    }

    def new_id(self, source: random.Random, now: float) -> str:
        """Make a task id: `task_` and a ULID, 48 bits of milliseconds and 80 random ones."""
        number = (int(now * 1000) & (2**48 - 1)) << 80 | source.getrandbits(80)
        return "task_" + "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))

    def price(self, request: JsonObject, output: str = "video") -> float:
        """Say what a request costs, in credits: seconds, by resolution."""
        if output != "video":
            return self.credits_per_file * count(request, output)
        duration = request.get("duration")
        seconds = duration if isinstance(duration, int | float) else self.usual_duration
        factor = self.FACTORS.get(str(request.get("resolution", "720p")).lower(), 1.0)
        return round(self.credits_per_second * seconds * factor, 6)

    def submitted(self, view: View) -> JsonObject:
        """Answer an accepted submission."""
        return {"code": 200, "data": [{"status": "submitted", "task_id": view.task.id}]}

    def status(self, view: View) -> JsonObject:
        """Answer a task query."""
        return {"code": 200, "data": self.callback(view)}

    def callback(self, view: View) -> JsonObject:
        """Return the task itself: a callback carries it without the envelope."""
        task, snapshot = view.task, view.snapshot
        body: JsonObject = {
            "id": task.id,
            "status": snapshot.status,
            "progress": snapshot.progress,
            "created": int(task.created),
            "estimated_time": math.ceil(task.seconds),
        }
        if not snapshot.is_final:
            return body
        price = task.credits if snapshot.status == "completed" else 0.0
        body |= {
            "completed": int(task.finished),
            "actual_time": int(task.finished) - int(task.created),
            "cost": round(price / self.credits_per_dollar, 6),
            "credits_cost": price,
        }
        if snapshot.status == "completed":
            body["result"] = {f"{task.output}s": [{"url": list(view.links), "expires_at": int(task.expires)}]}
        else:
            body["error"] = {"code": "task_failed", "message": "The content check refused the prompt"}
        return body

    def error(self, refusal: Refusal, operation: Operation | None) -> JsonObject:
        """Return the error body."""
        status = refusal.status
        error = _documented(operation, status) or {"code": status, "message": "", "type": self.FALLBACK[status]}
        if operation is not None and refusal.reason == "parameter":
            kind = self._type_of(refusal)
            error["type"] = kind if kind in operation.error_types(status) else self.FALLBACK[status]
        error["message"] = refusal.message or error["message"] or self.FALLBACK[status]
        return {"error": error}

    def _type_of(self, refusal: Refusal) -> str | None:
        # An item inside a list is wrong in itself; only the list as a whole can have a wrong length.
        return self.TYPES.get(refusal.field or "")


PROVIDERS: Mapping[Provider, Behaviour] = {"evolink": EvoLinkBehaviour(), "apimart": APIMartBehaviour()}
