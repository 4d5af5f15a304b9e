"""OpenAPI Overlay 1.1: apply actions to a document, and write JSONPaths that name one node.

What became of an action is returned, never passed over in silence: how many nodes it matched, whether the document
said the same before it, and how many nodes it wants (`x-matches`, ours).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import jsonpath_rfc9535 as jsonpath

from tools.errors import JudgementError, Place
from tools.schema.pointers import join, resolve, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.model import Json, JsonObject

MATCHES: Final = "x-matches"
"""How many nodes an action must match, where its author knows."""

READING: Final = "x-vidgate-reading"
"""Stands beside a constraint we read from prose: no page can say it, so it keeps no action alive alone."""

State: TypeAlias = Literal["applied", "obsolete", "stale"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmatched:
    """An action whose target selects no node; `pointer` leads to it inside the overlay."""

    pointer: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one action; `pointer` leads to it inside the overlay.

    `matched` are the nodes its target selects, `expected` how many they must be. `said` are the parts of the action
    (pointers into the overlay) that every one of those nodes said before; `repeated` the list items that some node
    would hold twice. An action whose every part was said is `obsolete`: because the document given says so
    (`upstream`), or because of an action before it.
    """

    pointer: str
    target: str
    matched: tuple[str, ...]
    expected: int | None = None
    said: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    obsolete: bool = False
    upstream: bool = False

    @property
    def state(self) -> State:
        """What to call it."""
        return "stale" if not self.matched else "obsolete" if self.obsolete else "applied"

    @property
    def miscounted(self) -> bool:
        """Whether it matches another number of nodes than it must."""
        return self.expected is not None and len(self.matched) != self.expected


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
    result, outcomes = perform(document, overlay, path=path, lines=lines, everything=True)
    return result, tuple(Unmatched(pointer=one.pointer, target=one.target) for one in outcomes if not one.matched)


def perform(
    document: JsonObject,
    overlay: JsonObject,
    *,
    path: str,
    lines: Mapping[str, int] | None = None,
    everything: bool = False,
) -> tuple[JsonObject, tuple[Outcome, ...]]:
    """Like `apply_overlay`, with what became of each action, judged on the document as it is before that action.

    Obsolete actions are left out, because Overlay would append to a list what it holds already; with `everything`
    they are applied all the same.
    """
    result: JsonObject = _copied(document)
    outcomes: list[Outcome] = []
    actions = overlay.get("actions")
    if not is_array(actions):
        whole = _Action(path, lines or {}, "")
        raise whole.wrong("an overlay needs a list of actions", "Write `actions:` with at least one action.")
    for index, action in enumerate(actions):
        at = _Action(path, lines or {}, join("", "actions", index))
        target = _target(action, at)
        found = _select(result, target, at)
        expected = _expected(action, at)
        said = _Said() if action.get("remove") is True else _judge(result, found, action, at)
        obsolete = bool(found) and said.all
        outcomes.append(
            Outcome(
                pointer=at.pointer,
                target=target,
                matched=tuple(found),
                expected=expected,
                said=tuple(said.parts),
                repeated=tuple(said.items) if not obsolete else (),
                obsolete=obsolete,
                upstream=obsolete and _said_upstream(document, action, at),
            )
        )
        if action.get("remove") is True:
            _remove(result, found)
        elif found and (everything or not obsolete):
            result = _change(result, found, action, at)
    return result, tuple(outcomes)


def _copied(node: Json) -> Json:
    """What `copy.deepcopy` gives for JSON, many times faster."""
    if is_object(node):
        return {name: _copied(value) if isinstance(value, dict | list) else value for name, value in node.items()}
    if is_array(node):
        return [_copied(item) if isinstance(item, dict | list) else item for item in node]
    return node


@dataclass(slots=True)
class _Said:
    """What of an action the nodes it selects say already, as pointers into the action."""

    all: bool = False
    parts: list[str] = field(default_factory=list[str])
    items: list[str] = field(default_factory=list[str])


