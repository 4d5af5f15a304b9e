"""The only calls on a real server so far: two readings, both free, both to be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vidgate import errors

from ..._live import WRONG_KEY, documented_error, reading_error, well_formed_id
from ..._settings import requirement
from ..._verdict import demand

if TYPE_CHECKING:
    from ..._subject import Subject


@requirement("live-wrong-key", cost=0)
def check_a_wrong_key_is_refused(subject: Subject) -> None:
    """Reading a task with a wrong key raises AuthenticationError."""
    error = reading_error(subject, WRONG_KEY, well_formed_id(subject))
    demand(type(error) is errors.AuthenticationError, f"raised {error!r} instead of AuthenticationError")


@requirement("live-unknown-task", cost=0)
def check_an_unknown_task_is_refused(subject: Subject) -> None:
    """Reading a task that does not exist raises the error of a status that the contract documents for it."""
    error = reading_error(subject, subject.api_key or "", well_formed_id(subject))
    demand(
        type(error) in documented_error(subject),
        f"raised {error!r} instead of one of {sorted(kind.__name__ for kind in documented_error(subject))}",
    )
