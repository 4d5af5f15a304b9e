"""Each check of the profile mock fails on a client that is broken in the way it watches for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirements
from evolink_api import variants
from evolink_api.api.videos import create_video
from evolink_api.models import (
    ErrorResponse,
    GeminiOmniFlashTextToVideoRequest,
    GeminiOmniFlashVideoEditRequest,
    TaskDetailResponse,
    VideoGenerationResponse,
)
from vidgate import _engine, _plain, _providers, _replies, _validate, errors
from vidgate._report import Problem, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._suite import Verdicts


def sends(model: type[Any], change: Callable[[dict[str, Any]], object]) -> Callable[[pytest.MonkeyPatch], None]:
    """A generated request class whose JSON is changed on its way out."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = model.to_dict

        def to_dict(self: Any) -> dict[str, Any]:
            body: dict[str, Any] = honest(self)
            change(body)
            return body

        monkeypatch.setattr(model, "to_dict", to_dict)

    return patch


def parses(model: type[Any], change: Callable[[dict[str, Any]], object]) -> Callable[[pytest.MonkeyPatch], None]:
    """A generated response class that changes, or chokes on, what it parses."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = model.from_dict.__func__

        def from_dict(cls: type[Any], body: Any) -> Any:
            copied = dict(body)
            change(copied)
            return honest(cls, copied)

        monkeypatch.setattr(model, "from_dict", classmethod(from_dict))

    return patch


def facade_sends(change: Callable[[dict[str, Any]], object]) -> Callable[[pytest.MonkeyPatch], None]:
    """A facade that changes a request on its way out."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = _plain.encode

        def encode(body: Any) -> bytes:
            copied = dict(body)
            change(copied)
            return honest(copied)

        monkeypatch.setattr(_engine, "encode", encode)

    return patch


