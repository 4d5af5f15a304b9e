"""Runs schemathesis against an ASGI app in process, and gives back what it did as data.

Fixed seed, derandomized, no example database, no configuration files: the same contract and app give the same run.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis import checks as registry
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NotSet
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.run import PhaseName
from schemathesis.generation import GenerationMode

from ._verdict import HarnessError, describe

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from schemathesis.engine.recorder import ScenarioRecorder
    from schemathesis.specs.openapi.schemas import OpenApiSchema
    from starlette.types import ASGIApp

    from ._contract import Contract
    from ._json import Json

Mode: TypeAlias = Literal["all", "positive"]

SEED = 20_260_702
PHASES = ("examples", "coverage", "fuzzing", "stateful")
LONGEST_MESSAGE = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One failed schemathesis check; `title` names the kind of failure."""

    check: str
    title: str
    operation: str
    message: str

    def __str__(self) -> str:
        text = " ".join(self.message.split())[:LONGEST_MESSAGE]
        return f"{self.check}: {self.title} ({self.operation}): {text}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One generated case: the JSON body that it has, if any."""

    operation: str
    has_body: bool
    body: Json = None


@dataclass(slots=True)
class Examination:
    """What a run did. `executed` counts how often each check was evaluated."""

    executed: Counter[str] = field(default_factory=Counter[str])
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict[tuple[str, str, str], Finding])
    idle: set[str] = field(default_factory=set[str])
    crashes: list[str] = field(default_factory=list[str])
    sent: list[Sent] = field(default_factory=list[Sent])
    answered: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    """Operation → the statuses it was answered with."""
    interactions: int = 0


def known_checks() -> frozenset[str]:
    """The names of all checks that this schemathesis can run on responses."""
    return frozenset(cast("Any", registry).CHECKS.get_all_names())


def examine(
    contract: Contract,
    app: ASGIApp,
    *,
    key: str,
    mode: Mode = "all",
    phases: Iterable[str] = PHASES,
    max_examples: int = 30,
    judging: bool = True,
) -> Examination:
    """Run the phases; raises HarnessError when schemathesis itself cannot go on.

    `judging` False: the app is a dummy, and only what schemathesis sends is of interest.
    """
    chosen = frozenset(phases)
    config = cast("Any", SchemathesisConfig).from_dict(
        {
            "seed": SEED,
            # Without it a failed check ends the phase of its operation, and hides the next.
            "continue-on-failure": True,
            "checks": {} if judging else {"enabled": False, "not_a_server_error": {"enabled": True}},
            "headers": {"Authorization": f"Bearer {key}"},
            "generation": {
                "mode": mode,
                "deterministic": True,
                "database": "none",
                "no-shrink": True,
                "max-examples": max_examples,
            },
            "phases": {name: {"enabled": name in chosen} for name in PHASES},
        }
    )
    schema = schemathesis.openapi.from_dict(contract.document, config=config)
    schema.app = app
    done = Examination()
    with no_traces():
        _follow(done, schema, chosen)
    return done


def _follow(done: Examination, schema: OpenApiSchema, chosen: frozenset[str]) -> None:
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                _record(done, event.recorder, event.phase)
            case events.PhaseFinished() if event.phase.name.value in chosen and event.status == Status.SKIP:
                done.idle.add(event.phase.name.value)
            case events.NonFatalError():
                done.crashes.append(f"{event.label}: {describe(event.value)}")
            case events.FatalError():
                message = f"schemathesis gave up: {describe(event.exception)}"
                raise HarnessError(message) from event.exception
            case events.Interrupted():
                raise KeyboardInterrupt
            case _:
                pass


@contextlib.contextmanager
def no_traces() -> Generator[None]:
    """Keep hypothesis from leaving a directory wherever it is started."""
    with tempfile.TemporaryDirectory(prefix="vidgate-conformance-") as place:
        set_hypothesis_home_dir(place)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _record(done: Examination, recorder: ScenarioRecorder, phase: PhaseName) -> None:
    done.interactions += len(recorder.interactions)
    for node in cast("Iterable[Any]", recorder.cases.values()):
        case = node.value
        interaction = recorder.interactions.get(case.id)
        is_own = case.method.upper() == case.operation.method.upper()  # other methods are tried, too
        if is_own and interaction is not None and interaction.response is not None:
            done.answered.setdefault(case.operation.label, set()).add(interaction.response.status_code)
        if phase is PhaseName.PROBING or case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
            continue
        has_body = not isinstance(case.body, NotSet)
        done.sent.append(Sent(operation=case.operation.label, has_body=has_body, body=case.body if has_body else None))
    for nodes in recorder.checks.values():
        for check in nodes:
            done.executed[check.name] += 1
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            finding = Finding(
                check=check.name,
                title=failure.title,
                operation=failure.operation or recorder.label,
                message=failure.message,
            )
            done.findings.setdefault((finding.check, finding.title, finding.operation), finding)
