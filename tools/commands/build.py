"""Pages → contract → generated client, or a check that nothing drifted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.build.run import build, check
from tools.commands._arguments import add_client, add_overlays, add_pages, add_provider, folder

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run

EXAMPLES: Final = (
    "build",
    "build --check",
    "build --provider evolink --pages DIR --accept-precedence --verbose",
)


def arguments(command: argparse.ArgumentParser) -> None:
    """Where from, where to, and in which language."""
    add_provider(command)
    add_pages(command)
    add_overlays(command)
    out = "write DIR/<provider>/ and DIR/generated/ instead of the checkout"
    command.add_argument("--out", type=folder, metavar="DIR", help=out)
    add_client(command)
    accept = "settle by precedence what is open, and list it; without --out nothing is written"
    command.add_argument("--accept-precedence", action="store_true", help=accept)
    command.add_argument("--check", action="store_true", help="compare with what is on disk; write nothing")


def run(run: Run) -> int:
    act = check if run.arguments.check else build
    return run.show(act(run.workspace, run.providers(), run.options(), run.progress))
