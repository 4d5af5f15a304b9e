"""Descriptions are neutralised, and our sentences are put after them."""

from __future__ import annotations

import pytest

from tools.generate.phrases import PHRASES, listed, neutral, phrases, sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param('a """ b', "a ''' b", id="triple-quotes"),
        pytest.param('""""', "'''\"", id="four-quotes"),
        pytest.param("a\u202eb\u200bc", "abc", id="format-characters"),
        pytest.param("a\x00b\x1b[1m", "ab[1m", id="control-characters"),
        pytest.param("a\tb\u2028c", "a b c", id="white-space-that-breaks-lines"),
        pytest.param("a\ud800b", "ab", id="lone-surrogate"),
        pytest.param("a \r\n\nb\r", "a\n\nb", id="line-ends"),
        pytest.param("ends with \\", "ends with \\", id="backslash-is-the-generators"),
        pytest.param(None, "", id="none"),
        pytest.param(["list"], "", id="no-text"),
    ],
)
def test_neutral(text: object, expected: str) -> None:
    """What is left can only be read."""
    assert neutral(text) == expected


@pytest.mark.parametrize(
    ("text", "additions", "expected"),
    [
        pytest.param("Length.", ["Default at the server: 1."], "Length. Default at the server: 1.", id="one-line"),
        pytest.param("Length", ["D."], "Length. D.", id="missing-full-stop"),
        pytest.param("長さ。", ["D."], "長さ。 D.", id="japanese-full-stop"),
        pytest.param("One\n\ntwo", ["D."], "One\n\ntwo\n\nD.", id="paragraph"),
        pytest.param("", ["A.", "", "B."], "A. B.", id="no-description"),
        pytest.param("Length", [], "Length", id="nothing-to-add"),
    ],
)
def test_sentence(text: str, additions: list[str], expected: str) -> None:
    """Additions follow on the line of a short description and as a paragraph after a long one."""
    assert sentence(text, additions=additions) == expected


def test_values_are_shown_as_json() -> None:
    """A value can neither end the docstring nor break its line."""
    assert listed([4, "auto", 'a"""b', "c\nd"]) == '4, "auto", "a\\"\\"\\"b", "c\\nd"'


@pytest.mark.parametrize("locale", PHRASES)
def test_every_phrase_has_one_gap(locale: str) -> None:
    """No language forgets the value."""
    words = phrases(locale)
    assert all(phrase.count("{}") == 1 for phrase in (words.default, words.one_of, words.accepted, words.known))


def test_other_languages_fall_back_to_english() -> None:
    """A locale that we have no phrases for gets English ones."""
    assert phrases("de") is phrases(None) is PHRASES["en"]
