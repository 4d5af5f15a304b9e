"""The strict YAML reader: what it reads, what it refuses, and what that costs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tools.errors import HostilePage, JudgementError, PageError
from tools.schema import yaml
from tools.schema.yaml import Complaints, Limits, load, read

if TYPE_CHECKING:
    from tools.errors import ToolError

SCALARS = [
    pytest.param("16:9", "16:9", id="no sexagesimal number"),
    pytest.param("yes", "yes", id="yes is text"),
    pytest.param("off", "off", id="off is text"),
    pytest.param("1_000", "1_000", id="no underscores in numbers"),
    pytest.param("2026-01-01", "2026-01-01", id="no dates"),
    pytest.param("0o17", 15, id="octal"),
    pytest.param("0x1F", 31, id="hexadecimal"),
    pytest.param("010", 10, id="a leading zero is decimal"),
    pytest.param("-3", -3, id="negative"),
    pytest.param("1.50", 1.5, id="float"),
    pytest.param("1e3", 1000.0, id="exponent"),
    pytest.param("1.", 1.0, id="a point without digits behind"),
    pytest.param(".", ".", id="a point alone"),
    pytest.param("True", True, id="true"),
    pytest.param("null", None, id="null"),
    pytest.param("~", None, id="tilde"),
    pytest.param("''", "", id="quoted nothing"),
    pytest.param("'200'", "200", id="quoted number"),
    pytest.param("|-\n  a\n  b", "a\nb", id="literal block"),
    pytest.param(">-\n  a\n  b", "a b", id="folded block"),
    pytest.param('"\\u00e9\\n"', "é\n", id="escapes"),
    pytest.param('"日本\u200d語"', "日本\u200d語", id="a joiner among letters outside ASCII"),
]

REFUSED = [
    pytest.param("a: &x 1", HostilePage, 1, "anchor", id="anchor"),
    pytest.param("a: 1\nb: *x", HostilePage, 2, "alias", id="alias"),
    pytest.param("a: !!str 1", HostilePage, 1, "tag", id="tag"),
    pytest.param("a: ! 1", HostilePage, 1, "tag", id="tag that names nothing"),
    pytest.param("%TAG ! x:\n---\na: 1", HostilePage, 1, "%TAG", id="tag directive"),
    pytest.param("a:\n  <<: {b: 1}", HostilePage, 2, "merge", id="merge key"),
    pytest.param("a: 1\nb: 2\na: 3", HostilePage, 3, "lines 1 and 3", id="duplicate key"),
    pytest.param("200: a\n'200': b", HostilePage, 2, "lines 1 and 2", id="duplicate key, differently spelled"),
    pytest.param("a: 1\n---\nb: 2", HostilePage, 2, "second", id="two documents"),
    pytest.param("? [a]\n: 1", HostilePage, 1, "key", id="a sequence as key"),
    pytest.param("? {a: 1}\n: 1", HostilePage, 1, "key", id="a mapping as key"),
    pytest.param("'a\tb': 1", HostilePage, 1, "tab", id="a key with a tab"),
    pytest.param('x: 1\n"a\\nb": 1', HostilePage, 2, "line end", id="a key with a line end"),
    pytest.param("{? : 1}", HostilePage, 1, "key", id="a key without text"),
    pytest.param("a: .inf", HostilePage, 1, ".inf", id="infinity"),
    pytest.param("a: -.Inf", HostilePage, 1, "-.Inf", id="negative infinity"),
    pytest.param("a: .nan", HostilePage, 1, ".nan", id="not a number"),
    pytest.param("a: 1e999", HostilePage, 1, "float", id="beyond a float"),
    pytest.param("a: " + "9" * 5000, HostilePage, 1, "5000", id="a number of 5,000 digits"),
    pytest.param("a: 0x" + "f" * 5000, HostilePage, 1, "5000", id="a hexadecimal number of 5,000 digits"),
    pytest.param('x: 1\na: "\\u202e"', HostilePage, 2, "U+202E", id="an escaped bidirectional control"),
    pytest.param('"\\0": 1', HostilePage, 1, "U+0000", id="an escaped control in a key"),
    pytest.param('a: "e\\u0301"', HostilePage, 1, "normal form", id="an escaped combining mark"),
    pytest.param('a: "\\ud800"', PageError, 1, "Unicode", id="an escaped surrogate"),
    pytest.param("x: 1\na: \u202e", HostilePage, 2, "U+202E", id="a bidirectional control"),
    pytest.param("a: \u200b", HostilePage, 1, "U+200B", id="a zero-width space"),
    pytest.param("a: x\u200dy", HostilePage, 1, "U+200D", id="a joiner inside an ASCII name"),
    pytest.param("a: \u2028", HostilePage, 1, "U+2028", id="a line separator"),
    pytest.param("a: \ud800", HostilePage, 1, "U+D800", id="a lone surrogate"),
    pytest.param("a: [1", PageError, 1, "not YAML", id="an open bracket"),
    pytest.param("a: b: c", PageError, 1, "not YAML", id="two colons"),
    pytest.param("", PageError, 1, "no YAML document", id="nothing"),
    pytest.param("# only a comment", PageError, 1, "no YAML document", id="a comment alone"),
    pytest.param("x" * 1001 + ": 1", HostilePage, 1, "key", id="a key of 1,001 characters"),
]

DEEP = [
    pytest.param("'['*100_000", id="flow sequences"),
    pytest.param("'{a: '*100_000", id="flow mappings"),
    pytest.param("'- '*100_000", id="block sequences in a row"),
    pytest.param("'? '*100_000", id="keys inside keys"),
    pytest.param("''.join(' '*i + 'a:\\n' for i in range(2_000))", id="block mappings, 2,000 deep in 2 MB"),
    pytest.param("'a: [' + 'x,'*900_000 + 'x]'", id="900,000 nodes"),
    pytest.param("'x: ' + ''.join('{' + 'k'*900 + ': ' for _ in range(90)) + '[' + '1,'*50_000 + '1]' + '}'*90",
                 id="long keys, deep, over many leaves"),
    pytest.param("'a0: &a0 [x, x]\\n' + ''.join(f'a{i}: &a{i} [*a{i-1}, *a{i-1}]\\n' for i in range(1, 60))",
                 id="alias bomb"),
]  # fmt: skip

PROBE = """
import json, sys, time
from tools.errors import HostilePage
from tools.schema import yaml
text = eval(sys.argv[1])
before = time.process_time()
try:
    yaml.load(text, path="x")
    outcome = "read"
