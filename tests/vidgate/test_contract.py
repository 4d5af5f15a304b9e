"""What a schema takes, in words."""

from __future__ import annotations

from typing import Any

import pytest

from vidgate._contract import Contract, describe, load, values_of

WORDS: list[tuple[dict[str, Any], str]] = [
    ({"type": "integer", "minimum": 3, "maximum": 10}, "an integer from 3 to 10"),
    ({"type": "integer", "minimum": 0}, "an integer of 0 or more"),
    ({"type": "number", "maximum": 1}, "a number up to 1"),
    ({"type": "string"}, "text"),
    ({"type": "string", "minLength": 1}, "text that is not empty"),
    ({"type": "string", "maxLength": 5}, "text of at most 5 characters"),
    ({"type": "string", "format": "uri"}, "a URL"),
    ({"enum": [4, 6]}, "4 or 6"),
    ({"enum": ["a", "b", None]}, '"a", "b" or null'),
    ({"const": "x"}, '"x"'),
    ({"oneOf": [{"type": "integer", "minimum": 3}, {"enum": ["auto"]}]}, 'an integer of 3 or more or "auto"'),
    ({"oneOf": [{"enum": [1]}, {"const": "auto"}]}, '1 or "auto"'),
    ({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6}, "a list of 1 to 6 strings"),
    (
        {"type": "array", "items": {"type": "string", "format": "uri"}, "minItems": 1, "maxItems": 1},
        "a list of exactly 1 URL",
    ),
    ({"type": "array", "minItems": 2}, "a list of 2 or more items"),
    ({"type": "array"}, "a list of items"),
    ({"type": ["string", "null"]}, "text or null"),
    ({"type": "boolean"}, "true or false"),
    ({}, "any value"),
    ({"type": "string", "pattern": "^x$", "x-vidgate-values": {"values": ["x"], "open": False}}, '"x"'),
    ({"type": "string", "x-vidgate-values": {"values": ["x"], "open": True}}, "text"),
]


@pytest.mark.parametrize(("schema", "words"), WORDS, ids=[words for _, words in WORDS])
def test_schemas_in_words(schema: dict[str, Any], words: str) -> None:
    """The words fit behind "must be"."""
    assert describe(schema) == words


def test_values_of_a_union_count_only_when_all_are_closed() -> None:
    """A union with an open branch takes other values, too."""
    assert values_of({"oneOf": [{"const": 1}, {"enum": [2]}]}) == (1, 2)
    assert values_of({"oneOf": [{"const": 1}, {"type": "string"}]}) == ()


@pytest.mark.parametrize("package", ["evolink_api", "apimart_api"])
def test_contracts_are_read_once(package: str) -> None:
    """The document is parsed on first use and kept."""
    assert isinstance(load(package), Contract)
    assert load(package) is load(package)


def test_fields_of_parts_are_fields() -> None:
    """Parameters that stand in a referenced part count; assertions about others do not."""
    part = {"type": "object", "properties": {"b": {"type": "string"}}}
    variant = {
        "properties": {"model": {"const": "m"}, "a": {"$ref": "#/components/schemas/Word"}},
        "allOf": [{"$ref": "#/components/schemas/Part"}, {"properties": {"c": {"minItems": 1}}}],
    }
    request = {"discriminator": {"mapping": {"m": "#/components/schemas/M"}}}
    contract = Contract(
        {
            "paths": {
                "/x": {
                    "post": {
                        "operationId": "createVideo",
                        "servers": [{"url": "https://x"}],
                        "requestBody": {"content": {"application/json": {"schema": request}}},
                    }
                }
            },
            "components": {"schemas": {"M": variant, "Part": part, "Word": {"type": "string"}}},
        },
        {"video": {"operation": "createVideo"}},
    )
    assert contract.fields("m") == {"model": {"const": "m"}, "a": {"type": "string"}, "b": {"type": "string"}}
    assert [field.name for field in contract.models[0].fields] == ["a", "b"]
