"""Two schemas of the same text differ only in what their references lead to: no normal form is needed for them.

In a large document almost every schema that reaches a change is of this kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

from ._side import Cell, cell, dumps
from ._step import Step

if TYPE_CHECKING:
    from ._memo import Memo
    from ._pair import Pair

_ROLES = {"properties": "property", "patternProperties": "pattern", "items": "element", "prefixItems": "element",
          "additionalProperties": "additional", "allOf": "place", "anyOf": "place", "oneOf": "place"}  # fmt: skip
"""Where a narrower member makes the whole narrower, and how an instance of the member stands in one of the whole."""

_REFUSED = frozenset(
    {"not", "if", "contains", "unevaluatedItems", "unevaluatedProperties", "dependentSchemas", "propertyNames", "$ref",
     "$dynamicRef", "enum", "const"}
)  # fmt: skip
"""Keywords under which that does not hold, or which need a look at instances."""


def same_text(memo: Memo, pair: Pair) -> bool:
    """Fill in the children of a pair whose sides are one schema each, of one text; False when it is no such pair."""
    if len(pair.old) != 1 or len(pair.new) != 1:
        return False
    old, new = pair.old[0], pair.new[0]
    if not is_object(old.schema) or not is_object(new.schema) or not _REFUSED.isdisjoint(old.schema):
        return False
    if "oneOf" in old.schema and not is_object(old.schema.get("discriminator")):
        return False
    if dumps(old.schema) != dumps(new.schema):
        return False
    for keyword, role in _ROLES.items():
        for step, one, two in _members(keyword, role, old, new):
            if not memo.same_text(dumps(one.schema)):
                child = memo.pair([one], [two])
                if child is not None:
                    pair.children.append((step, child))
    return True


def _members(keyword: str, role: str, whole: Cell, copy: Cell) -> list[tuple[Step, Cell, Cell]]:
    mine, other = whole.schema.get(keyword), copy.schema.get(keyword)
    old, new = whole.at, copy.at
    if is_array(mine):
        return [
            (
                Step(role, index if role == "element" else ""),
                cell(join(old, keyword, index), item),
                cell(join(new, keyword, index), other[index]),
            )
            for index, item in enumerate(mine)
        ]
    if keyword in {"properties", "patternProperties"}:
        return [
            (Step(role, name), cell(join(old, keyword, name), item), cell(join(new, keyword, name), other[name]))
            for name, item in (mine.items() if is_object(mine) else ())
        ]
    if is_object(mine):
        return [
            (
                Step(role, 0 if role == "element" else ""),
                cell(join(old, keyword), mine),
                cell(join(new, keyword), other),
            )
        ]
    return []
