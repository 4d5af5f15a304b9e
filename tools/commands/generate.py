"""The client, from the contract on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.build.run import generate_again
from tools.commands._arguments import add_client, add_provider, folder

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run

EXAMPLES: Final = ("generate --provider evolink --out DIR --locale ja",)


def arguments(command: argparse.ArgumentParser) -> None:
    """Where to, and in which language."""
    add_provider(command)
    out = "write DIR/<provider>_api/ instead of the checkout"
    command.add_argument("--out", type=folder, metavar="DIR", help=out)
    add_client(command)


def run(run: Run) -> int:
    return run.show(generate_again(run.workspace, run.providers(), run.options(), run.progress))
