"""tools.diff.prose: a description that alters a fact is more than reworded."""

from __future__ import annotations

import pytest

from tests.tools.diff.translated import DOCUMENT, PROPERTY, edited, page, said
from tools.diff import compare_page_prose, compare_prose, texts_of
from tools.model import Prose

AT = f"{PROPERTY}/description"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("up to 5 images", "up to 9 images", "the text states 9 instead of 5 in en", id="number"),
        pytest.param("`std` or `pro`", "`std`", "the text no longer states `pro` in en", id="literal-lost"),
        pytest.param("`std`", "`std` or `pro`", "the text now states `pro` in en", id="literal-gained"),
        pytest.param("see https://a.io/x", "see https://a.io/y", "the text states https://a.io/y instead of", id="url"),
        pytest.param("10MB each", "10KB each", "the text states 10KB instead of 10MB in en", id="unit"),
        pytest.param("is optional", "is required", 'the text states "must" instead of "optional" in en', id="must"),
        pytest.param("may be sent", "may not be sent", 'the text now states "must not" in en', id="must-not"),
    ],
)
def test_a_changed_fact_is_a_warning(old: str, new: str, message: str) -> None:
    """Both facts are shown."""
    (change,) = compare_prose({AT: {"en": old}}, {AT: {"en": new}})
    assert (change.rule, change.level, change.axis, change.pointer) == ("prose-fact-changed", "warning", "prose", AT)
    assert change.message.startswith(message)
    assert change.before != change.after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Up to 5 images", "No more than 5 images", id="words"),
        pytest.param("Up to 2,000 characters", "Up to 2000 characters", id="separator"),
        pytest.param("valid for 24 hours", "valid for 1 day", id="unit"),
        pytest.param("`a` and `b`", "`b` and `a`", id="order"),
    ],
)
def test_mere_rewording_is_information(old: str, new: str) -> None:
    """The texts themselves are shown."""
    (change,) = compare_prose({AT: {"en": old}}, {AT: {"en": new}})
    assert (change.rule, change.level, change.before, change.after) == ("prose-reworded", "info", old, new)


@pytest.mark.parametrize("new", ["Up to 5", "Up  to\n5", "Up to 5\n"])
def test_blanks_and_lines_are_no_change(new: str) -> None:
    """A text wrapped otherwise is the same text."""
    assert compare_prose({AT: {"en": "Up to 5"}}, {AT: {"en": new}}) == ()


def test_languages_that_changed_alike_share_a_finding() -> None:
    """And it names those that already have the change; another change in another language is another finding."""
    old = {AT: {"en": "5 images", "cn": "5张", "ja": "5枚", "ko": "5장"}}
    new = {AT: {"en": "9 images", "cn": "9张", "ja": "5枚", "ko": "8장"}}
    one, other = compare_prose(old, new)
    assert (one.locales, one.message) == (("en", "cn"), "the text states 9 instead of 5 in en and cn")
    assert other.locales == ("ko",)


def test_texts_without_a_counterpart_are_a_matter_of_structure() -> None:
    """Neither a new pointer nor a new language is a change of words."""
    assert compare_prose({AT: {"en": "5"}}, {"/x": {"en": "9"}}) == ()
    assert compare_prose({AT: {"en": "5"}}, {AT: {"ja": "9"}}) == ()


def test_documents_of_one_language_are_compared_by_their_texts() -> None:
    """Without a name for the language, none is in the message."""
    old, new = (texts_of(edited(AT, text)) for text in ("3 to 10", "3 to 15"))
    (change,) = compare_prose(old, new)
    assert (change.message, change.locales) == ("the text states 15 instead of 10", ())


def test_the_first_language_shows_the_change() -> None:
    """By precedence, not by name."""
    old, new = ([said("cn", f"{most} 秒"), said("en", f"{most} s")] for most in (10, 12))
    (change,) = compare_page_prose(old, new, precedence=("en", "cn"))
    assert (change.old.path, change.locales) == ("pages/en/api/x.md", ("en", "cn"))


def test_pages_are_compared_by_page_and_language() -> None:
    """With the places on both pages; a page on one side only is no change of words."""
    old = [said("en", "at most 10"), said("ko", "최대 10"), page("ja", DOCUMENT)]
    new = [said("en", "at most 12"), said("ko", "최대 12"), page("ja", DOCUMENT), page("en", DOCUMENT, stem="api/y")]
    (change,) = compare_page_prose(old, new)
    assert (change.rule, change.locales) == ("prose-fact-changed", ("en", "ko"))
    assert (str(change.old), str(change.new)) == (f"pages/en/api/x.md:40 #{AT}",) * 2


def test_a_description_that_appears_or_goes_states_or_loses_facts() -> None:
    """Where its node stays; otherwise the node is what changed."""
    with_text, without = said("en", "at most 12"), page("en", edited(AT, remove=True))
    assert [change.after for change in compare_page_prose([without], [with_text])] == [["12"]]
    assert [change.before for change in compare_page_prose([with_text], [without])] == [["12"]]
    (new,) = compare_page_prose([without], [with_text])
    (old,) = compare_page_prose([with_text], [without])
    assert (new.message, old.message) == ("the text is new, with 12, in en", "the text is gone, with 12, in en")
    wordless = compare_page_prose([said("en", "length"), said("ko", "길이")], [without, said("ko", "영상 길이")])
    assert [one.message for one in wordless] == ["the text is gone in en", "the words have changed in ko"]
    gone = page("en", edited(PROPERTY, remove=True))
    assert compare_page_prose([with_text], [gone]) == ()


def test_prose_outside_a_document_is_compared_too() -> None:
    """Piece by piece, with its line and no pointer."""

    def text(words: str) -> Prose:
        return Prose(line=7, role="paragraph", text=words)

    old, new = (page("en", None, kind="prose", prose=(text(words),)) for words in ("Wait 5 s", "Wait 6 s"))
    (change,) = compare_page_prose([old], [new])
    assert (change.rule, change.pointer, change.new.line) == ("prose-fact-changed", "", 7)
