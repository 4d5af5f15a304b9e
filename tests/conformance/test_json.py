"""The comparison that most checks stand on."""

from __future__ import annotations

from typing import Any

import pytest

from conformance._json import differences, follow, read_wire
from conformance._verdict import NonConformance


@pytest.mark.parametrize(
    ("expected", "actual", "found"),
    [
        pytest.param({"a": [1, "x", None]}, {"a": [1, "x", None]}, [], id="equal"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, [], id="member order"),
        pytest.param({"a": 6}, {"a": 6.0}, ["/a: expected 6, got 6.0"], id="int and float"),
        pytest.param({"a": 1}, {"a": True}, ["/a: expected 1, got true"], id="number and boolean"),
        pytest.param({"a": 1}, {}, ["/a: 1 is missing"], id="missing"),
        pytest.param({}, {"a/b": None}, ["/a~1b: null was added"], id="added, null too"),
        pytest.param([1, 2], [2, 1], ["/0: expected 1, got 2", "/1: expected 2, got 1"], id="array order"),
        pytest.param([1], [1, 2], ["/: expected 1 items, got 2"], id="array length"),
        pytest.param("a", "b", ['/: expected "a", got "b"'], id="root"),
    ],
)
def test_differences_are_strict(expected: Any, actual: Any, found: list[str]) -> None:
    """Types count, array order counts, member order does not."""
    assert list(differences(expected, actual)) == found


@pytest.mark.parametrize("content", [b'{"a": 1, "a": 1}', b'{"a": NaN}', b"{", b"\xff"])
def test_read_wire_is_strict(content: bytes) -> None:
    """What other parsers refuse must not pass as JSON here."""
    with pytest.raises(NonConformance):
        read_wire(content)


def test_follow_leads_through_arrays_and_escapes() -> None:
    """A pointer of a link may lead into an array."""
    assert follow({"data": [{"a/b": {"~": 7}}]}, "/data/0/a~1b/~0") == 7


def test_follow_says_where_it_ends() -> None:
    """A pointer that goes through text leads nowhere."""
    with pytest.raises(LookupError, match="goes through"):
        follow({"a": "text"}, "/a/b")
