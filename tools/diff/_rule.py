"""What a rule is: one outcome of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from tools.model import Level

Direction: TypeAlias = Literal["request", "response", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One outcome: `why` says in one sentence why it matters and whom it hurts.

    `structural`: the fact alone breaks (an operation is gone), so that an error needs no payload as its witness.
    """

    id: str
    level: Level
    direction: Direction
    area: str
    kind: str
    action: str
    why: str
    structural: bool = False


def row(  # noqa: PLR0917 - a row of a table
    name: str, level: Level, direction: Direction, area: str, action: str, why: str, *, structural: bool = False
) -> Rule:
    structural = structural or (level == "error" and area not in {"member", "union"})
    return Rule(
        id=name, level=level, direction=direction, area=area, kind=area, action=action, why=why, structural=structural
    )
