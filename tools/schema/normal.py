"""The normal form of a structure: two schemas that say the same in the same words become equal.

Only what cannot change the meaning is folded here (order of `required`, of `enum` and of type lists, a single-value
`enum` and `const`, a type list of one); deeper equivalences belong to the relation of two schemas.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tools.schema.prose import DATA, NAMED, PROSE
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from tools.model import Json, JsonObject


def normal(node: Json) -> Json:
    """The normal form of a document or schema, without prose and without our extensions."""
    return _fold(node, names=False)


def key(node: Json) -> str:
    """A string that is equal for equal normal forms; fit for a dict key."""
    return _text(normal(node))


_text = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


_WORDS: Final = PROSE | {"tags"}
_SETS: Final = frozenset({"required", "enum", "type"})


def _fold(node: Json, *, names: bool) -> Json:
    """Most members are scalars: what takes them apart is not called for them."""
    if is_array(node):
        return [_fold(item, names=False) if isinstance(item, dict | list) else item for item in node]
    if not is_object(node):
        return node
    folded: JsonObject = {}
    for name, value in node.items():
        if names:
            folded[name] = _fold(value, names=False)
        elif name in _WORDS or name.startswith("x-vidgate-"):
            continue
        elif not isinstance(value, dict | list):
            folded[name] = value
        elif name in _SETS and is_array(value):
            folded |= _set(name, value)
        elif name in DATA:
            folded[name] = value
        else:
            folded[name] = _fold(value, names=name in NAMED)
    return folded


_rank = json.JSONEncoder(sort_keys=True).encode


def _set(name: str, values: list[Json]) -> JsonObject:
    if name == "enum" and len(values) == 1:
        return {"const": values[0]}
    if name == "type" and len(values) == 1:
        return {"type": values[0]}
    return {name: sorted(values, key=_rank)}
