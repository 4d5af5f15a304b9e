"""`vidgate batch`: many requests from a file, each paid for once.

Items are read and checked offline before the first one is paid for. The results go to standard output or a file, one
JSON object a line, as the items end.
"""

from __future__ import annotations

import collections
import contextlib
import json
import shlex
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from vidgate import ItemOutcome, Task
from vidgate._clock import Clock, SystemClock
from vidgate._providers import Provider
from vidgate.cli import _connect, _tasks
from vidgate.cli._catalog import report_json
from vidgate.cli._items import named, read_items
from vidgate.cli._problems import FINDINGS, GOOD, INTERRUPTED, UsageProblem
from vidgate.cli._request import Request
from vidgate.cli._screen import Screen, problems

if TYPE_CHECKING:
    from vidgate.cluster import Progress

CLOCK: Clock = SystemClock()
BETWEEN_LOOKS: Final = 2.0
SETTLED: Final = frozenset({"done", "failed", "unknown"})

MOST_SHOWN = 10
"""Wrong items whose faults are printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What `batch` is asked to do; `timeout` in seconds for each task."""

    name: str
    source: str
    into: Path | None
    template: str
    results: Path | None
    max_in_flight: int
    max_credits: float | None
    credits_per_item: float | None
    provider: str | None
    base_url: str | None
    timeout: float
    dry_run: bool
    on: str | None = None
    wait: bool = False
    as_json: bool = False


def batch(screen: Screen, plan: Plan) -> int:
    """Check all items, then submit, wait and save; 1 when an item has no result."""
    _tasks.check_timeout(plan.timeout)
    items = list(read_items(plan.source, plan.provider))
    if not items:
        raise UsageProblem(f"{named(plan.source)} has no items", 'Give one a line: {"item": "…", "model": "…", …}.')
    (row, *others) = {request.provider.name: request.provider for _, request in items}.values()
    if others:
        names = ", ".join(sorted(one.title for one in (row, *others)))
        raise UsageProblem(f"the items are for {names}", "Give each provider a file, and a batch, of its own.")
    if not _all_valid(screen, items, as_json=plan.as_json):
        return FINDINGS
    if plan.dry_run:
        screen.note(f"A dry run: {len(items)} items are valid; nothing was sent.")
        return GOOD
    if plan.on is not None:
        return _dispatch(screen, plan, row, items)
    with _open(plan.results) as results, _connect.connect(row, plan.base_url) as client:
        work = client.batch(
            plan.name,
            max_in_flight=plan.max_in_flight,
            max_credits=plan.max_credits,
            credits_per_item=plan.credits_per_item,
        )
        bodies = ((name, request.body) for name, request in items)
        good = done = 0
        try:
            for outcome in work.run(bodies, into=plan.into, template=plan.template, timeout=plan.timeout):
                done += 1
                good += bool(outcome)
                results.write(json.dumps(outcome_json(outcome)) + "\n")
                results.flush()  # whoever reads along, and a run that is killed, have what there is
                state = "done" if outcome else str(outcome.error).partition("\n")[0]
                screen.note(f"{done}/{len(items)} {outcome.item}: {state}")
        except KeyboardInterrupt:
            screen.error(
                f"interrupted after {done} of {len(items)} items; the tasks that were submitted go on",
                "Give the same command again to go on: the journal knows each item, and none is paid twice.\n"
                "`vidgate ls --pending` shows them.",
            )
            return INTERRUPTED
    if work.stopped:
        screen.error(f"stopped {work.stopped}", f"Run it again to go on: {len(items) - done} items are left.")
    screen.note(f"{good} of {len(items)} done, {work.spent:g} credits reserved.")
    return GOOD if good == len(items) else FINDINGS


