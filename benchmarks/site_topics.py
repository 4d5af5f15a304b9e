# ruff: noqa: PLR2004 - which page has which oddity is all numbers
"""What a synthetic site writes about: how many pages of which kind, the models they document, and where they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE_URLS: Final = ("https://api.example.com", "https://direct.example.com", "https://files.example.com")

SHARES: Final = {
    "video": 78, "image": 43, "chat": 16, "response": 8, "message": 7, "audio": 5, "content": 3, "guide": 4,
}  # fmt: skip
"""Pages of each kind in each language, of 164 that there are beside the single ones."""

SINGLE: Final = ("moderation", "task", "credits", "quota", "upload-stream", "upload-base64", "upload-url")
"""Pages of which every site has one, however large it is."""

PATHS: Final = {
    "video": ("post", "/v1/videos/generations"),
    "image": ("post", "/v1/images/generations"),
    "audio": ("post", "/v1/audios/generations"),
    "chat": ("post", "/v1/chat/completions"),
    "response": ("post", "/v1/responses"),
    "message": ("post", "/v1/messages"),
    "content": ("post", "/v1beta/models/{model}:generateContent"),
    "moderation": ("post", "/v1/moderations"),
    "task": ("get", "/v1/tasks/{task_id}"),
    "credits": ("get", "/v1/credits"),
    "quota": ("get", "/api/v1/files/quota"),
    "upload-stream": ("post", "/api/v1/files/upload/stream"),
    "upload-base64": ("post", "/api/v1/files/upload/base64"),
    "upload-url": ("post", "/api/v1/files/upload/url"),
}
"""Method and path of each kind of page; guides have none."""

MEDIA: Final = ("video", "image", "audio")
FILES: Final = ("quota", "upload-stream", "upload-base64", "upload-url")
OVERVIEW_EVERY: Final = 16

_FAMILIES: Final = ("aurora", "borealis", "cirrus", "delta", "ember", "fjord", "glacier", "harbor", "iris", "juniper")
_MODES: Final = ("text-to", "image-to", "reference-to", "edit", "first-frame-to", "extend")


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One page, in whatever language: `models` are what it documents, `number` counts the pages of its kind."""

    kind: str
    number: int
    models: tuple[str, ...]

    @property
    def is_media(self) -> bool:
        return self.kind in MEDIA

    @property
    def is_overview(self) -> bool:
        return len(self.models) > 1

    @property
    def stem(self) -> str:
        """Its path without language and suffix."""
        name = f"{self.kind}-{self.number}-overview" if self.is_overview else self.models[0]
        return f"api-manual/{self.kind}-series/{self.kind}-{self.number // 4}/{name}"

    @property
    def title(self) -> str:
        return self.stem.rpartition("/")[2].replace("-", " ").title()

    @property
    def operation_id(self) -> str:
        """Its own, or one of those that many pages share: 24 videos of 78 and 17 images of 43."""
        if self.kind == "video" and self.number % 13 in {0, 3, 6, 9}:
            return "createVideoGeneration"
        if self.kind == "image" and self.number % 5 in {1, 3}:
            return "createImageGeneration"
        words = "".join(word.capitalize() for word in self.stem.rpartition("/")[2].replace(".", "-").split("-"))
        return f"{PATHS[self.kind][0]}{words}"

    @property
    def servers(self) -> tuple[str, ...]:
        """Media on the first host, text on the second and the first, two pages of text on the second, files apart."""
        if self.kind in FILES:
            return BASE_URLS[2:]
        if self.kind == "moderation" or (self.kind == "content" and self.number == 2):
            return BASE_URLS[1:2]
        return BASE_URLS[:1] if self.is_media or self.kind in SINGLE else BASE_URLS[1::-1]


def topics(count: int) -> Iterator[Topic]:
    """As many topics, in shares as the real site has them; the guides take what is left."""
    made = 0
    for name in SINGLE:
        made += 1
        yield Topic(kind=name, number=0, models=(name,))
    shared = count - made
    for kind, share in SHARES.items():
        number = round(share * shared / sum(SHARES.values())) if kind != "guide" else count - made
        known: list[str] = []
        for index in range(number):
            made += 1
            family, mode = _FAMILIES[index % len(_FAMILIES)], _MODES[index % len(_MODES)]
            own = f"{family}-{index}.{index % 7}-{mode}-{kind}"
            if kind in MEDIA and index % OVERVIEW_EVERY == OVERVIEW_EVERY - 1:
                # An overview repeats its neighbours' models and has one that no other page documents.
                yield Topic(kind=kind, number=index, models=(*known[-6:], own))
            else:
                yield Topic(kind=kind, number=index, models=(own,))
            known.append(own)
