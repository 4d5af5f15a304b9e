"""tools.schema.branches: branches of a union meet by what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.schema.branches import branch_name, matched

if TYPE_CHECKING:
    from tools.model import Json, JsonObject


def kind(value: str, **more: Json) -> JsonObject:
    """An object whose `type` is one word."""
    return {"type": "object", "properties": {"type": {"enum": [value]}, **more}}


SAME = [
    pytest.param({"$ref": "#/a", "description": "words"}, {"$ref": "#/a"}, id="reference"),
    pytest.param(kind("a"), kind("a", size={"type": "integer"}), id="constant"),
    pytest.param(kind("a"), {"properties": {"type": {"const": "a"}}}, id="spelling-of-a-constant"),
    pytest.param({"type": "string", "title": "Text"}, {"title": "텍스트", "type": ["string"]}, id="content"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_branch(one: Json, other: Json) -> None:
    """Whatever else it says, and in whatever words."""
    assert branch_name(one) == branch_name(other)
    assert branch_name(one) != branch_name({"type": "boolean"})


def test_other_constants_are_another_branch() -> None:
    """And a property that may have several values tells nothing apart."""
    assert branch_name(kind("a")) != branch_name(kind("b"))
    assert branch_name({"properties": {"type": {"enum": ["a", "b"]}}}) != branch_name(kind("a"))


def test_branches_are_matched_in_any_order() -> None:
    """For each branch of the first union its position in each."""
    first: list[Json] = [kind("a"), kind("b"), {"type": "null"}]
    second: list[Json] = [{"type": "null"}, kind("a", size={"type": "integer"}), kind("b")]
    assert matched([first, second]) == [[0, 1], [1, 2], [2, 0]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param([kind("a")], [kind("b")], id="another"),
        pytest.param([kind("a")], [kind("a"), kind("b")], id="more"),
        pytest.param([kind("a"), kind("a")], [kind("a"), kind("a")], id="twins"),
        pytest.param([kind("a"), kind("a", x={})], [kind("a"), kind("a", y={})], id="equal-names-other-contents"),
    ],
)
def test_unions_of_other_branches_are_not_matched(first: list[Json], second: list[Json]) -> None:
    """Neither when some have no like, nor when nothing tells them apart."""
    assert matched([first, second]) is None


def test_equal_names_meet_by_content() -> None:
    """Where constants do not tell branches apart, all they say does."""
    first: list[Json] = [kind("a"), kind("a", x={})]
    assert matched([first, first[::-1]]) == [[0, 1], [1, 0]]
