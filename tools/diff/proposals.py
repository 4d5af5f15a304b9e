"""Constraints that a page's text states in every language and the contract lacks: proposed, never applied.

Read as narrowly as contradictions are: a label such as "Supported values" with a list or a table of literals, one range
or one limit. Whatever a single language says otherwise, or does not say, is no candidate.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import yaml

from tools.diff._sides import named, translations
from tools.diff.constraints import stated
from tools.model import Proposal
from tools.schema.overlay import json_paths
from tools.schema.pointers import objects, resolve
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Extracted, Json, JsonObject

_SOURCE: Final = "x-vidgate-source"
_DECIDED: Final = ("const", "enum", "x-vidgate-values", "x-vidgate-reading")
"""Where one of these stands, people have looked already."""

_EVIDENCE: Final = 4
"""Pages that a proposed action names as its evidence."""


def propose(
    extracted: Sequence[Extracted], contract: JsonObject, precedence: Sequence[str] = ()
) -> tuple[Proposal, ...]:
    """What the overlay could take over from the texts, one proposal per page, node and keyword."""
    where = _where(contract)
    found: list[Proposal] = []
    for sides in translations(extracted, precedence):
        for pointer, constraint in _agreed(sides):
            targets = list(dict.fromkeys(_targets(sides, pointer, constraint, where, contract)))
            if targets:
                found.append(_proposal(sides, pointer, constraint, targets, contract))
    return tuple(found)


def _agreed(sides: Mapping[str, Extracted]) -> Iterator[tuple[str, JsonObject]]:
    """Nodes of a page, and what all its languages say of them and none has in its schema."""
    first, *others = sides.values()
    for pointer, node in objects(first.document):
        if not _described(node):
            continue
        constraint = stated(node["description"], node)
        for other in others:
            if not constraint:
                break
            constraint = _common(constraint, other, pointer)
        if constraint:
            yield pointer, constraint


def _described(node: Json) -> bool:
    return is_object(node) and isinstance(node.get("description"), str) and ("type" in node or "oneOf" in node)


def _common(constraint: JsonObject, other: Extracted, pointer: str) -> JsonObject:
    """What another language says just so; of lists, whatever their order."""
    try:
        node: Json = resolve(other.document, pointer)
    except KeyError:
        return {}
    said = stated(node["description"], node) if _described(node) else {}
    return {name: value for name, value in constraint.items() if name in said and _same(said[name], value)}


def _same(one: Json, other: Json) -> bool:
    if is_array(one) and is_array(other):
        return sorted(map(json.dumps, one)) == sorted(map(json.dumps, other))
    return json.dumps(one) == json.dumps(other)


def _where(contract: JsonObject) -> dict[str, dict[str, list[str]]]:
    """Page → pointer on the page → where the contract took it."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for at, node in objects(contract.get("components", {}).get("schemas", {}), "/components/schemas", but=_SOURCE):
        if is_array(node.get(_SOURCE)):
            for row in node[_SOURCE]:
                if is_object(row) and "page" in row:
                    found[row["page"]][row["pointer"]].append(at)
    return found


def _targets(
    sides: Mapping[str, Extracted],
    pointer: str,
    constraint: JsonObject,
    where: Mapping[str, Mapping[str, Sequence[str]]],
    contract: JsonObject,
) -> Iterator[str]:
    """The nodes of the contract that the text speaks of and that lack the constraint."""
    for item in sides.values():
        for start, places in where.get(item.page.path, {}).items():
            if pointer.startswith(f"{start}/"):
                for place in places:
                    at = place + pointer.removeprefix(start)
                    try:
                        node: Json = resolve(contract, at)
                    except KeyError:
                        continue
                    if is_object(node) and not any(name in node for name in (*constraint, *_DECIDED)):
                        yield at
        return  # the translations of a page stand at the same places of the contract


def _proposal(
    sides: Mapping[str, Extracted], pointer: str, constraint: JsonObject, targets: Sequence[str], contract: JsonObject
) -> Proposal:
    said = ", ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in constraint.items())
    places = tuple(item.place(f"{pointer}/description") for item in sides.values())
    evidence = ", ".join(f"{place.path}:{place.line}" for place in places[:_EVIDENCE])
    more = f" and {len(places) - _EVIDENCE} more languages" if len(places) > _EVIDENCE else ""
    actions = [
        {
            "target": target,
            "update": {**constraint, "x-vidgate-reading": f"The text says so in {named(sides)}."},
            "x-reason": "Every language of the page states it, the schema does not.",
            "x-evidence": f"{evidence}{more}",
        }
        for target in json_paths(contract, targets)
    ]
    text: str = yaml.safe_dump(json.loads(json.dumps(actions)), allow_unicode=True, sort_keys=False, width=10_000)
    says = "says" if len(sides) == 1 else "say"
    return Proposal(message=f"#{targets[0]}: {said}, as {named(sides)} {says}", places=places, action=text)
