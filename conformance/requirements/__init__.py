"""The frozen requirements: what is demanded, under which id, where it is written down.

One file for each provider and revision of its pages. Entries with `derived` follow from the contract by
`python -m conformance requirements`; the others are written by hand, and deriving again keeps them.
"""

from __future__ import annotations

from ._model import AREAS, LEVELS, PREFIXES, Area, Case, Derived, Kind, Level, Requirement, Rule, Source
from ._store import load, revision_of

__all__ = [
    "AREAS",
    "LEVELS",
    "PREFIXES",
    "Area",
    "Case",
    "Derived",
    "Kind",
    "Level",
    "Requirement",
    "Rule",
    "Source",
    "load",
    "revision_of",
]
