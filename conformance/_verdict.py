"""How a check says what it found. A wrong subject and a broken suite must never look alike.

`NonConformance` is the only exception that counts against the subject. Code of the subject runs inside `judged`, which
turns whatever it raises into one. Everything else that escapes a check is a fault of the suite.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

LONGEST_LIST = 10


class NonConformance(AssertionError):
    """The subject does not do what the contract says."""


class NotApplicable(Exception):
    """The check has no meaning for this subject; the text is the reason."""


class Unreachable(Exception):
    """The subject never came where the requirement says something; the text says where it stopped."""


class Postponed(Exception):
    """The check wants to do what is paid; on a live server that comes after everything that is free."""


class SubjectError(Exception):
    """The subject cannot be judged as it is set up: not there, not JSON, a wrong key. The text says what to do."""


class HarnessError(Exception):
    """The suite itself cannot do its work."""


def demand(condition: object, message: str) -> None:
    """Raise NonConformance with `message` unless the condition holds."""
    if not condition:
        raise NonConformance(message)


def demand_none(problems: Sequence[str], what: str) -> None:
    """Raise NonConformance that lists the problems, if there are any."""
    if problems:
        shown = "".join(f"\n  - {problem}" for problem in problems[:LONGEST_LIST])
        rest = f"\n  … and {len(problems) - LONGEST_LIST} more" if len(problems) > LONGEST_LIST else ""
        raise NonConformance(f"{what}:{shown}{rest}")


def describe(error: BaseException) -> str:
    """Name an exception on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _turn(what: str, error: Exception) -> NoReturn:
    raise NonConformance(f"{what} raised {describe(error)}") from error


@contextlib.contextmanager
def judged(what: str) -> Generator[None]:
    """Run code of the subject: an exception that leaves it is the subject's fault."""
    try:
        yield
    except (NonConformance, NotApplicable, Unreachable, SubjectError, HarnessError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the subject let it escape
        _turn(what, error)
