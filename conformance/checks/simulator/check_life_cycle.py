"""What no single answer shows: ids that change, progress that falls, an end that is left again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import httpx

from vidgate.simulator import DEFAULT_KEY, FAILING_MARKER, ManualClock

from ..._answers import valid_request
from ..._contract import GOOD
from ..._json import follow
from ..._settings import requirement
from ..._verdict import demand, demand_none, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..._contract import Operation
    from ..._json import Json, JsonObject
    from ..._subject import Subject

SECONDS = 60.0
STEP = 5.0
READINGS = 16
FINAL = frozenset({"completed", "failed", "cancelled"})


def lives(subject: Subject) -> Iterator[tuple[str, JsonObject]]:
    """A request for each model whose task succeeds, and one whose task fails."""
    operation = subject.contract.one(paid=True)
    for model in subject.contract.variants(operation):
        yield model, valid_request(subject, operation, model)
    failing = valid_request(subject, operation)
    yield "failing", {**failing, "prompt": f"{failing['prompt']} {FAILING_MARKER}"}


@requirement("server-life-cycle", cases=lives)
def check_answers_over_a_whole_life(subject: Subject, case: JsonObject, tally: Callable[[int], None]) -> None:
    """Every answer is valid, the id stays, the progress never falls, an end is final."""
    submit, read = subject.contract.one(paid=True), subject.contract.one(paid=False)
    clock = ManualClock()
    transport = subject.simulator(clock=clock, seconds=SECONDS).transport()
    answers: list[Json] = []
    problems: list[str] = []
    with httpx.Client(
        base_url=submit.server, transport=transport, headers={"authorization": f"Bearer {DEFAULT_KEY}"}
    ) as client:
        with judged("the server"):
            response = client.post(submit.path, json=case)
        problems += _invalid(subject, submit, response)
        demand_none(problems, "the submission")
        with judged("the contract's link"):
            task_id = str(follow(response.json(), submit.task_pointer or ""))
        for _ in range(READINGS):
            with judged("the server"):
                response = client.get(read.path.replace("{task_id}", task_id))
            problems += _invalid(subject, read, response)
            demand_none(problems, f"the task after {clock.now():.0f} s")
            answers.append(response.json())
            clock.advance(STEP)
    tally(len(answers) + 1)
    tasks = [answer.get("data", answer) for answer in answers]
    demand_none(_inconsistent(task_id, tasks), "the task over its life")
    expected = "failed" if FAILING_MARKER in str(case["prompt"]) else "completed"
    demand(tasks[-1]["status"] == expected, f"the task ends as {tasks[-1]['status']!r}, not as {expected!r}")


def _invalid(subject: Subject, operation: Operation, response: httpx.Response) -> list[str]:
    if response.status_code not in GOOD:
        return [f"{operation.id} answers HTTP {response.status_code}: {response.text[:200]}"]
    media = response.headers.get("content-type", "")
    if media.partition(";")[0] != "application/json":
        return [f"{operation.id} answers with the content type {media!r}"]
    schema = operation.response_schema(response.status_code)
    return subject.contract.violations(schema or {}, response.json())


def _inconsistent(task_id: str, tasks: list[JsonObject]) -> list[str]:
    found: list[str] = []
    for earlier, later in itertools.pairwise(tasks):
        if later["id"] != task_id:
            found.append(f"the id {task_id!r} became {later['id']!r}")
        if later.get("progress", 0) < earlier.get("progress", 0):
            found.append(f"the progress fell from {earlier['progress']} to {later.get('progress')}")
        if later.get("created") != earlier.get("created"):
            found.append(f"created changed from {earlier.get('created')} to {later.get('created')}")
        if earlier["status"] in FINAL and later != earlier:
            found.append(f"the task had ended as {earlier['status']!r} and changed: {later}")
    if tasks[0]["status"] in FINAL:
        found.append(f"a task of {SECONDS:g} s had ended at once")
    return found
