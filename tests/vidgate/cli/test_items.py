"""The file of a batch: what could be read in two ways is refused, and what JSON and CSV allow is taken."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from vidgate.cli._items import read_items
from vidgate.cli._problems import UsageProblem

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "gemini-omni-flash-text-to-video"


def line(**more: Any) -> str:
    """One item as JSON, letters as they are."""
    return json.dumps({"item": "a", "model": MODEL, "prompt": "x", **more}, ensure_ascii=False)


def read(tmp_path: Path, name: str, content: bytes) -> list[tuple[str, Any]]:
    """The names and bodies in a file."""
    path = tmp_path / name
    path.write_bytes(content)
    return [(item, request.body) for item, request in read_items(str(path), None)]


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\u0085"], ids=ascii)
def test_a_break_that_only_unicode_knows_is_a_letter(tmp_path: Path, odd: str) -> None:
    """JSON allows it within text, so it does not end a line."""
    ((_, body),) = read(tmp_path, "in.jsonl", line(prompt=f"one{odd}two").encode())
    assert body["prompt"] == f"one{odd}two"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without", "with"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=ascii)
def test_editors_of_windows_are_understood(tmp_path: Path, mark: bytes, end: str) -> None:
    """A byte order mark and carriage returns say nothing, nor do empty lines."""
    text = end.join((line(), "", line(item="b"), ""))
    assert [name for name, _ in read(tmp_path, "in.jsonl", mark + text.encode())] == ["a", "b"]
    table = end.join(("item,model,prompt", f'a,{MODEL},"one, ""two""', 'three"', "", f"b,{MODEL},x", ""))
    items = read(tmp_path, "in.csv", mark + table.encode())
    assert [name for name, _ in items] == ["a", "b"]
    assert items[0][1]["prompt"] == 'one, "two"\nthree'


def test_a_byte_order_mark_comes_through_a_pipe_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is decoded before it is read here."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeff" + line()))
    assert [name for name, _ in read_items("-", None)] == ["a"]


REFUSED = {
    "a line that is cut off": ("in.jsonl", f"{line()}\n{line()[:20]}\n", "line 2 is not valid JSON"),
    "a member twice": ("in.jsonl", line().replace('"prompt"', '"prompt": "y", "prompt"'), "'prompt' is there twice"),
    "an item twice": ("in.jsonl", f"{line()}\n{line()}", "line 2: the item 'a' is there twice"),
    "a number of 5,000 digits": ("in.jsonl", line().replace('"x"', "9" * 5000), "not valid JSON"),
    "brackets without end": ("in.jsonl", "[" * 100_000, "not valid JSON"),
    "a column twice": ("in.csv", f"item,model,prompt,prompt\na,{MODEL},x,y\n", "twice, or empty"),
    "a column without a name": ("in.csv", f"item,model,,prompt\na,{MODEL},x,y\n", "twice, or empty"),
    "a quote that never ends": ("in.csv", f'item,model,prompt\na,{MODEL},"x\n', "is no CSV"),
    "a name of blanks": ("in.jsonl", line(item=" "), "names no item"),
    "a cell too many": ("in.csv", f"item,model,prompt\na,{MODEL},x,y\n", "more or fewer cells"),
    "a cell too few": ("in.csv", f"item,model,prompt\na,{MODEL}\n", "more or fewer cells"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_doubtful_is_refused(tmp_path: Path, name: str) -> None:
    """With the file and the line, before anything is sent."""
    file, text, message = REFUSED[name]
    with pytest.raises(UsageProblem) as caught:
        read(tmp_path, file, text.encode())
    assert message in caught.value.message
    assert file in caught.value.message
