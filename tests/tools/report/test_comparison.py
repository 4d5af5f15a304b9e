"""tools.report: what all formats of a comparison share."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest

from tools.errors import Place
from tools.model import Change, Usage
from tools.report import COMPARISON_FORMATS, Comparison, FailOn, render_comparisons
from tools.report._comparison import component, fingerprints, languages, ordered, summary

if TYPE_CHECKING:
    from tools.model import Axis

FORMS = tuple(COMPARISON_FORMATS)


def change(pointer: str = "", **members: object) -> Change:
    """A change without much to it."""
    place = Place(path="pages/en/x.md", line=3)
    plain = Change(rule="enum-value-removed", level="error", pointer=pointer, message="gone", old=place, new=place)
    return dataclasses.replace(plain, **members)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_every_change_is_told(form: str, comparison: Comparison) -> None:
    """No format leaves a rule out, and each ends with a line feed and is good UTF-8."""
    text = render_comparisons([comparison], form)
    for rule in {change.rule for change in comparison.changes}:
        assert rule in text
    assert text.endswith("\n")
    assert text.encode("utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_order_of_the_input_means_nothing(form: str, comparison: Comparison) -> None:
    """The same changes give the same bytes, however they came."""
    shuffled = list(comparison.changes)
    random.Random(3).shuffle(shuffled)
    again = dataclasses.replace(comparison, changes=shuffled)
    assert render_comparisons([again], form) == render_comparisons([comparison], form)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_changed(form: str, nothing: Comparison) -> None:
    """Two equal sides, and no sides at all, are output too."""
    assert "example" in render_comparisons([nothing], form)
    assert render_comparisons([], form).endswith("\n")


@pytest.mark.parametrize("form", FORMS)
def test_no_hidden_character_comes_through(form: str, comparison: Comparison) -> None:
    """Neither bidi marks nor escape sequences nor nulls; what a terminal or page would obey stands written out."""
    text = render_comparisons([comparison], form)
    assert not set(text) & set("\u202e\x1b\x00\r\ud800\ufffe\u2028")


@pytest.mark.parametrize("form", FORMS)
def test_size_grows_with_the_findings(form: str, comparison: Comparison) -> None:
    """Twice the findings, at most twice the text, even where each is used by many operations."""
    used = comparison.changes[0].usages * 50

    def size(number: int) -> int:
        changes = [change(f"/components/schemas/S{index}", usages=used) for index in range(number)]
        return len(render_comparisons([dataclasses.replace(comparison, changes=changes)], form))

    base, once, twice = size(0), size(200), size(400)
    assert twice - base <= 2.1 * (once - base)


@pytest.mark.parametrize("form", FORMS)
def test_copies_are_named(form: str, comparison: Comparison) -> None:
    """The other schemas that the same lines of a page make stand with the change."""
    assert "CreateVideo2" in render_comparisons([comparison], form)


@pytest.mark.parametrize(
    ("form", "most", "said"),
    [
        ("text", 3, "and 497 more"),
        ("markdown", 20, "and 480 more"),
        ("github", 3, "and 497 more"),
        ("junit", 20, "and 480 more"),
        ("sarif", 20, "and 499 more"),
        ("html", 50, '"copies_total":500'),
    ],
)
def test_very_many_names_are_counted(form: str, most: int, said: str, nothing: Comparison) -> None:
    """Hundreds of operations or schemas are as many words as a few, and one number."""
    usages = tuple(Usage(operation=f"GET /v1/op{number}x", role="response") for number in range(500))
    copies = tuple(f"/components/schemas/Copy{number}x/properties/a" for number in range(500))
    used = change("/components/schemas/A/properties/a", usages=usages, copies=copies)
    text = render_comparisons([dataclasses.replace(nothing, changes=[used])], form)
    for name in ("/op{}x", "Copy{}x"):
        assert 0 < sum(name.format(number) in text for number in range(500)) <= most, name
    assert said in text


@pytest.mark.parametrize("form", [form for form in FORMS if form != "json"])
def test_huge_values_are_cut(form: str, nothing: Comparison) -> None:
    """A value of a megabyte does not make a report of megabytes; only JSON holds all of it."""
    huge = dataclasses.replace(nothing, changes=[change("/a", before="x" * 1_000_000)])
    text = render_comparisons([huge], form)
    assert len(text) < 100_000
    assert "more characters)" in text


@pytest.mark.parametrize(
    ("fail_on", "level", "good"),
    [
        ("error", "error", False),
        ("error", "warning", True),
        ("warning", "warning", False),
        ("warning", "info", True),
        ("any", "info", False),
        ("never", "error", True),
    ],
)
def test_what_fails(fail_on: FailOn, level: str, nothing: Comparison, *, good: bool) -> None:
    """`fail_on` names the mildest level that is not good."""
    one = dataclasses.replace(nothing, fail_on=fail_on, changes=[change(level=level)])
    assert one.good is good


def test_worst_first() -> None:
    """By level, then component, then pointer."""
    changes = [
        change("/components/schemas/B", level="warning"),
        change("/components/schemas/B"),
        change("/components/schemas/A/properties/b"),
        change("/components/schemas/A/properties/a"),
    ]
    assert ordered(changes) == [changes[3], changes[2], changes[1], changes[0]]


@pytest.mark.parametrize(
    ("pointer", "axis", "name"),
    [
        ("/components/schemas/CreateVideo/properties/a", "wire", "CreateVideo"),
        ("/components/schemas/a~1b~0c", "wire", "a/b~c"),
        ("/components/parameters/Limit", "wire", "Limit (parameters)"),
        ("/paths/~1v1~1videos/post/requestBody", "wire", "POST /v1/videos"),
        ("/paths/~1v1~1videos/parameters/0", "wire", "/v1/videos"),
        ("/webhooks/done/post", "wire", "POST done"),
        ("/servers/0", "wire", "servers"),
        ("/info", "prose", "pages/en/x.md"),
        ("", "wire", "document"),
        ("not a pointer", "wire", "document"),
    ],
)
def test_component_of_a_pointer(pointer: str, axis: Axis, name: str) -> None:
    """What the change stands in, in the words of people."""
    assert component(change(pointer, axis=axis)) == name


@pytest.mark.parametrize(
    ("locales", "path", "found"),
    [
        (("ko", "en"), "pages/fr/x.md", ("en", "ko")),
        ((), "pages/zh-Hans/x.md", ("en", "zh-Hans")),
        ((), "specs/example/pages/ko/x.md", ("en", "ko")),
        ((), "openapi.json", ("en",)),
    ],
)
def test_languages_of_a_change(locales: tuple[str, ...], path: str, found: tuple[str, ...]) -> None:
    """Those that have it, else those of its pages."""
    assert languages(change(locales=locales, new=Place(path=path))) == found


def test_fingerprints_survive_what_does_not_matter(nothing: Comparison) -> None:
    """Moved lines and other words leave them; another value, rule or pointer does not; twins get numbers."""
    (name,) = fingerprints(nothing, [change("/a", before=1)])
    moved = change("/a", before=1, message="other words", new=Place(path="pages/en/x.md", line=99), locales=("ko",))
    assert fingerprints(nothing, [moved]) == [name]
    others = [change("/b", before=1), change("/a", before=2), change("/a", before=1, rule="type-changed")]
    assert name not in fingerprints(nothing, others)
    assert fingerprints(nothing, [moved, moved]) == [name, f"{name}-2"]


def test_summary_counts(comparison: Comparison, nothing: Comparison) -> None:
    """One line for a heading."""
    assert summary(comparison) == "3 errors, 3 warnings, 1 info, 1 accepted"
    assert summary(nothing) == "no change"
