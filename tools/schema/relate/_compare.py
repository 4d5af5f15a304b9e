"""One pair of schemas: types, alternatives, annotations. What is beneath becomes further pairs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.schema.canonical import canonical
from tools.schema.shapes import is_object

from ._alternatives import alternatives
from ._model import Difference, both
from ._normal import NOTES
from ._parts import KINDS
from ._scene import Scene, action_of
from ._shortcut import same_text
from ._types import types

if TYPE_CHECKING:
    from tools.model import Json

    from ._memo import Memo
    from ._pair import Pair

OVERLAP = "the branches of oneOf overlap, so that one change may open and close at once"


def expand(memo: Memo, pair: Pair) -> None:
    """Fill in the pair's own differences and its children."""
    if same_text(memo, pair):
        return
    old, new = memo.normals(pair)
    scene = Scene(memo, pair, old, new)
    for puzzle in dict.fromkeys(old.puzzles + new.puzzles):
        scene.add("allOf", "unknown", why=puzzle)
    _notes(scene)
    if scene.overlapping:
        pair.doubtful = OVERLAP
    types(scene)
    for kind in KINDS:
        if kind in old.kinds and kind in new.kinds:
            alternatives(scene, old.kinds[kind], new.kinds[kind])
    if len(old.overlaps) != len(new.overlaps) and all(item.verdict == "equal" for item in pair.own):
        scene.add("oneOf", "unknown", why=OVERLAP)
    if pair.doubtful:
        _judge(memo, pair)


def _notes(scene: Scene) -> None:
    """Annotations that matter to somebody, reported apart: they change no set of instances."""
    old, new = scene.old, scene.new
    for name in dict.fromkeys([*old.notes, *new.notes]):
        mine, other = old.notes.get(name), new.notes.get(name)
        before, after = (None if mine is None else mine.value), (None if other is None else other.value)
        if name == "discriminator" and is_object(before) and is_object(after):
            before, after = _plain_discriminator(before), _plain_discriminator(after)
        if mine is not None and other is not None and canonical(before) == canonical(after):
            continue
        scene.pair.own.append(
            Difference(
                old=mine.at if mine else old.at, new=other.at if other else new.at, keyword=name,
                action=action_of(mine, other), before=before, after=after, verdict="equal",
            )
        )  # fmt: skip


def _plain_discriminator(value: Json) -> Json:
    return {name: item for name, item in value.items() if name in {"propertyName", "mapping"} and item}


def _judge(memo: Memo, pair: Pair) -> None:
    """Where differences do not add up, instances decide; what they leave open stays unknown."""
    from ._witness import found

    beneath = [memo.relation(child) for _, child in pair.children]
    everything = [*pair.own, *(item for relation in beneath for item in relation.differences)]
    agreed = all(item.verdict == "equal" for item in pair.own) and all(item.verdict == "equal" for item in beneath)
    # A property without constraint counts as evaluated all the same.
    counted = pair.doubtful.startswith("what is evaluated") and any(item.keyword not in NOTES for item in everything)
    if agreed and not counted:
        return
    lost = found(memo, pair, "valid-before-invalid-after", None) is not None
    won = found(memo, pair, "invalid-before-valid-after", None) is not None
    pair.override = both(narrowed=lost, widened=won) if lost or won else "unknown"
    for index, difference in enumerate(pair.own):
        if difference.keyword in {"anyOf", "oneOf"} and difference.verdict != "equal":
            pair.own[index] = replace(difference, verdict=pair.override, why=pair.doubtful)
