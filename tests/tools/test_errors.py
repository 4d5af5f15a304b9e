"""tools.errors: places for people, and errors that survive the way between processes."""

from __future__ import annotations

import pickle
import re

import pytest

from tools import errors
from tools.errors import ConflictError, Findings, Place, ToolError, by_language


def place(path: str, line: int | None = None, pointer: str | None = None) -> Place:
    """A place by its parts."""
    return Place(path=path, line=line, pointer=pointer)


@pytest.mark.parametrize(
    ("places", "rows"),
    [
        pytest.param(
            [place("pages/en/a/x.md", 3, "/p"), place("pages/ja/a/x.md", 4, "/p"), place("pages/ko/a/x.md", 4, "/p")],
            ("pages/en/a/x.md:3 (ja:4, ko:4) #/p",),
            id="translations",
        ),
        pytest.param(
            [place("pages/en/x.md", 3, "/p"), place("pages/ja/x.md", 4, "/q")],
            ("pages/en/x.md:3 #/p", "pages/ja/x.md:4 #/q"),
            id="other-pointers",
        ),
        pytest.param(
            [place("pages/en/x.md"), place("pages/ko/x.md"), place("pages/en/y.md", 1)],
            ("pages/en/x.md (ko)", "pages/en/y.md:1"),
            id="no-line",
        ),
        pytest.param(
            [place("overlay.yaml", 1), place("supplement.yaml", 2), place("pages/en/overlay.yaml", 2)],
            ("overlay.yaml:1", "supplement.yaml:2", "pages/en/overlay.yaml:2"),
            id="no-pages",
        ),
        pytest.param([place("pages/en/x.md", 3, "/p")] * 2, ("pages/en/x.md:3 #/p",), id="twice"),
        pytest.param(
            [
                place("pages/en/x.md", 3),
                place("pages/en/x.md", 5),
                place("pages/ja/x.md", 4),
                place("pages/ko/x.md", 4),
            ],
            ("pages/en/x.md:3, 5 (ja:4; ko:4)",),
            id="several-lines",
        ),
    ],
)
def test_translations_of_a_page_share_a_row(places: list[Place], rows: tuple[str, ...]) -> None:
    """And no place is lost."""
    assert by_language(places) == rows


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Every error is drawn below its base, and nothing else is."""
    drawn: dict[str, str] = {}
    above = {-1: "Exception"}
    for row in (errors.__doc__ or "").splitlines():
        if found := re.match(r"([ │├└─]{4,})([A-Z]\w+)", row):
            depth = (len(found[1]) - 4) // 4
            drawn[found[2]] = above[depth - 1]
            above[depth] = found[2]
    real = {
        name: kind.__base__.__name__
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ToolError) and kind.__base__ is not None
    }
    assert drawn == real


@pytest.mark.parametrize(
    "error",
    [
        ConflictError("p", fix="f", places=[place("pages/en/x.md", 1)], action="- target: $\n"),
        Findings([ToolError("p", fix="f"), ToolError("q", fix="g")]),
    ],
    ids=["conflict", "findings"],
)
def test_errors_come_back_from_another_process(error: ToolError) -> None:
    """With all their facts."""
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back), back.places) == (type(error), str(error), error.places)
