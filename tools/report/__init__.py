"""What a run found, in the form its reader wants: one file per format, one row in `FORMATS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.report import _json, _text
from tools.report._report import KINDS, Report, count, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["FORMATS", "KINDS", "Report", "count", "flat"]

FORMATS: Final[Mapping[str, Callable[[Sequence[Report]], str]]] = {
    "json": _json.render,
    "text": _text.render,
    "verbose": _text.render_all,
}
"""Each takes the reports of one run and returns what goes to standard output, with its final newline."""
