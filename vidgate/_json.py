"""JSON values: their shape is known only after a look, and this is the look."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeGuard

Json: TypeAlias = Any
"""A JSON value as `json.loads` returns it."""


def is_object(value: Json) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_list(value: Json) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
