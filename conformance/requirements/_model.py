"""What a requirement is. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._settings import ProviderName

Level: TypeAlias = Literal["MUST", "SHOULD", "MAY"]
Area: TypeAlias = Literal["AUTH", "REQ", "ERR", "RES", "TASK", "CB", "LINK", "OWN", "BILL", "WIRE", "LOAD", "CLIENT"]
Kind: TypeAlias = Literal["request", "parameter", "response", "error", "error-body", "error-type"]
Rule: TypeAlias = Literal[
    "TYPE",
    "NULL",
    "MIN",
    "MAX",
    "MIN-LENGTH",
    "MAX-LENGTH",
    "MIN-ITEMS",
    "MAX-ITEMS",
    "ENUM",
    "CONST",
    "FORMAT",
    "PATTERN",
    "REQUIRED",
    "DEFAULT",
    "EXAMPLE",
    "ONE-OF",
    "CONDITION",
    "STATUS",
    "BODY",
]

LEVELS: tuple[Level, ...] = get_args(Level)
AREAS: tuple[Area, ...] = get_args(Area)
KINDS: tuple[Kind, ...] = get_args(Kind)
RULES: tuple[Rule, ...] = get_args(Rule)
PREFIXES: Mapping[ProviderName, str] = MappingProxyType({"evolink": "EVO", "apimart": "API"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a requirement is written down: a vendored page, or an entry of the supplement or overlay.

    `sha256` is that of the file. A page has a locale, a file of our own has none.
    """

    page: str
    sha256: str = ""
    locale: str = ""
    pointer: str = ""
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One place where a derived rule holds. `subject`: model id (request) or operation id; `value`: the bound itself.

    `pointer` leads to the constraint's schema in the contract.
    """

    subject: str
    pointer: str
    value: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Derived:
    """What a mechanical check needs.

    `field`: JSON pointer into the body, `*` for any item, empty for the whole body; a parameter's name for `parameter`.
    """

    kind: Kind
    rule: Rule
    field: str = ""
    operation: str = ""
    status: int | None = None
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """One demand.

    `needs`: token roles, or `callbacks`, `ledger`, `time`; without them it is skipped. `cost`: paid tasks that it takes
    by itself. `ambiguous`: why the documents leave it open; then it is reported, and never scored.
    """

    id: str
    level: Level
    area: Area
    text: str
    sources: tuple[Source, ...] = ()
    needs: tuple[str, ...] = ()
    cost: int = 0
    ambiguous: str | None = None
    derived: Derived | None = None
    judged: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    """Members of a derived entry that people have set: they outlive deriving again."""

    @property
    def name(self) -> str:
        """The id without its provider: checks that hold for both are bound to this."""
        return self.id.partition("-")[2]
