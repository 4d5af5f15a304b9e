"""A whole run: subjects are reached, judged by all checks that apply, and reported on."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from ._judge import prepare, server_checks
from ._pytest import drive
from ._results import CODES, Outcome, Report, State
from ._session import Session
from ._verdict import SubjectError
from .subjects import in_process, over_socket, simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from ._settings import Profile, ProviderName
    from .requirements import Level
    from .subjects import Reach, Subject

WORST_FIRST: tuple[State, ...] = ("harness error", "not conformant", "partial", "conformant")
Target: TypeAlias = "Subject | tuple[Literal['mock', 'simulator'], ProviderName]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a run is asked for. `targets`: subjects from files, or built-in ones by profile and provider."""

    targets: tuple[Target, ...]
    level: Level = "MUST"
    only: frozenset[str] = frozenset()
    seed: int = 0
    thorough: bool = False
    """Every combination for the client, in place of a bounded number."""

    @property
    def profile(self) -> Profile:
        """The profile of all of them."""
        first = self.targets[0]
        return first[0] if isinstance(first, tuple) else first.profile


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A run over all its subjects."""

    settings: Settings
    reports: tuple[Report, ...]
    faults: tuple[str, ...] = ()
    """Why nothing, or not everything, could be judged."""

    @property
    def state(self) -> State:
        """The worst of all."""
        found = {report.state for report in self.reports} | ({"harness error"} if self.faults else set[State]())
        return next(state for state in WORST_FIRST if state in found)

    @property
    def code(self) -> int:
        """The exit code."""
        return CODES[self.state]


def run(
    settings: Settings,
    *,
    prepared: Callable[[Session], object] = lambda _: None,
    on_outcome: Callable[[Outcome], object] = lambda _: None,
) -> Verdict:
    """Judge all targets; `prepared` sees each session before its first request."""
    server_checks()  # what they register must be there before a run is made
    sessions: list[Session] = []
    with contextlib.ExitStack() as stack:
        try:
            for target in settings.targets:
                reach = stack.enter_context(_reached(target))
                mocked = settings.profile == "mock"
                session = Session(
                    run=prepare(reach, seed=settings.seed, only=settings.only, client=mocked),
                    level=settings.level,
                    on_outcome=on_outcome,
                )
                session.run.thorough = settings.thorough
                prepared(session)
                session.begin()
                sessions.append(session)
        except SubjectError as error:
            return Verdict(settings=settings, reports=(), faults=(str(error),))
        faults = drive(sessions, ("server", "client") if settings.profile == "mock" else ("server",))
        reports = tuple(session.finish() for session in sessions)
    return Verdict(settings=settings, reports=reports, faults=faults)


@contextlib.contextmanager
def _reached(target: Target) -> Generator[Reach]:
    if not isinstance(target, tuple):
        if target.profile == "mock":
            with in_process(target.provider, known_failing=target.known_failing) as reach:
                yield reach
            return
        with over_socket(target) as reach:
            yield reach
        return
    profile, provider = target
    with in_process(provider) if profile == "mock" else simulated(provider) as reach:
        yield reach


def built_in(profile: Profile, providers: Sequence[ProviderName]) -> tuple[Target, ...]:
    """The built-in subjects of a profile."""
    return tuple((cast("Literal['mock', 'simulator']", profile), provider) for provider in providers)
