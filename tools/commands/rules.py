"""Every rule of the comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.commands._run import GOOD
from tools.diff.rules_page import rules_page, rules_table

if TYPE_CHECKING:
    import argparse

    from tools.commands._run import Run

EXAMPLES: Final = ("rules",)


def arguments(command: argparse.ArgumentParser) -> None:
    """For a terminal, or the reference page."""
    command.add_argument("--markdown", action="store_true", help="the page docs/rules.md")


def run(run: Run) -> int:
    run.out.write(rules_page() if run.arguments.markdown else rules_table())
    return GOOD
