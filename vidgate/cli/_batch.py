"""`vidgate batch`: many requests from a file, each paid for once.

Items are read and checked offline before the first one is paid for. The results go to standard output or a file, one
JSON object a line, as the items end.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import io
import json
import shlex
import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

from vidgate import ItemOutcome, Task
from vidgate._clock import Clock, SystemClock
from vidgate._providers import Provider
from vidgate.cli import _connect, _tasks
from vidgate.cli._problems import FINDINGS, GOOD, UsageProblem
from vidgate.cli._request import Request, build, find_model
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


def batch(screen: Screen, plan: Plan) -> int:
    """Check all items, then submit, wait and save; 1 when an item has no result."""
    _tasks.check_timeout(plan.timeout)
    items = list(_items(plan))
    if not items:
        raise UsageProblem(f"{_named(plan.source)} has no items", 'Give one a line: {"item": "…", "model": "…", …}.')
    (row, *others) = {request.provider.name: request.provider for _, request in items}.values()
    if others:
        names = ", ".join(sorted(one.title for one in (row, *others)))
        raise UsageProblem(f"the items are for {names}", "Give each provider a file, and a batch, of its own.")
    if not _all_valid(screen, items):
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
        for outcome in work.run(bodies, into=plan.into, template=plan.template, timeout=plan.timeout):
            done += 1
            good += bool(outcome)
            results.write(json.dumps(outcome_json(outcome)) + "\n")
            results.flush()  # whoever reads along, and a run that is killed, have what there is
            state = "done" if outcome else str(outcome.error).partition("\n")[0]
            screen.note(f"{done}/{len(items)} {outcome.item}: {state}")
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


def _items(plan: Plan) -> Iterator[tuple[str, Request]]:
    text = _read(plan.source)
    read = _csv_items if plan.source.lower().endswith(".csv") else _json_items
    seen: set[str] = set()
    for place, name, request in read(text, _named(plan.source), plan.provider):
        if not isinstance(name, str) or not name.strip():
            raise UsageProblem(f"{place} names no item", 'Add one, {"item": "poster-1", …}: under it, it is paid once.')
        if name in seen:
            raise UsageProblem(f"{place}: the item {name!r} is there twice", "Give each item its own name.")
        seen.add(name)
        yield name, request


def _json_items(text: str, source: str, provider: str | None) -> Iterator[tuple[str, object, Request]]:
    """One object a line; blank lines count for nothing."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        place = f"{source}, line {number}"
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageProblem(f"{place} is not valid JSON: {error}") from None
        if not isinstance(value, dict):
            raise UsageProblem(f"{place} holds no JSON object", 'It should look like {"item": "…", "model": "…", …}.')
        body = cast("dict[str, Any]", value)
        name = body.pop("item", None)
        model = body.get("model")
        if not isinstance(model, str):
            raise UsageProblem(f"{place} names no model", "`vidgate models` lists them.")
        with _placed(place):
            row, info = find_model(model, provider)
        yield place, name, Request(provider=row, model=info.id, body=body)


def _csv_items(text: str, source: str, provider: str | None) -> Iterator[tuple[str, object, Request]]:
    """A line of names, then one item a line; an empty cell says nothing."""
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in rows:
            place = f"{source}, line {rows.line_num}"
            if None in row or None in row.values():
                raise UsageProblem(f"{place} has more or fewer cells than the first line", "Quote cells with commas.")
            words = [f"{name}={cell}" for name, cell in row.items() if cell and name != "item"]
            with _placed(place):
                request = build(words, json_file=None, provider=provider)
            yield place, row.get("item"), request
    except csv.Error as error:
        raise UsageProblem(f"{source}, line {rows.line_num} is no CSV: {error}") from None


@contextlib.contextmanager
def _placed(place: str) -> Generator[None]:
    """Say where in the file something is wrong."""
    try:
        yield
    except UsageProblem as problem:
        raise UsageProblem(f"{place}: {problem.message}", problem.hint) from None


def _all_valid(screen: Screen, items: Sequence[tuple[str, Request]]) -> bool:
    """Whether every item passes offline; shows what is wrong with the first few that do not."""
    client = _connect.offline(items[0][1].provider)
    wrong = [(name, report) for name, request in items if not (report := client.check(request.body))]
    for name, report in wrong[:MOST_SHOWN]:
        screen.error(f"the item {name} is not valid")
        screen.explain(problems(report.errors, "red"))
    if wrong:
        screen.note(f"{len(wrong)} of {len(items)} items are not valid. Nothing was sent.")
    return not wrong


def _read(source: str) -> str:
    try:
        return sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageProblem(f"cannot read {_named(source)}: {reason}") from None


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


def _named(source: str) -> str:
    return "standard input" if source == "-" else source
