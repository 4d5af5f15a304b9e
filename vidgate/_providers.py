"""What differs between providers: one row each, read by code that knows no provider.

A new model needs no line here; a new provider needs a row. Evidence stands beside each judgement:
[doc] the provider's pages, [peer] code of clients in use (the provider's own where there is one), [probe] an answer.
Only this module and the driver touch generated endpoints.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from vidgate._contract import submissions
from vidgate._state import Result, TaskFault, TaskState, Verdict
from vidgate._values import Path, dig, list_of, number_of, object_of, percent_of, text_of, writable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vidgate._json import Json

# Both providers pass vendors' words through now and then, so one table serves both [peer].
VERDICTS: Mapping[str, Verdict] = MappingProxyType(
    {
        "submitted": "running",
        "queued": "running",
        "pending": "running",
        "processing": "running",
        "in_progress": "running",
        "running": "running",
        "completed": "completed",
        "success": "completed",
        "succeeded": "completed",
        "failed": "failed",
        "failure": "failed",
        "error": "failed",
        "cancelled": "cancelled",
        "canceled": "cancelled",
    }
)


MADE: Mapping[str, str] = MappingProxyType({"music": "audio"})
"""What tasks of some types make, where the type is another word for it [peer]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskCode:
    """One code of a failed task: can a new, paid submission help, and what to do first."""

    retryable: bool
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultPlace:
    """Where result links stand: `items` leads to a list, `url` and `expires` into each item.

    `kind` None: what the task itself says it makes.
    """

    items: Path
    url: Path = ()
    expires: Path | None = None
    kind: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Resend:
    """Whether the provider answers a second POST with the same idempotency key for the first one.

    `stated`: by the provider itself; `peer`: only its own client relies on it, so nobody does it unasked.
    `seconds`: how long it remembers a key, None when nobody says.
    """

    basis: Literal["stated", "peer"]
    seconds: float | None
    evidence: str

    def advice(self, submit_id: str) -> str:
        """How to settle a submission whose outcome is unknown."""
        command = f'`vidgate recover {submit_id}` or client.recover("{submit_id}")'
        if self.basis == "stated":
            within = "" if self.seconds is None else f" within {self.seconds / 3600:g} hours"
            return (
                "It may have been accepted and charged, so do not simply submit again. "
                f"Settle it with {command}{within}: the same request under the same key is answered for the first one."
            )
        return (
            "It may have been accepted and charged, so do not simply submit again. Look for the task on the provider's "
            f'dashboard, or settle it with `vidgate recover {submit_id} --replay` or client.recover("{submit_id}", '
            f"replay=True): {self.evidence}."
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """One provider; times in seconds."""

    name: str
    title: str
    package: str
    key_variable: str
    base_url_variable: str
    dashboard: str
    task_prefix: str
    submitted: Path
    submitted_id: str
    task: Path
    model: Path | None
    kind: Path | None
    estimate: Path
    results: tuple[ResultPlace, ...]
    pace: Mapping[str, float]
    default_pace: float
    reads_at_once: bool
    link_seconds: float | None
    task_codes: Mapping[str, TaskCode]
    rejected_before_charge: frozenset[str]
    outcome_unknown: frozenset[str]
    callback_fields: tuple[str, ...]
    resend: Resend
    reserved: Path | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """What its contract has operations for: of `image`, `audio` and `video`, in this order."""
        return tuple(submissions(self.package))

    def create_arguments(self, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Method, URL and body of a submission, as `httpx.Client.request` takes them."""
        arguments: dict[str, Any] = self._endpoint(submissions(self.package)[kind]).request_arguments(body=payload)
        return arguments

    def task_arguments(self, task_id: str) -> dict[str, Any]:
        """Method and URL of a query."""
        arguments: dict[str, Any] = self._endpoint(self._module("media").QUERY).request_arguments(task_id)
        return arguments

    def parse(self, state: TaskState) -> object:
        """An answer as the generated model; raises what the generated code raises for one that does not fit."""
        row = submissions(self.package)[state.submitted] if state.submitted else self._module("media").QUERY
        return getattr(self._module("models"), row["answer"]).from_dict(state.payload)

    def _endpoint(self, row: Mapping[str, str]) -> Any:
        return self._module(f"api.{row['module']}")

    def _module(self, name: str) -> Any:
        """A module of the generated package, imported when it is first needed."""
        return importlib.import_module(f"{self.package}.{name}")

    def reserved_credits(self, payload: Mapping[str, Any]) -> float | None:
        """What the answer to a submission says was set aside for it."""
        return None if self.reserved is None else number_of(dig(payload, self.reserved))

    def read_submitted(
        self, payload: Mapping[str, Any], request_id: str | None = None, *, kind: str
    ) -> TaskState | None:
        """The task in the answer to a submission of a kind, None without an id to go on with."""
        task = object_of(dig(payload, self.submitted))
        # A number is no documented id, but what it names is paid, and it can be asked for like any other.
        task_id = text_of(task.get(self.submitted_id)) or text_of(task.get("id"))
        if task_id is None:
            return None
        return self._state(task, payload, task_id, request_id, submitted=kind)

    def read_task(self, payload: Mapping[str, Any], task_id: str, request_id: str | None = None) -> TaskState | None:
        """The task in the answer to a query, None when it holds no task at all.

        The id is the one that was asked for, whatever the answer says: it is the one that the next query needs.
        """
        task = object_of(dig(payload, self.task))
        if not task.keys() & {"status", "id", "progress", *(str(place.items[0]) for place in self.results)}:
            return None
        return self._state(task, payload, task_id, request_id, submitted=None)

    def _state(
        self,
        task: Mapping[str, Any],
        payload: Mapping[str, Any],
        task_id: str,
        request_id: str | None,
        *,
        submitted: str | None,
    ) -> TaskState:
        status = task.get("status")
        status = writable(status) if isinstance(status, str) else ""
        kind = (text_of(dig(task, self.kind)) if self.kind else None) or submitted
        created = number_of(task.get("created"))
        return TaskState(
            provider=self.name,
            id=task_id,
            status=status,
            verdict=VERDICTS.get(status.strip().lower(), "unknown"),
            progress=percent_of(task.get("progress")),
            results=tuple(self._results(task, kind, created)),
            error=self._fault(task.get("error")),
            model=text_of(dig(task, self.model)) if self.model else None,
            kind=kind,
            created=created,
            estimated_seconds=number_of(dig(task, self.estimate)),
            submitted=submitted,
            payload=payload,
            request_id=request_id,
        )

    def _results(self, task: Mapping[str, Any], kind: str | None, created: float | None) -> Iterator[Result]:
        # A link's life begins when the task is completed, which EvoLink does not say; counted from the task's creation
        # it is never too long.
        earliest = created + self.link_seconds if created is not None and self.link_seconds is not None else None
        seen: set[str] = set()
        for place in self.results:
            made = place.kind or MADE.get(kind or "", kind) or "video"
            for item in list_of(dig(task, place.items)):
                expires = number_of(dig(item, place.expires)) if place.expires else None
                for url in list_of(dig(item, place.url)):
                    if isinstance(url, str) and url.strip() and url not in seen:
                        seen.add(url)
                        yield Result(
                            url=url,
                            kind=made,
                            expires_at=earliest if expires is None else expires,
                        )

    def _fault(self, error: Json) -> TaskFault | None:
        if isinstance(error, str) and error.strip():
            return TaskFault(code=None, message=error)
        found = object_of(error)
        if not found:
            return None
        code = text_of(found.get("code"))
        known = self.task_codes.get(code or "")
        return TaskFault(
            code=code,
            message=text_of(found.get("message")) or "the provider gives no reason",
            type=text_of(found.get("type")),
            retryable=known is not None and known.retryable,
        )


# The thirteen codes of EvoLink's task query [doc]; `retryable` as its own client decides [peer].
EVOLINK_TASK_CODES: Mapping[str, TaskCode] = MappingProxyType(
    {
        "content_policy_violation": TaskCode(retryable=False, hint="Change the prompt or the media, then submit anew."),
        "invalid_parameters": TaskCode(retryable=False, hint="Correct the parameters, then submit anew."),
        "image_processing_error": TaskCode(retryable=False, hint="Use another image, then submit anew."),
        "image_dimension_mismatch": TaskCode(retryable=False, hint="Resize the image, then submit anew."),
        "request_cancelled": TaskCode(retryable=False, hint="The request was cancelled; submit anew if still wanted."),
        "generation_failed_no_content": TaskCode(
            retryable=True, hint="Submit anew, better with another prompt; a new submission is paid anew."
        ),
        "service_error": TaskCode(retryable=True, hint="Submit anew after 30 to 60 seconds."),
        "generation_timeout": TaskCode(retryable=True, hint="Submit anew, perhaps with a simpler request."),
        "resource_exhausted": TaskCode(retryable=True, hint="Submit anew after one to five minutes."),
        "quota_exceeded": TaskCode(retryable=True, hint="Submit anew, with a second or two between submissions."),
        "service_unavailable": TaskCode(retryable=True, hint="Submit anew after some minutes."),
        "resource_not_found": TaskCode(retryable=False, hint="Check what the request refers to, then submit anew."),
        "unknown_error": TaskCode(retryable=True, hint="Submit anew once; if it fails again, ask the provider."),
    }
)

# Refused by the gateway before a job exists, so nothing is charged: the list the provider's own client trusts [peer].
# `channel:*` is not here: such a code can also come from behind the gateway.
GATEWAY_REFUSALS = frozenset(
    {
        "insufficient_quota",
        "insufficient_user_quota",
        "insufficient_token_quota",
        "key_quota_exhausted",
        "quota_not_enough",
        "token_daily_quota_exceeded",
        "key_disabled",
        "key_expired",
        "key_model_not_allowed",
        "user_disabled",
        "no_available_channel",
    }
)

EVOLINK = Provider(
    name="evolink",
    title="EvoLink",
    package="evolink_api",
    key_variable="EVOLINK_API_KEY",
    base_url_variable="EVOLINK_BASE_URL",
    dashboard="https://evolink.ai/dashboard/keys",
    task_prefix="task-unified-",  # [doc]
    submitted=(),
    submitted_id="id",
    task=(),
    model=("model",),
    kind=("type",),
    estimate=("task_info", "estimated_time"),
    results=(
        ResultPlace(items=("results",)),
        # Not on the pages, but returned, and read by the provider's own client [peer].
        ResultPlace(items=("result_data",), url=("video_url",), kind="video"),
        ResultPlace(items=("result_data",), url=("image_url",), kind="image"),
        ResultPlace(items=("result_data",), url=("audio_url",), kind="audio"),
        # The page of Suno's personas finds songs one level deeper [doc]; their members are those of the others [peer].
        ResultPlace(items=("result_data", "songs"), url=("audio_url",), kind="audio"),
    ),
    # Each read of an unfinished task makes the gateway ask the vendor, so its own client paces by type [peer].
    pace=MappingProxyType({"video": 8.0, "image": 3.0, "audio": 6.0, "music": 6.0}),
    default_pace=8.0,
    reads_at_once=True,
    link_seconds=86_400.0,  # [doc]: 24 hours
    task_codes=EVOLINK_TASK_CODES,
    rejected_before_charge=GATEWAY_REFUSALS,
    outcome_unknown=frozenset({"paid_outcome_unknown"}),  # [peer]
    callback_fields=("callback_url",),
    resend=Resend(
        basis="peer",
        seconds=None,
        # It repeats a generation POST once, with the same Idempotency-Key; the pages do not know the header [peer].
        evidence="its own client sends such a request again under the same key, but its pages do not promise that "
        "the second one is free",
    ),
    reserved=("usage", "credits_reserved"),  # [doc]
)

APIMART = Provider(
    name="apimart",
    title="APIMart",
    package="apimart_api",
    key_variable="APIMART_API_KEY",
    base_url_variable="APIMART_BASE_URL",
    dashboard="https://apimart.ai",
    task_prefix="task_",  # [doc]
    submitted=("data", 0),
    submitted_id="task_id",
    task=("data", 0),
    model=None,
    kind=None,
    estimate=("estimated_time",),
    results=(
        ResultPlace(items=("result", "videos"), url=("url",), expires=("expires_at",), kind="video"),
        ResultPlace(items=("result", "images"), url=("url",), expires=("expires_at",), kind="image"),
        ResultPlace(items=("result", "audios"), url=("url",), expires=("expires_at",), kind="audio"),
    ),
    pace=MappingProxyType({}),
    default_pace=5.0,  # [doc]: every two to five seconds
    reads_at_once=False,  # the first answers are always pending, 0 [probe]
    link_seconds=None,  # every result says when it expires [doc]
    task_codes=MappingProxyType({}),  # its failed tasks carry only `task_failed` [doc]
    rejected_before_charge=GATEWAY_REFUSALS | {"idempotency_unavailable"},  # 503, said to be not executed [doc]
    # 409: the first submission of this key is still under way, or its result is lost [doc].
    outcome_unknown=frozenset({"idempotency_in_progress", "idempotency_result_indeterminate"}),
    callback_fields=("webhook",),
    resend=Resend(
        basis="stated",
        seconds=86_400.0,
        # GET /v1/models/{model}/schema: idempotency, retention 86,400 s, scope api_key_endpoint [probe].
        evidence="the machine-readable schemas of its models state that a key is remembered for 24 hours",
    ),
    reserved=None,  # it says what a task cost once that is known
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType({row.name: row for row in (EVOLINK, APIMART)})


def provider_of(task_id: str) -> Provider | None:
    """Whose task an id is, by its first characters; None for ids of nobody."""
    return next((row for row in PROVIDERS.values() if task_id.startswith(row.task_prefix)), None)
