"""Names that everything here shares."""

from __future__ import annotations

from typing import Literal, TypeAlias

Profile: TypeAlias = Literal["mock", "simulator", "live"]
ProviderName: TypeAlias = Literal["evolink", "apimart"]
PROFILES: tuple[Profile, ...] = ("mock", "simulator", "live")
