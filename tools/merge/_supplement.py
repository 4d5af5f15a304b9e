"""The supplement: facts the vendored pages only point at, as if each entry were one more page.

A page that states the same fact wins; the entry is then reported as obsolete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import JudgementError, Place
from tools.merge._candidates import operations
from tools.merge._variants import listed_models, request_schema
from tools.model import SUPPLEMENT, Extracted, Page
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.merge._candidates import Stated
    from tools.model import JsonObject, Judgements


def entries(judgements: Judgements, provider: str) -> list[Extracted]:
    """Each entry of the supplement as an extracted page; raises JudgementError for one that lacks a field."""
    found: list[Extracted] = []
    seen: set[str] = set()
    rows = judgements.supplement.get("entries", [])
    for index, entry in enumerate(rows if is_array(rows) else [rows]):
        at = join("/entries", index)
        place = Place(path="supplement.yaml", line=judgements.supplement_lines.get(at), pointer=at)
        for member in ("id", "x-reason", "x-evidence", "document"):
            kind = dict if member == "document" else str
            if not (is_object(entry) and isinstance(entry.get(member), kind) and entry[member]):
                fix = "Give every entry an id, an x-reason, its x-evidence and an OpenAPI document."
                raise JudgementError(f"an entry has no {member}", fix=fix, places=[place])
        if entry["id"] in seen:
            fix = "Give each entry an id of its own."
            raise JudgementError(f"two entries are called {entry['id']}", fix=fix, places=[place])
        seen.add(entry["id"])
        prefix = join(at, "document")
        lines = {
            pointer.removeprefix(prefix): line
            for pointer, line in judgements.supplement_lines.items()
            if pointer.startswith(prefix)
        }
        page = Page(provider=provider, locale=SUPPLEMENT, path=f"{SUPPLEMENT}/{entry['id']}", content=b"")
        document: JsonObject = entry["document"]
        found.append(Extracted(page=page, kind="openapi", document=document, lines=lines))
    return found


def needed(supplement: Iterable[Extracted], stated: Sequence[Stated]) -> tuple[list[Extracted], list[str]]:
    """The entries no page states, and a note for each that a page does."""
    whole = [one for one in stated if not one.candidate.value.get("x-vidgate-partial")]
    paths = {one.operation for one in whole}
    models = {(one.operation, model) for one in whole for model in _model_ids(one)}
    kept: list[Extracted] = []
    notes: list[str] = []
    for entry in supplement:
        mine = list(operations([entry]))
        ids = [(one.operation, model) for one in mine for model in _model_ids(one)]
        known = all(one in models for one in ids) if ids else all(one.operation in paths for one in mine)
        if known:
            notes.append(f"supplement.yaml: entry {entry.page.stem} is obsolete, a page states it; delete the entry.")
        else:
            kept.append(entry)
    return kept, notes


def _model_ids(one: Stated) -> tuple[str, ...]:
    schema = request_schema(one.candidate)
    return () if schema is None else listed_models(schema)
