"""Overlay 1.1: actions, their errors, and JSONPaths that name one node."""

from __future__ import annotations

from typing import Any

import pytest

from tools.errors import JudgementError
from tools.schema.overlay import apply_overlay, json_path
from tools.schema.pointers import walk


def apply(document: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    """The document after the actions, all of which must match."""
    result, unmatched = apply_overlay(document, {"actions": list(actions)}, path="overlay.yaml")
    assert not unmatched
    return result


CASES: list[Any] = [
    pytest.param({"a": {"b": 1}}, {"target": "$.a", "update": {"c": 2}}, {"a": {"b": 1, "c": 2}}, id="merge"),
    pytest.param({"a": {"b": 1}}, {"target": "$.a.b", "update": 2}, {"a": {"b": 2}}, id="primitive"),
    pytest.param({"a": {"b": [1]}}, {"target": "$.a", "update": {"b": [2]}}, {"a": {"b": [1, 2]}}, id="lists join"),
    pytest.param({"a": [1]}, {"target": "$.a", "update": 2}, {"a": [1, 2]}, id="append"),
    pytest.param({"a": {"b": 1, "c": 2}}, {"target": "$.a.b", "remove": True}, {"a": {"c": 2}}, id="remove"),
    pytest.param({"a": [1, 2, 3]}, {"target": "$.a[0,2]", "remove": True}, {"a": [2]}, id="remove several items"),
    pytest.param({"a": {"x": 1}, "b": {}}, {"target": "$.b", "copy": "$.a"}, {"a": {"x": 1}, "b": {"x": 1}}, id="copy"),
    pytest.param({"a": [{"n": 1}, {"n": 2}]}, {"target": "$.a[?@.n == 2]", "update": {"m": 0}},
                 {"a": [{"n": 1}, {"n": 2, "m": 0}]}, id="filter"),
    pytest.param({"a": 1}, {"target": "$", "update": {"b": 2}}, {"a": 1, "b": 2}, id="root"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "action", "expected"), CASES)
def test_action(document: dict[str, Any], action: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each kind of action does what Overlay 1.1 says."""
    assert apply(document, action) == expected


def test_the_document_given_is_left_as_it_was() -> None:
    """Applying makes a copy."""
    document = {"a": {"b": 1}}
    apply(document, {"target": "$.a", "update": {"b": 2}})
    assert document == {"a": {"b": 1}}


def test_one_update_of_two_nodes_shares_nothing() -> None:
    """A later action on one node must not change the other."""
    shared = {"target": "$.a[*]", "update": {"list": [1]}}
    result = apply({"a": [{}, {}]}, shared, {"target": "$.a[0].list", "update": 2})
    assert result == {"a": [{"list": [1, 2]}, {"list": [1]}]}


def test_an_action_that_matches_nothing_is_returned() -> None:
    """Nothing is skipped in silence."""
    _, unmatched = apply_overlay({}, {"actions": [{"target": "$.a", "remove": True}]}, path="overlay.yaml")
    assert [(one.pointer, one.target) for one in unmatched] == [("/actions/0", "$.a")]


WRONG: list[Any] = [
    pytest.param({"update": {}}, "needs a target", id="no target"),
    pytest.param({"target": "$.a"}, "one of update, copy and remove", id="no change"),
    pytest.param({"target": "$.a", "update": {}, "remove": True}, "one of update, copy and remove", id="two changes"),
    pytest.param({"target": "a[", "update": {}}, "no JSONPath", id="no JSONPath"),
    pytest.param({"target": "$.a", "update": 1}, "cannot be updated", id="a text for an object"),
    pytest.param({"target": "$.a", "copy": "$.none"}, "exactly one node", id="copy of nothing"),
]


@pytest.mark.parametrize(("action", "problem"), WRONG)
def test_a_malformed_action_names_its_line(action: dict[str, Any], problem: str) -> None:
    """What is no action is refused with file, line and pointer."""
    overlay = {"actions": [action]}
    with pytest.raises(JudgementError, match=problem) as caught:
        apply_overlay({"a": {}}, overlay, path="overlay.yaml", lines={"/actions/0": 7})
    assert [(place.path, place.line, place.pointer) for place in caught.value.places] == [
        ("overlay.yaml", 7, "/actions/0")
    ]


def test_json_path_names_every_node_of_a_document_and_nothing_else() -> None:
    """Names that look like numbers, hold quotes, slashes or another script included."""
    document = {"paths": {"/v1/{id}": {"responses": {"200": [{"it's": 1}, "b\\"]}}}, "비": {"x-y": [[1]]}}
    for pointer, value in walk(document):
        path = json_path(document, pointer)
        if pointer:
            marked, unmatched = apply_overlay(document, {"actions": [{"target": path, "remove": True}]}, path="o")
            assert not unmatched, path
            assert len(list(walk(marked))) == len(list(walk(document))) - len(list(walk(value))), path
