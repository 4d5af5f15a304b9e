"""tools.report: changes as one page; its behaviour in a browser is tested in tests/external."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from tools.report import Comparison, render_comparisons
from tools.report._values import aligned, visible

if TYPE_CHECKING:
    from collections.abc import Sequence


class Reader(HTMLParser):
    """Elements with their attributes, and the text of styles and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in {"script", "style", "title"} and data.strip():
            self.raw.append((self.elements[-1][0], data))


def read(page: str) -> Reader:
    """The page as a parser sees it."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def data(page: str) -> Any:
    """What the page's script reads."""
    (block, _) = [text for tag, text in read(page).raw if tag == "script"]
    return json.loads(block)


def test_hostile_text_adds_no_element(comparison: Comparison, nothing: Comparison) -> None:
    """The elements of a page are those of an empty one: everything else is data."""
    page = render_comparisons([comparison], "html")
    assert read(page).elements[9:] == read(render_comparisons([nothing], "html")).elements[9:]
    assert not {"img"} & {tag for tag, _ in read(page).elements}


def test_title_is_text() -> None:
    """Not even the title of a comparison can end the title of the page."""
    hostile = Comparison(title="</title><script>alert(1)</script>", old="a", new="b")
    reader = read(render_comparisons([hostile], "html"))
    assert [tag for tag, _ in reader.elements].count("script") == 2
    assert ("title", "What changed: </title><script>alert(1)</script>") in reader.raw


def test_policy_allows_only_our_own_style_and_script(comparison: Comparison) -> None:
    """By hash; nothing may be loaded, sent or framed."""
    reader = read(render_comparisons([comparison], "html"))
    policy = next(one["content"] or "" for _, one in reader.elements if one.get("http-equiv"))
    (style,) = [text for tag, text in reader.raw if tag == "style"]
    (_, script) = [text for tag, text in reader.raw if tag == "script"]
    for kind, text in (("style-src", style), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_nothing_points_outside(nothing: Comparison) -> None:
    """No address in the page itself, and no attribute that runs or styles."""
    page = render_comparisons([nothing], "html")
    assert not re.findall(r"https?:|//[a-z]|@import|url\(|innerHTML|eval\(", page)
    for _, attributes in read(page).elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_data_is_complete(comparison: Comparison) -> None:
    """Each change with both sides, witness and usages; equal usages stand once."""
    found = data(render_comparisons([comparison], "html"))
    assert len(found["changes"]) == 8
    change = found["changes"][1]
    assert change["before"] == '{\n  "type": "integer",\n  "maximum": 10\n}'
    assert change["after"] == '{\n  "type": "integer",\n  "maximum": 6\n}'
    assert change["witness"] == {
        "payload": '{\n  "model": "m",\n  "duration": 7\n}',
        "valid_before": True,
        "valid_after": False,
    }
    assert found["uses"][change["uses"]][0] == ["POST /v1/videos/0", "request"]
    assert len(found["uses"]) == 3
    assert found["changes"][-1]["accepted"] == {"reason": "nobody sends it", "until": "2026-12-31"}


def test_members_are_aligned() -> None:
    """After follows the order of before, at every depth; what is new comes last."""
    before = {"a": 1, "b": [{"x": 1, "y": 2}]}
    after = {"c": 3, "b": [{"y": 2, "x": 5}, 7], "a": 1}
    assert json.dumps(aligned(after, before)) == '{"a": 1, "b": [{"x": 5, "y": 2}, 7], "c": 3}'


def test_hidden_characters_are_shown() -> None:
    """Bidi, zero width, tags and shapeless letters; letters of all scripts stay."""
    assert visible("a\u202eb\u200bc\U000e0041d\u3164e") == "a⟨U+202E⟩b⟨U+200B⟩c⟨U+E0041⟩d⟨U+3164⟩e"
    assert visible("a\u200db") == "a⟨U+200D⟩b"
    assert visible("영상 ビデオ 视频 é שלום 👩\u200d💻\n\t") == "영상 ビデオ 视频 é שלום 👩\u200d💻\n\t"
