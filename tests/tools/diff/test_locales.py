"""tools.diff.locales: translations may differ in words, never in structure."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.diff import RULES, compare_locales, count_translations
from tools.extract import extract
from tools.model import Extracted, Page
from tools.schema.pointers import resolve
from tools.store import Workspace

if TYPE_CHECKING:
    from tools.model import Json, JsonObject, PageKind

ROOT = Path(__file__).parents[3]

VIDEO = "/components/schemas/Video/properties"
PROPERTY = f"{VIDEO}/duration"

DOCUMENT: JsonObject = {
    "openapi": "3.1.0",
    "info": {"title": "제목", "version": "1"},
    "servers": [{"url": "https://api.example.com", "description": "운영"}],
    "security": [{"bearer": []}],
    "paths": {
        "/v1/tasks/{id}": {
            "get": {
                "tags": ["작업"],
                "summary": "조회",
                "externalDocs": {"url": "https://docs.example.com/ko/guide"},
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "lang", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}},
                ],
            }
        }
    },
    "components": {
        "schemas": {
            "Video": {
                "type": "object",
                "required": ["duration", "model"],
                "properties": {
                    "duration": {"type": "integer", "minimum": 3, "maximum": 10, "default": 10, "description": "길이"},
                    "description": {"type": "string"},
                    "default": {"type": "string"},
                    "size": {"$ref": "#/components/schemas/Size"},
                },
            },
            "Size": {"type": ["string", "null"], "examples": ["크다"], "x-order": [1, 2]},
        }
    },
}


def page(locale: str, document: JsonObject | None, *, kind: PageKind = "openapi", stem: str = "api/x") -> Extracted:
    """One translation, in which a pointer stands on the line of its depth."""
    found = Page(provider="p", locale=locale, path=f"{locale}/{stem}.md", content=b"")
    lines = {"": 1, PROPERTY: 40, f"{PROPERTY}/type": 41}
    return Extracted(page=found, kind=kind, document=document, lines=lines)


def edited(pointer: str, value: Json = None, *, remove: bool = False) -> JsonObject:
    """The document with one member set or taken away."""
    document = copy.deepcopy(DOCUMENT)
    parent, _, last = pointer.rpartition("/")
    node: Json = resolve(document, parent)
    if isinstance(node, list):
        node[int(last) :] = [value, *node[int(last) + 1 :]]
    elif remove:
        del node[last]
    else:
        node[last] = value
    return document


GET = "/paths/~1v1~1tasks~1{id}/get"
LANG = f"{GET}/parameters/1/schema"
SIZE = "/components/schemas/Size"
PARAMETERS: list[Json] = DOCUMENT["paths"]["/v1/tasks/{id}"]["get"]["parameters"]

DIFFERENT = [
    pytest.param(f"{PROPERTY}/type", "string", "type-differs", f"{PROPERTY}/type", id="type"),
    pytest.param(f"{PROPERTY}/minimum", 4, "constraint-differs", f"{PROPERTY}/minimum", id="minimum"),
    pytest.param(f"{PROPERTY}/minimum", True, "constraint-differs", f"{PROPERTY}/minimum", id="true-is-not-1"),
    pytest.param(f"{PROPERTY}/default", 9, "default-differs", f"{PROPERTY}/default", id="default"),
    pytest.param(f"{PROPERTY}/default", {"type": "x"}, "default-differs", f"{PROPERTY}/default", id="default-object"),
    pytest.param(f"{PROPERTY}/multipleOf", 2, "member-added", f"{PROPERTY}/multipleOf", id="added-constraint"),
    pytest.param(f"{LANG}/enum", ["a"], "enum-differs", f"{LANG}/enum", id="enum"),
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
    """Rule, pointer and both values; the first locale by precedence is what others are measured by."""
    changes = compare_locales([page("ja", edited(pointer, value)), page("ko", DOCUMENT)], precedence=["ko", "ja"])
    assert (changes[0].rule, changes[0].pointer) == (rule, at)
    assert changes[0].old.path == "pages/ko/api/x.md"
    assert changes[0].new.path == "pages/ja/api/x.md"
    assert "ja" in changes[0].message


def test_a_missing_member_is_found() -> None:
    """What only the base states is missing in the translation."""
    (change,) = compare_locales([page("ko", DOCUMENT), page("xx", edited(f"{PROPERTY}/maximum", remove=True))])
    assert (change.rule, change.before, change.after) == ("member-missing", 10, None)
    assert change.message == "ko has 'maximum', xx has not"


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


def test_pages_of_another_kind_are_not_compared_further() -> None:
    """A page that has no operation in one language differs once, as a page."""
    changes = compare_locales([page("ko", DOCUMENT), page("ja", None, kind="prose")])
    assert [change.rule for change in changes] == ["page-kind-differs"]


def test_every_translation_is_compared_once_in_a_fixed_order() -> None:
    """By page, then locale by precedence, whatever order the pages come in."""
    bad = edited(f"{PROPERTY}/type", "string")
    pages = [page(locale, bad, stem=stem) for stem in ("b", "a") for locale in ("ko", "ja")]
    pages += [page("en", DOCUMENT, stem=stem) for stem in ("a", "b")]
    changes = compare_locales(pages, precedence=["en", "ja", "ko"])
    assert [change.new.path for change in changes] == [
        "pages/ja/a.md", "pages/ko/a.md", "pages/ja/b.md", "pages/ko/b.md",
    ]  # fmt: skip
    assert compare_locales(list(reversed(pages)), precedence=["en", "ja", "ko"]) == changes
    assert count_translations(pages) == 2


def test_every_rule_can_be_reported() -> None:
    """The table holds no rule that no case above produces."""
    produced = {str(case.values[2]) for case in DIFFERENT} | {"member-missing", "page-kind-differs"}
    assert produced == set(RULES)


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
