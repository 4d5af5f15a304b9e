"""Strict JSON: what went over the wire, compared without Python's leniency (1 == 1.0 == True)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from ._verdict import NonConformance

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = Any
"""A JSON value as `json.loads` returns it."""

JsonObject: TypeAlias = dict[str, Any]

SHOWN = 80


def is_object(value: Json) -> TypeGuard[JsonObject]:
    """Tell a JSON object."""
    return isinstance(value, dict)


def is_array(value: Json) -> TypeGuard[list[Json]]:
    """Tell a JSON array."""
    return isinstance(value, list)


def is_number(value: Json) -> TypeGuard[int | float]:
    """Tell a JSON number; Python takes True for one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_wire(content: bytes) -> Json:
    """Parse a body; raises NonConformance for what is no JSON, and for a member that stands there twice."""
    try:
        return json.loads(content, object_pairs_hook=_each_once, parse_constant=_refuse_constant)
    except ValueError as error:
        raise NonConformance(f"the body is not JSON: {error}") from error


def differences(expected: Json, actual: Json, pointer: str = "") -> Iterator[str]:
    """Every place where two JSON values differ; number types count, order counts in arrays only."""
    if type(expected) is not type(actual):
        yield f"{pointer or '/'}: expected {_show(expected)}, got {_show(actual)}"
    elif is_object(expected):
        yield from _of_objects(expected, actual, pointer)
    elif is_array(expected):
        yield from _of_arrays(expected, actual, pointer)
    elif expected != actual:
        yield f"{pointer or '/'}: expected {_show(expected)}, got {_show(actual)}"


def _of_objects(expected: JsonObject, actual: JsonObject, pointer: str) -> Iterator[str]:
    for name, value in expected.items():
        if name in actual:
            yield from differences(value, actual[name], join(pointer, name))
        else:
            yield f"{join(pointer, name)}: {_show(value)} is missing"
    for name, value in actual.items():
        if name not in expected:
            yield f"{join(pointer, name)}: {_show(value)} was added"


def _of_arrays(expected: list[Json], actual: list[Json], pointer: str) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{pointer or '/'}: expected {len(expected)} items, got {len(actual)}"
    for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
        yield from differences(one, other, join(pointer, index))


def join(pointer: str, token: str | int) -> str:
    """One step down a JSON pointer."""
    return f"{pointer}/{str(token).replace('~', '~0').replace('/', '~1')}"


def follow(value: Json, pointer: str) -> Json:
    """The value that a JSON pointer leads to; raises LookupError where it leads nowhere."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if is_array(value):
            value = value[int(name)]
        elif is_object(value):
            value = value[name]
        else:
            message = f"{pointer} goes through {_show(value)}"
            raise LookupError(message)
    return value


def _show(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _each_once(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        message = "a member stands there twice"
        raise ValueError(message)
    return members


def _refuse_constant(text: str) -> Json:
    message = f"{text} is no JSON number"
    raise ValueError(message)
