"""Every action of a provider's overlay: how many nodes it matches on these pages, and whether they still need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.build._remembered import remembered
from tools.build.derive import extract_pages, select_pages
from tools.errors import Place, ToolError, UsageError
from tools.merge import overlay_outcomes
from tools.report import Report, count
from tools.store import OVERLAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.build.options import Options, Progress
    from tools.errors import JudgementError
    from tools.model import JsonObject
    from tools.schema.overlay import Outcome, State
    from tools.store import Added, Workspace


def overlay_health(workspace: Workspace, provider: str, options: Options, progress: Progress) -> Report:
    """One row per action among the facts.

    For vendored pages a stale, obsolete or miscounted action is a finding, for others a note.
    """
    pages = select_pages(workspace, provider, options.pages)
    extracted, errors = extract_pages(pages.pages, progress, remembered(workspace))
    findings: list[ToolError] = list(errors)
    outcomes: tuple[Outcome, ...] = ()
    wrong: tuple[JudgementError, ...] = ()
    rows: list[JsonObject] = []
    try:
        judgements, added = workspace.judgements(provider, options.overlays)
        if not errors:
            outcomes, wrong = overlay_outcomes(extracted, judgements, workspace.source(provider).source)
        rows = [_row(one, _place(one, judgements.overlay_lines.get(one.pointer), added)) for one in outcomes]
        for error in wrong:
            error.places = tuple(_moved(place, added) for place in error.places)
    except UsageError:
        raise
    except ToolError as error:
        findings.append(error)
    notes: tuple[str, ...] = ()
    if options.pages is None:
        findings.extend(wrong)
    else:
        notes = tuple(str(error).partition("\n")[0] for error in wrong)
    return Report(
        subject=provider,
        summary=f"{count(len(outcomes), 'action')}: {_states(outcomes)}",
        facts={"actions": rows},
        findings=tuple(findings),
        notes=notes,
    )


def overlay_lines(report: Report) -> list[str]:
    """The rows of `overlay_health` for people: state, nodes, place and target."""
    rows: list[JsonObject] = report.facts.get("actions", [])
    lines: list[str] = []
    for row in rows:
        wanted = f" of {row['expected']}" if "expected" in row else ""
        where = Place(path=row["path"], line=row.get("line"))
        lines.append(f"  {row['state']:8} {row['matches']:4}{wanted}  {where}: {row['target']}")
        lines.extend(f"                 said already: {pointer}" for pointer in row["said"])
    return lines


def _row(one: Outcome, place: Place) -> JsonObject:
    row: JsonObject = {
        "path": place.path,
        "line": place.line,
        "pointer": place.pointer,
        "target": one.target,
        "state": one.state,
        "matches": len(one.matched),
        "nodes": list(one.matched),
        "said": list(one.said) if one.state == "applied" else [],
    }
    if one.expected is not None:
        row["expected"] = one.expected
    if one.obsolete:
        row["said_by"] = "upstream" if one.upstream else "an action before it"
    return row


def _place(one: Outcome, line: int | None, added: Sequence[Added]) -> Place:
    return _moved(Place(path=OVERLAY, line=line, pointer=one.pointer), added)


def _moved(place: Place, added: Sequence[Added]) -> Place:
    """Where an action of another overlay file stands in that file."""
    for one in added:
        place = one.place(place)
    return place


def _states(outcomes: Sequence[Outcome]) -> str:
    names: tuple[State, ...] = ("applied", "obsolete", "stale")
    counts = {name: sum(one.state == name for one in outcomes) for name in names}
    return ", ".join(f"{number} {name}" for name, number in counts.items())
