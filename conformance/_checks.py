"""How a check of a server is declared, and which requirements it is bound to.

A check is a function `check_…(run)` or, bound to many requirements of one kind, `check_…(run, requirement)`. It reports
through `run.broken`; raising NonConformance breaks the one requirement that it is bound to. Names are ids without
their provider, so that one check serves both; it runs for a provider that has one of its requirements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from .requirements import Kind, Requirement

Selector: TypeAlias = "Callable[[Requirement], bool]"
MARK = "_conformance_check"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A check function with what it is bound to: `names`, or `each` requirement that a selector takes.

    `last`: run after all others, because it looks at what they did.
    """

    function: Callable[..., object]
    names: tuple[str, ...] = ()
    each: Selector | None = None
    last: bool = False

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    def bound(self, requirements: Mapping[str, Requirement]) -> tuple[Requirement, ...]:
        """The requirements of a provider that this check judges."""
        if self.each is not None:
            return tuple(entry for entry in requirements.values() if self.each(entry))
        return tuple(entry for entry in requirements.values() if entry.name in self.names)


def check(*names: str, last: bool = False) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Bind `check_…(run)` to requirements by their names without provider."""

    def bind(function: Callable[..., object]) -> Callable[..., object]:
        setattr(function, MARK, Check(function=function, names=names, last=last))
        return function

    return bind


def check_each(
    *kinds: Kind, rules: tuple[str, ...] | None = None, last: bool = False
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Bind `check_…(run, requirement)` to every derived requirement of some kinds, and of some rules if told."""

    def chosen(entry: Requirement) -> bool:
        derived = entry.derived
        return derived is not None and derived.kind in kinds and (rules is None or derived.rule in rules)

    def bind(function: Callable[..., object]) -> Callable[..., object]:
        setattr(function, MARK, Check(function=function, each=chosen, last=last))
        return function

    return bind


def check_of(function: Any) -> Check | None:
    """The declaration of a function, if it is a check of a server."""
    found: Check | None = getattr(function, MARK, None)
    return found


def checks_in(module: ModuleType) -> Iterator[Check]:
    """The checks of a module, in the order in which they stand."""
    for value in vars(module).values():
        found = check_of(value)
        if found is not None and getattr(value, "__module__", None) == module.__name__:
            yield found
