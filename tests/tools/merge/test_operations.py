"""Tables of errors, however much of a row a page fills in."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tests.tools.merge.pages import NO_JUDGEMENTS, SOURCE, page, request
from tools.merge import normalize

if TYPE_CHECKING:
    from tools.model import Extracted

PATH = "/v1/videos/generations"


def table(path: str, *rows: dict[str, Any]) -> Extracted:
    """A page with a table of errors."""
    found = page(path, request("a-1"))
    document = dict(found.document or {})
    operation = document["paths"][PATH]["post"]
    document["paths"] = {PATH: {"post": {**operation, "x-vidgate-errors": list(rows)}}}
    return dataclasses.replace(found, document=document)


def merged(*pages: Extracted) -> list[dict[str, Any]]:
    """The rows of the contract, without their sources."""
    document = normalize(pages, NO_JUDGEMENTS, SOURCE)
    rows: list[dict[str, Any]] = document.openapi["paths"][PATH]["post"]["x-vidgate-errors"]
    return [{name: value for name, value in row.items() if name != "x-vidgate-source"} for row in rows]


def test_a_row_without_a_type_is_a_row() -> None:
    """Some tables name the status and its meaning alone."""
    assert merged(table("en/a", {"status": 400, "description": "Wrong."})) == [{"status": 400, "description": "Wrong."}]


def test_every_row_of_a_status_stays() -> None:
    """Rows that are named alike are told apart by their order, in every language."""
    english = table("en/a", *({"status": 400, "description": text} for text in ("Wrong.", "Too long.")))
    japanese = table("ja/a", *({"status": 400, "description": text} for text in ("誤り", "長すぎ")))
    assert [row["description"] for row in merged(english, japanese)] == ["Wrong.", "Too long."]


def test_rows_of_pages_meet_by_status_and_type() -> None:
    """One row each, whatever their order on the page."""
    one, other = {"status": 401, "type": "auth"}, {"status": 429, "type": "rate"}
    assert merged(table("en/a", one, other), table("ja/a", other, one)) == [one, other]
