"""Flows are stepped by hand: no client, no transport, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vidgate import errors
from vidgate._effects import Changed, Failure, Limits, Now, Reply, Send, Sleep
from vidgate._flow import Target, submit, wait
from vidgate._providers import EVOLINK
from vidgate._state import TaskState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vidgate._effects import Effect, Flow
    from vidgate._providers import Provider

LIMITS = Limits(connect=10.0, read=15.0, write=120.0, total=60.0)
KEY = "key-0123456789abcdef"
ID = "task-unified-1-abc"
LOST = Failure(error=errors.ConnectionLost("it broke", retryable=True))
REFUSED = Failure(error=errors.ConnectionFailed("no connection", retryable=True), arrived=False)


def target(provider: Provider = EVOLINK, **changes: Any) -> Target:
    given: dict[str, Any] = {"attempts": 3, "patience": 60.0, "jitter": lambda: 0.5, **changes}
    return Target(provider=provider, base_url="https://api.example", read=LIMITS, submit=LIMITS, **given)


def reply(status: int = 200, body: Any = None, **headers: str) -> Reply:
    return Reply(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body)


def task(status: str = "processing", **more: Any) -> Reply:
    return reply(body={"id": ID, "status": status, "type": "video", "progress": 5, **more})


def state(status: str = "pending", verdict: Any = "running") -> TaskState:
    return TaskState(provider="evolink", id=ID, status=status, verdict=verdict, kind="video", progress=0)


class Stepper:
    """Performs effects from a list of answers to Send, and keeps what was asked for."""

    def __init__(self, answers: Sequence[Reply | Failure]) -> None:
        self.answers = iter(answers)
        self.time = 1000.0
        self.effects: list[Effect] = []

    def run(self, flow: Flow[Any]) -> Any:
        answer: Any = None
        while True:
            try:
                effect = flow.send(answer)
            except StopIteration as stop:
                return stop.value
            self.effects.append(effect)
            match effect:
                case Now():
                    answer = self.time
                case Sleep(seconds):
                    assert seconds >= 0
                    self.time += seconds
                    answer = None
                case Send():
                    answer = next(self.answers)
                case _:
                    answer = None

    @property
    def sent(self) -> list[Send]:
        return [effect for effect in self.effects if isinstance(effect, Send)]

    @property
    def slept(self) -> list[float]:
        return [effect.seconds for effect in self.effects if isinstance(effect, Sleep)]

    @property
    def changes(self) -> list[str]:
        return [effect.state.status for effect in self.effects if isinstance(effect, Changed)]


def submitting(answers: Sequence[Reply | Failure], provider: Provider = EVOLINK, **changes: Any) -> tuple[Stepper, Any]:
    stepper = Stepper(answers)
    try:
        return stepper, stepper.run(submit(target(provider, **changes), "video", {"model": "m"}, b'{"model":"m"}', KEY))
    except errors.VidgateError as error:
        return stepper, error


def waiting(
    answers: Sequence[Reply | Failure], timeout: float = 600.0, provider: Provider = EVOLINK
) -> tuple[Stepper, Any]:
    stepper = Stepper(answers)
    try:
        return stepper, stepper.run(wait(target(provider), state(), timeout))
    except errors.VidgateError as error:
        return stepper, error
    except StopIteration:  # no answers are left, which is what some tests want
        return stepper, None
