"""What a run found, in the form its reader wants: one file per format, one row in the table of its kind.

`FORMATS` write the reports of a run, `COMPARISON_FORMATS` what a comparison of two sides found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.report import _changes_json, _changes_text, _github, _html, _json, _junit, _markdown, _sarif, _text
from tools.report._changes_text import wants_color
from tools.report._comparison import Accepted, Comparison, FailOn
from tools.report._report import KINDS, Report, count, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "COMPARISON_FORMATS",
    "FORMATS",
    "KINDS",
    "Accepted",
    "Comparison",
    "FailOn",
    "Report",
    "count",
    "flat",
    "render_comparisons",
    "wants_color",
]

FORMATS: Final[Mapping[str, Callable[[Sequence[Report]], str]]] = {
    "json": _json.render,
    "text": _text.render,
    "verbose": _text.render_all,
}
"""Each takes the reports of one run and returns what goes to standard output, with its final newline."""

COMPARISON_FORMATS: Final[Mapping[str, Callable[[Sequence[Comparison]], str]]] = {
    "text": _changes_text.render,
    "markdown": _markdown.render,
    "json": _changes_json.render,
    "sarif": _sarif.render,
    "junit": _junit.render,
    "github": _github.render,
    "html": _html.render,
}
"""The same for the comparisons of one run; a caller writes the text as UTF-8."""


def render_comparisons(comparisons: Sequence[Comparison], form: str, *, color: bool = False) -> str:
    """The comparisons in one format; `color` says something only to `text` (see `wants_color`)."""
    if color and form == "text":
        return _changes_text.render_colored(comparisons)
    return COMPARISON_FORMATS[form](comparisons)