except HostilePage:
    outcome = "refused"
seconds = time.process_time() - before
# Not getrusage: its maximum counts the parent's memory too, which a child has until it starts its own program.
peak = next(int(row.split()[1]) for row in open("/proc/self/status") if row.startswith("VmHWM"))
print(json.dumps([outcome, seconds, peak / 1024]))
"""


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    """YAML 1.2: a ratio is text, and so is everything else that only YAML 1.1 takes for something."""
    found = load(f"- {text}\n", path="x")[0]
    assert found == [value]
    assert type(found[0]) is type(value)


def test_unquoted_keys_are_the_text_they_are_spelled_with() -> None:
    """A response code needs no quotes, and a `true` or `null` is a name like any other."""
    assert load("200: a\ntrue: b\nnull: c\n0x10: d\n", path="x")[0] == {
        "200": "a",
        "true": "b",
        "null": "c",
        "0x10": "d",
    }


def test_a_quoted_merge_key_is_a_name() -> None:
    """Only the bare `<<` would merge."""
    assert load("'<<': 1", path="x")[0] == {"<<": 1}


def test_every_pointer_has_its_line() -> None:
    """A mapping's value has its key's line, an item its own; lines count from `first_line`."""
    text = "a:\n  b/c:\n    - 1\n    - x: >-\n        long\n        text\n      y: 2\n"
    assert load(text, path="x", first_line=10)[1] == {
        "": 10, "/a": 10, "/a/b~1c": 11, "/a/b~1c/0": 12, "/a/b~1c/1": 13, "/a/b~1c/1/x": 13, "/a/b~1c/1/y": 16,
    }  # fmt: skip


def test_order_of_keys_stays() -> None:
    """Nothing is sorted."""
    assert list(load("b: 1\na: 2\nc: 3\n", path="x")[0]) == ["b", "a", "c"]


@pytest.mark.parametrize(("text", "error", "line", "words"), REFUSED)
def test_refusals_name_the_place(text: str, error: type[ToolError], line: int, words: str) -> None:
    """What is not read is refused with path and line, and says what it is."""
    with pytest.raises(error) as caught:
        load(text, path="pages/x.md")
    assert type(caught.value) is error
    assert caught.value.places[0].path == "pages/x.md"
    assert caught.value.places[0].line == line
    assert words in str(caught.value)


def test_a_duplicate_key_has_its_pointer() -> None:
    """The message leads to the node, not only to the line."""
    with pytest.raises(HostilePage) as caught:
        load("a:\n  - b: 1\n    b: 2\n", path="x", first_line=5)
    assert caught.value.places[0].pointer == "/a/0/b"
    assert "lines 6 and 7" in caught.value.problem


def test_the_reader_complains_as_it_is_told() -> None:
    """An overlay with an alias is a wrong judgement, not a hostile page."""
    complaints = Complaints(hostile=JudgementError, broken=JudgementError)
    for text in ("a: *x", "a: [", "a: 1\na: 1"):
        with pytest.raises(JudgementError):
            load(text, path="overlay.yaml", complaints=complaints)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        pytest.param("[[[1]]]", Limits(depth=2), id="depth"),
        pytest.param("[1, 2, 3]", Limits(nodes=3), id="nodes"),
        pytest.param("abcd", Limits(scalar=3), id="scalar"),
        pytest.param("abcd: 1", Limits(key=3), id="key"),
        pytest.param("1234", Limits(digits=3), id="digits"),
        pytest.param("[[1, 2, 3]]", Limits(pointers=10), id="pointers"),
    ],
)
def test_limits_hold(text: str, limits: Limits) -> None:
    """Each limit refuses what is one step beyond it, and only that."""
    load(text, path="x")
    with pytest.raises(HostilePage):
        load(text, path="x", limits=limits)


def test_comments_are_known_by_their_lines() -> None:
    """A comment is no part of the value, so whoever must lose nothing is told; a `#` inside text is none."""
    text = "a: 'x # y' # one\nb: >-\n  text # no\n  more\n# two\nc: a#b\nd: \"p\n  q # no\"\ne: [1, # three\n  2]\n"
    assert read(text, path="x", first_line=1).comments == (1, 5, 9)


@pytest.mark.parametrize("expression", DEEP)
def test_hostile_documents_cost_little(expression: str) -> None:
    """Refused within a second of processor time and 200 MB, with nothing of it kept on the stack."""
    outcome, seconds, megabytes = probe(expression)
    assert outcome == "refused"
    assert seconds < 1.0
    assert megabytes < 200


def probe(expression: str) -> list[Any]:
    """Outcome, seconds and peak megabytes of loading a text in a process of its own."""
    command = (sys.executable, "-c", PROBE, expression)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    measured: list[Any] = json.loads(done.stdout)
    return measured


def test_public_names() -> None:
    """What other parts import from here."""
    assert yaml.__all__ == ["Complaints", "Limits", "Loaded", "load", "read"]
