"""Types that only one side has: as values of an enum, as members of a union, or as types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._model import Action, both
from ._parts import KINDS, Normal

if TYPE_CHECKING:
    from ._scene import Scene


def types(scene: Scene) -> None:
    """Add the differences of the two sides' types."""
    old, new = scene.old, scene.new
    gone = [kind for kind in KINDS if kind in old.kinds and kind not in new.kinds]
    come = [kind for kind in KINDS if kind in new.kinds and kind not in old.kinds]
    plain_gone = _plain(scene, gone, (old, new), "removed")
    plain_come = _plain(scene, come, (new, old), "added")
    if plain_gone or plain_come:
        verdict = both(narrowed=bool(plain_gone), widened=bool(plain_come))
        scene.add("type", verdict, before=_names(old), after=_names(new))


def _plain(scene: Scene, kinds: list[str], sides: tuple[Normal, Normal], action: Action) -> list[str]:
    """The types that only a list of types can tell of; null is told alone when no other type goes with it."""
    plain = [kind for kind in kinds if kind != "null" and not _told(scene, kind, *sides, action)]
    if "null" in kinds and (plain or not _told(scene, "null", *sides, action)):
        return ["null", *plain]
    return plain


def _told(scene: Scene, kind: str, here: Normal, there: Normal, action: Action) -> bool:
    """Whether the type's coming or going is told by something finer than a list of types."""
    parts = here.kinds[kind]
    if kind == "null":
        if len(here.kinds) == 1 and not there.kinds:
            return False
        added = action == "added"
        scene.add(
            "type", "wider" if added else "narrower", member="null",
            before=None if added else "null", after="null" if added else None,
        )  # fmt: skip
        return True
    if kind != "boolean" and _finite(there) and all(part.values is not None for part in parts):
        for part in parts:
            scene.values((part.values or {}).values(), action)
        return True
    if here.kinds and there.kinds and all(part.origins for part in parts):
        for part in parts:
            scene.member(part, action)
        return True
    return False


def _finite(normal: Normal) -> bool:
    """Whether some type but null is a list of values."""
    return any(
        part.values is not None and kind not in {"null", "boolean"}
        for kind, parts in normal.kinds.items()
        for part in parts
    )


def _names(normal: Normal) -> list[str]:
    """The types as people write them."""
    return [
        "integer" if kind == "number" and all("integer" in part.facts for part in normal.kinds[kind]) else kind
        for kind in KINDS
        if kind in normal.kinds
    ]
