"""Mutants of the generated client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from evolink_api import variants
from evolink_api.api.tasks import get_task
from evolink_api.api.videos import create_video
from evolink_api.models import (
    ErrorResponse,
    GeminiOmniFlashTextToVideoRequest,
    GeminiOmniFlashVideoEditRequest,
    TaskDetailResponse,
    VideoGenerationResponse,
)
from tests.conformance.mutant_clients.patches import Mutant, number_as, replaces

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.conformance.mutant_clients.patches import Patch


def sends(model: type[Any], change: Callable[[dict[str, Any]], object]) -> Patch:
    """A generated request class whose JSON is changed on its way out."""

    def make(honest: Any) -> Any:
        def to_dict(self: Any) -> dict[str, Any]:
            body: dict[str, Any] = honest(self)
            change(body)
            return body

        return to_dict

    return replaces(model, "to_dict", make)


def parses(model: type[Any], change: Callable[[dict[str, Any]], object]) -> Patch:
    """A generated response class that changes, or chokes on, what it parses."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = model.from_dict.__func__

        def from_dict(cls: type[Any], body: Any) -> Any:
            copied = dict(body)
            change(copied)
            return honest(cls, copied)

        monkeypatch.setattr(model, "from_dict", classmethod(from_dict))

    return patch


def arguments(change: Callable[[dict[str, Any]], object]) -> Patch:
    """A generated endpoint with other arguments for its submission."""

    def make(honest: Any) -> Any:
        def request_arguments(*, body: Any) -> dict[str, Any]:
            found: dict[str, Any] = honest(body=body)
            change(found)
            return found

        return request_arguments

    return replaces(create_video, "request_arguments", make)


def forgets_model(honest: Any) -> Any:
    """Leave a model out."""
    rows = dict(honest["createVideo"])
    rows.popitem()
    return {"createVideo": rows}


def twice(honest: Any) -> Any:
    """Send everything two times."""

    def sync_detailed(*, client: Any, body: Any) -> Any:
        honest(client=client, body=body)
        return honest(client=client, body=body)

    return sync_detailed


def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An async endpoint that posts to another path than the sync one."""

    async def asyncio_detailed(*, client: Any, body: Any) -> Any:
        found = {**create_video.request_arguments(body=body), "url": "/v1/videos"}
        return await client.get_async_httpx_client().request(**found)

    monkeypatch.setattr(create_video, "asyncio_detailed", asyncio_detailed)


def no_bearer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generated connection that sends the key without its word."""
    from evolink_api.client import AuthenticatedClient

    monkeypatch.setattr(AuthenticatedClient, "_request_headers", lambda self: {"Authorization": self.token})


def choke(name: str) -> Callable[[dict[str, Any]], object]:
    """Raise as a closed enum class does."""

    def change(body: dict[str, Any]) -> None:
        if isinstance(body.get(name), str) and body[name] not in STATUSES:
            raise ValueError(body[name])

    return change


STATUSES = frozenset({"pending", "processing", "completed", "failed"})


def strict_parse(honest: Any) -> Any:
    """Read any body as JSON, and crash where it is none."""

    def parse_response(*, client: Any, response: httpx.Response) -> Any:
        response.json()
        return honest(client=client, response=response)

    return parse_response


def parses_any_status(honest: Any) -> Any:
    """Take an undocumented error for a good answer."""

    def parse_response(*, client: Any, response: httpx.Response) -> Any:
        status = 200 if response.status_code == 405 else response.status_code
        return honest(client=client, response=httpx.Response(status, content=response.content))

    return parse_response


def cut_address(body: dict[str, Any]) -> None:
    """Send 2,000 characters at most."""
    if "callback_url" in body:
        body["callback_url"] = body["callback_url"][:2000]


def only_documented(body: dict[str, Any]) -> None:
    """Send what the contract names, and nothing else."""
    for name in body.keys() - {"model", "prompt", "duration", "aspect_ratio", "callback_url"}:
        del body[name]


def drop_nulls(body: dict[str, Any]) -> None:
    """Take null for absent."""
    for name in [name for name, value in body.items() if value is None]:
        del body[name]


EDIT, TEXT = GeminiOmniFlashVideoEditRequest, GeminiOmniFlashTextToVideoRequest


REFERENCE = variants.request_class("createVideo", "gemini-omni-flash-reference-to-video")


