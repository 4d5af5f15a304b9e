"""Fences and tags, as they stand on pages and as no page should have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from tools.errors import HostilePage, PageError
from tools.extract._scan import MAX_DEPTH, MAX_TAGS, Block, Expression, Fence, Scanned, Tag, TextRun, fences, scan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Page

    MakePage: TypeAlias = Callable[[str], Page]
    Scan: TypeAlias = Callable[[str], Scanned]


@pytest.fixture
def scanned(make_page: MakePage) -> Scan:
    """The blocks of a text."""

    def scan_text(text: str) -> Scanned:
        page = make_page(text)
        rows = text.split("\n")
        return scan(page, rows, 1, fences(page, rows))

    return scan_text


def shape(block: Block) -> object:
    """A block as plain data: tags as name and children, fences as info and text, text as its rows."""
    if isinstance(block, Tag):
        return (block.name, *(shape(child) for child in block.children))
    return (block.info, block.text) if isinstance(block, Fence) else list(block.rows)


SHAPES = [
    pytest.param("<A>\n  x\n</A>", [("A", ["  x"])], id="block"),
    pytest.param("<A>x</A>", [("A", ["x"])], id="one line"),
    pytest.param("<A><B>x</B></A>", [("A", ("B", ["x"]))], id="two on a line"),
    pytest.param("<A>\nx</A>y", [("A", ["x"]), ["y"]], id="text behind"),
    pytest.param("<A />", [("A",)], id="self-closing"),
    pytest.param("a <A> b", [["a <A> b"]], id="a tag in running text"),
    pytest.param("<div>\n<br/>\n</div>", [["<div>", "<br/>", "</div>"]], id="lower case is text"),
    pytest.param("use `<A>` or <token>", [["use `<A>` or <token>"]], id="code spans"),
    pytest.param("<A>\n```x\n<B>\n```\n</A>", [("A", ("x", "<B>"))], id="tags inside a fence"),
    pytest.param("<A>\n  ```x\n    y\n  z\n  ```\n</A>", [("A", ("x", "  y\nz"))], id="an indented fence"),
    pytest.param("````x\n```\ny\n```\n````", [("x", "```\ny\n```")], id="a fence inside a longer one"),
    pytest.param("~~~\n```\n~~~", [("", "```")], id="tildes"),
    pytest.param("```a`b\n```\nx\n```", [["```a`b"], ("", "x")], id="a back-tick in the info string is no fence"),
    pytest.param("<A>\n<B>\nx\n</A>", [("A", ["x"])], id="an element that is never closed"),
    pytest.param("<A\n  a='1'\n>x</A>", [("A", ["x"])], id="a head of three rows"),
]


@pytest.mark.parametrize(("text", "blocks"), SHAPES)
def test_blocks_nest_as_they_stand(scanned: Scan, text: str, blocks: list[object]) -> None:
    """Fences first, then tags at the beginning of rows, then text."""
    assert [shape(block) for block in scanned(text).blocks] == blocks


def test_attributes_in_any_form_and_order(scanned: Scan) -> None:
    """Quotes of both kinds, bare flags, JSON in braces, and expressions that are none."""
    (tag,) = scanned(
        '<A b="x > y" required c=\'<T>\' d={6} e={["a", {"b": 1}]} f={a => `}`} g = "&lt;" data-h />'
    ).blocks
    assert isinstance(tag, Tag)
    assert tag.attributes == {
        "b": "x > y", "required": True, "c": "<T>", "d": 6, "e": ["a", {"b": 1}], "f": Expression(source="a => `}`"),
        "g": "<", "data-h": True,
    }  # fmt: skip


def test_lines_of_a_tag(scanned: Scan) -> None:
    """Head, children and closing tag know where they stand."""
    (tag,) = scanned('\n<A\n  b="1"\n  c>\n\n  text\n\n  more\n  ```x\n  y\n  ```\n</A>').blocks
    assert isinstance(tag, Tag)
    text, fence = tag.children
    assert (tag.first, tag.head_last, tag.last) == (2, 4, 12)
    assert isinstance(text, TextRun)
    assert (text.first, text.last) == (6, 8)
    assert isinstance(fence, Fence)
    assert (fence.first, fence.last) == (9, 11)


@pytest.mark.parametrize(
    ("text", "nonsense"),
    [
        pytest.param("</A>", [(1, 1, "</A> closes nothing")], id="closes nothing"),
        pytest.param("x\n<A>", [(2, 2, "<A> is never closed")], id="never closed"),
        pytest.param("<A>\n<B>\n</A>", [(2, 2, "<B> is never closed")], id="closed by its parent"),
        pytest.param('<A b="\nc\n\nd', [(1, 2, "the tag <A> does not end")], id="a head without end"),
        pytest.param(
            "<A b={1\n</A>", [(1, 1, "the value of b does not end"), (2, 2, "</A> closes nothing")], id="brace"
        ),
        pytest.param("<A b='1' b='2' />", [(1, 1, "the attribute b stands twice")], id="an attribute twice"),
        pytest.param("</A x>", [(1, 1, "a closing tag that does not end")], id="a strange closing tag"),
    ],
)
def test_nonsense_has_its_lines(scanned: Scan, text: str, nonsense: list[tuple[int, int, str]]) -> None:
    """What makes no sense is neither dropped nor guessed at."""
    assert list(scanned(text).nonsense) == nonsense


@pytest.mark.parametrize(
    ("info", "language", "label"),
    [
        ("bash cURL theme={null}", "bash", "cURL"),
        ("json 200 - 성공 theme={null} expandable", "json", "200 - 성공 expandable"),
        ('JSON 200 icon="x" wrap', "json", "200 wrap"),
        ("json theme={null}", "json", ""),
        ("", "", ""),
    ],
)
def test_labels_without_flags(info: str, language: str, label: str) -> None:
    """The exporter adds flags to every fence; they say nothing."""
    fence = Fence(first=1, last=2, mark="```", info=info, rows=())
    assert (fence.language, fence.label) == (language, label)


def test_a_fence_without_end_is_an_error(scanned: Scan) -> None:
    """The page was cut off, and nobody knows what is missing."""
    with pytest.raises(PageError, match="never closed") as caught:
        scanned("x\n```json\n{}")
    assert caught.value.places[0].line == 2


def test_depth_and_number_of_tags_are_bounded(scanned: Scan) -> None:
    """Real pages stay far below both."""
    scanned("<A>\n" * MAX_DEPTH)
    with pytest.raises(HostilePage, match="deeper"):
        scanned("<A>\n" * (MAX_DEPTH + 1))
    scanned("<A/>" * MAX_TAGS)
    with pytest.raises(HostilePage, match="more than"):
        scanned("<A/>" * (MAX_TAGS + 1))
