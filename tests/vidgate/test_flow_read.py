"""One reading, and the ids that may stand in its path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vidgate.flow_steps import (
    ID,
    LOST,
    Stepper,
    reply,
    target,
    task,
)
from vidgate import errors
from vidgate._effects import Reply
from vidgate._flow import check_task_id, read


def test_reading_tries_again_within_bounds() -> None:
    """A single reading survives passing faults, a few times."""
    stepper = Stepper([LOST, reply(503), task()])
    assert stepper.run(read(target(), ID)).status == "processing"
    stepper = Stepper([reply(503)] * 9)
    with pytest.raises(errors.ServerError):
        stepper.run(read(target(), ID))
    assert len(stepper.sent) == 3


def test_reading_does_not_insist_on_a_refusal() -> None:
    """A task that is not there is asked for once."""
    stepper = Stepper([reply(404)] * 3)
    with pytest.raises(errors.NotFound):
        stepper.run(read(target(), ID))
    assert len(stepper.sent) == 1


def test_a_reading_that_is_no_task_is_an_error() -> None:
    """A page with status 200 is named for what it is."""
    stepper = Stepper([Reply(status=200, headers={}, text="<html><title>Login</title>")] * 3)
    with pytest.raises(errors.UnexpectedReply, match="Login"):
        stepper.run(read(target(), ID))


@pytest.mark.parametrize(
    "task_id",
    [
        "",
        " ",
        ".",
        "..",
        "a/..",
        "../credits",
        "a/b",
        "a\\b",
        "a\nb",
        "a\x00",
        "a b",
        "ä",
        "a?b",
        "a#b",
        "a%2fb",
        None,
        5,
    ],
    ids=ascii,
)
def test_ids_that_would_change_the_path_are_refused(task_id: Any) -> None:
    """An id never leads anywhere but to a task."""
    with pytest.raises(errors.ConfigurationError):
        check_task_id(task_id)


@pytest.mark.parametrize("task_id", ["task-unified-1757169743-7cvnl5zw", "task_01KS1H7ZYSJWH1N779S2FSHTKA", "7"])
def test_real_ids_pass(task_id: str) -> None:
    """What providers give out is an id."""
    assert check_task_id(task_id) == task_id
