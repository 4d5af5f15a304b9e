"""tools.report: changes for a pull request; what comes from pages is text and nothing else."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from tools.report import Comparison, render_comparisons
from tools.report._markdown import block, code, text

if TYPE_CHECKING:
    from markdown_it.token import Token

MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")
OURS = {"<!-- -->", "</details>"}


def tokens(markdown: str) -> list[Token]:
    """All tokens, those inside paragraphs too."""
    return [token for outer in MARKDOWN.parse(markdown) for token in (outer, *(outer.children or ()))]


TEXTS = (
    "<img src=x onerror=alert(1)>",
    "</details>",
    "[a](javascript:alert(1))",
    "![a](https://example.org)",
    "<https://example.org>",
    "`code` *em* __strong__ ~~gone~~ \\* &amp; &lt;",
    "# head",
    "- item",
    "+ item",
    "1. item",
    "2) item",
    "> quote",
    "===",
    "---",
    "a | b",
    "```\nfence",
    "line\n\n# head",
    "[ref]: https://example.org",
)


@pytest.mark.parametrize("value", TEXTS)
@pytest.mark.parametrize(
    "around", ["{}", "- {}", "**x** {}", "| a |\n|---|\n| {} |"], ids=["plain", "item", "after", "cell"]
)
def test_text_stays_text(value: str, around: str) -> None:
    """Whatever it holds, it adds no token of its own and reads as it was written."""
    found = tokens(around.format(text(value)))
    plain = tokens(around.format("x"))
    assert [one.type for one in found if one.type not in {"text", "html_inline", "text_special"}] == [
        one.type for one in plain if one.type not in {"text", "html_inline", "text_special"}
    ]
    assert {one.content for one in found if one.type == "html_inline"} <= OURS
    said = "".join(one.content for one in found if one.type in {"text", "text_special"})
    assert " ".join(value.split()) in said


@pytest.mark.parametrize("value", [*TEXTS, "`", "``", " `a` ", ""])
def test_code_stays_code(value: str) -> None:
    """One code span, whatever runs of backticks it holds."""
    (_, inline, _) = MARKDOWN.parse(f"a {code(value)} b")
    (span,) = [one for one in inline.children or () if one.type == "code_inline"]
    assert span.content.replace("\\|", "|").strip() == " ".join(value.split()).strip()


@pytest.mark.parametrize("value", [*TEXTS, "````\n~~~~\n`````"])
def test_a_block_ends_where_we_end_it(value: str) -> None:
    """No fence inside closes ours."""
    (fence, *rest) = MARKDOWN.parse(block(value, "json") + "\n\nafter")
    assert (fence.type, fence.content) == ("fence", value + "\n")
    assert [one.type for one in rest] == ["paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize(
    "value", ["@everyone", "owner#12", "GH-12", "https://example.org", "www.example.org", "f265b32", "a@example.org"]
)
def test_nothing_is_linked(value: str) -> None:
    """GitHub links mentions, issues, addresses and hashes in text; an empty comment parts each."""
    assert "<!-- -->" in text(value)
    assert text(value).replace("<!-- -->", "").replace("\\", "") == value


def test_the_whole_holds_only_our_markup(comparison: Comparison) -> None:
    """The rich set: folds open and close in pairs, and no other tag, link or image exists."""
    found = tokens(render_comparisons([comparison], "markdown"))
    html = [one.content.strip() for one in found if one.type in {"html_block", "html_inline"}]
    folds = [one for one in html if one.startswith("<details>")]
    assert len(folds) == html.count("</details>") == 7
    assert all(re.fullmatch(r"<details><summary>([^<]|<!-- -->)*</summary>", one) for one in folds)
    assert set(html) - set(folds) <= OURS
    assert not {one.type for one in found} & {"link_open", "image", "em_open", "s_open"}
    assert sum(one.type == "heading_open" for one in found) == 1


def test_the_table_counts_every_rule(comparison: Comparison) -> None:
    """One row per rule and level, worst first."""
    markdown = render_comparisons([comparison], "markdown")
    rows = [row for row in markdown.splitlines() if row.startswith("| 🔴")]
    assert rows == [
        "| 🔴 error | `enum-value-removed` | wire | 1 |",
        "| 🔴 error | `maximum-decreased` | wire | 1 |",
        "| 🔴 error | `operation-renamed` | sdk | 1 |",
    ]
    assert "A payload valid before, invalid after:" in markdown
    assert "Accepted until 2026-12-31: nobody sends it" in markdown


def test_it_fits_into_a_comment(comparison: Comparison) -> None:
    """Details end before GitHub's limit and say how many are missing; the table counts all."""
    one = comparison.changes[0]
    many = [dataclasses.replace(one, pointer=f"/components/schemas/S{index}") for index in range(2_000)]
    markdown = render_comparisons([dataclasses.replace(comparison, changes=many)], "markdown")
    assert len(markdown) < 65_536
    assert "| `maximum-decreased` | wire | 2000 |" in markdown
    assert re.search(r"_\d+ more groups of example did not fit", markdown)
