"""YAML aliases: written out where a caller wants them, at the lines of what they name, and never without bounds."""

from __future__ import annotations

import pytest

from tools.errors import HostilePage
from tools.schema import yaml

SAMPLE = """\
a: &x [1, &y {b: 2}]
c: *x
d: *y
e:
  - *y
f: &z 3
g: *z
h: &q [*x, &x 5]
i: *q
j: *x
"""


def test_an_alias_is_what_it_names() -> None:
    """Nested, of a scalar, inside another anchored node, and of an anchor that was defined again."""
    found = yaml.read(SAMPLE, path="p", anchors=True)
    assert found.value == {
        "a": [1, {"b": 2}],
        "c": [1, {"b": 2}],
        "d": {"b": 2},
        "e": [{"b": 2}],
        "f": 3,
        "g": 3,
        "h": [[1, {"b": 2}], 5],
        "i": [[1, {"b": 2}], 5],
        "j": 5,
    }


def test_lines_are_those_of_the_named_node() -> None:
    """Evidence stands where the text stands; comments are counted once."""
    found = yaml.read("a: &x  # why\n  b: 1\nc: *x\n", path="p", first_line=10, anchors=True)
    assert (found.lines["/c"], found.lines["/c/b"], found.comments) == (12, 11, (10,))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: *y\n", "names nothing that is complete", id="nothing"),
        pytest.param("a: &x [*x]\n", "names nothing that is complete", id="itself"),
        pytest.param("a: &x [1]\nb: &x [*x]\n", "names nothing that is complete", id="again"),
        pytest.param(
            "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 2) if n else 'x'}]\n" for n in range(60)),
            "more than 60000 nodes",
            id="doubled-sixty-times",
        ),
        pytest.param(
            "".join(f"b{n}: &b{n} [{f'*b{n - 1}' if n else 'x'}]\n" for n in range(500)), "nest deeper", id="chain"
        ),
        pytest.param("".join(f"- &a{n} 1\n" for n in range(10_001)), "more than 10000 anchors", id="anchors"),
        pytest.param("a: &x !!str 1\nb: *x\n", "the tag", id="tag"),
        pytest.param("a: &x {b: 1}\nc:\n  <<: *x\n", "merge key", id="merge-key"),
        pytest.param("a: &x [1]\n? *x\n: 1\n", "a key that is a sequence", id="key"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    """Bombs end at the limits that all documents have; tags and merge keys stay refused."""
    with pytest.raises(HostilePage, match=message):
        yaml.read(text, path="p", anchors=True)


def test_without_being_asked_for_they_are_refused() -> None:
    """No other reader takes them."""
    with pytest.raises(HostilePage, match="anchors are not read"):
        yaml.read("a: &x 1\n", path="p")
