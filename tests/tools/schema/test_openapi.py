"""Shape of OpenAPI documents."""

from __future__ import annotations

from typing import Any

import pytest

from tools.schema.openapi import misshapen


def document(**members: Any) -> dict[str, Any]:
    """A small document."""
    operation = {"responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}}
    return {"openapi": "3.1.0", "info": {"title": "t"}, "paths": {"/a": {"post": operation}}} | members


def test_a_missing_description_is_no_matter_of_shape() -> None:
    """Pages forget things; that does not make them unreadable."""
    assert misshapen(document()) == []


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"paths": []}, "/paths"),
        ({"paths": {"/a": {"post": {"responses": {"200": {"content": []}}}}}}, "/paths/~1a/post/responses/200/content"),
        ({"components": {"schemas": {"A": {"properties": 5}}}}, "/components/schemas/A/properties"),
        ({"components": {"schemas": {"A": {"items": "x"}}}}, "/components/schemas/A/items"),
        ({"components": {"schemas": {"A": {"required": "x"}}}}, "/components/schemas/A/required"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(members: dict[str, Any], pointer: str) -> None:
    """The pointer leads to the value."""
    assert [at for at, _ in misshapen(document(**members))] == [pointer]
