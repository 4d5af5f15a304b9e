"""Whole lives of tasks, each lived once and looked at by many checks: submission, every reading, result, callbacks.

All lives that a run wants are submitted together and read in turn, so that they last no longer than the longest.
What is planned in them is registered with `life` (one) or `family` (several, `family/name` each), in `_plans`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ._json import is_array, is_object
from ._verdict import HarnessError, NotApplicable, Postponed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._json import Json, JsonObject
    from ._run import Run
    from .observe import Exchange

FINAL = frozenset({"completed", "failed", "cancelled"})
STEPS = 8
"""Readings over the time that a task takes."""
AFTER = 2
"""Readings after the end, which must stay."""
PATIENCE = 4.0
"""A task may take so many times what the subject file says, and SLACK seconds more."""
SLACK = 5.0
SETTLED = 32.0
"""Documented seconds after the end of the last task within which every callback and its repetitions have come."""
AT_ONCE = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to submit. `callback`: the address under which the receiver keeps what comes.

    `at_once`: together with its like. `apart`: when all others are over. `serves`: names of the requirements that the
    acceptance of this body speaks for.
    """

    body: JsonObject
    role: str = "valid"
    callback: str | None = None
    download: bool = True
    at_once: bool = False
    apart: bool = False
    serves: tuple[str, ...] = ()


