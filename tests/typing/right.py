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

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from apimart_api.variants import CreateVideo as CreateApimartVideo
    from evolink_api.variants import CreateVideo as CreateEvolinkVideo
    from evolink_api.variants import CreateVideoRequest


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


def dynamic(model: str) -> CreateVideoRequest:
    """The class of a model that is known only at run time."""
    return request_class("createVideo", model).from_dict({"prompt": "a cat"})
