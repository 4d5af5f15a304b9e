"""OpenAPI Overlay 1.1: apply actions to a document, and write JSONPaths that name one node.

An action that matches nothing is returned, never skipped in silence.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jsonpath_rfc9535 as jsonpath

from tools.errors import JudgementError, Place
from tools.schema.pointers import join, resolve, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.model import Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmatched:
    """An action whose target selects no node; `pointer` leads to it inside the overlay."""

    pointer: str
    target: str


@dataclass(frozen=True, slots=True)
class _Action:
    """Where an action stands, for messages."""

    path: str
    lines: Mapping[str, int]
    pointer: str

    def wrong(self, problem: str, fix: str) -> JudgementError:
        place = Place(path=self.path, line=self.lines.get(self.pointer), pointer=self.pointer or None)
        return JudgementError(problem, fix=fix, places=[place])


def apply_overlay(
    document: JsonObject, overlay: JsonObject, *, path: str, lines: Mapping[str, int] | None = None
) -> tuple[JsonObject, tuple[Unmatched, ...]]:
    """A copy of `document` with every action of `overlay` applied in order, and the actions that matched nothing.

    Raises JudgementError, naming `path` and the line, for an action that is no valid Overlay 1.1 action.
    """
    result = copy.deepcopy(document)
    unmatched: list[Unmatched] = []
    actions = overlay.get("actions")
    if not is_array(actions):
        whole = _Action(path, lines or {}, "")
        raise whole.wrong("an overlay needs a list of actions", "Write `actions:` with at least one action.")
    for index, action in enumerate(actions):
        at = _Action(path, lines or {}, join("", "actions", index))
        target = _target(action, at)
        found = _select(result, target, at)
        if not found:
            unmatched.append(Unmatched(pointer=at.pointer, target=target))
        elif action.get("remove") is True:
            _remove(result, found)
        else:
            result = _change(result, found, action, at)
    return result, tuple(unmatched)


def _target(action: Json, at: _Action) -> str:
    target = action.get("target") if is_object(action) else None
    if not isinstance(target, str):
        raise at.wrong("an action needs a target", "Name the node in a JSONPath (RFC 9535).")
    if ("update" in action) + ("copy" in action) + (action.get("remove") is True) != 1:
        raise at.wrong("an action has one of update, copy and remove", "Keep one of the three.")
    return target


def _change(document: JsonObject, found: list[str], action: JsonObject, at: _Action) -> JsonObject:
    if "copy" in action:
        sources = _select(document, action["copy"], at)
        if len(sources) != 1:
            raise at.wrong("`copy` must name exactly one node", "Make its JSONPath select one node.")
        change = resolve(document, sources[0])
    else:
        change = action["update"]
    for pointer in found:
        try:
            document = _update(document, pointer, copy.deepcopy(change))
        except TypeError as error:
            raise at.wrong(str(error), "Give an update of the target's own kind.") from None
    return document


def json_path(document: Json, pointer: str) -> str:
    """The JSONPath that selects the node at `pointer` of `document` and nothing else."""
    path, node = "$", document
    for token in split(pointer):
        in_list = is_array(node)
        node = node[int(token)] if in_list else node[token]
        # Only the container tells: `200` is an index in a list, but a name among responses.
        if in_list:
            path += f"[{token}]"
        elif token.isidentifier() and token.isascii():
            path += f".{token}"
        else:
            quoted = token.replace("\\", "\\\\").replace("'", "\\'")
            path += f"['{quoted}']"
    return path


def _select(document: JsonObject, target: str, at: _Action) -> list[str]:
    try:
        nodes = jsonpath.find(target, document)
    except jsonpath.JSONPathError as error:
        problem = f"the target is no JSONPath: {str(error).splitlines()[0]}"
        raise at.wrong(problem, "Write it as RFC 9535 says, names in ['…'].") from None
    return ["".join(join("", part) for part in node.location) for node in nodes]


def _remove(document: JsonObject, pointers: list[str]) -> None:
    # Later siblings first: removing an item moves the ones behind it.
    for pointer in reversed(pointers):
        parent, _, _ = pointer.rpartition("/")
        token = split(pointer)[-1]
        container = resolve(document, parent)
        if is_array(container):
            del container[int(token)]
        else:
            del container[token]


def _update(document: JsonObject, pointer: str, change: Json) -> JsonObject:
    if not pointer:
        merged: JsonObject = _merge(document, change)
        return merged
    parent = resolve(document, pointer.rpartition("/")[0])
    token = split(pointer)[-1]
    slot: Json = int(token) if is_array(parent) else token
    parent[slot] = _merge(parent[slot], change, target=True)
    return document


def _merge(old: Json, new: Json, *, target: bool = False) -> Json:
    if is_object(old) and is_object(new):
        merged = dict(old)
        for key, value in new.items():
            merged[key] = _merge(merged[key], value) if key in merged else value
        return merged
    if is_array(old):
        if is_array(new):
            return [*old, *new]
        if target:
            return [*old, new]
    if target and is_object(old):
        message = "an object cannot be updated with something that is no object"
        raise TypeError(message)
    return new
