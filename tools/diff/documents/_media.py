"""Media types: spelled alike when they mean alike, and covered by ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def plain(media: str) -> tuple[str, tuple[str, ...]]:
    """Type and parameters in one spelling; `charset=utf-8` says nothing."""
    name, *rest = (part.strip() for part in media.split(";"))
    parameters = {part.lower().replace('"', "").replace(" ", "") for part in rest if part}
    return name.lower(), tuple(sorted(parameters - {"charset=utf-8", "charset=utf8"}))


def match(media: str, others: Iterable[str], *, polarity: str) -> str | None:
    """The one of `others`, the newer ones, that takes the place of `media`.

    In requests a range that covers it will do; in responses one that it covers.
    """
    others = list(others)
    same = next((other for other in others if plain(other) == plain(media)), None)
    if same is not None:
        return same
    fits = [other for other in others if (covers(other, media) if polarity == "request" else covers(media, other))]
    return fits[0] if fits else None


def covers(wide: str, narrow: str) -> bool:
    """Whether everything of media type `narrow` is of `wide`."""
    (left, told), (right, said) = plain(wide), plain(narrow)
    kind, _, name = left.partition("/")
    if name != "*":
        return left == right and set(told) <= set(said)
    return kind in {"*", right.partition("/")[0]}
