"""Judging without pytest: all checks of a server, in this process, on one subject."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

from ._checks import checks_in
from ._contract import shipped
from ._run import Run
from ._session import Session
from ._subject import ROWS
from .requirements import load
from .subjects import in_process, over_socket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from vidgate.simulator import Simulator

    from ._checks import Check
    from ._results import Outcome, Report
    from ._settings import ProviderName
    from .requirements import Level
    from .subjects import Reach, Subject

HIGHER = {"MUST": ("MUST",), "SHOULD": ("MUST", "SHOULD"), "MAY": ("MUST", "SHOULD", "MAY")}


@functools.cache
def server_checks() -> tuple[Check, ...]:
    """Every check of a server, in the order of files and of lines; loads the watchers, too."""
    from .checks import server
    from .observe import watchers

    for found in pkgutil.iter_modules(watchers.__path__):
        importlib.import_module(f"{watchers.__name__}.{found.name}")
    return _checks_of(server)


@functools.cache
def client_checks() -> tuple[Check, ...]:
    """Every check of the client."""
    from .checks import client

    return _checks_of(client)


def _checks_of(package: ModuleType) -> tuple[Check, ...]:
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name)
        if found.name.startswith("check_")
    ]
    return tuple(sorted((check for module in modules for check in checks_in(module)), key=lambda check: check.last))


def prepare(reach: Reach, *, seed: int = 0, only: Iterable[str] = (), client: bool = False) -> Run:
    """A run on a subject that can be reached; `client`: the requirements on the client are judged, too."""
    provider = reach.subject.provider
    entries = load(provider)
    chosen = frozenset(only)
    wanted = frozenset(
        entry.id
        for entry in entries.values()
        if (client or entry.area != "CLIENT") and (not chosen or entry.id in chosen)
    )
    return Run(
        reach=reach,
        contract=shipped(ROWS[provider].package),
        requirements=entries,
        seed=seed,
        wanted=wanted,
        few=bool(chosen),
    )


def judge(
    build: Callable[..., Simulator] | None,
    provider: ProviderName,
    *,
    seed: int = 0,
    only: Iterable[str] = (),
    level: Level = "MUST",
    thorough: bool = False,
    on_outcome: Callable[[Outcome], object] = lambda _: None,
) -> Report:
    """Judge a simulator in process, with a virtual clock; nothing sleeps.

    `build` takes the keywords clock, seconds and egress, as `functools.partial(Simulator, provider)` does; None: the
    honest one. `only`: ids of requirements.
    """
    with in_process(provider, build) as reach:
        return judge_reach(reach, seed=seed, only=only, level=level, thorough=thorough, on_outcome=on_outcome)


def judge_subject(subject: Subject, *, seed: int = 0, only: Iterable[str] = (), level: Level = "MUST") -> Report:
    """Judge a server at its address."""
    with over_socket(subject) as reach:
        return judge_reach(reach, seed=seed, only=only, level=level)


def judge_reach(
    reach: Reach,
    *,
    seed: int = 0,
    only: Iterable[str] = (),
    level: Level = "MUST",
    thorough: bool = False,
    on_outcome: Callable[[Outcome], object] = lambda _: None,
) -> Report:
    """Judge whatever can be reached."""
    checks = server_checks()
    session = Session(run=prepare(reach, seed=seed, only=only), level=level, on_outcome=on_outcome)
    session.run.thorough = thorough
    session.begin()
    for check in checks:
        if check.each is None:
            session.perform(check)
            continue
        for entry in session.bound(check):
            session.perform(check, entry)
    return session.finish()
