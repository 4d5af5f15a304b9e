"""tools.schema.common: what two documents have in common is one object."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tools.schema.common import apart, share

if TYPE_CHECKING:
    from tools.model import Json

OLD: dict[str, Any] = {
    "same": {"a": [1, {"b": None}]},
    "changed": {"kept": {"x": 1}, "other": {"x": 1}, "rows": [{"r": 0}, {"r": 1}]},
    "gone": {"x": 1},
}
NEW: dict[str, Any] = {
    "come": {"x": 1},
    "same": {"a": [1, {"b": None}]},
    "changed": {"other": {"x": 2}, "kept": {"x": 1}, "rows": [{"r": 0}, {"r": 2}, {"r": 1}]},
}


def test_equal_parts_become_one_object() -> None:
    """Objects and rows that equal their counterpart are that very one; the value and both inputs stay as they were."""
    old, new = copy.deepcopy((OLD, NEW))
    shared = share(old, new)
    assert (old, new, shared) == (OLD, NEW, NEW)
    assert list(shared) == list(NEW)
    assert shared["same"] is old["same"]
    assert shared["changed"]["kept"] is old["changed"]["kept"]
    assert shared["changed"]["rows"][0] is old["changed"]["rows"][0]
    assert shared["changed"]["rows"][2] is not old["changed"]["rows"][1]
    assert shared["changed"]["other"] is not old["changed"]["other"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"x": [True]}, {"x": [1]}, id="true-is-not-1"),
        pytest.param({"x": [False]}, {"x": [0]}, id="false-is-not-0"),
        pytest.param({"x": [1, 2]}, {"x": [2, 1]}, id="order-of-a-list"),
        pytest.param({"x": [2**70]}, {"x": [2**70 + 1]}, id="numbers-beyond-64-bits"),
        pytest.param({"x": [None]}, {"x": {}}, id="list-and-object"),
    ],
)
def test_what_differs_is_not_shared(old: Json, new: Json) -> None:
    """What Python calls equal need not be equal JSON."""
    shared = share(old, new)
    assert shared["x"] is not old["x"]
    assert repr(shared) == repr(new)
    assert [pointer for pointer, _ in apart(shared, old)][:2] == ["", "/x"]


def test_order_of_members_is_nothing() -> None:
    """The same object, written in another order, is the same."""
    old: Json = {"x": {"a": 1, "b": 2}}
    assert share(old, {"x": {"b": 2, "a": 1}}) is old


def test_only_what_differs_is_walked() -> None:
    """Parents first, in document order; without a document beside it, everything."""
    shared = share(OLD, NEW)
    assert [pointer for pointer, value in apart(shared, OLD) if isinstance(value, dict)] == [
        "", "/come", "/changed", "/changed/other", "/changed/rows/1", "/changed/rows/2",
    ]  # fmt: skip
    assert [pointer for pointer, _ in apart(shared, shared)] == []
    assert dict(apart({"a": [None, {}]})) == {"": {"a": [None, {}]}, "/a": [None, {}], "/a/0": None, "/a/1": {}}
