"""Rules for what no instance shows: defaults, directions, deprecation, open lists of values, how variants are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.diff.rules import BY_ID
from tools.schema.lift import resolved
from tools.schema.pointers import resolve
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.diff.documents._text import Polarity
    from tools.diff.rules import Effect, Rule
    from tools.model import Json, JsonObject
    from tools.schema.relate import Difference

_PLAIN: Final[Mapping[str, str]] = {
    "default": "default-changed",
    "readOnly": "read-only-changed",
    "writeOnly": "write-only-changed",
}
_OPEN: Final = "x-extensible-enum"
NOTES: Final = frozenset({*_PLAIN, _OPEN, "deprecated", "discriminator"})


def note_rule(
    difference: Difference, polarity: Polarity, documents: tuple[JsonObject, JsonObject], *, said: bool
) -> Rule | None:
    """The rule for a difference of annotations; None when it makes no difference in this direction.

    `said`: it is the default of a parameter, which has rules of its own.
    """
    keyword = difference.keyword
    if keyword == "default" and (said or polarity == "response"):
        return None
    if keyword in _PLAIN:
        return BY_ID[_PLAIN[keyword]]
    if keyword == "deprecated":
        return BY_ID["deprecated-added" if difference.after is True else "deprecated-removed"]
    if keyword == _OPEN:
        before, after = _texts(difference.before), _texts(difference.after)
        if before == after:
            return None
        return BY_ID[f"{polarity}-extensible-value-{'removed' if before - after else 'added'}"]
    effect = _told_apart(difference, polarity, documents)
    return None if effect is None else BY_ID[f"{polarity}-discriminator-{effect}"]


def _texts(values: Json) -> set[str]:
    return {str(value) for value in values} if is_array(values) else set()


def _told_apart(
    difference: Difference, polarity: Polarity, documents: tuple[JsonObject, JsonObject]
) -> Effect | None:  # fmt: skip
    """What becomes of the way in which a variant is told from the others."""
    old, new = (_at(document, at) for document, at in zip(documents, (difference.old, difference.new), strict=True))
    before, after = difference.before, difference.after
    if not is_object(before):
        if _pinned(documents[1], new, after.get("propertyName") if is_object(after) else None):
            return None
        return "undecided" if polarity == "request" else "narrowed"
    if not is_object(after):
        if _pinned(documents[1], new, before.get("propertyName")):
            return None
        return "widened" if polarity == "request" else "undecided"
    if before.get("propertyName") != after.get("propertyName"):
        return "changed"
    known = _variants(documents[0], old), _variants(documents[1], new)
    mine, other = _mapping(before, known[0]), _mapping(after, known[1])
    lost = any(value not in other and target in known[1] for value, target in mine.items())
    won = any(value not in mine and target in known[0] for value, target in other.items())
    moved = any(
        value in other and other[value] != target and (target in known[1] or other[value] in known[0])
        for value, target in mine.items()
    )
    if moved or (lost and won):
        return "changed"
    return "narrowed" if lost else "widened" if won else None


def _mapping(discriminator: JsonObject, known: list[str]) -> dict[str, str]:
    """The component that each value stands for; without a mapping each component is called by its name."""
    mapping: Json = discriminator.get("mapping")
    if not is_object(mapping):
        return {name: name for name in known}
    return {value: str(target).rpartition("/")[2] for value, target in mapping.items()}


def _variants(document: JsonObject, union: JsonObject) -> list[str]:
    """The components a union names; those of the document where there is none, as with a common parent."""
    for member in ("oneOf", "anyOf"):
        branches: Json = union.get(member)
        if is_array(branches):
            return [
                str(branch["$ref"]).rpartition("/")[2] for branch in branches if is_object(branch) and "$ref" in branch
            ]
    return list(_at(document, "/components/schemas"))


def _pinned(document: JsonObject, union: JsonObject, name: Json) -> bool:
    """Whether every variant demands the member and says which value it has: then a discriminator says nothing new."""
    for member in ("oneOf", "anyOf"):
        branches: Json = union.get(member)
        if is_array(branches) and branches:
            return all(_pins(resolved(document, branch, "")[0], name) for branch in branches)
    return False


def _pins(node: Json, name: Json) -> bool:
    if not is_object(node) or name not in node.get("required", ()):
        return False
    properties: Json = node.get("properties")
    told: Json = properties.get(name) if is_object(properties) else None
    return is_object(told) and ("const" in told or len(told.get("enum", ())) == 1)


def _at(document: JsonObject, pointer: str) -> JsonObject:
    try:
        found = resolve(document, pointer)
    except KeyError:
        return {}
    return found if is_object(found) else {}
