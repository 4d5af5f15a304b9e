"""What a build may be told, and whom it tells how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Progress(Protocol):
    """Takes one line about long work."""

    def __call__(self, message: str, /) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What a build may be told.

    `pages`: a folder of pages instead of the vendored ones; `out`: a folder instead of the checkout; `overlays`:
    actions after the provider's own; `locale`: the language of docstrings, English when None; `update_tools`: take
    the installed versions for the ones the lock shall name; `accept_precedence`: settle by precedence what is open.
    """

    pages: Path | None = None
    out: Path | None = None
    overlays: tuple[Path, ...] = ()
    locale: str | None = None
    update_tools: bool = False
    accept_precedence: bool = False
