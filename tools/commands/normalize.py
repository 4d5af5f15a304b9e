"""The contract only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.build.run import normalize_again
from tools.commands._arguments import add_overlays, add_pages, add_provider, folder
from tools.commands._run import GOOD
from tools.errors import UsageError
from tools.store import json_bytes

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run

EXAMPLES: Final = ("normalize --provider evolink --out -",)


def arguments(command: argparse.ArgumentParser) -> None:
    """Where from, and where to."""
    add_provider(command)
    add_pages(command)
    add_overlays(command)
    out = "write DIR/<provider>/ instead of the checkout; `-` prints the contract"
    command.add_argument("--out", type=folder, metavar="DIR", help=out)


def run(run: Run) -> int:
    providers, options = run.providers(), run.options()
    to_output = str(options.out) == "-"
    if to_output and len(providers) > 1:
        raise UsageError("only one contract fits on standard output", fix="Name it with --provider.")
    reports, derived = normalize_again(run.workspace, providers, options, run.progress, write=not to_output)
    if to_output and reports[0].good and derived[0].document is not None:
        run.out.write(json_bytes(derived[0].document.openapi).decode("utf-8"))
        return GOOD
    return run.show(reports)
