"""Every open decision settled by precedence, for a caller that asks for it; what was settled is told, each once.

The first candidate of a conflict is the one that wins: see `Uniter.precedence`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.merge._findings import described, open_decisions, places_of, settling
from tools.merge._unite import CONFLICT
from tools.model import Decision
from tools.schema.pointers import resolve, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

RULE = "settled-by-precedence"


def settle(document: JsonObject) -> tuple[Decision, ...]:
    """Settle every conflict of `document`, in place: one decision per disagreement, with actions that say the same."""
    found = list(open_decisions(document))
    settled = tuple(
        Decision(
            rule=RULE,
            message=f"#{pointers[0].rpartition('/')[0]}: {described(rows)}{_elsewhere(len(pointers))}",
            places=tuple(places_of(rows)),
            action=settling(document, rows, pointers),
        )
        for rows, pointers in found
    )
    every = [(pointer, rows) for rows, pointers in found for pointer in pointers]
    for pointer, rows in sorted(every, key=lambda pair: _depth(pair[0]), reverse=True):
        _settle(document, pointer.rpartition("/")[0], rows)
    return settled


def _elsewhere(nodes: int) -> str:
    return f", and at {nodes - 1} more" if nodes > 1 else ""


def _settle(document: JsonObject, at: str, rows: list[JsonObject]) -> None:
    node: Json = resolve(document, at)
    del node[CONFLICT]
    for row in rows:
        chosen = row["candidates"][0]
        if row["member"]:
            if "value" in chosen:
                node[row["member"]] = chosen["value"]
        elif chosen.get("absent"):
            _put(document, at)
        elif "value" in chosen:
            _put(document, at, [chosen["value"]])


def _put(document: JsonObject, pointer: str, new: list[Json] | None = None) -> None:
    """Replace the node at `pointer` by the one in `new`, or take it away."""
    parent: Json = resolve(document, pointer.rpartition("/")[0])
    token = split(pointer)[-1]
    if is_array(parent):
        parent[int(token) : int(token) + 1] = new or []
    elif is_object(parent):
        parent.pop(token, None)
        if new:
            parent[token] = new[0]


def _depth(pointer: str) -> tuple[int, list[tuple[int, str]]]:
    """Innermost first, and later items of a list before earlier ones: removing one moves those behind it."""
    tokens = split(pointer)
    return len(tokens), [(int(token) if re.fullmatch(r"\d{1,9}", token) else -1, token) for token in tokens]
