"""`ParamField` and `ResponseField` → schemas, with their text, warnings and nested fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.extract import _names, _prose, _types
from tools.extract._scan import Fence, Tag, TextRun
from tools.schema.pointers import join

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from tools.extract._record import Record
    from tools.extract._scan import Block
    from tools.model import JsonObject

    Placed: TypeAlias = Sequence[tuple[Tag, tuple[str, ...]]]
    """Fields with the headings above them."""

FIELDS: Final = ("ParamField", "ResponseField")
LOCATIONS: Final = ("body", "query", "path", "header", "cookie")
_KNOWN: Final = {*LOCATIONS, "name", "type", "required", "default", "deprecated"}
_ASIDES: Final = ("Warning", "Note", "Tip", "Info", "Check", "Danger", "Callout")


def name_of(tag: Tag) -> str | None:
    """The name of a field: its location attribute or `name`."""
    for attribute in (*LOCATIONS, "name"):
        text = tag.text_of(attribute)
        if text is not None:
            return text
    return None


def location_of(tag: Tag) -> str | None:
    """Where a parameter goes: body, query, path, header or cookie."""
    return next((location for location in LOCATIONS if location in tag.attributes), None)


def is_required(tag: Tag) -> bool:
    """Whether a field is marked as required: bare, `{true}` or "true"."""
    return tag.attributes.get("required") in (True, "true")


def read_object(record: Record, fields: Placed, node: JsonObject, pointer: str, what: str) -> None:
    """Make `node` the schema of an object with these fields."""
    node.setdefault("type", "object")
    properties: JsonObject = node.setdefault("properties", {})
    required: list[str] = []
    for tag, heading in fields:
        name = name_of(tag)
        if name is None or not _names.is_property(name):
            record.coverage.leave(tag.first, tag.last, f"a {tag.name} without a usable name")
        elif name in properties:
            record.coverage.leave(tag.first, tag.last, f"the {what} {name!r} stands twice")
        else:
            here = join(pointer, "properties", name)
            with record.under(heading):
                properties[name] = read_field(record, tag, here, f"{what} {name}")
            if is_required(tag):
                required.append(name)
    if required:
        node["required"] = required


def read_field(record: Record, tag: Tag, pointer: str, what: str) -> JsonObject:
    """The schema of one field; claims its lines, keeps its asides, and recurses into nested fields (bounded depth)."""
    record.lines[pointer] = tag.first
    record.coverage.claim(tag.first, tag.head_last, what)
    record.coverage.claim(tag.last, tag.last, what)
    schema = _declared(record, tag)
    text, line = _description(record, tag.children, pointer, what)
    if text:
        schema["description"] = text
        record.lines[join(pointer, "description")] = line
    _default(record, tag, schema, pointer)
    if tag.attributes.get("deprecated") in (True, "true"):
        schema["deprecated"] = True
    unknown = tag.attributes.keys() - _KNOWN
    if unknown:
        record.coverage.leave(tag.first, tag.head_last, f"unknown attributes: {', '.join(sorted(unknown))}")
    nested = _nested(tag)
    if nested:
        _read_nested(record, nested, schema, pointer, what)
    return schema


def _declared(record: Record, tag: Tag) -> JsonObject:
    declared = tag.attributes.get("type")
    if declared is None:
        return {}
    schema = _types.schema(declared) if isinstance(declared, str) else None
    if schema is None:
        record.coverage.leave(tag.first, tag.head_last, f"the type {str(declared)[:60]!r} is not known")
    return schema or {}


def _default(record: Record, tag: Tag, schema: JsonObject, pointer: str) -> None:
    if "default" not in tag.attributes:
        return
    stated = tag.attributes["default"]
    fits, value = _types.default(stated, schema)
    if fits:
        schema["default"] = value
        record.lines[join(pointer, "default")] = tag.first
    elif isinstance(stated, str) and schema.get("type") == "string":
        record.say(tag.first, "default", stated, pointer=pointer)
    else:
        record.coverage.leave(tag.first, tag.head_last, f"the default {str(stated)[:60]!r} does not fit the type")


def _nested(tag: Tag) -> list[Tag]:
    """The fields directly under a field, whether or not an Expandable stands between."""
    found: list[Tag] = []
    for child in tag.children:
        if isinstance(child, Tag) and child.name in FIELDS:
            found.append(child)
        elif isinstance(child, Tag) and child.name == "Expandable":
            found.extend(_nested(child))
    return found


def _read_nested(record: Record, nested: Sequence[Tag], schema: JsonObject, pointer: str, what: str) -> None:
    fields = [(child, record.heading) for child in nested]
    if schema.get("type") == "array":
        schema = schema.setdefault("items", {})
        pointer = join(pointer, "items")
        record.lines[pointer] = nested[0].first
    if schema.get("type", "object") == "object" and "anyOf" not in schema:
        read_object(record, fields, schema, pointer, what)
        return
    for child in nested:
        record.coverage.leave(child.first, child.last, f"a field inside {schema.get('type', 'a choice of types')}")


def _description(record: Record, blocks: Sequence[Block], pointer: str, what: str) -> tuple[str, int]:
    """The text of a field as Markdown, and its first line; asides are paragraphs of it and kept apart as well."""
    parts: list[tuple[int, str]] = []
    for block in blocks:
        if isinstance(block, TextRun):
            record.coverage.claim(block.first, block.last, what)
            parts.append((block.first, "\n".join(_prose.dedent(block.rows)).strip()))
        elif isinstance(block, Fence):
            record.coverage.claim(block.first, block.last, what)
            parts.append((block.first, block.source))
        elif block.name in FIELDS:
            continue
        else:
            record.tag(block)
            text, line = _description(record, block.children, pointer, what)
            if text:
                parts.append((line, text))
                if block.name in _ASIDES:
                    record.say(line, block.name.lower(), text, pointer=pointer)
    return "\n\n".join(text for _, text in parts), parts[0][0] if parts else 0
