"""What watches every exchange, and under which requirement it reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .._run import Run
    from ._exchange import Exchange

Look: TypeAlias = "Callable[[Run, Exchange], Iterable[str] | None]"
"""Returns what is wrong; None: the exchange says nothing about the requirement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watcher:
    """A look at every exchange, bound to requirements by their names without provider."""

    name: str
    look: Look


WATCHERS: dict[str, Watcher] = {}


def watches(name: str) -> Callable[[Look], Look]:
    """Bind a function to the requirement `name` (without its provider): it is shown every exchange of a run."""

    def bind(look: Look) -> Look:
        if name in WATCHERS:
            message = f"two watchers are bound to {name}"
            raise ValueError(message)
        WATCHERS[name] = Watcher(name=name, look=look)
        return look

    return bind


def is_of_operation(exchange: Exchange) -> bool:
    """Whether a documented operation was called as documented, and an answer came."""
    return exchange.operation is not None and exchange.method == exchange.operation.method and not exchange.fault


def is_documented(exchange: Exchange) -> bool:
    """Whether it is an answer of a documented operation with a documented status."""
    operation = exchange.operation
    return operation is not None and is_of_operation(exchange) and exchange.status in operation.statuses
