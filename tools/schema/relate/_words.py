"""Keywords and formats whose meaning several modules must agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.model import Json

ANNOTATIONS = frozenset(
    {"title", "description", "summary", "examples", "example", "default", "deprecated", "readOnly", "writeOnly",
     "$comment", "$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "definitions", "externalDocs", "xml",
     "discriminator", "contentSchema", "nullable"}
)  # fmt: skip
"""Keywords that say nothing about which instances are valid."""

BOUNDS = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
"""Formats of numbers that are ranges; the validator does not know them, so they are spelled out for it."""


MEMBERS = 1000
CHARACTERS = 100_000
"""The elements or properties, and the characters, of the longest witness: people still want to open it."""

_LENGTHS = {
    "minItems": ("elements", MEMBERS), "maxItems": ("elements", MEMBERS),
    "minProperties": ("properties", MEMBERS), "maxProperties": ("properties", MEMBERS),
    "minLength": ("characters", CHARACTERS), "maxLength": ("characters", CHARACTERS),
}  # fmt: skip


def too_long(keyword: str, before: Json, after: Json) -> str:
    """Why no witness of a changed bound is built, if every one would be too long; else nothing."""
    if keyword not in _LENGTHS:
        return ""
    what, most = _LENGTHS[keyword]
    bounds = [bound for bound in (before, after) if isinstance(bound, int)]
    needed = min(bounds) + 1 if keyword.startswith("max") else min(bounds) if len(bounds) > 1 else 0
    if needed <= most:
        return ""
    return f"a payload that shows it has {needed:,} {what} or more, and none with more than {most:,} is built"


def annotates(keyword: str) -> bool:
    """Whether a keyword says nothing about which instances are valid."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")
