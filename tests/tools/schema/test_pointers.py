"""JSON pointers: escaping, following, walking."""

from __future__ import annotations

import pytest

from tools.schema.pointers import escape, join, objects, resolve, split, walk


@pytest.mark.parametrize("token", ["plain", "a/b", "~", "~1", "", "/v1/tasks/{task_id}", "동영상"])
def test_split_undoes_join(token: str) -> None:
    """A token survives a trip through a pointer."""
    assert split(join("/paths", token)) == ["paths", token]


def test_escape_writes_tilde_before_slash() -> None:
    """The order of the two escapes matters."""
    assert escape("~/") == "~0~1"


def test_resolve_goes_through_objects_and_lists() -> None:
    """Indices and names are told apart by what they meet."""
    assert resolve({"a": [{"0": "x"}]}, "/a/0/0") == "x"


@pytest.mark.parametrize("pointer", ["/b", "/a/7", "/a/x", "/a/0/0/0"])
def test_resolve_names_the_pointer_that_leads_nowhere(pointer: str) -> None:
    """What is not there is a KeyError with the whole pointer."""
    with pytest.raises(KeyError, match=pointer):
        resolve({"a": [{"0": "x"}]}, pointer)


def test_walk_yields_parents_first_in_document_order() -> None:
    """Order is part of the promise: findings come out in it."""
    assert [pointer for pointer, _ in walk({"b": [1, {"c": 2}], "a": 3})] == ["", "/b", "/b/0", "/b/1", "/b/1/c", "/a"]


def test_walk_does_not_recurse() -> None:
    """A deep document costs no stack."""
    node: object = 1
    for _ in range(50_000):
        node = [node]
    assert sum(1 for _ in walk(node)) == 50_001


def test_objects_are_those_of_a_walk() -> None:
    """In its order, with its pointers; what is left out is there itself, and nothing below it."""
    document = {"b": [1, {"c": {"x/y": {}}}, [[{}]]], "a": {"no": {"d": {}}, "e": {}}}
    found = list(objects(document, "/z"))
    assert found == [(pointer, node) for pointer, node in walk(document, "/z") if isinstance(node, dict)]
    assert [pointer for pointer, _ in objects(document, but="no")] == [
        "", "/b/1", "/b/1/c", "/b/1/c/x~1y", "/b/2/0/0", "/a", "/a/e",
    ]  # fmt: skip
    assert [*objects(None), *objects("x")] == []
