"""What a mutant is: the simulator with one fault, and the requirement that the fault breaks."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from vidgate.simulator import Simulator

from .._contract import shipped
from .._subject import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._settings import ProviderName

Category: TypeAlias = Literal[
    "authentication and request validation",
    "error bodies",
    "submit responses",
    "task life cycle and links",
    "callbacks",
    "billing",
    "wire",
    "ownership and load",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One fault: in the contract that the simulator keeps, or in the simulator itself, once it is made."""

    contract: Callable[[dict[str, Any]], None] | None = None
    simulator: Callable[[Simulator], None] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """One broken server. `breaks` is the id of the requirement that a failure has to name.

    `derived`: made mechanically from that requirement; the others are written by hand.
    """

    id: str
    provider: ProviderName
    category: Category
    breaks: str
    text: str
    change: Change
    derived: bool = False

    def build(self, **options: Any) -> Simulator:
        """Make the broken simulator; `options` are those of `Simulator`. Nothing outside of it is touched."""
        contract: dict[str, Any] | None = None
        if self.change.contract is not None:
            contract = copy.deepcopy(dict(shipped(ROWS[self.provider].package).document))
            self.change.contract(contract)
        simulator = Simulator(self.provider, contract=contract, **options)
        if self.change.simulator is not None:
            self.change.simulator(simulator)
        return simulator
