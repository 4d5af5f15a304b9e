"""Calls that are wrong: a type checker objects to every marked line, and to no other.

The marker is the checkers' own: one that silences nothing is an error to both of them.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import TYPE_CHECKING

from apimart_api.models import OmniFlashExtRequest
from evolink_api.models import GeminiOmniFlashTextToVideoRequest
from vidgate import EvoLink, events

if TYPE_CHECKING:
    from apimart_api.variants import CreateVideo as CreateApimartVideo
    from evolink_api.variants import CreateVideo as CreateEvolinkVideo
    from vidgate import APIMart, AsyncEvoLink, RawResponse, Task


def models(create: CreateEvolinkVideo[int], model: str) -> None:
    """A model is a literal that the provider has."""
    create(model="gemini-omni-flash-text-to-vido", prompt="a cat")  # type: ignore[call-overload]
    create(model="Omni-Flash-Ext", prompt="a cat")  # type: ignore[call-overload]
    create(model=model, prompt="a cat")  # type: ignore[call-overload]
    create(model=None, prompt="a cat")  # type: ignore[call-overload]
    create(prompt="a cat")  # type: ignore[call-overload]
    create("gemini-omni-flash-text-to-video", prompt="a cat")  # type: ignore[call-overload]
    create()  # type: ignore[call-overload]


def keywords(create: CreateEvolinkVideo[int]) -> None:
    """A keyword is one of the model's, spelled as it is, and there when it has to be."""
    create(model="gemini-omni-flash-text-to-video")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", promt="a cat")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", durations=6)  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", image_urls=["a"])  # type: ignore[call-overload]
    create(model="gemini-omni-flash-image-to-video", prompt="a cat")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-reference-to-video", prompt="a cat")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-video-edit", prompt="warmer")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-video-edit", prompt="warmer", video_urls=["a"], duration=6)  # type: ignore[call-overload]


def values(create: CreateEvolinkVideo[int]) -> None:
    """A value has the documented type and, where the list is closed, is in it."""
    create(model="gemini-omni-flash-text-to-video", prompt=1)  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt=None)  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", duration="autox")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", duration="6")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", duration=6.5)  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt="a cat", aspect_ratio="4:3")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-image-to-video", prompt="a cat", image_urls="a")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-image-to-video", prompt="a cat", image_urls=[1])  # type: ignore[call-overload]


def apimart(create: CreateApimartVideo[int]) -> None:
    """The same for a provider with one model."""
    create(model="omni-flash-ext", prompt="a cat")  # type: ignore[call-overload]
    create(model="gemini-omni-flash-text-to-video", prompt="a cat")  # type: ignore[call-overload]
    create(model="Omni-Flash-Ext", prompt="a cat", duration=5)  # type: ignore[call-overload]
    create(model="Omni-Flash-Ext", prompt="a cat", duration="6")  # type: ignore[call-overload]
    create(model="Omni-Flash-Ext", prompt="a cat", resolution="720")  # type: ignore[call-overload]
    create(model="Omni-Flash-Ext", prompt="a cat", generation_type="frames")  # type: ignore[call-overload]
    create(model="Omni-Flash-Ext", prompt="a cat", aspect_ratio=1.5)  # type: ignore[call-overload]
    create(model="Omni-Flash-Ext", prompt="a cat", callback_url="https://example.com")  # type: ignore[call-overload]


def requests(create: CreateEvolinkVideo[int], mapping: dict[str, object]) -> None:
    """A request object is one of the provider's, and nothing stands beside it; a mapping is no request."""
    create(OmniFlashExtRequest(prompt="a cat"))  # type: ignore[call-overload]
    create(GeminiOmniFlashTextToVideoRequest(prompt="a cat"), duration=6)  # type: ignore[call-overload]
    create(request=GeminiOmniFlashTextToVideoRequest(prompt="a cat"))  # type: ignore[call-overload]
    create(mapping)  # type: ignore[call-overload]
    create(**mapping)  # type: ignore[call-overload]
    create(GeminiOmniFlashTextToVideoRequest())  # type: ignore[call-arg]
    create(GeminiOmniFlashTextToVideoRequest("a cat"))  # type: ignore[call-arg, arg-type]
    create(GeminiOmniFlashTextToVideoRequest(prompt="a cat", duration="autox"))  # type: ignore[arg-type]
    create(GeminiOmniFlashTextToVideoRequest(prompt="a cat", model="other"))  # type: ignore[arg-type]
    create(GeminiOmniFlashTextToVideoRequest(prompt="a cat", image_urls=["a"]))  # type: ignore[call-arg]


def media(client: EvoLink, other: APIMart, asynchronous: AsyncEvoLink) -> None:
    """What no operation of a contract makes is no attribute of its client."""
    client.images.create(model="gemini-omni-flash-text-to-video", prompt="a cat")  # type: ignore[attr-defined]
    client.audios.create_from({})  # type: ignore[attr-defined]
    other.images.create_from({})  # type: ignore[attr-defined]
    asynchronous.audios.create_from({})  # type: ignore[attr-defined]
    client.videos.create(model="Omni-Flash-Ext", prompt="a cat")  # type: ignore[call-overload]


def result(create: CreateEvolinkVideo[int]) -> str:
    """The result is what the caller of the protocol said."""
    return create(model="gemini-omni-flash-text-to-video", prompt="a cat")  # type: ignore[return-value]


def raw(client: EvoLink) -> Task:
    """A raw call is checked as the plain one, and its result is no task before `parse`."""
    client.videos.with_raw_response.create(model="gemini-omni-flash-text-to-vido", prompt="a cat")  # type: ignore[call-overload]
    client.videos.with_raw_response.create(model="gemini-omni-flash-text-to-video")  # type: ignore[call-overload]
    client.tasks.with_raw_response.get(5)  # type: ignore[arg-type]
    return client.tasks.with_raw_response.get("task-unified-1")  # type: ignore[return-value]


async def asynchronous_raw(client: AsyncEvoLink) -> RawResponse[Task]:
    """A task of an async client is another class."""
    return await client.tasks.with_raw_response.get("task-unified-1")  # type: ignore[return-value]


def hooks(told: list[str], event: events.ResponseReceived) -> None:
    """A hook takes events, and an event cannot be changed."""
    EvoLink(hooks=print)  # type: ignore[arg-type]
    EvoLink(hooks=[told.append])  # type: ignore[list-item]
    events.on(events.RetryPlanned, told.append)  # type: ignore[arg-type]
    event.http_status = 200  # type: ignore[misc]
