"""tools.diff: facts that one language of a page states and another does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.diff.translated import DOCUMENT, PROPERTY, page, said
from tools.diff import compare_languages
from tools.model import Prose

if TYPE_CHECKING:
    from tools.model import Change, Extracted

LOCALES = ("en", "cn", "ja", "ko")


def drift(*texts: str) -> tuple[Change, ...]:
    """What differs between descriptions in en, cn, ja and ko."""
    pages = [said(locale, text) for locale, text in zip(LOCALES, texts, strict=False)]
    return compare_languages(pages, LOCALES)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        pytest.param(
            ("Up to 2048 characters", "最多2048字符", "2048文字まで", "최대 글자 수"),
            "ko does not state 2048, en, cn and ja do (en:40, cn:40, ja:40, ko:40)", id="number",
        ),
        pytest.param(
            ("Up to `2048`", "最多`2048`", "最大`1024`", "최대 `2048`"),
            "ja does not state `2048`, en, cn and ko do; it states `1024` (en:40, cn:40, ja:40, ko:40)", id="code",
        ),
        pytest.param(
            ("See https://a.io/en/x", "见 https://a.io/cn/x", "参照 https://a.io/y", "참고 https://a.io/x"),
            "ja does not state https://a.io/en/x, en, cn and ko do; it states https://a.io/y "
            "(en:40, cn:40, ja:40, ko:40)", id="url",
        ),
        pytest.param(("At `1`/`2`/`4` s", "`1`/`2`/`4`秒", "`1`/`2`秒", "`1`/`2`/`4`초"), "ja does not state `4`",
                     id="retries"),
        pytest.param(("20MB", "20MB", "20KB", "20MB"), "ja does not state 20MB, en, cn and ko do; it states 20KB",
                     id="unit"),
        pytest.param(("", "长达 40 字", "40 文字", "40 자"), "en does not state 40", id="no-text-at-all"),
        pytest.param(("`a_b` or `c_d`", "`a_b`"), "cn does not state `c_d`, en does", id="of-two"),
        pytest.param(("`a_b`", "`a_b` 或 `c_d`"), "cn states `c_d`, en does not", id="of-two-added"),
    ],
)  # fmt: skip
def test_a_fact_that_one_language_lacks_is_a_warning(texts: tuple[str, ...], message: str) -> None:
    """The odd language is named, with what it states instead and the line on every page."""
    (change,) = drift(*texts)
    assert (change.rule, change.level) == ("locale-fact-missing", "warning")
    assert change.message.startswith(message)


def test_a_fact_in_the_place_of_another_is_a_warning() -> None:
    """Where all others state the same as often, one that says something else instead of it is no mere addition."""
    (change,) = drift("`5` to `9`, then `5`", "`5`-`9`,`5`", "`5`〜`9`、`5`", "`5`~`9`, `7`")
    assert (change.rule, change.level, change.locales) == ("locale-fact-replaced", "warning", ("ko",))
    assert change.message.startswith("ko states `7` where en, cn and ja state `5`")


def test_more_detail_in_other_places_replaces_nothing() -> None:
    """A language that states more in all, and one thing less often, is only more talkative."""
    (change,) = drift("`5` to `9`, then `5`", "`5`-`9`,`5`", "`5`〜`9`、`5`", "`5`~`9`, `.png`, `.jpg`")
    assert (change.rule, change.locales) == ("locale-fact-added", ("ko",))


def test_a_fact_that_only_one_language_states_is_information() -> None:
    """It may be the first to be up to date."""
    (change,) = drift("Length", "长度", "長さ", "길이, 최대 `2048`")
    assert (change.rule, change.level, change.locales) == ("locale-fact-added", "info", ("ko",))


def test_two_against_two_is_information() -> None:
    """Nobody can tell which of the two is right."""
    (change,) = drift("At most 60", "最多60", "長さ", "길이")
    assert (change.rule, change.level) == ("locale-fact-split", "info")
    assert change.message.startswith("en and cn state 60, ja and ko do not")


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(("Up to 2,000 characters", "最多２０００字符", "2千文字まで", "최대 2000자"), id="spelling"),
        pytest.param(("Valid for 24 hours", "有效期24小时", "24時間有効", "24시간 유효"), id="units"),
        pytest.param(("1~6 images", "1-6张", "1〜6枚", "1–6장"), id="ranges"),
        pytest.param(("Only once, three retries", "仅1次，重试3次", "1回のみ、リトライ3回", "한 번만, 세 번 재시도"),
                     id="words"),
        pytest.param(("See [q](/en/a/x)", "[查询](/cn/a/x)", "[照会](/ja/a/x)", "[조회](/ko/a/x)"), id="links"),
        pytest.param(("Defaults to `10`", "默认值", "デフォルト", "기본값"), id="the-schema-says-it"),
        pytest.param(("`duration` of the video", "时长", "長さ", "길이"), id="its-own-name"),
        pytest.param(("Such as `A cat runs`", "如 `一只猫`", "例 `猫`", "예 `고양이`"), id="sample-words"),
    ],
)  # fmt: skip
def test_the_same_facts_in_other_words_are_no_difference(texts: tuple[str, ...]) -> None:
    """Spellings, units, number words, locales of links, and what the node itself states beside its text."""
    assert drift(*texts) == ()


def _written(locale: str, *texts: tuple[str, str]) -> Extracted:
    prose = tuple(Prose(line=10 + at, role=role, text=text) for at, (role, text) in enumerate(texts))
    return page(locale, None, kind="prose", prose=prose)


def test_prose_outside_a_document_is_compared_piece_by_piece() -> None:
    """The line is the piece's own; code and icons state nothing."""
    pages = [
        _written("en", ("paragraph", "Wait 30 s"), ("code", "sleep 99"), ("card icon", "3"), ("list", "- at most 7")),
        _written("ko", ("paragraph", "30초 대기"), ("code", "sleep 11"), ("card icon", "4"), ("list", "- 최대 8")),
    ]
    (change,) = compare_languages(pages, LOCALES)
    assert (change.old.line, change.new.line, change.before, change.after) == (13, 13, ["7"], ["8"])


def test_prose_in_other_pieces_is_compared_as_a_whole() -> None:
    """A paragraph more in one language loses no fact."""
    same = [_written("en", ("paragraph", "30 s, 40 s")), _written("ko", ("paragraph", "30초"), ("paragraph", "40초"))]
    assert compare_languages(same, LOCALES) == ()
    other = [same[0], _written("ko", ("paragraph", "30초"), ("paragraph", "41초"))]
    assert [change.rule for change in compare_languages(other, LOCALES)] == ["locale-fact-missing"]


def test_another_kind_of_page_is_not_compared() -> None:
    """Facts of a page that is another page in one language would all differ."""
    pages = [_written("en", ("paragraph", "30")), page("ko", DOCUMENT)]
    assert [change.rule for change in compare_languages(pages, LOCALES)] == ["page-kind-differs"]


def test_a_node_that_a_language_lacks_is_a_matter_of_structure() -> None:
    """Its missing text is not reported again."""
    pages = [said("en", "at most 2048"), said("ja", "最大2048"), page("ko", {"openapi": "3.1.0"})]
    assert {change.rule for change in compare_languages(pages, LOCALES)} == {"member-missing"}
    assert PROPERTY not in {change.pointer for change in compare_languages(pages, LOCALES)}
