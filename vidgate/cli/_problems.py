"""Failures of the command line, and how any failure is shown: one line, a hint, never a traceback."""

from __future__ import annotations

import errno
import os
import traceback

from vidgate import errors
from vidgate._providers import PROVIDERS
from vidgate.cli._screen import Screen, problems

GOOD = 0
FINDINGS = 1
USAGE = 2
BUG = 70
INTERRUPTED = 130
DEBUG_VARIABLE = "VIDGATE_DEBUG"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the place that results are written to can say of itself."""


class UsageProblem(Exception):
    """The command line is wrong."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Finished(Exception):
    """Everything has been said; carries the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def explain(screen: Screen, error: Exception) -> int:
    """Show any exception and return the exit code it means."""
    if isinstance(error, Finished):
        return error.code
    if isinstance(error, UsageProblem):
        screen.error(error.message, error.hint)
        return USAGE
    if isinstance(error, errors.InvalidRequest):
        screen.error(f"{error.message} Nothing was sent.")
        screen.explain(problems(error.report.errors, "red"))
        return FINDINGS
    if isinstance(error, errors.VidgateError):
        known = ", ".join(error.facts())
        screen.error(f"{error.message} ({known})" if known else error.message, error.hint)
        return USAGE if isinstance(error, errors.ConfigurationError) else FINDINGS
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        screen.error(f"cannot write: {error.strerror}", "Make room, then run it again; the journal has what was paid.")
        return FINDINGS
    return _unexpected(screen, error)


def _unexpected(screen: Screen, error: Exception) -> int:
    # The text of a foreign exception may hold anything, a header with the key included.
    name = type(error).__name__
    text = without_keys(str(error)).partition("\n")[0][:200]
    screen.error(
        f"vidgate failed unexpectedly: {name}: {text}" if text else f"vidgate failed unexpectedly: {name}",
        "This is a fault of vidgate. Set VIDGATE_DEBUG=1 to see where it happened, and report that, please.",
    )
    if os.environ.get(DEBUG_VARIABLE, "") not in {"", "0"}:
        screen.note(without_keys("".join(traceback.format_exception(error))))
    return BUG


def without_keys(text: str) -> str:
    """Blank out every API key of the environment."""
    for provider in PROVIDERS.values():
        key = os.environ.get(provider.key_variable, "").strip()
        if key:
            text = text.replace(key, "[redacted]")
    return text
