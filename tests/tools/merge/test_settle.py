"""Every open decision can be settled by precedence, and each is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.tools.merge.pages import NO_JUDGEMENTS, SOURCE, page, request
from tools.merge import normalize
from tools.merge._settle import settle
from tools.model import Judgements

if TYPE_CHECKING:
    from tools.model import Document, Extracted

NUMBER, TEXT = {"type": "integer"}, {"type": "string"}


def merge(*pages: Extracted) -> Document:
    """The contract, with what is open settled."""
    return normalize(pages, NO_JUDGEMENTS, SOURCE, accept_precedence=True)


def schemas(document: Document) -> dict[str, Any]:
    """The components of a contract."""
    found: dict[str, Any] = document.openapi["components"]["schemas"]
    return found


def reply(kind: dict[str, Any]) -> dict[str, Any]:
    """A response whose `id` is of that kind."""
    return {"type": "object", "properties": {"id": kind}}


@pytest.mark.parametrize(
    ("pages", "wins"),
    [
        pytest.param(
            [page("ja/a", request("a-1"), reply(NUMBER)), page("en/a", request("a-1"), reply(TEXT))],
            "string",
            id="the first language",
        ),
        pytest.param(
            [page("en/a", request(["a-1", "a-2"]), reply(NUMBER)), page("en/b", request("b-1"), reply(TEXT))],
            "string",
            id="the page with fewest models",
        ),
        pytest.param(
            [
                page("en/a", request("a-1"), reply(NUMBER)),
                page("en/b", request("b-1"), reply(TEXT)),
                page("en/c", request("c-1"), reply(TEXT)),
            ],
            "string",
            id="most pages",
        ),
        pytest.param(
            [page("en/b", request("b-1"), reply(TEXT)), page("en/a", request("a-1"), reply(NUMBER))],
            "integer",
            id="the first path",
        ),
    ],
)
def test_who_wins(pages: list[Extracted], wins: str) -> None:
    """Language, then fewest models, then most pages, then path; whatever order the pages come in."""
    for given in (pages, pages[::-1]):
        document = merge(*given)
        assert schemas(document)["CreateVideoResponse"]["properties"]["id"]["type"] == wins
        assert not document.findings


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        pytest.param({"extra": NUMBER}, {}, True, id="the preferred language has it"),
        pytest.param({}, {"extra": NUMBER}, False, id="the preferred language lacks it"),
        pytest.param({"extra": True}, {}, True, id="anything is allowed"),
    ],
)
def test_a_property_only_one_language_has(first: dict[str, Any], second: dict[str, Any], *, kept: bool) -> None:
    """What the first language says stands, or is gone."""
    document = merge(page("en/a", request("a-1", **first)), page("ja/a", request("a-1", **second)))
    assert ("extra" in schemas(document)["A1Request"]["properties"]) is kept
    assert not document.findings


def test_it_is_told_once_with_every_place() -> None:
    """A disagreement in the requests of two models is one decision, which names who says what."""
    pages = [
        page("en/a", request(["a-1", "a-2"], start={"type": "number"})),
        page("ja/a", request(["a-1", "a-2"], start=NUMBER)),
    ]
    [decision] = merge(*pages).decisions
    assert decision.rule == "settled-by-precedence"
    assert decision.message == (
        '#/components/schemas/A1Request/properties/start: type is "number" in pages/en/a.md:1; '
        'type is "integer" in pages/ja/a.md:1, and at 1 more'
    )
    assert [place.path for place in decision.places] == ["pages/en/a.md", "pages/ja/a.md"]


def test_what_the_winner_refers_to_comes_along() -> None:
    """A schema that only one opinion refers to is part of the contract when that opinion wins, and else not."""
    pages = [
        page("en/a", request("a-1", b={"$ref": "#/components/schemas/Mine"}), schemas={"Mine": reply(TEXT)}),
        page("ja/a", request("a-1", b={"$ref": "#/components/schemas/Theirs"}), schemas={"Theirs": reply(NUMBER)}),
    ]
    found = schemas(merge(*pages))
    assert ("Mine" in found, "Theirs" in found) == (True, False)
    assert found["A1Request"]["properties"]["b"] == {"$ref": "#/components/schemas/Mine"}


def test_a_schema_of_another_kind_takes_the_whole_node() -> None:
    """`true` and an object cannot be united member by member: one of them stands there."""
    document = merge(page("en/a", request("a-1", b={"items": True})), page("ja/a", request("a-1", b={"items": TEXT})))
    assert schemas(document)["A1Request"]["properties"]["b"] == {"items": True}


def test_items_of_a_list_leave_from_the_end() -> None:
    """Taking one item away must not move those that are still to be settled."""
    gone = [{"member": "", "candidates": [{"absent": True, "x-vidgate-source": []}]}]
    document = {"list": [{"x-vidgate-conflict": gone}, {"a": 1}, {"x-vidgate-conflict": gone}]}
    settle(document)
    assert document == {"list": [{"a": 1}]}


def pasted(document: Document) -> Judgements:
    """An overlay of nothing but the actions that a settled contract tells of, as they were told."""
    actions = yaml.safe_load("".join(decision.action for decision in document.decisions))
    return Judgements(overlay={"overlay": "1.1.0", "actions": actions}, supplement={})


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([page("en/a", request("a-1", b=TEXT)), page("ja/a", request("a-1", b=NUMBER))], id="member"),
        pytest.param([page("en/a", request("a-1", b=TEXT)), page("ja/a", request("a-1"))], id="kept"),
        pytest.param([page("en/a", request("a-1")), page("ja/a", request("a-1", b=TEXT))], id="taken-away"),
        pytest.param(
            [
                page("en/a", request("a-1")),
                page("ja/a", request("a-1", b=reply(TEXT))),
                page("ko/a", request("a-1", b=reply(NUMBER))),
            ],
            id="inside-of-what-is-taken-away",
        ),
        pytest.param(
            [page("en/a", request("a-1", b={"items": True})), page("ja/a", request("a-1", b={"items": TEXT}))],
            id="another-kind",
        ),
        pytest.param(
            [
                page("en/a", request(["a-1", "a-2"], c=TEXT), reply(TEXT)),
                page("ja/a", request(["a-1", "a-2"], c={"type": ["string", "null"], "maxLength": 3}), reply(NUMBER)),
            ],
            id="several",
        ),
        pytest.param(
            [
                page("en/a", {**request("a-1", b=TEXT), "required": ["model", "b"]}),
                page("ja/a", {**request("a-1", b=TEXT), "required": ["model", "c"]}),
            ],
            id="what-is-there-is-replaced",
        ),
    ],
)
def test_the_actions_that_are_told_settle_the_same(pages: list[Extracted]) -> None:
    """Pasted into the overlay, they make a merge without the choice give the very same contract."""
    settled = merge(*pages)
    assert settled.decisions
    again = normalize(pages, pasted(settled), SOURCE)
    assert (again.findings, again.openapi) == ((), settled.openapi)
