"""Runs the checks of a profile with pytest, in this process, free of the surroundings' pytest settings."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest

from . import requirements
from ._collector import Collector, Outcome
from ._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from ._collector import Verdict
    from ._settings import Settings
    from .requirements import Requirement

HOME = Path(__file__).parent
# Other plugins and options of the user's must not take part in a verdict.
FOREIGN_SETTINGS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
COMPLETED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED})
WORST_FIRST: tuple[Verdict, ...] = ("error", "fail", "pass", "skip")

State: TypeAlias = Literal["conformant", "not conformant", "harness error"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One requirement and one provider, over all cases."""

    requirement: Requirement
    provider: str
    outcomes: tuple[Outcome, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict; a skip counts only when there is nothing else."""
        found = {outcome.verdict for outcome in self.outcomes}
        return next(verdict for verdict in WORST_FIRST if verdict in found)

    @property
    def cases(self) -> int:
        """How many cases were looked at; skipped ones do not count."""
        return sum(outcome.cases for outcome in self.outcomes if outcome.verdict != "skip")


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdicts:
    """What a run found. `faults` are the suite's own and belong to no single check."""

    settings: Settings
    rows: tuple[Row, ...]
    faults: tuple[str, ...]
    versions: Mapping[str, str]

    @property
    def state(self) -> State:
        """The run as a whole; a fault of the suite outweighs all it says about the subject."""
        found = {row.verdict for row in self.rows}
        if self.faults or "error" in found or not self.rows:
            return "harness error"
        return "not conformant" if "fail" in found else "conformant"


def run(settings: Settings, *, on_outcome: Callable[[Outcome], object] = lambda _: None) -> Verdicts:
    """Run the checks; raises HarnessError when that is not possible at all."""
    catalogue = requirements.load()
    unknown = settings.only - {entry.id for entry in catalogue.values() if entry.profile == settings.profile}
    if unknown:
        message = f"the profile {settings.profile} has no requirement {', '.join(sorted(unknown))}"
        raise HarnessError(message)
    collector = Collector(settings=settings, catalogue=catalogue, on_outcome=on_outcome)
    arguments = [
        str(HOME / "checks" / settings.profile),
        f"--config-file={HOME / 'pytest.ini'}",
        f"--rootdir={HOME}",
        "--capture=sys",
        *("-p", "no:cacheprovider"),
        *("-p", "no:terminal"),
        *("-p", "no:faulthandler"),  # its streams belong to whoever started us
    ]
    with _own_surroundings():
        code = pytest.main(arguments, plugins=[collector])
    faults = [*collector.faults]
    if code not in COMPLETED and not faults:
        faults.append(f"pytest ended with {pytest.ExitCode(code).name}")
    return Verdicts(
        settings=settings,
        rows=tuple(_rows(collector, catalogue)),
        faults=tuple(faults),
        versions={name: version(name) for name in ("pytest", "respx", "schemathesis")},
    )


def _rows(collector: Collector, catalogue: Mapping[str, Requirement]) -> Iterator[Row]:
    for entry in catalogue.values():
        for subject in collector.settings.subjects:
            found = tuple(
                outcome
                for outcome in collector.outcomes
                if (outcome.requirement, outcome.provider) == (entry.id, subject.provider)
            )
            if found:
                yield Row(requirement=entry, provider=subject.provider, outcomes=found)


@contextlib.contextmanager
def _own_surroundings() -> Generator[None]:
    before = {name: os.environ.pop(name, None) for name in (*FOREIGN_SETTINGS, "PYTEST_DISABLE_PLUGIN_AUTOLOAD")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