MUTANTS = (
    Mutant(
        id="drops a field",
        breaks="TYPED-REQUEST-KEPT",
        also=("FACADE-REQUEST-FORMS",),
        patch=sends(EDIT, lambda body: body.pop("video_urls")),
    ),
    Mutant(
        id="int as float",
        breaks="TYPED-REQUEST-KEPT",
        also=("FACADE-REQUEST-FORMS",),
        patch=sends(TEXT, number_as(float)),
    ),
    Mutant(
        id="reorders an array",
        breaks="TYPED-REQUEST-KEPT",
        also=("FACADE-REQUEST-FORMS",),
        patch=sends(REFERENCE, lambda body: body["image_urls"].reverse()),
    ),
    Mutant(id="cuts a long address", breaks="TYPED-REQUEST-KEPT", patch=sends(TEXT, cut_address)),
    Mutant(
        id="strips a text",
        breaks="TYPED-REQUEST-KEPT",
        patch=sends(TEXT, lambda body: body.update(prompt=body["prompt"].strip())),
    ),
    Mutant(
        id="loses empty texts",
        breaks="TYPED-REQUEST-KEPT",
        patch=sends(TEXT, lambda body: None if body["prompt"] else body.pop("prompt")),
    ),
    Mutant(
        id="adds a default",
        breaks="TYPED-REQUEST-NOTHING-ADDED",
        also=("FACADE-REQUEST-FORMS",),
        patch=sends(EDIT, lambda body: body.setdefault("duration", 10)),
    ),
    Mutant(
        id="null for an absent field",
        breaks="TYPED-REQUEST-NOTHING-ADDED",
        also=("FACADE-REQUEST-FORMS",),
        patch=sends(TEXT, lambda body: body.setdefault("callback_url", None)),
    ),
    Mutant(id="drops what no page names", breaks="TYPED-REQUEST-EXTRA-FIELD", patch=sends(TEXT, only_documented)),
    Mutant(id="async goes elsewhere", breaks="TYPED-REQUEST-ADDRESS", patch=elsewhere),
    Mutant(
        id="puts instead of posts",
        breaks="TYPED-REQUEST-ADDRESS",
        also=("FACADE-REQUEST-ADDRESS",),
        patch=arguments(lambda found: found.update(method="put")),
    ),
    Mutant(id="key without Bearer", breaks="TYPED-REQUEST-HEADERS", patch=no_bearer),
    Mutant(
        id="body as text",
        breaks="TYPED-REQUEST-HEADERS",
        patch=arguments(lambda found: found.update(headers={"Content-Type": "text/plain"})),
    ),
    Mutant(id="sends twice", breaks="TYPED-REQUEST-ONCE", patch=replaces(create_video, "sync_detailed", twice)),
    Mutant(
        id="forgets a model",
        breaks="TYPED-REQUEST-MODELS",
        also=(
            "FACADE-REQUEST-FORMS",
            "TYPED-REQUEST-KEPT",
        ),
        patch=replaces(variants, "MODELS", forgets_model),
    ),
    Mutant(
        id="response loses a field",
        breaks="TYPED-RESPONSE-KEPT",
        also=("TYPED-RESPONSE-ODD-FIELD",),
        patch=parses(VideoGenerationResponse, lambda body: body.pop("usage", None)),
    ),
    Mutant(
        id="error loses its type",
        breaks="TYPED-RESPONSE-KEPT",
        also=(
            "TYPED-RESPONSE-EXTRA-FIELD",
            "TYPED-RESPONSE-ODD-FIELD",
        ),
        patch=parses(ErrorResponse, lambda body: body.update(error={"code": "x"})),
    ),
    Mutant(
        id="chokes on an unknown status",
        breaks="TYPED-RESPONSE-UNKNOWN-VALUE",
        patch=parses(TaskDetailResponse, choke("status")),
    ),
    Mutant(
        id="loses an extra field",
        breaks="TYPED-RESPONSE-EXTRA-FIELD",
        also=(
            "TYPED-RESPONSE-KEPT",
            "TYPED-RESPONSE-ODD-FIELD",
        ),
        patch=parses(TaskDetailResponse, lambda body: body.pop("a_field_no_page_names", None)),
    ),
    Mutant(
        id="chokes on a missing field",
        breaks="TYPED-RESPONSE-ODD-FIELD",
        also=("TYPED-RESPONSE-STATUS",),
        patch=parses(TaskDetailResponse, lambda body: body["progress"]),
    ),
    Mutant(
        id="null becomes absent",
        breaks="TYPED-RESPONSE-ODD-FIELD",
        also=("TYPED-RESPONSE-KEPT",),
        patch=parses(TaskDetailResponse, drop_nulls),
    ),
    Mutant(
        id="chokes on a page", breaks="TYPED-RESPONSE-STATUS", patch=replaces(get_task, "parse_response", strict_parse)
    ),
    Mutant(
        id="takes 405 for a task",
        breaks="TYPED-RESPONSE-STATUS",
        patch=replaces(get_task, "parse_response", parses_any_status),
    ),
)
