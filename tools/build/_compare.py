"""Two sides from wherever they stand → what changed between them."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.build._derive import Options, derive
from tools.diff.documents import compare_documents
from tools.diff.rules import RULES
from tools.diff.severity import Severity, read_severity
from tools.errors import Findings, UsageError
from tools.report import Accepted, Comparison
from tools.schema.pointers import resolve, split, walk
from tools.schema.shapes import is_array, is_object
from tools.store import read_bytes, read_side, side_of_document

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tools.build._derive import Progress
    from tools.model import Extracted, Json, JsonObject
    from tools.report import FailOn
    from tools.store import Side, Workspace

_CONFLICT: Final = "x-vidgate-conflict"
_SOURCE: Final = "x-vidgate-source"
_SCHEMAS: Final = "#/components/schemas/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """What `diff` was told; `today` is the day that acceptances and sunsets are measured by."""

    old: str
    new: str
    provider: str | None = None
    fail_on: FailOn = "error"
    config: Path | None = None
    today: dt.date | None = None


def compare_sides(workspace: Workspace, asked: Sides, progress: Progress) -> Comparison:
    """Load both sides and compare them; raises UsageError for a side that is none."""
    severity = _severity(asked.config)
    old, new = (_side(name, workspace, asked.provider, progress) for name in (asked.old, asked.new))
    progress("read both sides")
    applied = severity.apply(compare_documents(old, new, today=asked.today), today=asked.today)
    provider = asked.provider or next((name for name in (asked.new, asked.old) if name in workspace.providers()), "")
    return Comparison(
        title=provider or asked.new,
        old=asked.old,
        new=asked.new,
        changes=applied.changes,
        provider=provider,
        root=f"specs/{provider}" if provider else "",
        fail_on=asked.fail_on,
        rules={rule.id: rule.why for rule in RULES},
        accepted=tuple(
            Accepted(change=change, reason=one.reason, until=one.until.isoformat()) for change, one in applied.accepted
        ),
        stale=tuple(str(finding) for finding in applied.findings),
    )


def _severity(path: Path | None) -> Severity:
    if path is None:
        return Severity()
    if not path.is_file():
        raise UsageError(f"there is no file {path}", fix="Name the configuration with --config.")
    return read_severity(read_bytes(path).decode("utf-8", "replace"), path=str(path))


def _side(name: str, workspace: Workspace, provider: str | None, progress: Progress) -> Side:
    folder = Path(name)
    if name.startswith("git:") or not folder.is_dir():
        return read_side(name, workspace=workspace, provider=provider)
    if provider is None:
        raise UsageError(f"{name} is a folder of pages", fix="Say whose pages these are with --provider.")
    derived = derive(workspace, workspace.provider(provider), Options(pages=folder), progress)
    if derived.document is None:
        raise Findings(derived.findings)
    return side_of_document(settle(derived.document.openapi, derived.extracted), name=name)


def settle(document: JsonObject, extracted: Sequence[Extracted]) -> JsonObject:
    """The document with the first candidate, that is the first by precedence, wherever pages still disagree.

    A component that only candidates refer to is not part of the contract yet: it comes from the candidate's page.
    """
    settled = copy.deepcopy(document)
    pages = {one.page.path: one.document for one in extracted if one.document is not None}
    pointers = [pointer for pointer, _ in walk(settled) if split(pointer)[-1:] == [_CONFLICT]]
    for pointer in sorted(pointers, key=_depth, reverse=True):
        at = pointer.rpartition("/")[0]
        node: Json = resolve(settled, at)
        for row in node.pop(_CONFLICT):
            chosen = row["candidates"][0]
            if row["member"]:
                if "value" in chosen:
                    node[row["member"]] = chosen["value"]
                    for source in chosen[_SOURCE]:
                        _complete(settled, {row["member"]: chosen["value"]}, pages.get(str(source.get("page"))))
            elif chosen.get("absent"):
                _remove(settled, at)
    return settled


def _complete(document: JsonObject, value: Json, page: JsonObject | None) -> None:
    """Take the schemas that `value` refers to, and those that they refer to, from the page they stand on."""
    waiting = [value]
    while waiting and page is not None:
        for pointer, reference in walk(waiting.pop()):
            if not pointer.endswith("/$ref") or not str(reference).startswith(_SCHEMAS):
                continue
            name = split(str(reference))[-1]
            schemas: JsonObject = document.setdefault("components", {}).setdefault("schemas", {})
            if name not in schemas and name in page.get("components", {}).get("schemas", {}):
                schemas[name] = copy.deepcopy(page["components"]["schemas"][name])
                waiting.append(schemas[name])


def _depth(pointer: str) -> tuple[int, list[tuple[int, str]]]:
    """Innermost first, and later items of a list before earlier ones: removing one moves those behind it."""
    tokens = split(pointer)
    return len(tokens), [(int(token) if re.fullmatch(r"\d{1,9}", token) else -1, token) for token in tokens]


def _remove(document: JsonObject, pointer: str) -> None:
    parent: Json = resolve(document, pointer.rpartition("/")[0])
    token = split(pointer)[-1]
    if is_array(parent):
        del parent[int(token)]
    elif is_object(parent):
        del parent[token]
