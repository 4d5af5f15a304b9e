"""Whole journeys through the facade, on a clock that only advances."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidgate import errors
from vidgate.simulator import DEFAULT_KEY, FAILING_MARKER, ManualClock

from ..._answers import valid_request
from ..._mp4 import problems as mp4_problems
from ..._refusals import Refusal, call_of, refusals
from ..._settings import requirement
from ..._verdict import NonConformance, demand, demand_none, judged

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from vidgate.simulator import Simulator

    from ..._json import JsonObject
    from ..._subject import Colour, Facade, Subject


def models(subject: Subject) -> Iterator[tuple[str, JsonObject]]:
    """One valid request for every model."""
    operation = subject.contract.one(paid=True)
    for model in subject.contract.variants(operation):
        yield model, valid_request(subject, operation, model)


@requirement("journey-video", cases=models)
def check_a_request_becomes_a_video(subject: Subject, case: JsonObject, colour: Colour) -> None:
    """Create, wait, download gives a whole MP4 file, and one charge."""
    seen: list[Any] = []
    with _on_simulator(subject, colour) as (simulator, facade), tempfile.TemporaryDirectory() as place:
        target = Path(place) / "video.mp4"
        with judged("the facade on the simulator"):
            task = facade.create(case)
            finished = facade.wait(task, on_update=seen.append)
            saved = facade.download(finished, target)
        demand(saved == target and target.is_file(), f"download returned {saved!r}")
        problems = [*mp4_problems(target.read_bytes()), *_leftovers(target)]
        charges = simulator.ledger
    progress = [update.progress for update in seen if update.progress is not None]
    if finished.id != task.id or finished.verdict != "completed":
        problems.append(f"the task {task.id} ended as {finished!r}")
    if progress != sorted(progress) or not seen or not seen[-1].done:
        problems.append(f"on_update was told {[(update.status, update.progress) for update in seen]}")
    if [charge.task for charge in charges] != [task.id] or not charges[0].credits > 0:
        problems.append(f"the ledger says {charges}")
    demand_none(problems, f"{case['model']} ({colour})")


@requirement("journey-failed-task")
def check_a_failing_task_raises(subject: Subject, colour: Colour) -> None:
    """A task that fails raises TaskFailed with id, code and reason; it costs nothing."""
    body = valid_request(subject, subject.contract.one(paid=True))
    with _on_simulator(subject, colour) as (simulator, facade):
        with judged("the facade on the simulator"):
            task = facade.create({**body, "prompt": f"{body['prompt']} {FAILING_MARKER}"})
        error = _error_of("wait", lambda: facade.wait(task))
        charged = [charge.credits for charge in simulator.ledger]
    demand(type(error) is errors.TaskFailed, f"wait ended with {error!r} instead of TaskFailed")
    problems: list[str] = []
    if isinstance(error, errors.TaskFailed):
        if error.task_id != task.id:
            problems.append(f"error.task_id is {error.task_id!r}")
        if not error.code or not error.message:
            problems.append(f"the error lacks code or reason: {error!r}")
    if charged != [0.0]:
        problems.append(f"the failed task is charged {charged}")
    demand_none(problems, colour)


@requirement("journey-refusals", cases=refusals)
def check_a_refusal_raises_its_class(
    subject: Subject, case: tuple[Refusal, type[errors.VidgateError]], colour: Colour
) -> None:
    """A refusal becomes the typed error of its documented status, shows no key, and nothing is charged for it."""
    refusal, expected = case
    body = valid_request(subject, subject.contract.one(paid=True))
    with _on_simulator(subject, colour) as (simulator, owner):
        with judged("the facade on the simulator"):
            own = owner.create(body)
        call = call_of(subject, refusal, own.id)
        with subject.facade(
            colour, api_key=refusal.key, transport=_transport(simulator, colour), validate=False
        ) as facade:
            error = _error_of(refusal.id, lambda: call(facade))
        charged = [charge.task for charge in simulator.ledger]
    problems: list[str] = []
    if type(error) is not expected:
        problems.append(f"raised {error!r} instead of {expected.__name__}")
    if refusal.key in f"{error!s}{error!r}":
        problems.append("the error shows the key")
    if isinstance(error, errors.VidgateError) and not error.request_id:
        problems.append("the error has no request id")
    if charged != [own.id]:
        problems.append(f"charged were {charged}")
    demand_none(problems, f"{refusal.id} ({colour})")


def _error_of(what: str, call: Any) -> BaseException | None:
    try:
        with judged(what):
            call()
    except NonConformance as found:
        return found.__cause__
    return None


def _leftovers(target: Path) -> list[str]:
    return [f"{path.name} was left beside the result" for path in target.parent.iterdir() if path != target]


def _transport(simulator: Simulator, colour: Colour) -> Any:
    return simulator.transport() if colour == "sync" else simulator.async_transport()


@contextlib.contextmanager
def _on_simulator(subject: Subject, colour: Colour) -> Generator[tuple[Simulator, Facade]]:
    """A simulator and a facade on it, both on one clock."""
    clock = ManualClock()
    simulator = subject.simulator(clock=clock)
    transport = _transport(simulator, colour)
    with subject.facade(colour, api_key=DEFAULT_KEY, transport=transport, clock=clock) as facade:
        yield simulator, facade
