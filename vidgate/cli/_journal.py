"""`vidgate ls`, `vidgate resume` and `vidgate recover`: what earlier runs have paid for.

Only `ls` works without a key. The others send the key to the address that the journal names, once the journal shows
that this very key was used there.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from vidgate import Task, errors
from vidgate._clock import Clock, SystemClock
from vidgate._journal.base import BaseJournal
from vidgate._journal.place import default_journal
from vidgate._journal.records import UNSETTLED
from vidgate._providers import PROVIDERS
from vidgate.cli import _connect, _progress, _tasks
from vidgate.cli._problems import FINDINGS, GOOD, INTERRUPTED, UsageProblem, explain
from vidgate.cli._screen import Screen, plain
from vidgate.journal import Entry

CLOCK: Clock = SystemClock()
UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Resumption:
    """What `resume` is asked to do; `timeout` in seconds."""

    names: Sequence[str]
    everything: bool
    into: Path
    timeout: float
    as_json: bool


def ls(screen: Screen, *, pending: bool, expiring: str | None, as_json: bool) -> int:
    """List submissions."""
    now = CLOCK.now()
    within = None if expiring is None else seconds(expiring)
    entries = [entry for entry in _open().entries() if not pending or entry.is_pending(now)]
    if within is not None:
        entries = [entry for entry in entries if entry.is_pending(now) and _left(entry, now) <= within]
        entries.sort(key=lambda entry: _left(entry, now))
    if as_json:
        screen.json([entry_json(entry) for entry in entries])
    elif entries:
        screen.show(_table(entries))
        _advise(screen, entries, now)
    else:
        screen.note("No submissions." if not pending and within is None else "No such submissions.")
    return GOOD


def resume(screen: Screen, plan: Resumption) -> int:
    """Wait for tasks of earlier runs and save their results; the links that end first come first."""
    _tasks.check_timeout(plan.timeout)
    if bool(plan.names) == plan.everything:
        raise UsageProblem("which tasks?", "Give their ids, or --all for everything pending.")
    if not plan.into.is_dir():
        raise UsageProblem(f"there is no directory {plan.into}", "Make it first, or choose another place.")
    entries = _chosen(plan)
    if not entries:
        screen.note("Nothing is pending.")
    code, done = GOOD, list[dict[str, Any]]()
    for entry in entries:
        try:
            task, files = _finish(screen, entry, plan)
        except (errors.VidgateError, UsageProblem) as error:
            # One that fails must not keep the others from their deadlines.
            screen.note(f"{entry.submit_id}:")
            explain(screen, error)
            code = FINDINGS
            continue
        except KeyboardInterrupt:
            screen.error("interrupted; the tasks go on")
            into = [] if plan.into == Path() else ["--into", str(plan.into)]
            screen.command("Come back to them", shlex.join(["vidgate", "resume", *(plan.names or ["--all"]), *into]))
            code = INTERRUPTED
            break
        done.append({"submit_id": entry.submit_id, **_tasks.task_json(task, files)})
        if not plan.as_json:
            for file in files:
                screen.result(str(file))
    if plan.as_json:
        screen.json(done)
    return code


def _chosen(plan: Resumption) -> Sequence[Entry]:
    journal = _open()
    if not plan.everything:
        return [_find(journal, name) for name in plan.names]
    now = CLOCK.now()
    return sorted((entry for entry in journal.entries() if entry.is_pending(now)), key=lambda entry: _left(entry, now))


def recover(screen: Screen, submit_id: str, *, replay: bool, as_json: bool) -> int:
    """Settle a submission whose outcome is unknown."""
    entry = _find(_open(), submit_id)
    with _connect.connect(PROVIDERS[entry.provider], entry.base_url) as client:
        task = client.recover(entry.submit_id, replay=replay)
    if as_json:
        screen.json({"submit_id": entry.submit_id, **_tasks.task_json(task, [])})
    else:
        screen.result(task.id)
        screen.command("Wait for it and save it", f"vidgate resume {entry.submit_id}")
    return GOOD


def entry_json(entry: Entry) -> dict[str, Any]:
    """Describe an entry for machines, without the request itself."""
    facts = asdict(entry)
    facts["request_kept"] = facts.pop("request") is not None
    facts["files"] = list(entry.files)
    return facts


def seconds(text: str) -> float:
    """Read a duration such as 90, 30m, 2h or 1d."""
    match = DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise UsageProblem(f"{text!r} is no duration", "Give one such as 90s, 30m, 2h or 1d.")
    return float(match[1]) * UNITS[match[2] or "s"]


def _open() -> BaseJournal:
    journal = default_journal()
    if journal is None:
        raise UsageProblem("no journal is kept: VIDGATE_JOURNAL is none", "Unset it, or let it name a file.")
    return journal


def _find(journal: BaseJournal, name: str) -> Entry:
    entry = journal.find(name)
    if entry is None:
        raise UsageProblem(
            f"{name!r} is not in the journal {journal.place}",
            "`vidgate ls` lists what it has; `vidgate get` reads a task that is not in it.",
        )
    return entry


def _finish(screen: Screen, entry: Entry, plan: Resumption) -> tuple[Task, list[Path]]:
    with _connect.connect(PROVIDERS[entry.provider], entry.base_url) as client:
        task = client.resume(entry.submit_id)
        screen.note(f"{task.id}: {task.status}")
        task = _progress.wait(screen, task, timeout=plan.timeout)  # raises what an ended task has to say
        files: list[Path] = []
        for index, name in enumerate(_tasks.paths_of(task, None)):
            path = plan.into / name
            # The name is the task's own: what stands there was saved by a run that could not write it down.
            files.append(task.download(path, index=index, overwrite=True))
            screen.note(f"saved {path} ({path.stat().st_size:,} bytes)")
    return task, files


def _left(entry: Entry, now: float) -> float:
    return math.inf if entry.links_expire is None else entry.links_expire - now


def _table(entries: Iterable[Entry]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in ("submission", "state", "task", "model", "credits", "sent", "links until"):
        table.add_column(name, no_wrap=name in {"submission", "state"}, overflow="fold")
    for entry in entries:
        credits_ = "" if entry.credits_reserved is None else f"{entry.credits_reserved:g}"
        table.add_row(
            plain(entry.submit_id),
            Text(entry.state, style="yellow" if entry.state in UNSETTLED else ""),
            plain(entry.task_id or ""),
            plain(entry.model or ""),
            credits_,
            _tasks.moment(entry.created),
            "" if entry.links_expire is None else _tasks.moment(entry.links_expire),
        )
    return table


def _advise(screen: Screen, entries: Sequence[Entry], now: float) -> None:
    for entry in entries:
        if entry.state in UNSETTLED:
            resend = PROVIDERS[entry.provider].resend
            option = "" if resend.basis == "stated" else " --replay"
            screen.command("Settle it", f"vidgate recover {entry.submit_id}{option}")
    if any(entry.is_pending(now) and entry.task_id for entry in entries):
        screen.command("Wait and save", "vidgate resume --all")
