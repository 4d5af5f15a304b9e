"""Performs checks on one subject and settles every requirement. Both drivers use it: pytest, and `judge` in process."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ._live import attach
from ._preflight import preflight
from ._results import Outcome, Report, settle
from ._verdict import HarnessError, NonConformance, NotApplicable, Postponed, SubjectError, Unreachable, describe
from .observe._watch import WATCHERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._checks import Check
    from ._results import Said
    from ._run import Run
    from .requirements import Level, Requirement


SHOWN = 2
"""Exchanges of a check that passed which are shown as examples."""


@dataclass(slots=True)
class Session:
    """One subject's judgement as it goes on."""

    run: Run
    level: Level = "MUST"
    on_outcome: Callable[[Outcome], object] = lambda _: None
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    faults: list[str] = field(default_factory=list[str])
    postponed: list[tuple[Check, Requirement | None]] = field(default_factory=list["tuple[Check, Requirement | None]"])
    over: bool = False
    """The subject is not to be asked anything more."""

    def begin(self) -> None:
        """See whether the subject can be judged at all."""
        try:
            if self.run.subject.profile == "live":
                attach(self.run)
            preflight(self.run)
        except SubjectError as error:
            self.stop(str(error))
            self.run.wanted = frozenset()  # nothing is said about a subject that was not judged

    def stop(self, message: str) -> None:
        """Ask the subject nothing more, and say why."""
        self.over = True
        self.faults.append(message)

    def bound(self, check: Check) -> tuple[Requirement, ...]:
        """The requirements that a check judges here, those alone that are wanted."""
        return tuple(entry for entry in check.bound(self.run.requirements) if entry.id in self.run.wanted)

    def perform(self, check: Check, requirement: Requirement | None = None) -> Said:
        """Run a check, for one of its requirements or for all; whatever it raises becomes an outcome."""
        if check.last:
            self.resume()
        entries = self.bound(check) if requirement is None else (requirement,)
        if self.over or not entries:
            return "skip"
        before = len(self.run.exchanges)
        self.run.random = random.Random(f"{self.run.seed}/{check.name}/{requirement.id if requirement else ''}")  # noqa: S311 - cases
        try:
            said, message = self._call(check, requirement, entries)
        except Postponed:
            self.postponed.append((check, requirement))
            return "skip"
        except SubjectError as error:
            self.stop(str(error))
            return "skip"
        shown = tuple(one.number for one in self.run.exchanges[before : before + SHOWN])
        for entry in entries:
            self.run.shown.setdefault(entry.id, shown)
            self.say(Outcome(requirement=entry.id, check=check.name, said=said, message=message, cases=0))
        return said

    def resume(self) -> None:
        """Everything free is done: do now what has to be paid."""
        self.run.postponing = False
        waiting, self.postponed = self.postponed, []
        for check, requirement in waiting:
            self.perform(check, requirement)

    def _call(
        self, check: Check, requirement: Requirement | None, entries: tuple[Requirement, ...]
    ) -> tuple[Said, str]:
        missing = [need for entry in entries for need in self._missing(entry)]
        if missing and len(entries) == 1:
            return "skip", missing[0]
        try:
            if requirement is None:
                check.function(self.run)
            else:
                check.function(self.run, requirement)
        except (Postponed, SubjectError):
            raise
        except NonConformance as error:
            return ("fail", str(error)) if len(entries) == 1 else ("error", _unbound(check, error))
        except NotApplicable as error:
            return "skip", str(error)
        except Unreachable as error:
            return "unreachable", str(error)
        except HarnessError as error:
            return "error", str(error)
        except Exception as error:  # noqa: BLE001 - whatever else it is, the suite is at fault
            return "error", f"{describe(error)} ({_place(error)})"
        return "pass", ""

    def say(self, outcome: Outcome) -> None:
        """Keep what a check said."""
        self.outcomes.append(outcome)
        self.on_outcome(outcome)

    def finish(self) -> Report:
        """Settle every requirement that is wanted."""
        self.resume()
        run = self.run
        by_id: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            by_id.setdefault(outcome.requirement, []).append(outcome)
        for entry in run.requirements.values():
            if entry.name in WATCHERS and run.looked.get(entry.id):
                seen = Outcome(requirement=entry.id, check=WATCHERS[entry.name].look.__name__, said="pass", cases=0)
                by_id.setdefault(entry.id, []).append(seen)
        judged = tuple(
            settle(
                entry,
                by_id.get(entry.id, []),
                [one for one in run.findings if one.requirement == entry.id],
                run.looked.get(entry.id, 0),
                run.subject.known_failing,
            )
            for entry in run.requirements.values()
            if entry.id in run.wanted
        )
        return Report(
            run=run,
            judged=judged,
            faults=tuple(self.faults),
            level=self.level,
            seed=run.seed,
            versions={"vidgate": version("vidgate")},
        )

    def _missing(self, entry: Requirement) -> list[str]:
        """Why a requirement cannot be judged on this subject."""
        subject = self.run.subject
        found: list[str] = []
        for need in entry.needs:
            if need == "callbacks" and self.run.reach.receiver is None:
                found.append("the subject file has no [callbacks]")
            elif need == "ledger" and subject.ledger is None:
                found.append("the subject file has no [ledger]")
            elif need not in {"callbacks", "ledger", "time"} and need not in subject.tokens:
                found.append(f"the subject file names no token for the role {need}")
        return found


def _unbound(check: Check, error: NonConformance) -> str:
    return f"{check.name} is bound to several requirements and raised instead of naming one: {error}"


def _place(error: BaseException) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return "?" if traceback is None else f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
