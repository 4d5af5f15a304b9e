"""Where the facts of a task stand in an answer: our reading of the pages, independent of the client's own tables."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..._json import Json, JsonObject, follow, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..._settings import ProviderName

VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "submitted": "running",
        "pending": "running",
        "processing": "running",
        "completed": "completed",
        "failed": "failed",
        "cancelled": "cancelled",
    }
)
"""What the documented words mean."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Pointers to the task in the answer to a submission and in the answer to a query, and to its results in it.

    `results`: lists of items; in each item `links` leads to a link or a list of them ("" is the item itself).
    """

    submitted: str
    queried: str
    results: tuple[str, ...]
    links: str = ""
    expires: str | None = None


PLACES: Mapping[ProviderName, Place] = MappingProxyType(
    {
        "evolink": Place(submitted="", queried="", results=("/results",)),
        "apimart": Place(
            submitted="/data/0",
            queried="/data",
            results=("/result/videos", "/result/images", "/result/audios"),
            links="/url",
            expires="/expires_at",
        ),
    }
)


def task_in(provider: ProviderName, value: Json, *, submitted: bool) -> JsonObject:
    """The task object of an answer, empty where there is none."""
    place = PLACES[provider]
    try:
        found = follow(value, place.submitted if submitted else place.queried)
    except (LookupError, ValueError):
        return {}
    return found if is_object(found) else {}


def links_in(provider: ProviderName, task: JsonObject) -> Iterator[str]:
    """The result links of a task, each once, in order."""
    place = PLACES[provider]
    seen: set[str] = set()
    for pointer in place.results:
        for item in _list(_at(task, pointer)):
            for link in _list(_at(item, place.links)):
                if isinstance(link, str) and link.strip() and link not in seen:
                    seen.add(link)
                    yield link


def _at(value: Json, pointer: str) -> Json:
    try:
        return follow(value, pointer) if pointer else value
    except (LookupError, ValueError):
        return None


def _list(value: Json) -> list[Json]:
    if is_array(value):
        return value
    return [] if value is None else [value]