@dataclass(slots=True)
class Life:
    """One task from its submission on. `readings` are in order; `downloads` are of the result links."""

    name: str
    plan: Plan
    submission: Exchange
    task_id: str
    readings: list[Exchange] = field(default_factory=list["Exchange"])
    downloads: list[Exchange] = field(default_factory=list["Exchange"])
    ended: float | None = None
    after: int = 0
    """Readings since the end."""

    @property
    def over(self) -> bool:
        """Whether nothing more is read."""
        return self.after >= AFTER

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Everything of it."""
        return (self.submission, *self.readings, *self.downloads)


Planner: TypeAlias = "Callable[[Run], Plan]"
FamilyPlanner: TypeAlias = "Callable[[Run], Mapping[str, Plan]]"
PLANS: dict[str, Planner] = {}
FAMILIES: dict[str, FamilyPlanner] = {}


def life(name: str) -> Callable[[Planner], Planner]:
    """Register a plan: `run.lives[name]` is then the life that it led to. Raise NotApplicable where it cannot be."""

    def bind(planner: Planner) -> Planner:
        if name in PLANS and PLANS[name].__qualname__ != planner.__qualname__:
            message = f"two lives are called {name}"
            raise ValueError(message)
        PLANS[name] = planner
        return planner

    return bind


def family(name: str) -> Callable[[FamilyPlanner], FamilyPlanner]:
    """Register several plans under one name: `run.lives.of(name)` are the lives that they led to."""

    def bind(planner: FamilyPlanner) -> FamilyPlanner:
        FAMILIES[name] = planner
        return planner

    return bind


class Lives:
    """The lives of a run, lived on first sight; of a run of few requirements only those that are asked for.

    `most`: no more submissions than that are made for lives, the most telling first. None: as many as are planned.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lives: dict[str, Life] = {}
        self._reasons: dict[str, Exception] = {}
        self._submissions: dict[str, tuple[Plan, Exchange]] = {}
        self._families: dict[str, tuple[str, ...]] = {}
        self.most: int | None = None

    def __getitem__(self, name: str) -> Life:
        """A life that came into being; raises NotApplicable or Unreachable with the reason otherwise."""
        if name not in PLANS:
            message = f"no life is called {name}"
            raise HarnessError(message)
        if name not in self._lives and name not in self._reasons:
            self._live((name,) if self._run.few else (*PLANS, *FAMILIES))
        if name in self._reasons:
            raise self._reasons[name]
        return self._lives[name]

    def of(self, name: str) -> tuple[Life, ...]:
        """The lives of a family that came into being; raises NotApplicable when it cannot be."""
        if name not in self._families and name not in self._reasons:
            self._live((name,) if self._run.few else (*PLANS, *FAMILIES))
        if name in self._reasons:
            raise self._reasons[name]
        return tuple(self._lives[one] for one in self._families[name] if one in self._lives)

    def submissions(self, name: str) -> tuple[tuple[Plan, Exchange], ...]:
        """What was submitted for a family, accepted or not."""
        self.of(name)
        return tuple(self._submissions[one] for one in self._families[name] if one in self._submissions)

    def submission(self, name: str) -> Exchange | None:
        """The submission of one life, accepted or not; None when none was sent."""
        found = self._submissions.get(name)
        return None if found is None else found[1]

    def every(self) -> tuple[Life, ...]:
        """All lives of this run; of a run of few requirements only the plain one and those lived already."""
        self._live(("plain",) if self._run.few else (*PLANS, *FAMILIES))
        if not self._lives:
            raise self._reasons["plain"]
        return tuple(self._lives.values())

    @property
    def lived(self) -> Mapping[str, Life]:
        """Those that were lived so far, by name."""
        return self._lives

    def _live(self, names: tuple[str, ...]) -> None:
        if self._run.postponing:
            raise Postponed
        plans = self._planned(names)
        self._live_out({name: plan for name, plan in plans.items() if not plan.apart})
        for name, plan in plans.items():
            if plan.apart:
                self._live_out({name: plan})

    def _live_out(self, plans: Mapping[str, Plan]) -> None:
        """From the submissions to the last callback."""
        alone = {name: plan for name, plan in plans.items() if not plan.at_once}
        together = {name: plan for name, plan in plans.items() if plan.at_once}
        for name, plan in alone.items():
            self._submit(name, plan)
        self._submit_at_once(together)
        fresh = [self._lives[name] for name in plans if name in self._lives]
        self._read(fresh)
        for one in fresh:
            self._download(one)
        called = [one.ended or self._run.clock.now() for one in fresh if one.plan.callback]
        if called:
            now = self._run.clock.now()
            self._run.clock.sleep(max(0.0, max(called) + self._run.scaled(SETTLED) - now))

    def _planned(self, names: tuple[str, ...]) -> dict[str, Plan]:
        """What has not been lived yet, with the reasons kept of what cannot be."""
        found: dict[str, Plan] = {}
        for name in names:
            if name in self._lives or name in self._reasons or name in self._families:
                continue
            try:
                if name in PLANS:
                    members = {name: PLANS[name](self._run)}
                else:
                    members = {f"{name}/{part}": plan for part, plan in FAMILIES[name](self._run).items()}
                    self._families[name] = tuple(members)
            except (NotApplicable, Unreachable) as reason:
                self._reasons[name] = reason
                continue
            for one, plan in members.items():
                if self.most is not None and len(self._submissions) + len(found) >= self.most:
                    self._reasons[one] = NotApplicable("the budget allows no submission for it")
                else:
                    found[one] = plan
        return found

    def _submit(self, name: str, plan: Plan) -> None:
        try:
            submission = self._run.client(plan.role).submit(plan.body, purpose=f"life {name}")
        except NotApplicable as reason:
            self._reasons[name] = reason
            return
        self._submissions[name] = plan, submission
        task_id = self._run.task_id(submission) if submission.ok else None
        if task_id is None:
            self._reasons[name] = Unreachable(f"the submission of the life {name} made no task: {submission}")
            return
        self._lives[name] = Life(name, plan, submission, task_id)

    def _submit_at_once(self, plans: Mapping[str, Plan]) -> None:
        """In threads where time is real; a virtual clock stands still between two submissions anyhow."""
        if self._run.is_virtual:
            for name, plan in plans.items():
                self._submit(name, plan)
        elif plans:
            with ThreadPoolExecutor(AT_ONCE) as hands:
                list(hands.map(self._submit, plans, plans.values()))

    def _read(self, fresh: list[Life]) -> None:
        run = self._run
        seconds = run.subject.tasks.seconds
        step = seconds / STEPS
        deadline = run.clock.now() + seconds * PATIENCE + SLACK
        waiting = fresh
        while waiting and run.clock.now() <= deadline:
            began = run.clock.now()
            for one in waiting:
                self._look(one)
            waiting = [one for one in waiting if not one.over]
            if waiting:
                run.clock.sleep(max(0.0, began + step - run.clock.now()))

    def _look(self, one: Life) -> None:
        reading = self._run.client(one.plan.role).poll(one.task_id, purpose=f"life {one.name}")
        one.readings.append(reading)
        if one.ended is not None:
            one.after += 1
        elif self._run.task(reading).get("status") in FINAL:
            one.ended = reading.ended

    def _download(self, one: Life) -> None:
        if one.ended is None or not one.plan.download:
            return
        channel = self._run.client(one.plan.role)
        for link in links_of(self._run.task(one.readings[-1])):
            one.downloads.append(channel.fetch(link, purpose=f"life {one.name}"))


def links_of(task: Mapping[str, Json]) -> list[str]:
    """The result links of a task, whichever provider's it is."""
    results: Json = task.get("results")
    found: list[Json] = [*results] if is_array(results) else []
    result: Json = task.get("result")
    for files in result.values() if is_object(result) else ():
        for file in files if is_array(files) else ():
            url: Json = file.get("url") if is_object(file) else None
            found += url if is_array(url) else [url]
    return [link for link in found if isinstance(link, str) and link.startswith(("http://", "https://", "/"))]
