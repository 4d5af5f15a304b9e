"""tools.diff.pages: what no operation tells of may come and go too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.diff.translated import DOCUMENT, page
from tools.diff import compare_pages

if TYPE_CHECKING:
    from tools.model import Extracted

GUIDE = [page(locale, None, kind="prose", stem="guides/start") for locale in ("ko", "en")]
OPERATION = [page("en", DOCUMENT)]


def test_a_page_that_comes_is_information() -> None:
    """One finding for all its languages, on the page of the first of them."""
    (change,) = compare_pages(OPERATION, [*OPERATION, *GUIDE], precedence=("en", "ko"))
    assert (change.rule, change.level, change.axis, change.locales) == ("page-added", "info", "prose", ("en", "ko"))
    assert (change.before, change.after, str(change.new)) == (None, "guides/start", "pages/en/guides/start.md:1")
    assert change.message == "the page guides/start was added in en and ko"


def test_a_page_that_goes_is_a_warning() -> None:
    """It is shown where it stood."""
    (change,) = compare_pages([*OPERATION, *GUIDE], OPERATION, precedence=("en", "ko"))
    assert (change.rule, change.level, change.locales) == ("page-removed", "warning", ("en", "ko"))
    assert (change.before, change.after, str(change.old)) == ("guides/start", None, "pages/en/guides/start.md:1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(GUIDE, GUIDE, id="both have it"),
        pytest.param(GUIDE, GUIDE[:1], id="a language lost it"),
        pytest.param(GUIDE[:1], GUIDE, id="a language got it"),
        pytest.param(GUIDE, [*GUIDE, *OPERATION], id="an operation came, which is told by itself"),
        pytest.param([*GUIDE, *OPERATION], GUIDE, id="an operation went, which is told by itself"),
    ],
)
def test_nothing_else_is_said(old: list[Extracted], new: list[Extracted]) -> None:
    """Languages and operations are told elsewhere."""
    assert compare_pages(old, new) == ()
