"""The commands of `python -m tools`: one file each, named as the command is, with its `arguments` and its `run`.

A command is imported when it is asked for, so that none pays for what another needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tools.commands._run import Run

COMMANDS: Final[Mapping[str, str]] = {
    "build": "pages → contract → generated client, for one provider or all",
    "changelog": "tell in the provider's CHANGES.md what changed between two sides",
    "diff": "what changed between two specifications, and whom it breaks",
    "extract": "show what pages state, and what no reader understood",
    "generate": "the client, from the contract on disk",
    "locales": "compare the translations of every page: structure, examples, facts",
    "normalize": "the contract only",
    "overlay": "every action of the overlay: nodes it matches, and whether it is still needed",
    "regenerate": "new pages in; contract, client, changelog and version out: all or nothing",
    "rules": "every rule of `diff` and `locales`, and why it matters",
    "vendor": "bring published pages into specs/",
}
"""What each of them does."""


class Command(Protocol):
    """What a module of this package offers: options beyond those that all commands share, and the work itself.

    `EXAMPLES` are command lines after `python -m tools`, which the command's help shows.
    """

    EXAMPLES: tuple[str, ...]

    def arguments(self, command: argparse.ArgumentParser) -> None: ...

    def run(self, run: Run) -> int: ...


def command(name: str) -> Command:
    """The command of that name, which is one of `COMMANDS`."""
    return cast("Command", import_module(f"{__name__}.{name}"))
