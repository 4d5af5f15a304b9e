"""tools.diff.facts: literals, numbers, addresses and musts, the same in every spelling and language."""

from __future__ import annotations

import time

import pytest

from tools.diff import contradictions
from tools.diff.facts import facts, link, read

EXTRACTED = [
    pytest.param("Default `10`, at most `[1, 15]`", [("code", "10"), ("code", "[1,15]")], id="code"),
    pytest.param('fixed to `"Sora-2"`', [("code", "sora-2")], id="quoted-code"),
    pytest.param("Example: `A golden cat running`, `고양이`", [], id="words-in-code"),
    pytest.param("2,000 tokens, 10MB, 0.50", [("number", "2000"), ("number", "10 MB"), ("number", "0.5")], id="n"),
    pytest.param("24시간, 24 小时, 24 hours, 24時間", [("number", "24 hour")], id="hours"),
    pytest.param("2万字", [("number", "20000")], id="ten-thousands"),
    pytest.param("1〜6枚", [("number", "1"), ("number", "6")], id="range"),
    pytest.param("wan2.6 writes mp4 in H.264", [], id="names"),
    pytest.param("not 127.0.0.1 or 172.16-31.x.x", [], id="hosts"),
    pytest.param("1. First\n2. then 30", [("number", "30")], id="numbered-list"),
    pytest.param('```json\n{"n": 4}\n```\nthen 5', [("number", "5")], id="fenced-code"),
    pytest.param("See [query](/ko/api-manual/x#절).", [("url", "/api-manual/x")], id="link"),
    pytest.param("https://a.io/ja/x/、次", [("url", "https://a.io/x")], id="url"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EXTRACTED)
def test_what_a_text_surely_states(text: str, expected: list[tuple[str, str]]) -> None:
    """Each fact once, in a value that is the same in every language."""
    assert [(fact.kind, fact.value) for fact in facts(text)] == expected


SAME = [
    pytest.param("2,000 characters", "２０００文字", id="full-width-and-separator"),
    pytest.param("20,000 characters", "2万字", id="ten-thousand"),
    pytest.param("1~6 images", "1-6枚", id="wave"),
    pytest.param("`3`–`10` seconds", "`3` 〜 `10` 秒", id="dashes"),
    pytest.param("`3-10`", "`3 ~ 10`", id="range-in-code"),
    pytest.param("24 hours", "24시간", id="korean-hours"),
    pytest.param("24 hours", "1日", id="day"),
    pytest.param("60 minutes", "1小时", id="minutes"),
    pytest.param("2048 KB", "2MB", id="size"),
    pytest.param("at most 3 retries", "three retries", id="word"),
    pytest.param("only 1 request", "一次", id="chinese-word"),
    pytest.param("2 times", "두 번", id="korean-word"),
    pytest.param("1 image", "하나의 이미지", id="korean-one"),
    pytest.param("`720p` only", "720pのみ", id="code-without-ticks"),
    pytest.param("on 2026-08-01", "August 1, 2026", id="date"),
    pytest.param("`[1, 15]`", "`[1,15]`", id="blanks-in-code"),
    pytest.param("(https://a.io/en/x)", "https://a.io/ko/x。", id="locale-of-an-address"),
    pytest.param("`10`%", "10%", id="number-in-code"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_facts_written_differently(one: str, other: str) -> None:
    """What the first states, the second states, too."""
    assert facts(one)
    assert [fact for fact in facts(one) if not read(other).states(fact)] == []


OTHER = [
    pytest.param("2048 characters", "1024 文字", id="number"),
    pytest.param("`10` seconds", "열 초", id="code-is-no-word"),
    pytest.param("`720p`", "`1080p`", id="code"),
    pytest.param("10MB", "10KB", id="unit"),
    pytest.param("24 hours", "24 days", id="time"),
    pytest.param("https://a.io/x", "https://a.io/y", id="url"),
    pytest.param("`image_url`", "`image_urls`", id="part-of-a-name"),
    pytest.param("5 images", "15枚", id="part-of-a-number"),
    pytest.param("4 images", "네트워크", id="part-of-a-word"),
]


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_facts_are_told_apart(one: str, other: str) -> None:
    """The second does not state what the first does."""
    assert [fact for fact in facts(one) if not read(other).states(fact)] != []


@pytest.mark.parametrize(
    ("text", "must"),
    [
        pytest.param("You must send it", {"must"}, id="en"),
        pytest.param("must not be sent", {"must not"}, id="en-not"),
        pytest.param("必填", {"must"}, id="cn"),
        pytest.param("指定できません", {"must not"}, id="ja"),
        pytest.param("필수이며 생략 불가", {"must", "must not"}, id="ko"),
        pytest.param("optional", {"optional"}, id="optional"),
        pytest.param("a `must` in code", set(), id="code"),
    ],
)
def test_musts_in_every_language(text: str, must: set[str]) -> None:
    """A small table per language; code says nothing of the kind."""
    assert read(text).musts == must


def test_a_link_loses_only_what_a_translation_may_change() -> None:
    """Locale, anchor and the slash at the end; the rest stays."""
    assert link("https://docs.a.io/zh-CN/api/x/#部分") == "https://docs.a.io/api/x"
    assert link("/api/x") == "/api/x"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"a{' ' * 200_000}b", id="blanks"),
        pytest.param("\n" * 200_000 + "1. x", id="lines"),
        pytest.param("9" * 100_000 + " hours, " + "9" * 10_000 + "k", id="digits"),
        pytest.param("`" * 3 + "x ` y `` " * 20_000, id="ticks"),
        pytest.param("- `a` (b) " * 20_000, id="rows"),
    ],
)
def test_hostile_texts_cost_no_time(text: str) -> None:
    """A page may hold anything; reading it stays near linear, and no number is too long."""
    started = time.process_time()
    assert all(read(text).states(fact) for fact in facts(text))
    contradictions({"description": f"Options: {text}", "enum": ["a"], "maxLength": 1, "type": "integer"})
    assert time.process_time() - started < 5
