"""The normal form: equal for equal meanings, different for different ones."""

from __future__ import annotations

import pytest

from tools.schema.normal import key

SAME = [
    pytest.param({"enum": ["a"]}, {"const": "a"}, id="one value"),
    pytest.param({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, id="order of an enum"),
    pytest.param({"required": ["a", "b"]}, {"required": ["b", "a"]}, id="order of required"),
    pytest.param({"type": ["string"]}, {"type": "string"}, id="a type list of one"),
    pytest.param({"type": "string", "description": "x"}, {"type": "string"}, id="prose"),
    pytest.param({"type": "string", "x-vidgate-reading": "x"}, {"type": "string"}, id="our extensions"),
]
DIFFERENT = [
    pytest.param({"enum": ["16:9"]}, {"enum": [969]}, id="text and number"),
    pytest.param({"properties": {"required": {}}}, {"properties": {}}, id="a property called required"),
    pytest.param({"minimum": 1}, {"minimum": 2}, id="a bound"),
    pytest.param({"default": True}, {"default": 1}, id="true and one"),
    pytest.param({"items": {"type": "string"}}, {"items": {}}, id="items"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_meanings_have_one_key(one: object, other: object) -> None:
    """Spelling does not matter."""
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_meanings_have_two_keys(one: object, other: object) -> None:
    """Nothing that changes the meaning is folded away."""
    assert key(one) != key(other)
