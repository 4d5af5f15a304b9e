"""What is still open in a merged contract, each decision once, with the action that settles it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from tools.errors import ConflictError, JudgementError, LeftoverError, Place, StaleAction
from tools.merge._unite import CONFLICT, SOURCE
from tools.model import SUPPLEMENT
from tools.schema.overlay import MATCHES, json_path
from tools.schema.pointers import join, split, walk

_WORTH_SHOWING = 120
"""Characters of a value that a message repeats."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.model import Extracted, Json, JsonObject, Judgements
    from tools.schema.overlay import Outcome


def conflicts(document: JsonObject) -> list[ConflictError]:
    """One error per disagreement; one that was copied to several nodes is one decision with several targets."""
    groups: dict[str, list[str]] = {}
    for pointer, value in walk(document):
        if split(pointer)[-1:] == [CONFLICT]:
            groups.setdefault(json.dumps(value, sort_keys=True), []).append(pointer)
    return [_conflict(document, json.loads(text), pointers) for text, pointers in groups.items()]


def _conflict(document: JsonObject, rows: list[JsonObject], pointers: Sequence[str]) -> ConflictError:
    places: list[Place] = []
    said: list[str] = []
    for row in rows:
        for candidate in row["candidates"]:
            sources = [_place(source) for source in candidate[SOURCE]]
            places.extend(sources)
            word = "nothing" if candidate.get("absent") else _short(candidate.get("value", "it"))
            said.append(
                f"{row['member'] or 'the whole node'} is {word} in {', '.join(place.path for place in sources)}"
            )
    node = pointers[0].rpartition("/")[0]
    actions = [action for pointer in pointers for action in _settling(document, pointer, rows)]
    # Through JSON, so that equal values are written out: an overlay may hold no YAML aliases.
    text: str = "".join(
        yaml.safe_dump([json.loads(json.dumps(action))], allow_unicode=True, sort_keys=False, width=10_000)
        for action in actions
    )
    return ConflictError(
        f"#{node}: {'; '.join(said)}",
        places=places,
        fix="Decide which is right and add to overlay.yaml, with your own reason (proposed: the first by precedence):",
        action=text,
    )


def _settling(document: JsonObject, pointer: str, rows: Sequence[JsonObject]) -> list[JsonObject]:
    node = pointer.rpartition("/")[0]
    reasons = {"x-reason": "Settled by locale precedence.", "x-evidence": "The pages named in the finding."}
    update: JsonObject = {}
    for row in rows:
        chosen = row["candidates"][0]
        if not row["member"] and chosen.get("absent"):
            return [{"target": json_path(document, node), "remove": True, **reasons}]
        if row["member"] and "value" in chosen:
            update[row["member"]] = chosen["value"]
    actions: list[JsonObject] = [{"target": json_path(document, pointer), "remove": True, **reasons}]
    if update:
        actions.insert(0, {"target": json_path(document, node), "update": update, **reasons})
    return actions


def _place(source: JsonObject) -> Place:
    path = "supplement.yaml" if SUPPLEMENT in source else f"pages/{source['page']}"
    return Place(path=path, line=source.get("line"), pointer=source["pointer"])


def _short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WORTH_SHOWING else f"{text[: _WORTH_SHOWING - 3]}..."


def unhealthy(outcomes: Iterable[Outcome], judgements: Judgements) -> Iterator[JudgementError]:
    """One error per overlay action that matches nothing, matches another number than it must, or says nothing new."""
    for one in outcomes:
        if one.state == "stale":
            yield StaleAction(
                f"the action's target {one.target} matches nothing",
                places=[_action(one.pointer, judgements)],
                fix="The pages changed, or the target is misspelled: correct it or delete the action.",
            )
            continue
        if one.miscounted:
            yield JudgementError(
                f"the action's target {one.target} matches {_nodes(len(one.matched))}, {MATCHES} says {one.expected}",
                places=[_action(join(one.pointer, MATCHES), judgements)],
                fix="Look at what it matches now (`python -m tools overlay --json`); correct the target or the number.",
            )
        if one.state == "obsolete":
            yield JudgementError(
                f"the action changes nothing: {_nodes(len(one.matched))} at {one.target} said so before",
                places=[_action(one.pointer, judgements)],
                fix="Upstream says it itself: delete the action."
                if one.upstream
                else "An action before it says it already: delete one of the two.",
            )
        for item in one.repeated:
            yield JudgementError(
                "the action adds an item that the list holds already",
                places=[_action(item, judgements)],
                fix="Delete the item from the action, or narrow the target: the list would hold it twice.",
            )


def _action(pointer: str, judgements: Judgements) -> Place:
    line = judgements.overlay_lines.get(pointer)
    if line is None:  # a value in flow style has the line of its action
        line = judgements.overlay_lines.get("".join(join("", token) for token in split(pointer)[:2]))
    return Place(path="overlay.yaml", line=line, pointer=pointer)


def _nodes(number: int) -> str:
    return "1 node" if number == 1 else f"{number} nodes"


def leftovers(extracted: Iterable[Extracted], judgements: Judgements) -> list[LeftoverError]:
    """One error per part of a page that no reader understood and `x-leftovers` of the overlay does not explain."""
    explained = {(row["page"], row["text"]) for row in judgements.overlay.get("x-leftovers", [])}
    return [
        LeftoverError(
            f"not understood ({leftover.reason}): {leftover.text.strip()[:120]!r}",
            places=[leftover.place],
            fix="Teach the reader, or explain it under `x-leftovers` in overlay.yaml (page, text, x-reason).",
        )
        for source in extracted
        for leftover in source.leftovers
        if (source.page.path, leftover.text.strip()) not in explained
    ]
