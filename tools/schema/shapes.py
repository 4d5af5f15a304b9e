"""Type guards for JSON values: `isinstance` alone leaves a type checker with members of unknown type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""Members of a path of OpenAPI 3.1 that are operations; beside them stand parameters, servers and texts."""


def is_object(node: Json) -> TypeGuard[JsonObject]:
    """Whether `node` is a JSON object."""
    return isinstance(node, dict)


def is_array(node: Json) -> TypeGuard[list[Json]]:
    """Whether `node` is a JSON array."""
    return isinstance(node, list)
