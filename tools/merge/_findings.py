"""What is still open in a merged contract, each decision once, with the action that settles it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from tools.errors import ConflictError, JudgementError, LeftoverError, Place, StaleAction, by_language
from tools.merge._unite import CONFLICT, SOURCE
from tools.model import SUPPLEMENT
from tools.schema.overlay import MATCHES, json_paths
from tools.schema.pointers import join, resolve, split
from tools.schema.shapes import is_object

_WORTH_SHOWING = 120
"""Characters of a value that a message repeats."""

_PAGES = 4
"""Pages of one opinion that a message names; the places hold all."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.model import Extracted, Json, JsonObject, Judgements, Leftover
    from tools.schema.overlay import Outcome


def open_decisions(document: JsonObject) -> Iterator[tuple[list[JsonObject], list[str]]]:
    """What pages or languages disagree on, and the pointers of every node that has the very same disagreement."""
    groups: dict[str, tuple[list[JsonObject], list[str]]] = {}
    for pointer, value in _open(document):
        groups.setdefault(json.dumps(value, sort_keys=True), (value, []))[1].append(pointer)
    yield from groups.values()


def _open(document: JsonObject) -> Iterator[tuple[str, list[JsonObject]]]:
    """Every conflict, in order; provenance, most of a contract, holds none.

    What is inside a node comes before it: an action may take the node away, and one for the inside would match nothing.
    """
    found: list[tuple[str, list[JsonObject]]] = []
    stack: list[tuple[str, Json]] = [("", document)]
    while stack:  # from the end to the beginning, nodes before what is inside them
        here, node = stack.pop()
        if is_object(node):
            if CONFLICT in node:
                found.append((join(here, CONFLICT), node[CONFLICT]))
            inner = [(join(here, name), value) for name, value in node.items() if name not in (CONFLICT, SOURCE)]
        else:
            inner = [(join(here, index), value) for index, value in enumerate(node)]
        stack += [(at, value) for at, value in inner if isinstance(value, dict | list)]
    yield from reversed(found)


def conflicts(document: JsonObject) -> list[ConflictError]:
    """One error per disagreement; one that was copied to several nodes is one decision with several targets."""
    return [_conflict(document, rows, pointers) for rows, pointers in open_decisions(document)]


def places_of(rows: Sequence[JsonObject]) -> list[Place]:
    """Every place where a candidate stands."""
    return [_place(source) for row in rows for candidate in row["candidates"] for source in candidate[SOURCE]]


def described(rows: Sequence[JsonObject]) -> str:
    """Who says what, the first by precedence first."""
    return "; ".join(
        f"{_said(row['member'], candidate)} in {_pages(candidate)}" for row in rows for candidate in row["candidates"]
    )


def _said(member: str, candidate: JsonObject) -> str:
    if candidate.get("absent"):
        return f"no {member}" if member else "not documented"
    if "value" not in candidate:
        return "documented"
    return f"{member or 'it'} is {_short(candidate['value'])}"


def _pages(candidate: JsonObject) -> str:
    places = (_place(source) for source in candidate[SOURCE])
    pages = by_language(Place(path=place.path, line=place.line) for place in places)
    more = len(pages) - _PAGES
    return ", ".join(pages[:_PAGES]) + (f" and {more} more" if more > 0 else "")


def _conflict(document: JsonObject, rows: list[JsonObject], pointers: Sequence[str]) -> ConflictError:
    node = pointers[0].rpartition("/")[0]
    return ConflictError(
        f"#{node}: {described(rows)}",
        places=places_of(rows),
        fix="Decide which is right and add to overlay.yaml, with your own reason (proposed: the first by precedence):",
        action=settling(document, rows, pointers),
    )


def settling(document: JsonObject, rows: Sequence[JsonObject], pointers: Sequence[str]) -> str:
    """The overlay actions, as YAML, that settle one disagreement by precedence wherever it stands."""
    stated = [f"{place.path}:{place.line}" for row in rows for place in _first_places(row)]
    reasons = {"x-reason": "Settled by precedence of pages and languages.", "x-evidence": ", ".join(stated)}
    return overlay_yaml(
        {"target": target, **change, **reasons}
        for nodes, change in _settling(document, rows, pointers)
        for target in json_paths(document, nodes)
    )


def overlay_yaml(actions: Iterable[JsonObject]) -> str:
    """Actions as they are pasted into an overlay."""
    # Through JSON, so that equal values are written out: an overlay may hold no YAML aliases.
    return "".join(
        yaml.safe_dump([json.loads(json.dumps(action))], allow_unicode=True, sort_keys=False, width=10_000)
        for action in actions
    )


def _settling(
    document: JsonObject, rows: Sequence[JsonObject], pointers: Sequence[str]
) -> Iterator[tuple[list[str], JsonObject]]:
    """Nodes and what is done to each of them."""
    nodes = [pointer.rpartition("/")[0] for pointer in pointers]
    settled: tuple[list[str], JsonObject] = (list(pointers), {"remove": True})
    update: JsonObject = {}
    for row in rows:
        chosen = row["candidates"][0]
        if not row["member"] and chosen.get("absent"):
            yield nodes, {"remove": True}
            return
        if row["member"] and "value" in chosen:
            update[row["member"]] = chosen["value"]
            # An update adds to what is there; this value takes its place.
            stating = [node for node in nodes if row["member"] in resolve(document, node)]
            if stating:
                yield [join(node, row["member"]) for node in stating], {"remove": True}
        elif not row["member"] and "value" in chosen:
            for node in nodes:
                yield [node.rpartition("/")[0]], {"update": {split(node)[-1]: chosen["value"]}}
            if is_object(chosen["value"]):
                yield settled
            return
    if update:
        yield nodes, {"update": update}
    yield settled


def _first_places(row: JsonObject) -> Iterator[Place]:
    """One place per opinion, the one that wins first."""
    for candidate in row["candidates"]:
        if candidate[SOURCE]:
            yield _place(candidate[SOURCE][0])


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
    return [
        LeftoverError(
            f"not understood ({leftover.reason}): {leftover.text.strip()[:120]!r}",
            places=[leftover.place],
            fix="Teach the reader, or explain it under `x-leftovers` in overlay.yaml (page, text, x-reason).",
        )
        for leftover, reason in _explanations(extracted, judgements)
        if reason is None
    ]


def explained(extracted: Iterable[Extracted], judgements: Judgements) -> list[str]:
    """One note per leftover that the overlay explains."""
    return [
        f"{leftover.place}: left over ({leftover.reason}): {reason}"
        for leftover, reason in _explanations(extracted, judgements)
        if reason is not None
    ]


def _explanations(extracted: Iterable[Extracted], judgements: Judgements) -> Iterator[tuple[Leftover, str | None]]:
    rows: list[JsonObject] = judgements.overlay.get("x-leftovers", [])
    reasons = {(row["page"], row["text"]): str(row["x-reason"]) for row in rows}
    for source in extracted:
        for leftover in source.leftovers:
            yield leftover, reasons.get((source.page.path, leftover.text.strip()))
