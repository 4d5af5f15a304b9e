"""The strict JSON reader: the same values as the standard library, and everything else refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.errors import HostilePage, PageError
from tools.schema import characters
from tools.schema.jsontext import load

TEXTS = st.text().filter(lambda text: characters.refused(text) is None).map(characters.normal)
KEYS = TEXTS.map(lambda text: " ".join(text.split()))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda children: st.lists(children) | st.dictionaries(KEYS, children),
    max_leaves=20,
)

BROKEN = [
    "", " ", "[1,]", "{}x", "NaN", "Infinity", "-", "01", "1.", ".5", "+1", "'a'", '{"a" 1}', '{"a":1]', "[}",
    "[1 2]", '{"a":}', '{"a":1,}', "{a:1}", '"a', '"\t"', '"\\x"', "tru", "truex", "[", "{", '{"a":1', "// a\n1",
    "1 2", "}", ",", "1a",
]  # fmt: skip

HOSTILE = [
    pytest.param('{"a":1,\n"a":2}', 2, "lines 1 and 2", id="duplicate key"),
    pytest.param('{"a":1,\n"b\\nc":2}', 2, "line end", id="a key with a line end"),
    pytest.param('{"a":1,"\\u0061":2}', 1, "stands twice", id="duplicate key, escaped"),
    pytest.param("[1e999]", 1, "float", id="beyond a float"),
    pytest.param("1" * 5000, 1, "5000", id="5,000 digits"),
    pytest.param('["a",\n"\\ud800"]', 2, "U+D800", id="an escaped lone surrogate"),
    pytest.param('"\\u202e"', 1, "U+202E", id="an escaped bidirectional control"),
    pytest.param('"\u202e"', 1, "U+202E", id="a bidirectional control"),
    pytest.param('"\\u0000"', 1, "U+0000", id="an escaped control"),
    pytest.param('"e\\u0301"', 1, "normal form", id="an escaped combining mark"),
    pytest.param("[" * 100_000, 1, "deeper", id="100,000 lists"),
    pytest.param('{"a":' * 100_000, 1, "deeper", id="100,000 objects"),
]


@given(VALUES, st.sampled_from([None, 0, 2]))
def test_reads_what_the_standard_library_writes(value: object, indent: int | None) -> None:
    """Every JSON value comes back as it is, and every pointer has a line."""
    text = json.dumps(value, indent=indent)
    found, lines = load(text, path="x")
    assert found == value
    assert lines[""] == 1
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


def test_lines_are_the_keys() -> None:
    """A member has its key's line, an item its own."""
    assert load('{\n"a":\n[1,\n2]}', path="x", first_line=7)[1] == {"": 7, "/a": 8, "/a/0": 9, "/a/1": 10}


@pytest.mark.parametrize("text", BROKEN)
def test_refuses_what_is_not_json(text: str) -> None:
    """No extension of JSON is read: no comments, trailing commas, bare keys, NaN."""
    with pytest.raises(PageError) as caught:
        load(text, path="x")
    assert type(caught.value) is PageError


@pytest.mark.parametrize(("text", "line", "words"), HOSTILE)
def test_refuses_what_json_should_not_hold(text: str, line: int, words: str) -> None:
    """Valid JSON may still be hostile; the place is named."""
    with pytest.raises(HostilePage) as caught:
        load(text, path="x")
    assert caught.value.places[0].line == line
    assert words in caught.value.problem
