"""Our pytest plugin: every check is a test for each subject, and for each requirement that it is bound to.

pytest finds, orders and runs; what a check says is kept by the subject's session, which settles the results.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from ._checks import check_of
from ._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from ._checks import Check
    from ._run import Run
    from ._session import Session
    from .requirements import Requirement

HOME = Path(__file__).parent
# Other plugins and options of the user's must not take part in a verdict.
FOREIGN_SETTINGS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
COMPLETED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})


@dataclass(slots=True)
class Plugin:
    """One run's plugin object."""

    sessions: Sequence[Session]
    faults: list[str] = field(default_factory=list[str])
    """Faults of the suite that belong to no single check."""

    def pytest_pycollect_makeitem(self, collector: pytest.Module, name: str, obj: object) -> list[pytest.Item] | None:
        """What a file of checks imports is none of its checks."""
        imported = name.startswith("check") and getattr(obj, "__module__", "") != collector.obj.__name__
        return [] if imported else None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each subject that a check applies to, and for each requirement."""
        declared = check_of(metafunc.function)
        if declared is None:
            message = f"{metafunc.definition.nodeid} is bound to no requirement"
            raise HarnessError(message)
        values: list[Any] = []
        for session in self.sessions:
            entries = session.bound(declared)
            if declared.each is not None:
                values += [pytest.param(session.run, entry, id=entry.id) for entry in entries]
            elif entries:
                values.append(pytest.param(session.run, id=session.run.provider))
        metafunc.parametrize("run" if declared.each is None else ("run", "requirement"), values)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what applies to no subject; what looks at everything comes last."""
        runs = [session.run for session in self.sessions]
        kept = [item for item in items if _parameters(item).get("run") in runs]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = sorted(kept, key=lambda item: _declared(item).last)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Let the session call the check; a broken requirement fails the test."""
        parameters = _parameters(pyfuncitem)
        run: Run = parameters["run"]
        requirement: Requirement | None = parameters.get("requirement")
        session = next(session for session in self.sessions if session.run is run)
        before = len(run.findings)
        said = session.perform(_declared(pyfuncitem), requirement)
        if said in {"fail", "error"} or len(run.findings) > before:
            pytest.fail("see the report", pytrace=False)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected is a fault of the suite."""
        if report.failed:
            self.faults.append(f"{report.nodeid} cannot be collected: {report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """A crash of pytest or of this plugin."""
        self.faults.append(f"internal error: {excrepr}")


def drive(sessions: Sequence[Session], folders: Iterable[str]) -> tuple[str, ...]:
    """Run the checks in some folders of `checks` on all subjects; returns faults of the suite."""
    plugin = Plugin(sessions)
    arguments = [
        *(str(HOME / "checks" / folder) for folder in folders),
        f"--config-file={HOME / 'pytest.ini'}",
        f"--rootdir={HOME}",
        "--capture=sys",
        *("-p", "no:cacheprovider"),
        *("-p", "no:terminal"),
        *("-p", "no:faulthandler"),  # its streams belong to whoever started us
    ]
    with _own_surroundings():
        code = pytest.main(arguments, plugins=[plugin])
    if code not in COMPLETED and not plugin.faults:
        plugin.faults.append(f"pytest ended with {pytest.ExitCode(code).name}")
    return tuple(plugin.faults)


def _parameters(item: pytest.Item) -> dict[str, Any]:
    callspec: Any = getattr(item, "callspec", None)
    return {} if callspec is None else cast("dict[str, Any]", callspec.params)


def _declared(item: pytest.Item) -> Check:
    declared = check_of(cast("Any", item).obj)
    if declared is None:
        message = f"{item.nodeid} is bound to no requirement"
        raise HarnessError(message)
    return declared


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
