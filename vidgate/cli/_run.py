"""Runs one command; every failure becomes a line and an exit code."""

from __future__ import annotations

import warnings

import typer

from vidgate import errors
from vidgate.cli._main import app
from vidgate.cli._problems import FINDINGS, GOOD, INTERRUPTED, USAGE, UsageProblem, explain
from vidgate.cli._screen import Screen
from vidgate.cli._signals import ended_as_interrupted


def run(argv: list[str]) -> int:
    """Run the command that the arguments name."""
    screen = Screen()
    command = typer.main.get_command(app)

    def show_warning(message: Warning | str, *_: object, **__: object) -> None:
        screen.warning(str(message))

    with warnings.catch_warnings(), ended_as_interrupted():
        warnings.simplefilter("always", errors.VidgateWarning)
        warnings.showwarning = show_warning
        try:
            code: object = command.main(args=argv or ["--help"], prog_name="vidgate", standalone_mode=False)
        except SystemExit as end:  # standard output was closed
            code = end.code
        except KeyboardInterrupt:
            code = INTERRUPTED
        except typer.Abort:
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
            code = explain(screen, _usage(error))
    if not argv:
        return USAGE
    return code if isinstance(code, int) else GOOD if code is None else FINDINGS


def _usage(error: Exception) -> Exception:
    """Turn an error of the option parser into ours.

    Its classes moved between typer's versions; that they can format themselves did not change.
    """
    describe = getattr(error, "format_message", None)
    if describe is None:
        return error
    context = getattr(error, "ctx", None)
    path = "vidgate" if context is None else str(context.command_path)
    message = str(describe()).rstrip(".")
    return UsageProblem(message[:1].lower() + message[1:], f"`{path} --help` shows what there is.")
