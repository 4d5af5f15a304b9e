"""Two schemas of the same text differ only in what their references lead to: no normal form is needed for them.

In a large document almost every schema that reaches a change is of this kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.schema.canonical import dumps
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

from ._side import cell
from ._step import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json

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
        for name, mine, other in _members(keyword, old.schema.get(keyword), new.schema.get(keyword)):
            if not memo.same_text(dumps(mine)):
                tokens = (keyword,) if name is None else (keyword, name)
                child = memo.pair([cell(join(old.at, *tokens), mine)], [cell(join(new.at, *tokens), other)])
                if child is not None:
                    pair.children.append((Step(role, _step(role, name)), child))
    return True


def _members(keyword: str, mine: Json, other: Json) -> Iterator[tuple[str | int | None, Json, Json]]:
    """What stands under a keyword on both sides, with its name or index; None for the one there is."""
    if is_array(mine):
        yield from ((index, item, other[index]) for index, item in enumerate(mine))
    elif is_object(mine) and keyword in {"properties", "patternProperties"}:
        yield from ((name, item, other[name]) for name, item in mine.items())
    elif is_object(mine):
        yield None, mine, other


def _step(role: str, name: str | int | None) -> str | int:
    """How the step to a member is called: by index among elements, by name among properties, else not at all."""
    if role == "element":
        return name or 0
    return name if isinstance(name, str) else ""
