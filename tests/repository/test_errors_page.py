"""docs/errors.md has every error and warning, with its fields and what to do."""

from __future__ import annotations

from pathlib import Path

from docs import errors as pages
from vidgate import errors

ROOT = Path(__file__).parents[2]
RAISED = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, (errors.VidgateError, errors.VidgateWarning))
}


def test_the_page_is_what_the_classes_say() -> None:
    """A class or a field that came, went or changed changes the page."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert text == pages.page(), "write it anew: python -m docs.errors > docs/errors.md"


def test_the_drawing_is_the_tree() -> None:
    """Every class stands in the docstring's drawing below the one that it derives from."""
    roots = {"VidgateError": "", "VidgateWarning": ""}
    assert pages.drawn() == {name: roots.get(name, kind.__bases__[0].__name__) for name, kind in RAISED.items()}


def test_each_class_says_when_and_what_to_do() -> None:
    """No row is empty, and none is left of a class that went."""
    assert set(pages.DO) == set(RAISED)
    assert [name for name, kind in RAISED.items() if not kind.__doc__] == []


def test_fields_are_those_of_an_error() -> None:
    """What the table names can be read."""
    error = errors.RateLimited("no", status=429, retry_after=2.0)
    assert pages.fields(errors.RateLimited) == ["retry_after"]
    assert all(hasattr(error, name) for kind in (errors.VidgateError, errors.APIError) for name in pages.fields(kind))
