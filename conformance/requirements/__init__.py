"""The catalogue: what is demanded, under which id, in which profile. Every entry has a check, every check an entry."""

from __future__ import annotations

import importlib.resources
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._settings import PROFILES, Profile
from .._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """One demand. `covers` is its line in the table; `text` says in full what must hold."""

    id: str
    profile: Profile
    covers: str
    text: str


def load() -> Mapping[str, Requirement]:
    """Read the catalogue; raises HarnessError when an entry is not whole."""
    resource = importlib.resources.files(__name__) / "catalogue.toml"
    rows: list[dict[str, Any]] = tomllib.loads(resource.read_text(encoding="utf-8"))["requirement"]
    found: dict[str, Requirement] = {}
    for row in rows:
        try:
            entry = Requirement(**row)
        except TypeError as error:
            message = f"the catalogue entry {row.get('id', '?')!r} is not whole: {error}"
            raise HarnessError(message) from None
        if entry.id in found or entry.profile not in PROFILES:
            message = f"the catalogue entry {entry.id!r} stands there twice, or its profile is unknown"
            raise HarnessError(message)
        found[entry.id] = entry
    return found
