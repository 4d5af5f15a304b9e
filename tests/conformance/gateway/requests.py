"""What the pages say of requests, as types: the gateway's own reading of them."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

Https = Annotated[str, StringConstraints(pattern=r"^https://[^\s/?#]+\S*$", max_length=2048)]
Link = Annotated[str, StringConstraints(pattern=r"^[hH][tT][tT][pP][sS]?://[^\s/?#]+\S*$")]
Ratio = Literal["16:9", "9:16", "auto"]
Seconds = Annotated[int, Field(strict=True, ge=3, le=10)] | Literal["auto"]


class Strict(BaseModel):
    """What the pages list is typed; what they do not list is ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Hooked(Strict):
    """A request of EvoLink: an address for the end of the task may be given."""

    prompt: str
    callback_url: Https = ""

    @model_validator(mode="after")
    def public(self) -> Hooked:
        """No addresses of private networks."""
        host = httpx.URL(self.callback_url).host if self.callback_url else ""
        try:
            inside = bool(host) and not ipaddress.ip_address(host).is_global
        except ValueError:
            inside = host == "localhost"
        if inside:
            raise ValueError("callback_url: private address")
        return self


class TextToVideo(Hooked):
    """Text."""

    model: Literal["gemini-omni-flash-text-to-video"]
    duration: Seconds = 10
    aspect_ratio: Ratio = "16:9"


class ImageToVideo(TextToVideo):
    """One image."""

    model: Literal["gemini-omni-flash-image-to-video"]  # type: ignore[assignment]
    image_urls: list[str] = Field(min_length=1, max_length=1)


class ReferenceToVideo(TextToVideo):
    """Up to six references."""

    model: Literal["gemini-omni-flash-reference-to-video"]  # type: ignore[assignment]
    image_urls: list[str] = Field(min_length=1, max_length=6)


class VideoEdit(Hooked):
    """One video."""

    model: Literal["gemini-omni-flash-video-edit"]
    video_urls: list[Link] = Field(min_length=1, max_length=1)


EVOLINK: TypeAdapter[Any] = TypeAdapter(
    Annotated[TextToVideo | ImageToVideo | ReferenceToVideo | VideoEdit, Field(discriminator="model")]
)


class OmniFlash(Strict):
    """APIMart's one model."""

    model: Literal["Omni-Flash-Ext"]
    prompt: str = Field(min_length=1)
    duration: Literal[4, 6, 8, 10] | None = None
    resolution: Annotated[str, StringConstraints(pattern=r"^(?i:720p|1080p|4k)$")] = "720p"
    aspect_ratio: str = "16:9"
    size: str = ""
    generation_type: Literal["frame", "reference"] | None = None
    image_urls: list[Link] = []
    video_urls: list[Link] = []

    @model_validator(mode="before")
    @classmethod
    def no_nulls(cls, values: Any) -> Any:
        """What is left out is left out; null is nothing that the page knows."""
        if isinstance(values, dict) and any(value is None for value in values.values()):
            raise ValueError("null")
        if isinstance(values, dict) and isinstance(values.get("duration"), bool | float):
            raise ValueError("duration")  # noqa: TRY004 - pydantic takes no other
        return values

    @model_validator(mode="after")
    def combinations(self) -> OmniFlash:
        """Numbers of images and videos, and what excludes what."""
        images = len(self.image_urls)
        counts = {"frame": (1,), "reference": (1, 3)}.get(self.generation_type or "", ())
        if images == 2 or (counts and images not in counts):
            raise ValueError("image_urls")
        if len(self.video_urls) > 1:
            raise ValueError("video_urls")
        if self.video_urls and self.duration:
            raise ValueError("both")
        return self


APIMART: TypeAdapter[Any] = TypeAdapter(OmniFlash)
NAMED = {
    "duration": "invalid_duration",
    "resolution": "invalid_resolution",
    "image_urls": "unsupported_image_count",
    "video_urls": "unsupported_video_count",
}


def fault(error: ValidationError) -> str:
    """The type of the page's table for what is wrong first."""
    first = error.errors()[0]
    place = first["loc"][0] if first["loc"] else str(first.get("ctx", {}).get("error", ""))
    deep = len(first["loc"]) > 1 and place in {"image_urls", "video_urls"}
    return "invalid_request_error" if deep else NAMED.get(str(place), "invalid_request_error")
