"""Our pytest plugin: gives the checks their subjects and cases, and collects what they find as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pytest

from ._subject import COLOURS
from ._verdict import HarnessError, NonConformance, NotApplicable, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from ._settings import Settings
    from .requirements import Requirement

Verdict: TypeAlias = Literal["pass", "fail", "error", "skip"]
MARK = "requirement"
CASES = "cases"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One check with one case. `message` says why, unless it passed."""

    requirement: str
    provider: str
    name: str
    verdict: Verdict
    message: str = ""
    cases: int = 1


@dataclass(slots=True)
class Collector:
    """One run's plugin object."""

    settings: Settings
    catalogue: Mapping[str, Requirement]
    on_outcome: Callable[[Outcome], object] = lambda _: None
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    faults: list[str] = field(default_factory=list[str])
    """Faults of the suite that belong to no single check."""
    _selected: dict[str, pytest.Item] = field(default_factory=dict[str, pytest.Item])
    _spent: float = 0.0

    @pytest.fixture
    def tally(self, request: pytest.FixtureRequest) -> Callable[[int], None]:
        """Say how many cases a check that loops by itself has looked at."""

        def count(cases: int) -> None:
            if cases < 1:
                message = "the check had no case to look at"
                raise HarnessError(message)
            request.node.user_properties.append((CASES, cases))

        return count

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each subject, case and colour."""
        mark = metafunc.definition.get_closest_marker(MARK)
        if mark is None:
            message = f"{metafunc.definition.nodeid} names no requirement"
            raise HarnessError(message)
        give_cases = mark.kwargs["cases"]
        values: list[Any] = []
        for subject in self.settings.subjects:
            if give_cases is None:
                values.append(pytest.param(subject, id=subject.provider))
                continue
            for name, case in give_cases(subject):
                values.append(pytest.param(subject, case, id=f"{subject.provider}:{name}"))
        metafunc.parametrize("subject" if give_cases is None else ("subject", "case"), values)
        if "colour" in metafunc.fixturenames:
            metafunc.parametrize("colour", COLOURS)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Compare checks and catalogue, then keep what was asked for."""
        bound = {_mark(item).args[0] for item in items}
        demanded = {entry.id for entry in self.catalogue.values() if entry.profile == self.settings.profile}
        self.faults += [f"no check for the requirement {name}" for name in sorted(demanded - bound)]
        self.faults += [f"the check for {name} is not in the catalogue" for name in sorted(bound - demanded)]
        kept = [item for item in items if not self.settings.only or _mark(item).args[0] in self.settings.only]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
        self._selected = {item.nodeid: item for item in kept}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected is a fault of the suite."""
        if report.failed:
            self.faults.append(f"{report.nodeid} cannot be collected: {report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """A crash of pytest or of this plugin."""
        self.faults.append(f"internal error: {excrepr}")

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Keep live checks within the budget."""
        if self.settings.profile != "live":
            return
        cost = _mark(item).kwargs["cost"]
        if cost is None:
            message = "a live check must say what it can cost"
            raise HarnessError(message)
        if self._spent + cost > self.settings.budget:
            message = f"it may cost {cost:g} credits; {self.settings.budget - self._spent:g} of the budget are left"
            raise NotApplicable(message)
        self._spent += cost

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn what happened into a verdict: only NonConformance, in the check itself, counts against the subject."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or error is not None:
            self._add(item, call.when, error)
        return report

    def pytest_sessionfinish(self) -> None:
        """Whatever was selected must have come to a verdict, and every requirement must have met every subject."""
        if self.faults:
            return  # what did not run for that reason would only hide it
        for item in self._selected.values():
            self.faults.append(f"{item.name} came to no verdict")
        seen = {(outcome.requirement, outcome.provider) for outcome in self.outcomes}
        for entry in self.catalogue.values():
            if entry.profile != self.settings.profile or (self.settings.only and entry.id not in self.settings.only):
                continue
            self.faults += [
                f"{entry.id} had no case for {subject.provider}"
                for subject in self.settings.subjects
                if (entry.id, subject.provider) not in seen
            ]

    def _add(self, item: pytest.Item, when: str, error: BaseException | None) -> None:
        verdict: Verdict = "error"
        message = ""
        if error is None:
            verdict = "pass"
        elif isinstance(error, NonConformance) and when == "call":
            verdict, message = "fail", str(error)
        elif isinstance(error, NotApplicable):
            verdict, message = "skip", str(error)
        else:
            message = f"{describe(error)} ({when}{_place(error)})"
        counted = [value for name, value in item.user_properties if name == CASES]
        self._selected.pop(item.nodeid, None)
        outcome = Outcome(
            requirement=str(_mark(item).args[0]),
            provider=_provider(item),
            name=item.name,
            verdict=verdict,
            message=message,
            cases=sum(int(str(count)) for count in counted) or 1,
        )
        self.outcomes.append(outcome)
        self.on_outcome(outcome)


def _mark(item: pytest.Item) -> pytest.Mark:
    mark = item.get_closest_marker(MARK)
    if mark is None:
        message = f"{item.nodeid} names no requirement"
        raise HarnessError(message)
    return mark


def _provider(item: pytest.Item) -> str:
    callspec: Any = getattr(item, "callspec", None)
    return str(callspec.params["subject"].provider)


def _place(error: BaseException) -> str:
    """The file and line that raised, without the way there."""
    traceback = error.__traceback__
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f", {Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
