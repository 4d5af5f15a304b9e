"""Calls that are right: a type checker has nothing to say about any line."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from apimart_api.models import OmniFlashExtRequest
from evolink_api.models import (
    GeminiOmniFlashImageToVideoRequest,
    GeminiOmniFlashReferenceToVideoRequest,
    GeminiOmniFlashTextToVideoRequest,
    GeminiOmniFlashVideoEditRequest,
)
from evolink_api.variants import request_class
from vidgate import AsyncEvoLink, AsyncTask, Client, EvoLink, RawResponse, Task, events

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from apimart_api.variants import CreateVideo as CreateApimartVideo
    from evolink_api.variants import CreateVideo as CreateEvolinkVideo
    from evolink_api.variants import CreateVideoRequest
    from vidgate import APIMart, AsyncAPIMart


def evolink(create: CreateEvolinkVideo[int]) -> None:
    """Every model of EvoLink, plain values, every keyword."""
    assert_type(create(model="gemini-omni-flash-text-to-video", prompt="a cat"), int)
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", duration=6)
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", duration="auto")
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", aspect_ratio="16:9")
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", aspect_ratio="auto", duration=10)
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", callback_url="https://example.com/done")
    create(prompt="a cat", model="gemini-omni-flash-text-to-video")
    create(model="gemini-omni-flash-image-to-video", prompt="a cat", image_urls=["https://example.com/a.png"])
    create(model="gemini-omni-flash-reference-to-video", prompt="a cat", image_urls=["a", "b"], duration=3)
    create(model="gemini-omni-flash-video-edit", prompt="warmer", video_urls=["https://example.com/a.mp4"])


def requests(create: CreateEvolinkVideo[str]) -> None:
    """Request objects know their model; each is right as the only, positional, argument."""
    assert_type(create(GeminiOmniFlashTextToVideoRequest(prompt="a cat")), str)
    create(GeminiOmniFlashTextToVideoRequest(prompt="a cat", duration=6, aspect_ratio="9:16"))
    create(GeminiOmniFlashTextToVideoRequest(prompt="a cat", duration="auto"))
    create(GeminiOmniFlashImageToVideoRequest(prompt="a cat", image_urls=["a"]))
    create(GeminiOmniFlashReferenceToVideoRequest(prompt="a cat", image_urls=["a", "b"]))
    create(GeminiOmniFlashVideoEditRequest(prompt="warmer", video_urls=["a"]))
    create(GeminiOmniFlashTextToVideoRequest.from_dict({"prompt": "a cat"}))


def apimart(create: CreateApimartVideo[float]) -> None:
    """APIMart: one model, an open value."""
    assert_type(create(model="Omni-Flash-Ext", prompt="a cat"), float)
    create(model="Omni-Flash-Ext", prompt="a cat", duration=6, resolution="1080p", aspect_ratio="16:9")
    create(model="Omni-Flash-Ext", prompt="a cat", aspect_ratio="4:3", size="4:3")
    create(model="Omni-Flash-Ext", prompt="a cat", generation_type="frame", image_urls=["a"])
    create(model="Omni-Flash-Ext", prompt="a cat", video_urls=["a"])
    create(OmniFlashExtRequest(prompt="a cat", duration=8, resolution="4k"))


async def asynchronous(create: CreateEvolinkVideo[Awaitable[bytes]]) -> None:
    """The result may be awaitable."""
    assert_type(await create(model="gemini-omni-flash-text-to-video", prompt="a cat"), bytes)


def results_are_covariant(create: CreateEvolinkVideo[bool]) -> CreateEvolinkVideo[int]:
    """What gives a bool gives an int."""
    return create


async def clients(client: EvoLink, other: APIMart, asynchronous: AsyncEvoLink) -> None:
    """The resources of clients are typed by the contract of their provider."""
    assert_type(client.videos.create(model="gemini-omni-flash-text-to-video", prompt="a cat", duration=6), Task)
    assert_type(client.with_options(attempts=1).videos.create_from({"model": "any"}), Task)
    assert_type(other.videos.create(model="Omni-Flash-Ext", prompt="a cat"), Task)
    assert_type(await asynchronous.videos.create(model="gemini-omni-flash-text-to-video", prompt="a cat"), AsyncTask)
    client.media("image").create(model="known at run time only")


def dynamic(model: str) -> CreateVideoRequest:
    """The class of a model that is known only at run time."""
    return request_class("createVideo", model).from_dict({"prompt": "a cat"})


def raw(evolink: EvoLink, apimart: APIMart, both: Client) -> None:
    """A raw call is typed as the plain one; `parse` gives its result."""
    created = evolink.videos.with_raw_response.create(model="gemini-omni-flash-text-to-video", prompt="a cat")
    assert_type(created, RawResponse[Task])
    assert_type(created.parse(), Task)
    assert_type(evolink.videos.create(model="gemini-omni-flash-text-to-video", prompt="a cat"), Task)
    assert_type(apimart.videos.with_raw_response.create_from({"model": "Omni-Flash-Ext"}), RawResponse[Task])
    assert_type(evolink.tasks.with_raw_response.get("task-unified-1").parse(), Task)
    assert_type((created.status, created.request_id, created.content), tuple[int, str | None, bytes])
    assert_type(created.headers["x-request-id"], str)
    assert_type(both.videos.with_raw_response.create(model="omni-flash", prompt="a cat"), "RawResponse[Task]")


async def asynchronous_raw(evolink: AsyncEvoLink, apimart: AsyncAPIMart) -> None:
    """The same, to be awaited."""
    created = await apimart.videos.with_raw_response.create(model="Omni-Flash-Ext", prompt="a cat", duration=6)
    assert_type(created, RawResponse[AsyncTask])
    assert_type(await evolink.tasks.with_raw_response.get("task-unified-1"), RawResponse[AsyncTask])


def hooks(told: list[events.Event], retries: list[events.RetryPlanned]) -> EvoLink:
    """A hook takes every event, or through `on` one kind of them."""

    async def later(event: events.Event) -> None:
        told.append(event)

    def describe(event: events.Event) -> str:
        match event:
            case events.ResponseReceived():
                return f"{event.http_status} after {event.elapsed:.3f} s"
            case _:
                return event.operation

    AsyncEvoLink(hooks=[later, print])
    return EvoLink(hooks=(told.append, describe, events.on(events.RetryPlanned, retries.append)))
