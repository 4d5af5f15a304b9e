"""tools.diff: translations may differ in words, never in structure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.diff.translated import DOCUMENT, GET, PROPERTY, VIDEO, edited, page
from tools.diff import compare_locales, count_translations
from tools.diff._structure import EDITION
from tools.diff.rules import RULES
from tools.extract import extract
from tools.model import Json, JsonObject, Page
from tools.store import Workspace

ROOT = Path(__file__).parents[3]

LANG = f"{GET}/parameters/1/schema"
SIZE = "/components/schemas/Size"
PARAMETERS: list[Json] = DOCUMENT["paths"]["/v1/tasks/{id}"]["get"]["parameters"]
EITHER: list[Json] = DOCUMENT["components"]["schemas"]["Video"]["properties"]["either"]["anyOf"]

DIFFERENT = [
    pytest.param(f"{PROPERTY}/type", "string", "type-differs", f"{PROPERTY}/type", id="type"),
    pytest.param(f"{PROPERTY}/minimum", 4, "constraint-differs", f"{PROPERTY}/minimum", id="minimum"),
    pytest.param(f"{PROPERTY}/minimum", True, "constraint-differs", f"{PROPERTY}/minimum", id="true-is-not-1"),
    pytest.param(f"{PROPERTY}/default", 9, "default-differs", f"{PROPERTY}/default", id="default"),
    pytest.param(f"{PROPERTY}/default", {"type": "x"}, "default-differs", f"{PROPERTY}/default", id="default-object"),
    pytest.param(f"{PROPERTY}/default", "열", "locale-value-translated", f"{PROPERTY}/default", id="default-words"),
    pytest.param(f"{PROPERTY}/multipleOf", 2, "member-added", f"{PROPERTY}/multipleOf", id="added-constraint"),
    pytest.param(f"{LANG}/enum", ["a"], "enum-differs", f"{LANG}/enum", id="enum"),
    pytest.param(f"{LANG}/enum", ["a", "ㄴ"], "locale-value-translated", f"{LANG}/enum", id="translated-enum"),
    pytest.param(f"{GET}/parameters/0/required", False, "required-differs", f"{GET}/parameters/0/required", id="flag"),
    pytest.param(
        "/components/schemas/Video/required", ["model"], "required-differs", "/components/schemas/Video/required",
        id="required",
    ),
    pytest.param(
        "/components/schemas/Video/properties/size/$ref", "#/x", "reference-differs",
        "/components/schemas/Video/properties/size/$ref", id="reference",
    ),
    pytest.param("/servers/0/url", "https://x", "value-differs", "/servers/0/url", id="server"),
    pytest.param("/servers/1", {"url": "https://x"}, "member-added", "/servers/1", id="more-servers"),
    pytest.param(f"{VIDEO}/either/anyOf/1", {"type": "number"}, "member-missing", f"{VIDEO}/either/anyOf/1", id="any"),
    pytest.param(
        "/components/schemas/Video/properties/description", {"type": "integer"}, "type-differs",
        "/components/schemas/Video/properties/description/type", id="property-called-description",
    ),
    pytest.param(f"{VIDEO}/default/type", "null", "type-differs", f"{VIDEO}/default/type", id="called-default"),
    pytest.param(f"{PROPERTY}/type", {"a": 1}, "type-differs", f"{PROPERTY}/type", id="shape"),
    pytest.param(f"{SIZE}/x-order", [2, 1], "value-differs", f"{SIZE}/x-order/0", id="order"),
]  # fmt: skip


@pytest.mark.parametrize(("pointer", "value", "rule", "at"), DIFFERENT)
def test_a_structural_difference_is_found_and_named(pointer: str, value: Json, rule: str, at: str) -> None:
    """Rule, pointer and the language that differs; of two, the first by precedence is what the other is measured by."""
    changes = compare_locales([page("ja", edited(pointer, value)), page("ko", DOCUMENT)], precedence=["ko", "ja"])
    assert (changes[0].rule, changes[0].pointer, changes[0].axis) == (rule, at, "language")
    assert changes[0].old.path == "pages/ko/api/x.md"
    assert changes[0].new.path == "pages/ja/api/x.md"
    assert changes[0].locales == ("ja",)
    assert "ja" in changes[0].message


def test_a_missing_member_is_found() -> None:
    """What only the base states is missing in the translation."""
    (change,) = compare_locales([page("ko", DOCUMENT), page("xx", edited(f"{PROPERTY}/maximum", remove=True))])
    assert (change.rule, change.before, change.after) == ("member-missing", 10, None)
    assert change.message == "ko has 'maximum', xx has not (ko:40, xx:40)"


def test_the_odd_one_out_is_named_by_majority() -> None:
    """The language of highest precedence is the odd one where all others agree against it."""
    odd = page("en", edited(f"{PROPERTY}/type", "number"))
    (change,) = compare_locales([odd, *(page(one, DOCUMENT) for one in ("cn", "ja", "ko"))], precedence=["en", "cn"])
    assert change.message == "the type is number in en, integer in cn, ja and ko (en:41, cn:41, ja:41, ko:41)"
    assert (change.before, change.after, change.locales) == ("integer", "number", ("en",))
    assert (change.old.path, change.new.path) == ("pages/cn/api/x.md", "pages/en/api/x.md")


def test_two_against_two_is_one_disagreement() -> None:
    """A tie goes to the languages of higher precedence; both others are named."""
    odd = edited(f"{PROPERTY}/type", "number")
    pages = [page("en", DOCUMENT), page("cn", DOCUMENT), page("ja", odd), page("ko", odd)]
    (change,) = compare_locales(pages, precedence=["en", "cn", "ja", "ko"])
    assert change.message.startswith("the type is number in ja and ko, integer in en and cn")
    assert change.locales == ("ja", "ko")


def test_what_two_languages_have_is_compared_where_a_third_lacks_it() -> None:
    """One member missing in ko and different in ja are two findings."""
    pages = [page("en", DOCUMENT), page("ja", edited(f"{VIDEO}/size/$ref", "#/x"))]
    pages.append(page("ko", edited(f"{VIDEO}/size", remove=True)))
    changes = compare_locales(pages, precedence=["en"])
    assert [(change.rule, change.locales) for change in changes] == [
        ("member-missing", ("ko",)), ("reference-differs", ("ja",)),
    ]  # fmt: skip


def test_places_carry_the_nearest_line() -> None:
    """A pointer without a line of its own takes its parent's."""
    document = edited(f"{PROPERTY}/minimum", 4)
    document["components"]["schemas"]["Video"]["properties"]["duration"]["type"] = "string"
    changes = compare_locales([page("ko", DOCUMENT), page("xx", document)])
    assert [(change.rule, change.old.line, change.new.line) for change in changes] == [
        ("type-differs", 41, 41),
        ("constraint-differs", 40, 40),
    ]


