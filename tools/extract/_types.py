"""The types and defaults that parameter pages write in words → JSON Schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.extract._scan import Expression
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Json, JsonObject

_NAMED: Final[dict[str, JsonObject]] = {
    "string": {"type": "string"}, "str": {"type": "string"}, "text": {"type": "string"},
    "url": {"type": "string", "format": "uri"}, "uri": {"type": "string", "format": "uri"},
    "file": {"type": "string", "format": "binary"},
    "integer": {"type": "integer"}, "int": {"type": "integer"},
    "number": {"type": "number"}, "float": {"type": "number"}, "double": {"type": "number"},
    "boolean": {"type": "boolean"}, "bool": {"type": "boolean"},
    "object": {"type": "object"}, "array": {"type": "array"}, "null": {"type": "null"}, "any": {},
}  # fmt: skip
_LIST_OF: Final = re.compile(r"(?:array|list)\s*<(.+)>|(.+)\[\]", re.IGNORECASE)
_EITHER: Final = re.compile(r"\s*\|\s*|\s+or\s+", re.IGNORECASE)
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,19}(?:\.[0-9]{1,19})?")
_MAX_LENGTH: Final = 100


def schema(text: str) -> JsonObject | None:
    """The schema that a type such as `array<url>`, `string[]` or `string | array` means; None when unknown."""
    if len(text) > _MAX_LENGTH:
        return None
    options = [_single(option.strip()) for option in _EITHER.split(text.strip())]
    known = [option for option in options if option is not None]
    if len(known) != len(options):
        return None
    return known[0] if len(known) == 1 else {"anyOf": known}


def _single(text: str) -> JsonObject | None:
    arrays = 0
    while match := _LIST_OF.fullmatch(text):
        text = (match[1] or match[2]).strip()
        arrays += 1
    named = _NAMED.get(text.lower())
    if named is None:
        return None
    made: JsonObject = dict(named)
    for _ in range(arrays):
        made = {"type": "array", "items": made}
    return made


def default(value: Json, declared: JsonObject) -> tuple[bool, Json]:
    """Whether an attribute `default` fits the declared type, and its value in that type.

    Pages quote every default (`default="6"` on an integer). Some write a sentence there: text with blanks or beyond
    ASCII is no value a request could hold.
    """
    if isinstance(value, Expression):
        return False, None
    types = [declared["type"]] if "type" in declared else [option.get("type") for option in declared.get("anyOf", [])]
    if not isinstance(value, str):
        return not types or type_of(value) in types or (type_of(value) == "integer" and "number" in types), value
    if "boolean" in types and value in ("true", "false"):
        return True, value == "true"
    if "integer" in types and _INTEGER.fullmatch(value):
        return True, int(value)
    if "number" in types and _NUMBER.fullmatch(value):
        return True, float(value) if "." in value else int(value)
    if "string" in types or not types:
        return value.isascii() and not any(character.isspace() for character in value), value
    return False, None


def type_of(value: Json) -> str:
    """The JSON type of a value; a whole number is an integer."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def infer(values: Sequence[Json]) -> JsonObject:
    """The schema that all example values meet, types only: nothing is required, nothing closed."""
    kinds = sorted({type_of(value) for value in values})
    if not kinds:
        return {}
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    made: JsonObject = {"type": kinds[0] if len(kinds) == 1 else kinds}
    objects = [value for value in values if is_object(value)]
    if objects:
        names = dict.fromkeys(name for value in objects for name in value)
        made["properties"] = {name: infer([value[name] for value in objects if name in value]) for name in names}
    items = [item for value in values if is_array(value) for item in value]
    if items:
        made["items"] = infer(items)
    return made
