"""Media types: spelled alike when they mean alike, and covered by ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.lift import resolved
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.model import Json, JsonObject


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


def encodings(document: JsonObject, media: JsonObject) -> dict[str, JsonObject]:
    """How the parts of a form are written, without what is so anyway."""
    schema, _ = resolved(document, media.get("schema", {}), "")
    properties: Json = schema.get("properties") if is_object(schema) else None
    rows: Json = media.get("encoding")
    found: dict[str, JsonObject] = {}
    for name, row in rows.items() if is_object(rows) else ():
        part, _ = resolved(document, properties.get(name, {}) if is_object(properties) else {}, "")
        anyway: JsonObject = {"contentType": _written(document, part), "style": "form", "allowReserved": False}
        anyway["explode"] = not is_object(row) or row.get("style", "form") == "form"
        told = {member: value for member, value in row.items() if anyway.get(member) != value} if is_object(row) else {}
        if told:
            found[name] = told
    return found


def _written(document: JsonObject, part: Json) -> str:
    """The content type of a part that nobody gives one: that of an array is that of its items."""
    types: Json = part.get("type") if is_object(part) else None
    kinds = set(types) - {"null"} if is_array(types) else {types}
    if kinds == {"array"}:
        items, _ = resolved(document, part.get("items", {}), "")
        return _written(document, items)
    if kinds == {"object"}:
        return "application/json"
    if is_object(part) and (part.get("format") == "binary" or "contentEncoding" in part):
        return "application/octet-stream"
    return "text/plain" if kinds <= {"string", "number", "integer", "boolean"} else "application/octet-stream"
