"""What a run is asked to do, and how its checks are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest

    from ._subject import Subject

Profile: TypeAlias = Literal["mock", "simulator", "live"]
ProviderName: TypeAlias = Literal["evolink", "apimart"]
PROFILES: tuple[Profile, ...] = ("mock", "simulator", "live")

Cases: TypeAlias = "Callable[[Subject], Iterable[tuple[str, Any]]]"
"""Gives the cases of a check: a name and a value each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """One run. `budget` in credits bounds what the live checks may cost; `only` names requirements."""

    profile: Profile
    subjects: tuple[Subject, ...]
    budget: float = 0.0
    only: frozenset[str] = frozenset()


def requirement(identity: str, *, cases: Cases | None = None, cost: float | None = None) -> pytest.MarkDecorator:
    """Bind a check to a requirement of the catalogue.

    `cost` is the most credits that one case can cost on a live server; a live check must say it.
    """
    import pytest  # late, so that a missing extra can be named instead of a traceback

    return pytest.mark.requirement(identity, cases=cases, cost=cost)