SAME = [
    pytest.param("/info/title", "題", id="title"),
    pytest.param(f"{GET}/summary", "照会", id="summary"),
    pytest.param(f"{GET}/tags", ["タスク"], id="tags"),
    pytest.param(f"{GET}/externalDocs/url", "https://docs.example.com/ja/guide", id="link-into-the-locale"),
    pytest.param("/servers/0/description", "本番", id="server-description"),
    pytest.param(f"{PROPERTY}/description", "長さ", id="description"),
    pytest.param(f"{PROPERTY}/maximum", 10.0, id="number-without-its-point"),
    pytest.param("/components/schemas/Size/examples", ["大"], id="examples"),
    pytest.param("/components/schemas/Size/type", ["null", "string"], id="order-of-types"),
    pytest.param("/components/schemas/Video/required", ["model", "duration"], id="order-of-required"),
    pytest.param(f"{GET}/parameters", list(reversed(PARAMETERS)), id="order-of-parameters"),
    pytest.param(f"{VIDEO}/either/anyOf", list(reversed(EITHER)), id="order-of-branches"),
]  # fmt: skip


@pytest.mark.parametrize(("pointer", "value"), SAME)
def test_words_and_order_are_no_difference(pointer: str, value: Json) -> None:
    """Prose, links into the docs of a locale and lists whose order says nothing are not compared."""
    assert compare_locales([page("ko", DOCUMENT), page("ja", edited(pointer, value))]) == ()


def test_parameters_meet_by_name() -> None:
    """A parameter at another position is compared with its namesake, and each side keeps its own pointer."""
    document = edited(f"{GET}/parameters/1/schema/type", "integer")
    document["paths"]["/v1/tasks/{id}"]["get"]["parameters"].reverse()
    (change,) = compare_locales([page("ko", DOCUMENT), page("ja", document)], precedence=["ko", "ja"])
    assert change.old.pointer == f"{GET}/parameters/1/schema/type"
    assert change.new.pointer == f"{GET}/parameters/0/schema/type"


def test_branches_of_a_union_meet_by_their_constants() -> None:
    """At another position, and saying something else beside: what differs is named, in each language's own branch."""
    branches: list[Json] = [
        {"type": "object", "properties": {"type": {"const": name}, "size": {"maximum": 5}}} for name in ("a", "b")
    ]
    other: list[Json] = [
        {"type": "object", "properties": {"type": {"const": "b"}, "size": {"maximum": 6}}},
        branches[0],
    ]
    pages = [page("ko", edited(f"{VIDEO}/either/oneOf", branches)), page("ja", edited(f"{VIDEO}/either/oneOf", other))]
    (change,) = compare_locales(pages, precedence=["ko", "ja"])
    assert change.rule == "constraint-differs"
    assert change.old.pointer == f"{VIDEO}/either/oneOf/1/properties/size/maximum"
    assert change.new.pointer == f"{VIDEO}/either/oneOf/0/properties/size/maximum"


