"""Which characters text may carry."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from tools.schema.characters import MARKS_IN_A_ROW, normal, refused

WELCOME = [
    pytest.param("a\tb\nc\r\nd", id="tab and line ends"),
    pytest.param("한국어 日本語 中文 Ünïcödé", id="scripts"),
    pytest.param("⚠️ 👍🏽", id="variation selector and skin tone"),
    pytest.param("👨\u200d👩\u200d👧", id="a joined emoji"),
    pytest.param("می\u200cخواهم", id="a Persian non-joiner"),
    pytest.param("e" + "\u0301" * MARKS_IN_A_ROW, id="as many marks as may be"),
]
UNWELCOME = [
    pytest.param("ab\u202ec", 2, "U+202E RIGHT-TO-LEFT OVERRIDE", id="override"),
    pytest.param("a\u2066", 1, "U+2066", id="isolate"),
    pytest.param("a\u200b", 1, "U+200B", id="zero-width space"),
    pytest.param("x\u200dy", 1, "U+200D", id="joiner between ASCII"),
    pytest.param("한\u200dy", 1, "U+200D", id="joiner before ASCII"),
    pytest.param("\u200d한", 0, "U+200D", id="joiner at the start"),
    pytest.param("한\u200c", 1, "U+200C", id="non-joiner at the end"),
    pytest.param("a\ufeffb", 1, "U+FEFF", id="byte order mark inside"),
    pytest.param("a\x00", 1, "U+0000", id="null"),
    pytest.param("a\x85", 1, "U+0085", id="next line"),
    pytest.param("a\u2028", 1, "U+2028", id="line separator"),
    pytest.param("a\rb", 1, "U+000D", id="a carriage return alone"),
    pytest.param("\udc80", 0, "U+DC80", id="surrogate"),
    pytest.param("\uffff", 0, "U+FFFF", id="noncharacter"),
    pytest.param("\U0010ffff", 0, "U+10FFFF", id="the last noncharacter"),
    pytest.param("\U000e0041", 0, "U+E0041", id="tag letter"),
    pytest.param("e" + "\u0301\u0316" * 16, 1, "30 combining marks", id="too many marks"),
]


@pytest.mark.parametrize("text", WELCOME)
def test_honest_text_is_welcome(text: str) -> None:
    """No script is turned away."""
    assert refused(text) is None


@pytest.mark.parametrize(("text", "index", "what"), UNWELCOME)
def test_misleading_text_is_refused_with_its_place(text: str, index: int, what: str) -> None:
    """The first bad character is named by number, never printed."""
    found = refused(text)
    assert found is not None
    assert found.index == index
    assert what in found.what
    assert re.fullmatch(r"[\x20-\x7e]*", found.what)


def test_every_format_and_control_character_is_refused() -> None:
    """The list is complete for the Unicode version of this Python."""
    kept = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp") and refused(f"a{chr(code)}a") is None
    ]
    assert kept == ["U+0009", "U+000A"]


@pytest.mark.parametrize("before", range(MARKS_IN_A_ROW + 2))
def test_a_long_run_of_marks_is_found_wherever_it_begins(before: int) -> None:
    """Few places are looked at first, and no run fits between them."""
    found = refused("한" * before + "\u0301" * (MARKS_IN_A_ROW + 1) + "글" * 5)
    assert found is not None
    assert found.index == before


def test_normal_form_is_composed() -> None:
    """Decomposed Hangul and accents become the letters people type."""
    assert normal("\u1112\u1161\u11ab e\u0301") == "한 é"
