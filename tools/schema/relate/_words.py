"""Keywords and formats whose meaning several modules must agree on."""

from __future__ import annotations

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


def annotates(keyword: str) -> bool:
    """Whether a keyword says nothing about which instances are valid."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")
