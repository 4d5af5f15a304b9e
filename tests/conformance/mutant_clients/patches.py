"""What mutants of the client are made of: the same functions, tables and classes, changed in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from vidgate import (
    _providers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

Patch: TypeAlias = "Callable[[pytest.MonkeyPatch], object]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A broken client, the requirement that it breaks, and others that cannot hold either then."""

    id: str
    breaks: str
    patch: Patch
    also: tuple[str, ...] = ()


def replaces(owner: Any, name: str, make: Callable[[Any], Any]) -> Patch:
    """The same function, wrapped; `make` takes the honest one."""
    return lambda monkeypatch: monkeypatch.setattr(owner, name, make(getattr(owner, name)))


def means(word: str, verdict: str) -> Patch:
    """A facade with another meaning of a status."""
    return replaces(_providers, "VERDICTS", lambda honest: {**honest, word: verdict})


def number_as(kind: type[Any]) -> Callable[[dict[str, Any]], object]:
    """Send a whole number as something else."""

    def change(body: dict[str, Any]) -> None:
        if type(body.get("duration")) is int:
            body["duration"] = kind(body["duration"])

    return change