def facade_refuses(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A facade that refuses a request with a certain field."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = _validate.validate

        def check_body(body: Any, provider: Any) -> Report:
            if name in body:
                return Report(errors=(Problem(field=name, rule="mutant", message="no", fix="none"),))
            return honest(body, provider)

        monkeypatch.setattr(_engine, "check_body", check_body)

    return patch


def facade_reads(change: Callable[[Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """A facade that makes something else of a task's state."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = _providers.Provider._state

        def state(self: Any, *arguments: Any, **keywords: Any) -> Any:
            return change(honest(self, *arguments, **keywords))

        monkeypatch.setattr(_providers.Provider, "_state", state)

    return patch


def maps_status(status: int, kind: type[errors.APIError]) -> Callable[[pytest.MonkeyPatch], None]:
    """A facade with another class for a status."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_replies, "BY_STATUS", {**_replies.BY_STATUS, status: kind})

    return patch


def forgets_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package whose table lacks a model of the contract."""
    table = dict(variants.MODELS["createVideo"])
    table.popitem()
    monkeypatch.setattr(variants, "MODELS", {"createVideo": table})


def async_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An async endpoint that posts to another path than the sync one."""
    honest = create_video.request_arguments

    async def asyncio_detailed(*, client: Any, body: Any) -> Any:
        arguments = {**honest(body=body), "url": "/v1/videos"}
        return await client.get_async_httpx_client().request(**arguments)

    monkeypatch.setattr(create_video, "asyncio_detailed", asyncio_detailed)


def chokes_on_unknown_status(body: dict[str, Any]) -> None:
    """Raise as a closed enum class does."""
    if body.get("status") not in {"pending", "processing", "completed", "failed"}:
        message = f"{body.get('status')!r} is not a valid Status"
        raise ValueError(message)


def state_chokes_on_missing_progress(state: Any) -> Any:
    """Raise as code does that takes every field for granted."""
    return dataclasses.replace(state, progress=int(state.payload["progress"]))


def says_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors that show the key."""
    hints = {**_replies.HINTS, errors.BadRequest: "you sent conformance-test-key"}
    monkeypatch.setattr(_replies, "HINTS", hints)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A broken client and the requirement that it breaks."""

    id: str
    breaks: str
    patch: Callable[[pytest.MonkeyPatch], None]


EDIT, TEXT = GeminiOmniFlashVideoEditRequest, GeminiOmniFlashTextToVideoRequest

MUTANTS = (
    Mutant(
        id="drops a field",
        breaks="client-request-examples",
        patch=sends(EDIT, lambda body: body.pop("video_urls")),
    ),
    Mutant(
        id="adds a default",
        breaks="client-request-examples",
        patch=sends(EDIT, lambda body: body.setdefault("duration", 10)),
    ),
    Mutant(
        id="int as float",
        breaks="client-request-examples",
        patch=sends(TEXT, lambda body: body.update(duration=float(body["duration"]))),
    ),
    Mutant(
        id="reorders an array",
        breaks="client-generated-requests",
        patch=sends(
            variants.request_class("createVideo", "gemini-omni-flash-reference-to-video"),
            lambda body: body["image_urls"].reverse(),
        ),
    ),
    Mutant(id="async goes elsewhere", breaks="client-request-examples", patch=async_elsewhere),
    Mutant(
        id="null for an absent field",
        breaks="client-generated-requests",
        patch=sends(TEXT, lambda body: body.setdefault("callback_url", None)),
    ),
    Mutant(id="forgets a model", breaks="client-generated-requests", patch=forgets_model),
    Mutant(
        id="facade adds a default",
        breaks="facade-request-examples",
        patch=facade_sends(lambda body: body.setdefault("aspect_ratio", "16:9")),
    ),
    Mutant(id="facade refuses an example", breaks="facade-request-examples", patch=facade_refuses("video_urls")),
    Mutant(
        id="facade refuses a documented field", breaks="facade-generated-requests", patch=facade_refuses("callback_url")
    ),
    Mutant(
        id="facade stringifies a number",
        breaks="facade-generated-requests",
        patch=facade_sends(lambda body: body.update({"duration": str(body["duration"])} if "duration" in body else {})),
    ),
    Mutant(
        id="response loses a field",
        breaks="client-response-examples",
        patch=parses(VideoGenerationResponse, lambda body: body.pop("usage", None)),
    ),
    Mutant(
        id="error loses its code",
        breaks="client-response-examples",
        patch=parses(ErrorResponse, lambda body: body.update(error={**body["error"], "code": None})),
    ),
    Mutant(
        id="crashes on an unknown enum value",
        breaks="client-unexpected-responses",
        patch=parses(TaskDetailResponse, chokes_on_unknown_status),
    ),
    Mutant(
        id="crashes on a missing field",
        breaks="client-unexpected-responses",
        patch=parses(TaskDetailResponse, lambda body: body["progress"]),
    ),
    Mutant(
        id="loses an extra field",
        breaks="client-unexpected-responses",
        patch=parses(TaskDetailResponse, lambda body: body.pop("a_field_no_page_names", None)),
    ),
    Mutant(
        id="facade takes a field for granted",
        breaks="facade-unexpected-responses",
        patch=facade_reads(state_chokes_on_missing_progress),
    ),
    Mutant(
        id="facade loses the payload",
        breaks="facade-unexpected-responses",
        patch=facade_reads(lambda state: dataclasses.replace(state, payload={"id": state.id})),
    ),
    Mutant(
        id="facade takes another id",
        breaks="facade-response-examples",
        patch=facade_reads(lambda state: dataclasses.replace(state, id=f"{state.id}x")),
    ),
    Mutant(
        id="facade forgets the status",
        breaks="facade-response-examples",
        patch=facade_reads(lambda state: dataclasses.replace(state, status="")),
    ),
    Mutant(id="facade mistakes 402", breaks="facade-documented-errors", patch=maps_status(402, errors.BadRequest)),
    Mutant(
        id="facade makes everything an APIError",
        breaks="facade-documented-errors",
        patch=maps_status(404, errors.APIError),
    ),
    Mutant(id="facade shows the key", breaks="facade-documented-errors", patch=says_the_key),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_check_fails_on_the_mutant(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Verdicts]
) -> None:
    """A broken client is not conformant, and the suite does not take it for a fault of its own."""
    mutant.patch(monkeypatch)
    verdicts = judge(mutant.breaks, "evolink")
    assert verdicts.faults == ()
    assert verdicts.state == "not conformant"


@pytest.mark.parametrize("requirement", sorted({mutant.breaks for mutant in MUTANTS}))
def test_check_passes_on_the_honest_client(requirement: str, judge: Callable[..., Verdicts]) -> None:
    """What the mutants break holds without them."""
    verdicts = judge(requirement, "evolink")
    assert [(row.verdict, [o.message for o in row.outcomes if o.verdict != "pass"]) for row in verdicts.rows] == [
        ("pass", [])
    ]


def test_every_check_has_a_mutant() -> None:
    """A check that no mutant breaks might not be able to fail."""
    demanded = {entry.id for entry in requirements.load().values() if entry.profile == "mock"}
    assert {mutant.breaks for mutant in MUTANTS} == demanded
