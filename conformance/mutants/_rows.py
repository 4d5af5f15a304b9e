"""How the catalogues are written down: one row for each fault, for one provider or for both."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..requirements import PREFIXES
from ._model import Category, Change, Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._settings import ProviderName

BOTH: tuple[ProviderName, ...] = ("evolink", "apimart")
EVOLINK: tuple[ProviderName, ...] = ("evolink",)
APIMART: tuple[ProviderName, ...] = ("apimart",)

# What the id of a mutant begins with, after its provider.
KINDS: Mapping[Category, str] = MappingProxyType(
    {
        "authentication and request validation": "request",
        "error bodies": "error",
        "submit responses": "submit",
        "task life cycle and links": "task",
        "callbacks": "callback",
        "billing": "billing",
        "wire": "wire",
        "ownership and load": "shared",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """Name, the requirement without its provider, what is wrong, the change, whose servers."""

    name: str
    breaks: str | Mapping[ProviderName, str]
    text: str
    change: Change
    providers: tuple[ProviderName, ...] = BOTH

    def mutants(self, category: Category) -> Iterator[Mutant]:
        """One mutant for each provider."""
        for provider in self.providers:
            broken = self.breaks if isinstance(self.breaks, str) else self.breaks[provider]
            prefix = PREFIXES[provider]
            yield Mutant(
                id=f"{prefix.lower()}-{KINDS[category]}-{self.name}",
                provider=provider,
                category=category,
                breaks=f"{prefix}-{broken}",
                text=self.text,
                change=self.change,
            )
