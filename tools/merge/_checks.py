"""What pages and judgements must look like before anything is merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import Findings, JudgementError, PageError, Place
from tools.schema.openapi import misshapen
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.errors import ToolError
    from tools.model import Extracted, Judgements


def check_shapes(pages: Sequence[Extracted], supplement: Sequence[Extracted]) -> None:
    """Raise Findings when a document holds a value of the wrong kind, such as a list of paths."""
    errors: list[ToolError] = [
        PageError(
            problem, places=[page.place(pointer)], fix="Report it to the provider; until then leave the page out."
        )
        for page in pages
        for pointer, problem in misshapen(page.document or {})
    ]
    errors += [
        JudgementError(problem, places=[entry.place(pointer)], fix="Write the entry as an OpenAPI 3.1 document.")
        for entry in supplement
        for pointer, problem in misshapen(entry.document or {})
    ]
    if errors:
        raise Findings(errors)


def check_actions(judgements: Judgements) -> None:
    """Raise JudgementError for an overlay action or an explained leftover without its reason."""
    wanted = {"actions": ("x-reason", "x-evidence"), "x-leftovers": ("page", "text", "x-reason")}
    for member, names in wanted.items():
        rows = judgements.overlay.get(member, [])
        for index, row in enumerate(rows if is_array(rows) else [rows]):
            at = join("", member, index)
            for name in names:
                if not (is_object(row) and isinstance(row.get(name), str) and row[name].strip()):
                    place = Place(path="overlay.yaml", line=judgements.overlay_lines.get(at), pointer=at)
                    fix = f"Give it {' and '.join(names)}: a judgement without its reason is none."
                    raise JudgementError(f"no {name}", places=[place], fix=fix)