def test_pages_of_another_kind_are_not_compared_further() -> None:
    """A page that has no operation in one language differs once, as a page; the others are still compared."""
    changes = compare_locales([page("ko", DOCUMENT), page("ja", None, kind="prose")])
    assert [change.rule for change in changes] == ["page-kind-differs"]
    pages = [page("en", DOCUMENT), page("ja", None, kind="prose"), page("ko", edited(f"{PROPERTY}/type", "string"))]
    assert [change.rule for change in compare_locales(pages)] == ["page-kind-differs", "type-differs"]


def _grown(number: int) -> JsonObject:
    document = edited("/components/schemas/Size/type", "string")
    document["components"]["schemas"] |= {f"New{index}": {"type": "string"} for index in range(number)}
    return document


def test_another_edition_is_one_finding() -> None:
    """A language whose page differs all over has another edition of it; the rest are compared among themselves."""
    pages = [page("en", _grown(EDITION)), page("cn", DOCUMENT), page("ja", DOCUMENT)]
    pages.append(page("ko", edited(f"{PROPERTY}/type", "string")))
    edition, slip = compare_locales(pages, precedence=["en", "cn"])
    assert (edition.rule, edition.locales, edition.before) == ("locale-edition-differs", ("en",), None)
    assert edition.message.startswith(f"en: another edition of the page than cn, ja and ko, {EDITION + 1} structural")
    assert edition.after[:1] == ["schemas/New0"]
    assert (slip.rule, slip.locales) == ("type-differs", ("ko",))


def test_a_few_differences_are_no_other_edition() -> None:
    """As many as a slip may have are listed one by one."""
    changes = compare_locales([page("en", _grown(EDITION - 1)), page("cn", DOCUMENT), page("ja", DOCUMENT)])
    assert len(changes) == EDITION
    assert "locale-edition-differs" not in {change.rule for change in changes}


def test_every_page_is_compared_once_in_a_fixed_order() -> None:
    """By page, whatever order the pages come in; two languages with the same difference share one finding."""
    bad = edited(f"{PROPERTY}/type", "string")
    pages = [page(locale, bad, stem=stem) for stem in ("b", "a") for locale in ("ko", "ja")]
    pages += [page(locale, DOCUMENT, stem=stem) for stem in ("a", "b") for locale in ("en", "cn")]
    changes = compare_locales(pages, precedence=["en", "cn", "ja", "ko"])
    assert [(change.new.path, change.locales) for change in changes] == [
        ("pages/ja/a.md", ("ja", "ko")), ("pages/ja/b.md", ("ja", "ko")),
    ]  # fmt: skip
    assert compare_locales(list(reversed(pages)), precedence=["en", "cn", "ja", "ko"]) == changes
    assert count_translations(pages) == 2


def test_every_structural_rule_can_be_reported() -> None:
    """The registry holds no structural rule that no case above produces."""
    produced = {str(case.values[2]) for case in DIFFERENT}
    produced |= {"member-missing", "page-kind-differs", "locale-edition-differs"}
    assert produced == {rule.id for rule in RULES if (rule.area, rule.kind) == ("language", "structure")}


def test_the_vendored_translations_are_equal() -> None:
    """The two video-edit pages state the same structure."""
    extracted = [extract(one) for one in Workspace(root=ROOT).pages("evolink").pages]
    assert count_translations(extracted) == 1
    assert compare_locales(extracted) == ()


def test_a_difference_planted_on_a_page_is_named_with_both_lines() -> None:
    """One changed number on the Japanese page is found with both pages, lines and pointers."""
    pages = [one for one in Workspace(root=ROOT).pages("evolink").pages if one.stem.endswith("video-edit")]
    planted = [
        Page(provider=one.provider, locale=one.locale, path=one.path, content=content)
        for one in pages
        for content in [one.content if one.locale == "ko" else one.content.replace(b"maxItems: 1", b"maxItems: 2")]
    ]
    (change,) = compare_locales([extract(one) for one in planted], precedence=("en", "cn", "ja", "ko"))
    assert (change.rule, change.before, change.after) == ("constraint-differs", 2, 1)
    assert change.pointer.endswith("/properties/video_urls/maxItems")
    for place, one in ((change.old, planted[0]), (change.new, planted[1])):
        assert place.path == f"pages/{one.path}"
        assert place.line is not None
        assert b"maxItems" in one.content.splitlines()[place.line - 1]
