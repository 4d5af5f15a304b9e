"""tools.diff.snapshots: the languages that already have a change, its exact lines, and one change for many copies."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.tools.diff.translated import DOCUMENT, PROPERTY, edited, page
from tools.diff import fold, spread
from tools.errors import Place
from tools.model import Change, Extracted, Page, Usage
from tools.schema.pointers import resolve

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

LOCALES = ("en", "cn", "ja", "ko")


def _change(pointer: str, *, new: str = "pages/en/api/x.md") -> Change:
    place = Place(path=new, pointer=pointer)
    return Change(rule="request-maximum-narrowed", level="error", pointer=pointer, message="", old=place, new=place)


def _snapshot(**documents: JsonObject) -> list[Extracted]:
    return [page(locale, document) for locale, document in documents.items()]


OLD = _snapshot(en=DOCUMENT, cn=DOCUMENT, ja=DOCUMENT)


@pytest.mark.parametrize(
    ("new", "pointer", "locales"),
    [
        pytest.param({"en": f"{PROPERTY}/maximum", "ja": f"{PROPERTY}/maximum"}, "maximum", ("en", "ja"), id="two"),
        pytest.param({"en": f"{PROPERTY}/maximum"}, "maximum", ("en",), id="one"),
        pytest.param({"en": f"{PROPERTY}/title-of", "cn": f"{PROPERTY}/title-of"}, "title-of", ("en", "cn"), id="new"),
    ],
)  # fmt: skip
def test_the_languages_that_already_have_a_change(new: dict[str, str], pointer: str, locales: tuple[str, ...]) -> None:
    """Those whose page now states the same, and did not before."""
    pages = [page(one, edited(new[one], 5) if one in new else DOCUMENT) for one in ("en", "cn", "ja")]
    (change,) = spread(OLD, pages, [_change(f"{PROPERTY}/{pointer}")], precedence=LOCALES)
    assert change.locales == locales


def test_a_removal_has_languages_too() -> None:
    """Those whose page no longer states it."""
    pages = _snapshot(en=edited(f"{PROPERTY}/maximum", remove=True), cn=DOCUMENT, ja=DOCUMENT)
    (change,) = spread(OLD, pages, [_change(f"{PROPERTY}/maximum")], precedence=LOCALES)
    assert change.locales == ("en",)


def test_a_change_of_a_contract_is_led_back_to_the_pages() -> None:
    """The nearest node with sources names the page and pointer of every language."""
    pages = [page(one, edited(f"{PROPERTY}/maximum", 5) if one == "ja" else DOCUMENT) for one in ("en", "cn", "ja")]

    def contract(maximum: int) -> JsonObject:
        sources = [
            {"page": f"{locale}/api/x.md", "locale": locale, "line": 1, "pointer": "/components/schemas/Video"}
            for locale in ("ja", "en", "cn")
        ]
        body = {"properties": {"duration": {"maximum": maximum}}, "x-vidgate-source": sources}
        return {"components": {"schemas": {"Renamed": body}}}

    at = "/components/schemas/Renamed/properties/duration/maximum"
    change = _change(at, new="pages/ja/api/x.md")
    (found,) = spread(OLD, pages, [change], contracts=(contract(10), contract(5)))
    assert found.locales == ("ja",)


def test_other_axes_keep_their_languages() -> None:
    """Findings about words and languages know theirs already."""
    change = replace(_change(f"{PROPERTY}/maximum"), axis="prose", locales=("ko",))
    assert spread(OLD, OLD, [change]) == (change,)
    nowhere = replace(_change("/x", new="specs/p/openapi.json"), locales=("ko",))
    assert spread(OLD, OLD, [nowhere]) == (nowhere,)


def _page(locale: str, document: JsonObject) -> Extracted:
    """One translation, in which every member has a line of its own."""
    pointers = ["/components/schemas"]
    for number, at in enumerate(pointers):
        node: Json = resolve(document, at)
        children = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        pointers[number + 1 : number + 1] = [f"{at}/{child}" for child in children]
    lines = {pointer: number for number, pointer in enumerate(pointers, start=10)}
    found = Page(provider="p", locale=locale, path=f"{locale}/api/x.md", content=b"")
    return Extracted(page=found, kind="openapi", document=document, lines=lines)


def _contract(schemas: JsonObject, name: str, *, locales: tuple[str, ...] = ("en", "ja")) -> JsonObject:
    """The same schemas as the contract has them, each stated by the component `name` of the pages."""
    sources = [
        {"page": f"{one}/api/x.md", "locale": one, "line": 11, "pointer": f"/components/schemas/{name}"}
        for one in locales
    ]
    return {"components": {"schemas": {key: {**body, "x-vidgate-source": sources} for key, body in schemas.items()}}}


def _schemas(name: str, body: JsonObject) -> JsonObject:
    return {"components": {"schemas": {name: body}}}


def _spread(
    change: Change, old: dict[str, JsonObject], new: dict[str, JsonObject], contracts: tuple[JsonObject, JsonObject]
) -> Change:
    before, after = ([_page(locale, document) for locale, document in side.items()] for side in (old, new))
    (found,) = spread(before, after, [change], precedence=LOCALES, contracts=contracts)
    return found


def _models(*models: str) -> JsonObject:
    return {"properties": {"model": {"enum": list(models)}}}


def test_a_list_is_compared_by_its_member() -> None:
    """The line is that of the value, and a language that lists others besides has the change as well."""
    old = {"en": _schemas("Ask", _models("a")), "ja": _schemas("Ask", _models("a", "z"))}
    new = {"en": _schemas("Ask", _models("a", "b")), "ja": _schemas("Ask", _models("a", "z", "b"))}
    contracts = (_contract({"Ask": _models("a")}, "Ask"), _contract({"Ask": _models("a", "b")}, "Ask"))
    change = replace(_change("/components/schemas/Ask/properties/model/enum"), after="b")
    found = _spread(change, old, new, contracts)
    assert found.locales == ("en", "ja")
    assert (found.new.path, found.new.pointer) == (
        "pages/en/api/x.md",
        "/components/schemas/Ask/properties/model/enum/1",
    )
    assert found.new.line == 16
    assert found.old.line == 14


def test_a_list_that_goes_is_no_member() -> None:
    """The whole enum was removed: everybody who lists nothing any more has it."""
    old = {locale: _schemas("Ask", _models("a")) for locale in ("en", "ja")}
    new = {"en": _schemas("Ask", {"properties": {"model": {}}}), "ja": _schemas("Ask", _models("a"))}
    contracts = (_contract({"Ask": _models("a")}, "Ask"), _contract({"Ask": {"properties": {"model": {}}}}, "Ask"))
    change = replace(_change("/components/schemas/Ask/properties/model/enum"), before=["a"])
    assert _spread(change, old, new, contracts).locales == ("en",)


def test_the_variant_of_a_model_stands_in_the_list_of_models() -> None:
    """Where the page lists them, through a reference too."""
    listed = {"Ask": {"properties": {"model": {"$ref": "#/components/schemas/Model"}}}, "Model": {"enum": ["a", "b"]}}
    old = {"en": _schemas("Ask", _models("a"))}
    new = {"en": {"components": {"schemas": listed}}}
    variants = {name: {"properties": {"model": {"const": name.lower()}}} for name in ("A", "B")}
    union = {"Ask": {"oneOf": [{"$ref": "#/components/schemas/A"}]}, **variants}
    contracts = (_contract(union, "Ask"), _contract(copy.deepcopy(union), "Ask"))
    change = replace(_change("/components/schemas/Ask/oneOf"), after={"$ref": "#/components/schemas/B"})
    found = _spread(change, old, new, contracts)
    assert (found.locales, found.new.pointer) == (("en",), "/components/schemas/Model/enum/1")
    assert found.after == {"$ref": "#/components/schemas/B"}


def test_a_language_of_another_edition_has_only_what_it_states() -> None:
    """Its page keeps the old component: a limit that is still there was not removed, one that went was."""
    body = {"maxItems": 8, "minItems": 1}
    old = {"en": _schemas("Skills", body), "ja": _schemas("Skills", body)}
    new = {"en": _schemas("BetaSkills", {}), "ja": _schemas("Skills", {"maxItems": 8})}
    contracts = (_contract({"Skills": body}, "Skills"), _contract({"BetaSkills": {}}, "BetaSkills", locales=("en",)))
    for keyword, locales in (("maxItems", ("en",)), ("minItems", ("en", "ja"))):
        change = _change(f"/components/schemas/BetaSkills/{keyword}")
        change = replace(
            change, before=body[keyword], old=replace(change.old, pointer=f"/components/schemas/Skills/{keyword}")
        )
        assert _spread(change, old, new, contracts).locales == locales
    gone = {**new, "ja": _schemas("Other", {})}
    change = replace(_change("/components/schemas/BetaSkills/maxItems"), before=8)
    change = replace(change, old=replace(change.old, pointer="/components/schemas/Skills/maxItems"))
    assert _spread(change, old, gone, contracts).locales == ("en",)


def test_what_is_gone_is_missing_on_its_page() -> None:
    """A component that the new contract has not stands nowhere: its place is the page that stated it."""
    old = {"en": _schemas("Gone", {"type": "object"})}
    new = {"en": _schemas("Other", {})}
    contracts = (_contract({"Gone": {"type": "object"}}, "Gone"), _contract({"Other": {}}, "Other"))
    change = replace(_change("/components/schemas/Gone", new="the folder"), before="Gone")
    found = _spread(change, old, new, contracts)
    assert (found.new.path, found.new.line) == ("pages/en/api/x.md", 10)
    assert (found.old.path, found.old.line) == ("pages/en/api/x.md", 11)
    assert found.locales == ("en",)


def _copy(name: str, *, line: int | None = 5, level: str = "error", operation: str = "POST /a") -> Change:
    change = _change(f"/components/schemas/{name}/properties/size/maximum")
    place = Place(path="pages/en/api/x.md", line=line, pointer="/components/schemas/Ask/properties/size/maximum")
    usages = (Usage(operation=operation, role="request"),)
    found = replace(change, old=place, new=place, before=5, after=4, usages=usages)
    return replace(found, level="warning") if level == "warning" else found


def test_copies_of_the_same_lines_are_one_change() -> None:
    """The first stands for all, with the operations of all; another level or no line keeps a change apart."""
    (found,) = fold([_copy("A"), _copy("B", operation="POST /b"), _copy("C")])
    assert found.pointer == "/components/schemas/A/properties/size/maximum"
    assert found.copies == tuple(f"/components/schemas/{name}/properties/size/maximum" for name in "BC")
    assert [usage.operation for usage in found.usages] == ["POST /a", "POST /b"]
    assert len(fold([_copy("A"), _copy("B", level="warning")])) == 2
    assert len(fold([_copy("A", line=None), _copy("B", line=None)])) == 2
    assert len(fold([replace(_copy("A"), axis="prose"), replace(_copy("B"), axis="prose")])) == 2
