"""What all languages of a page say and the contract lacks is proposed with its evidence, never applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.tools.merge.pages import NO_JUDGEMENTS, SOURCE, page, request
from tools.diff.proposals import propose
from tools.merge import normalize
from tools.model import Judgements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Extracted, JsonObject, Proposal

WORDS = {"en": "Supported values: `a`, `b`", "ja": "サポート値：`a`、`b`", "ko": "지원 값: `a`, `b`"}


def pages(**words: str) -> list[Extracted]:
    """One page in these languages: what its text says of `style`."""
    return [page(f"{name}/a", request("a-1", style=_style(text))) for name, text in words.items()]


def _style(text: str) -> dict[str, Any]:
    return {"type": "string", "description": text}


def proposals(given: Sequence[Extracted], actions: Sequence[JsonObject] = ()) -> tuple[Proposal, ...]:
    """What is proposed on top of the contract of these pages and actions."""
    judgements = Judgements(overlay={"overlay": "1.1.0", "actions": list(actions)}, supplement={})
    return propose(given, normalize(given, judgements, SOURCE).openapi, SOURCE.locales)


def test_what_every_language_says_is_proposed() -> None:
    """With a place in every language, and an action that settles it when it is pasted."""
    given = pages(**WORDS)
    [found] = proposals(given)
    assert found.message == '#/components/schemas/A1Request/properties/style: enum ["a", "b"], as en, ja and ko say'
    assert [place.path for place in found.places] == ["pages/en/a.md", "pages/ja/a.md", "pages/ko/a.md"]
    actions = yaml.safe_load(found.action)
    judgements = Judgements(overlay={"overlay": "1.1.0", "actions": actions}, supplement={})
    document = normalize(given, judgements, SOURCE)
    assert not document.findings
    style = document.openapi["components"]["schemas"]["A1Request"]["properties"]["style"]
    assert (style["enum"], style["x-vidgate-reading"]) == (["a", "b"], "The text says so in en, ja and ko.")
    assert proposals(given, actions) == ()


def test_tables_and_lists_of_the_languages_are_compared() -> None:
    """However each of them shows the same values."""
    rows = "| --- | --- |\n| `a` | 1 |\n| `b` | 2 |"
    given = pages(en=f"Supported values:\n\n| Name | Use |\n{rows}", ja=f"| 値 | 用途 |\n{rows}", ko=WORDS["ko"])
    [found] = proposals(given)
    assert 'enum ["a", "b"], as en, ja and ko say' in found.message
    assert proposals([*given[:2], *pages(ko=f"| 이름 | 용도 |\n{rows}")]) == ()


def test_nothing_is_applied_by_itself() -> None:
    """The contract stays as the pages and the overlay have it."""
    document = normalize(pages(**WORDS), NO_JUDGEMENTS, SOURCE)
    assert "enum" not in document.openapi["components"]["schemas"]["A1Request"]["properties"]["style"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({**WORDS, "ko": "지원 값: `a`, `c`"}, id="a language says other values"),
        pytest.param({**WORDS, "ko": "스타일"}, id="a language says nothing"),
    ],
)
def test_a_language_that_says_otherwise_is_a_veto(words: dict[str, str]) -> None:
    """All languages, or it is no candidate."""
    assert proposals(pages(**words)) == ()


def test_the_order_of_values_is_nothing() -> None:
    """The first language by precedence gives the order."""
    [found] = proposals(pages(en=WORDS["en"], ko="지원 값: `b`, `a`"))
    assert 'enum ["a", "b"]' in found.message


def test_one_page_for_several_models_is_one_proposal() -> None:
    """With one action for all requests that the text speaks of."""
    [found] = proposals([page("en/a", request(["a-1", "a-2"], style=_style(WORDS["en"])))])
    targets = [action["target"] for action in yaml.safe_load(found.action)]
    assert targets == ["$.components.schemas['A1Request', 'A2Request'].properties.style"]
