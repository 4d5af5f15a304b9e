"""What is text on the wire: parameters, headers, and bodies of other media types than JSON.

There `5` is a text as well as a number, so that a string without constraints takes whatever was sent before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tools.diff.documents._media import plain
from tools.schema.lift import resolved
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.diff.documents._operations import Node
    from tools.model import Json, JsonObject
    from tools.schema.relate import Difference

Polarity: TypeAlias = Literal["request", "response"]
Text: TypeAlias = Literal["", "values", "whole"]
"""What of a payload is text: nothing, its values (forms, parameters), or besides them the payload as a whole (XML)."""

_STYLES: Final[Mapping[str, str]] = {"query": "form", "path": "simple", "header": "simple", "cookie": "form"}
_STRING_WORDS: Final = frozenset(
    {"enum", "const", "pattern", "minLength", "maxLength", "format", "$ref", "allOf", "not", "if"}
)
_ANY: Final[list[str]] = ["string", "number", "boolean"]
_SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})
"""Types whose values have a spelling in plain text; how null is spelled is nobody's convention."""

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class Made(dict[str, "Json"]):
    """A schema made for the comparison: it stands for what is at its pointer."""


def text_of(media: str) -> Text:
    """What of a body of this media type is text."""
    name, _ = plain(media)
    if name in _FORMS:
        return "values"
    xml = name in {"application/xml", "text/xml"} or name.endswith("+xml")
    return "whole" if xml or (name.startswith("text/") and not name.endswith("json")) else ""


def style(parameter: JsonObject) -> tuple[str, bool]:
    """How a parameter is spelled: style, and whether each member stands alone."""
    named = str(parameter.get("style") or _STYLES.get(str(parameter.get("in")), "form"))
    explode = parameter.get("explode")
    return named, explode if isinstance(explode, bool) else named == "form"


def on_the_wire(
    documents: tuple[JsonObject, JsonObject], nodes: tuple[Node, Node], polarity: Polarity
) -> list[tuple[Json, str]]:  # fmt: skip
    """The schemas of a parameter, and where they stand: where its reader takes any text, both are text."""
    schemas = [
        resolved(document, node.value["schema"], join(node.at, "schema"))
        if "schema" in node.value
        else (Made(), join(node.at, "schema"))
        for document, node in zip(documents, nodes, strict=True)
    ]
    reader = 1 if polarity == "request" else 0
    goal = schemas[reader][0]
    if not is_object(goal) or not takes_text(documents[reader], goal):
        return schemas
    return [as_text(document, schema, at) for document, (schema, at) in zip(documents, schemas, strict=True)]


def as_text(document: JsonObject, schema: Json, at: str) -> tuple[Json, str]:
    """The schema with what a string without constraints takes on the wire, and where it stands."""
    schema, at = resolved(document, schema, at)
    types: Json = schema.get("type") if is_object(schema) else None
    if not is_object(schema) or not takes_text(document, schema):
        return schema, at
    kept = types if is_array(types) else [types] if isinstance(types, str) else []
    rest = {name: value for name, value in schema.items() if name not in {"oneOf", "anyOf"}}
    return Made({**rest, "type": [*kept, *(kind for kind in _ANY if kind not in kept)]}), at


def takes_text(document: JsonObject, schema: JsonObject) -> bool:
    """Whether any text will do."""
    for member in ("oneOf", "anyOf"):
        branches: Json = schema.get(member)
        if is_array(branches):
            nodes = [resolved(document, branch, "")[0] for branch in branches]
            return any(is_object(node) and takes_text(document, node) for node in nodes)
    types: Json = schema.get("type")
    return "string" in (types if is_array(types) else [types]) and not _STRING_WORDS & schema.keys()


def is_taken_as_text(difference: Difference, goal: Json, *, text: Text, root: bool) -> bool:
    """Whether a type that comes in place of another is still read, because `goal`, who reads it, takes any text."""
    if not text or difference.keyword != "type" or not is_object(goal):
        return False
    if not takes_text({}, goal):
        return False
    exchanged = _types(difference.before) ^ _types(difference.after)
    return exchanged <= _SCALARS or (root and text == "whole" and "null" not in exchanged)


def _types(names: Json) -> set[Json]:
    return set(names) if is_array(names) else set() if names is None else {names}


def single(document: JsonObject, old: Json, new: Json, parameter: JsonObject) -> Json:
    """What one value of an array may be, where the other side takes one value: `a=1` is an array of one.

    None where a value may hold what separates those of the array: then one text would become two.
    """
    if not is_object(old) or not is_object(new) or new.get("minItems", 0) > 1:
        return None
    before = _kinds(old)
    if before & {"array", "object"} or _kinds(new) - {"null"} != {"array"}:
        return None
    if style(parameter) != ("form", True) and "string" in before:
        return None
    return as_text(document, new.get("items", {}), "")[0]


def _kinds(schema: JsonObject) -> set[Json]:
    types: Json = schema.get("type", "object")
    return set(types) if is_array(types) else {types}