def _dispatch(screen: Screen, plan: Plan, row: Provider, items: Sequence[tuple[str, Request]]) -> int:
    """Hand the items to the workers of a database, and tell how it stands; 1 when an item has failed."""
    with _open(plan.results) as results, _connect.connect(row, plan.base_url, journal=plan.on) as client:
        from vidgate.cluster import Cluster  # the client has said what is missing, if anything is

        cluster = Cluster(client)
        handed = cluster.dispatch(
            plan.name,
            ((name, request.body) for name, request in items),
            max_in_flight=plan.max_in_flight,
            max_credits=plan.max_credits,
            credits_per_item=plan.credits_per_item,
            into=None if plan.into is None else plan.into.absolute(),
            template=plan.template,
            timeout=plan.timeout,
        )
        screen.note(f"{handed} of {len(items)} items handed to the workers.")
        names, told = [name for name, _ in items], set[str]()
        while True:
            progress = cluster.progress(plan.name, names, saving=plan.into is not None)
            counts = collections.Counter(one.standing for one in progress)
            for one in progress:
                if one.standing in SETTLED and one.item not in told:
                    told.add(one.item)
                    results.write(json.dumps(progress_json(one)) + "\n")
            results.flush()
            if not plan.wait or not counts["waiting"] + counts["running"]:
                break
            CLOCK.sleep(BETWEEN_LOOKS)
    screen.note(", ".join(f"{count} {standing}" for standing, count in sorted(counts.items())) + ".")
    if counts["waiting"] + counts["running"]:
        screen.command("Do the work", f"vidgate worker --on {shlex.quote(cluster.place)}")
    return FINDINGS if counts["failed"] + counts["unknown"] + (counts["left"] if plan.wait else 0) else GOOD


def progress_json(one: Progress) -> dict[str, Any]:
    """Describe for machines how it stands with an item on an engine."""
    entry = one.entry
    return {
        "item": one.item,
        "done": one.standing == "done",
        "standing": one.standing,
        "task": None if entry is None else entry.task_id,
        "status": None if entry is None else entry.status,
        "submit_id": None if entry is None else entry.submit_id,
        "credits": None if entry is None else entry.credits_reserved,
        "files": [] if entry is None else list(entry.files),
        "error": None if entry is None else entry.error or None,
        "hint": one.hint or None,
    }


def outcome_json(outcome: ItemOutcome[Task]) -> dict[str, Any]:
    """Describe an outcome for machines."""
    error = outcome.error
    return {
        "item": outcome.item,
        "done": bool(outcome),
        "task": None if outcome.task is None else outcome.task.id,
        "status": None if outcome.task is None else outcome.task.status,
        "submit_id": outcome.submit_id or getattr(error, "submit_id", None),
        "credits": outcome.credits,
        "links": [] if outcome.task is None else [result.url for result in outcome.task.results],
        "files": [str(path) for path in outcome.paths],
        "error": None
        if error is None
        else {"kind": type(error).__name__, "message": error.message, "hint": error.hint},
    }


def _all_valid(screen: Screen, items: Sequence[tuple[str, Request]], *, as_json: bool) -> bool:
    """Whether every item passes offline; shows what is wrong with the first few that do not, for machines with all."""
    client = _connect.offline(items[0][1].provider)
    wrong = [(name, report) for name, request in items if not (report := client.check(request.body))]
    for name, report in wrong[:MOST_SHOWN]:
        screen.error(f"the item {name} is not valid")
        screen.explain(problems(report.errors, "red"))
    for name, report in wrong if as_json else ():
        screen.json_line({"item": name, **report_json(report)})
    if wrong:
        screen.note(f"{len(wrong)} of {len(items)} items are not valid. Nothing was sent.")
    return not wrong


@contextlib.contextmanager
def _open(target: Path | None) -> Generator[TextIO]:
    """Standard output, or a file that is added to: an earlier run's results stay."""
    if target is None:
        yield sys.stdout
        return
    try:
        stream = target.open("a", encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"cannot write {target}: {error.strerror}", "Name another file with --results.") from None
    with stream:
        yield stream
