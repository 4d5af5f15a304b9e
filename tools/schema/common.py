"""Two documents that hold their equal parts in common: who walks both passes over what is one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.schema.canonical import dumps
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json

__all__ = ["NOTHING", "apart", "share", "twin"]

NOTHING: Final = object()
"""Beside a value that has no counterpart."""


def share(old: Json, new: Json) -> Json:
    """`new` with every object and list that equals its counterpart in `old` replaced by that very one."""
    if old is new or old is NOTHING or not (is_object(new) or is_array(new)):
        return new
    if dumps(old) == dumps(new):
        return old
    if is_object(new):
        return {name: share(twin(old, name), value) for name, value in new.items()}
    return [share(twin(old, index), value) for index, value in enumerate(new)]


def twin(beside: Json, key: str | int) -> Json:
    """What stands beside the member `key`; NOTHING where there is none."""
    if isinstance(key, int):
        return beside[key] if is_array(beside) and key < len(beside) else NOTHING
    return beside.get(key, NOTHING) if is_object(beside) else NOTHING


def apart(document: Json, beside: Json = NOTHING) -> Iterator[tuple[str, Json]]:
    """Every value with its pointer, parents first, in document order, but for what is the same object beside it."""
    stack: list[tuple[str, Json, Json]] = [("", document, beside)]
    while stack:
        here, node, other = stack.pop()
        if node is other:
            continue
        yield here, node
        if is_object(node):
            stack.extend((join(here, name), value, twin(other, name)) for name, value in reversed(node.items()))
        elif is_array(node):
            rows = [(join(here, index), value, twin(other, index)) for index, value in enumerate(node)]
            stack.extend(reversed(rows))
