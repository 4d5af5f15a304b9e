"""The command line `vidgate`; docs/commands.md lists its commands.

Results go to standard output, everything else to standard error.
Exit codes: 0 good, 1 findings or a failed task, 2 wrong usage, 70 a bug of vidgate, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; without typer and rich it only says how to install them."""
    try:
        from vidgate.cli._run import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"rich", "typer"}:
            raise
        sys.stderr.write('The command line needs two more packages: python3 -m pip install "vidgate[cli]"\n')
        return 2
    return run(sys.argv[1:] if argv is None else list(argv))