def _judge(document: JsonObject, found: list[str], action: JsonObject, at: _Action) -> _Said:
    """What every one of the nodes says of the action's update, or copy."""
    if not found:
        return _Said()
    change = _wanted(document, action, at)
    if is_object(change) and len(change) > 1:
        change = {name: value for name, value in change.items() if name != READING}
    root = join(at.pointer, "copy" if "copy" in action else "update")
    nodes = [resolve(document, pointer) for pointer in found]
    parts = list(_parts(nodes, change, root, target=True))
    return _Said(
        all=all(part.said for part in parts),
        parts=[part.pointer for part in parts if part.said],
        items=[part.pointer for part in parts if part.repeated],
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One smallest part of a change: whether all nodes say it already, and whether a list would hold it twice."""

    pointer: str
    said: bool
    repeated: bool = False


def _parts(nodes: list[Json], change: Json, pointer: str, *, target: bool = False) -> Iterator[_Part]:
    if is_object(change) and change and all(is_object(node) for node in nodes):
        for name, value in change.items():
            inner = join(pointer, name)
            known = [node[name] for node in nodes if name in node]
            if len(known) == len(nodes):
                yield from _parts(known, value, inner)
            else:  # nodes without the member get it; those that have it may say it already
                yield from (
                    _Part(part.pointer, said=False, repeated=part.repeated) for part in _parts(known, value, inner)
                )
    elif nodes and all(is_array(node) for node in nodes) and (is_array(change) or target):
        for index, item in enumerate(change if is_array(change) else [change]):
            inner = join(pointer, index) if is_array(change) else pointer
            held = [any(_same(item, other) for other in node) for node in nodes]
            yield _Part(inner, said=all(held), repeated=any(held))
    else:
        empty = change == {} and all(is_object(node) for node in nodes)  # says nothing of an object
        yield _Part(pointer, said=empty or all(_same(change, node) for node in nodes))


def _same(one: Json, other: Json) -> bool:
    """Equal as JSON: to Python, `true` would be 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _said_upstream(document: JsonObject, action: JsonObject, at: _Action) -> bool:
    """Whether the document said it before any action."""
    found = _select(document, action["target"], at)
    if "copy" in action and len(_select(document, action["copy"], at)) != 1:
        return False
    return bool(found) and _judge(document, found, action, at).all


def _expected(action: JsonObject, at: _Action) -> int | None:
    expected: Json = action.get(MATCHES)
    if expected is None and MATCHES not in action:
        return None
    if isinstance(expected, bool) or not isinstance(expected, int) or expected < 1:
        here = _Action(at.path, at.lines, join(at.pointer, MATCHES))
        raise here.wrong(f"{MATCHES} is {json.dumps(expected)}, no number of nodes", "Give it a number from 1.")
    return expected


def _target(action: Json, at: _Action) -> str:
    target = action.get("target") if is_object(action) else None
    if not isinstance(target, str):
        raise at.wrong("an action needs a target", "Name the node in a JSONPath (RFC 9535).")
    if ("update" in action) + ("copy" in action) + (action.get("remove") is True) != 1:
        raise at.wrong("an action has one of update, copy and remove", "Keep one of the three.")
    return target


def _change(document: JsonObject, found: list[str], action: JsonObject, at: _Action) -> JsonObject:
    change = _wanted(document, action, at)
    for pointer in found:
        try:
            document = _update(document, pointer, _copied(change))
        except TypeError as error:
            raise at.wrong(str(error), "Give an update of the target's own kind.") from None
    return document


def _wanted(document: JsonObject, action: JsonObject, at: _Action) -> Json:
    if "copy" not in action:
        return action["update"]
    sources = _select(document, action["copy"], at)
    if len(sources) != 1:
        raise at.wrong("`copy` must name exactly one node", "Make its JSONPath select one node.")
    return resolve(document, sources[0])


def json_path(document: Json, pointer: str) -> str:
    """The JSONPath that selects the node at `pointer` of `document` and nothing else."""
    return "".join(["$", *_segments(document, pointer)])


def json_paths(document: Json, pointers: Sequence[str]) -> list[str]:
    """JSONPaths that select these nodes and nothing else: a single one where they differ in one name alone."""
    every = [_segments(document, pointer) for pointer in pointers]
    first = every[0]
    if all(len(segments) == len(first) for segments in every):
        apart = [at for at, found in enumerate(zip(*every, strict=True)) if len(set(found)) > 1]
        if len(apart) == 1 and not any(segments[apart[0]].strip("[]").isdigit() for segments in every):
            names = ", ".join(_quoted(split(pointer)[apart[0]]) for pointer in pointers)
            return ["".join(["$", *first[: apart[0]], f"[{names}]", *first[apart[0] + 1 :]])]
    return ["".join(["$", *segments]) for segments in every]


def _segments(document: Json, pointer: str) -> list[str]:
    segments, node = list[str](), document
    for token in split(pointer):
        in_list = is_array(node)
        node = node[int(token)] if in_list else node[token]
        # Only the container tells: `200` is an index in a list, but a name among responses.
        if in_list:
            segments.append(f"[{token}]")
        elif token.isidentifier() and token.isascii():
            segments.append(f".{token}")
        else:
            segments.append(f"[{_quoted(token)}]")
    return segments


def _quoted(name: str) -> str:
    """A name as JSONPath writes it."""
    escaped = json.dumps(name, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped}'"


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
